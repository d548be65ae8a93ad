"""Enterprises, projects, old neighbourhoods: what the registers of a place hold."""

from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from estates.models import Mode
from evaluations.overview.definition import (
    AREA,
    CITY,
    DISTRICT,
    ENTERPRISES,
    HOUSEHOLDS,
    KINDS,
    NEIGHBOURHOODS,
    PERCENT,
    PERSONS,
    PROJECTS,
    YEAR,
    YEARS,
    Definition,
    Section,
)
from partybuilding.rules import share

_SERVING = (
    _("Enterprises with projects"),
    _("Enterprises that serve at least one neighbourhood or other project of the place on the day."),
    ENTERPRISES,
    lambda records: records.serving,
)

ENTERPRISES_SECTION = Section(
    "enterprises",
    _("Property enterprises"),
    (
        Definition(
            "enterprise.total",
            _("Property enterprises"),
            _("Enterprises founded by the day and in business on it; a district's are those registered there."),
            ENTERPRISES,
            lambda records: records.enterprises["total"],
            DISTRICT,
            note=_("The report's parts are floors too: 1,900 local and 210 from outside leave up to 90 unnamed."),
        ),
        Definition(
            "enterprise.local",
            _("Local enterprises"),
            _("Of these, those of local origin; public-benefit enterprises are among them."),
            ENTERPRISES,
            lambda records: records.enterprises["local"],
            DISTRICT,
        ),
        Definition(
            "enterprise.public_benefit",
            _("Public-benefit enterprises"),
            _("Enterprises in business on the day that are marked as public-benefit."),
            ENTERPRISES,
            lambda records: records.enterprises["public_benefit"],
            DISTRICT,
        ),
        Definition(
            "enterprise.out_of_town",
            _("Enterprises from out of town"),
            _("Enterprises in business on the day whose origin is out of town; their branches here are included."),
            ENTERPRISES,
            lambda records: records.enterprises["out_of_town"],
            DISTRICT,
        ),
        Definition(
            "enterprise.workforce",
            _("Employees of the trade"),
            _("Sum of the last headcount return of each enterprise in business that was reported by the day."),
            PERSONS,
            lambda records: records.workforce,
            DISTRICT,
        ),
        Definition("enterprise.with_projects", *_SERVING),
        Definition("enterprise.with_projects_repeat", *_SERVING, repeats="enterprise.with_projects"),
        Definition(
            "enterprise.public_benefit_founded_2017",
            _("Public-benefit enterprises founded by 2018"),
            _("Public-benefit enterprises founded by 31 December 2018, whatever became of them."),
            ENTERPRISES,
            lambda records: records.enterprises["founded_by_2018"],
            DISTRICT,
        ),
        Definition(
            "enterprise.public_benefit_founding_year",
            _("First founding of public-benefit enterprises"),
            _("The earliest year of founding of a newly founded public-benefit enterprise."),
            YEAR,
            lambda records: records.enterprises["founding_year"],
            CITY,
        ),
        Definition(
            "enterprise.public_benefit_formation_ways",
            _("Ways of forming a public-benefit enterprise"),
            _("Ways that the register of enterprises knows: newly founded, restructured, introduced from outside."),
            KINDS,
            lambda records: len(Enterprise.FormationMethod),
            CITY,
        ),
    ),
)

PROJECTS_SECTION = Section(
    "projects",
    _("Property projects"),
    (
        Definition(
            "project.professional.count",
            _("Professionally served projects"),
            _("Neighbourhoods of the kind “professionally served” that were delivered by the day."),
            PROJECTS,
            lambda records: records.projects["professional"],
            note=_("The report does not say whether the non-residential projects are among these; never add the two."),
        ),
        Definition(
            "project.professional.area",
            _("Floor area of professionally served projects"),
            _("Sum of their floor areas."),
            AREA,
            lambda records: records.projects["professional_area"],
        ),
        Definition(
            "project.professional.households",
            _("Households of professionally served projects"),
            _("Sum of their households."),
            HOUSEHOLDS,
            lambda records: records.projects["professional_households"],
        ),
        Definition(
            "project.nonresidential.count",
            _("Non-residential projects"),
            _("Projects of the kind “non-residential” or of a use other than residential, delivered by the day."),
            PROJECTS,
            lambda records: records.projects["nonresidential"],
        ),
        Definition(
            "project.nonresidential.area",
            _("Floor area of non-residential projects"),
            _("Sum of their floor areas."),
            AREA,
            lambda records: records.projects["nonresidential_area"],
        ),
    ),
)

_MODE_KINDS = (
    _("Modes of service"),
    _("Modes that the register knows; the report names the same four in two vocabularies."),
    KINDS,
    lambda records: len(Mode),
    CITY,
)
_CUSTODY = (
    _("In public-benefit custody"),
    _("Old neighbourhoods in the register whose mode on the day is public-benefit custody."),
    NEIGHBOURHOODS,
    lambda records: records.modes["now_public_benefit_custody"],
)
_PROFESSIONAL = (
    _("Ever taken over by or paired with a market enterprise"),
    _("Neighbourhoods that up to the day were ever in market takeover or guided co-management; each counts once."),
    NEIGHBOURHOODS,
    lambda records: records.modes["ever_professional"],
)

OLD_SECTION = Section(
    "old",
    _("Old neighbourhoods"),
    (
        Definition(
            "old.count",
            _("Old neighbourhoods"),
            _("Neighbourhoods in the register of old neighbourhoods on the day."),
            NEIGHBOURHOODS,
            lambda records: records.old["count"],
        ),
        Definition(
            "old.area",
            _("Floor area of old neighbourhoods"),
            _("Sum of their floor areas."),
            AREA,
            lambda records: records.old["area"],
        ),
        Definition(
            "old.households",
            _("Households of old neighbourhoods"),
            _("Sum of their households."),
            HOUSEHOLDS,
            lambda records: records.old["households"],
        ),
        Definition("mode.kinds", *_MODE_KINDS),
        Definition("mode.kinds_repeat", *_MODE_KINDS, repeats="mode.kinds"),
        Definition(
            "mode.market",
            _("In market takeover"),
            _("Old neighbourhoods in the register whose mode on the day is market takeover."),
            NEIGHBOURHOODS,
            lambda records: records.modes["now_market_takeover"],
            note=_("The report uses the same 382 for what public-benefit enterprises took over in two years."),
        ),
        Definition("mode.public_benefit", *_CUSTODY),
        Definition("mode.public_benefit_effects_section", *_CUSTODY, repeats="mode.public_benefit"),
        Definition(
            "mode.shared",
            _("In guided co-management"),
            _("Old neighbourhoods in the register whose mode on the day is guided co-management."),
            NEIGHBOURHOODS,
            lambda records: records.modes["now_guided_comanagement"],
        ),
        Definition(
            "mode.self",
            _("In resident self-management"),
            _("Old neighbourhoods in the register whose mode on the day is resident self-management."),
            NEIGHBOURHOODS,
            lambda records: records.modes["now_resident_self_management"],
        ),
        Definition(
            "mode.current_total",
            _("With a mode"),
            _("Old neighbourhoods in the register that have any mode on the day."),
            NEIGHBOURHOODS,
            lambda records: records.modes["now"],
        ),
        Definition(
            "mode.coverage_rate",
            _("Coverage by a mode"),
            _("Old neighbourhoods with a mode on the day, of all in the register."),
            PERCENT,
            lambda records: share(records.modes["now"], records.old["count"]),
            note=_("It says that a mode was decided, not that service is delivered."),
        ),
        Definition(
            "mode.ever_taken_by_public_benefit",
            _("Ever taken into public-benefit custody"),
            _("Neighbourhoods that up to the day were ever in public-benefit custody, whether they still are or not."),
            NEIGHBOURHOODS,
            lambda records: records.modes["ever_custody"],
            contradiction=_(
                "The report gives 382 as what public-benefit enterprises took over, and a few lines on as what market "
                "enterprises took over, with 199 for the public-benefit ones. Dated modes hold both: 382 were ever in "
                "custody, 199 still are, 183 went on to another mode."
            ),
            reconciled=382,
        ),
        Definition(
            "mode.ever_taken_period",
            _("Years in which custody began"),
            _("Calendar years in which a public-benefit custody began up to the day."),
            YEARS,
            lambda records: records.modes["custody_years"],
            CITY,
        ),
        Definition(
            "mode.professional_or_paired",
            *_PROFESSIONAL,
            contradiction=_(
                "1,692 is all old neighbourhoods but 382, whoever the 382 belong to. By the report's own list market "
                "takeover and co-management are 382 + 967 = 1,349 now; 1,692 holds only for what ever was in either mode."
            ),
            reconciled=1692,
        ),
        Definition(
            "mode.market_or_paired_effects_section",
            *_PROFESSIONAL,
            contradiction=_(
                "The report sets 1,692 beside 199 in custody: together 1,891, not 2,074. The 183 that are missing are "
                "those that left custody; 199 counts the present, 1,692 all that ever was."
            ),
            reconciled=1692,
            repeats="mode.professional_or_paired",
        ),
    ),
)

SECTIONS = (ENTERPRISES_SECTION, PROJECTS_SECTION, OLD_SECTION)
