"""Party building, cross-appointment, graduate recruits, honours."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.rules import DIMENSIONS
from evaluations.overview.counting import Records
from evaluations.overview.definition import (
    CITY,
    DISTRICT,
    ENTERPRISES,
    KINDS,
    ORGANISATIONS,
    PERCENT,
    PERSONS,
    TEXT,
    YEAR,
    YEARS,
    Counted,
    Definition,
    Section,
    Unit,
)
from evaluations.overview.people import TOO_FEW, TooFew
from partybuilding.models import CrossAppointment, PartyCoverage, TripartiteMeeting
from partybuilding.rules import INSTRUCTOR, MENTOR_KINDS, share


def _exam_share(group: str):
    def count(records: Records) -> Counted:
        part, whole = records.people.recruits(group), records.people.recruits("exam")
        return TOO_FEW if isinstance(part, TooFew) or isinstance(whole, TooFew) else share(part, whole)

    return count


def _demo_share(records: Records) -> Decimal | None:
    return share(records.honours["demo_organised"], records.honours["demo"])


def _ways(records: Records) -> str:
    by_organisation = [way for way in PartyCoverage.Way if way != INSTRUCTOR]
    return f"{len(by_organisation)}+{len(PartyCoverage.Way) - len(by_organisation)}"


def _parties(records: Records) -> int:
    return sum(field.name.startswith("attendees_") for field in TripartiteMeeting._meta.concrete_fields)


_ORGANISED = (
    _("Covered by a Party organisation"),
    _(
        "Enterprises that serve in the place on the day and are covered by an organisation: their own, joint or attached."
    ),
    ENTERPRISES,
    lambda records: records.coverage["organisation"],
)
_TOLD_OF_ENTERPRISES = _(
    "The report counts organisations. With the 750 instructors they are the 1,462 enterprises only if each covers one, so "
    "enterprises are counted here: a joint organisation covers several."
)

SECTIONS = (
    Section(
        "party",
        _("Party building"),
        (
            Definition(
                "party.city_industry_committee",
                _("Property industry Party committee of the city"),
                _("Industry Party committees at the level of the city that stand on the day."),
                ORGANISATIONS,
                lambda records: records.organisations["city"],
                CITY,
            ),
            Definition(
                "party.district_committees",
                _("Districts with a property industry Party committee"),
                _("Districts in which an industry Party committee stands on the day."),
                Unit(pgettext_lazy("unit", "districts")),
                lambda records: records.organisations["districts"],
                DISTRICT,
            ),
            Definition("party.org_count", *_ORGANISED, note=_TOLD_OF_ENTERPRISES),
            Definition("party.org_count_repeat", *_ORGANISED, note=_TOLD_OF_ENTERPRISES, repeats="party.org_count"),
            Definition(
                "party.instructors",
                _("Covered by an instructor"),
                _("Enterprises that serve in the place on the day and to which a Party-building instructor is sent."),
                ENTERPRISES,
                lambda records: records.coverage["instructor"],
            ),
            Definition(
                "party.coverage_ways",
                _("Ways of coverage"),
                _(
                    "Ways by an organisation (of its own, joint, attached) and by an instructor that the register knows."
                ),
                TEXT,
                _ways,
                CITY,
            ),
        ),
    ),
    Section(
        "cross",
        _("Cross-appointment"),
        (
            Definition(
                "cross.quality_supervisors",
                _("Voluntary quality supervisors"),
                _("Persons in office on the day as voluntary quality supervisors; each counts once."),
                PERSONS,
                lambda records: records.people.appointed("supervisors"),
            ),
            Definition(
                "cross.managers_on_committees",
                _("Heads of enterprises on committees"),
                _(
                    "Persons of enterprises who on the day sit on a committee of a street or community; each counts once."
                ),
                PERSONS,
                lambda records: records.people.appointed("heads"),
                note=_("Section 8 of the report says: who are Party members. It is not assumed here."),
            ),
            Definition(
                "cross.tripartite_parties",
                _("Parties of a tripartite meeting"),
                _("Parties whose presence the register of meetings records."),
                KINDS,
                _parties,
                CITY,
            ),
            Definition(
                "cross.two_committees",
                _("The two committees"),
                _("Kinds of committee that the register of cross-appointments knows: Party and residents'."),
                KINDS,
                lambda records: len(CrossAppointment.CommitteeKind),
                CITY,
            ),
        ),
    ),
    Section(
        "graduates",
        _("Graduate recruits"),
        (
            Definition(
                "graduate.recruited",
                _("Graduates recruited"),
                _("Recruits hired up to the day, whether they are still at work or not."),
                PERSONS,
                lambda records: records.people.recruits("persons"),
                DISTRICT,
                note=_("The report prints an exact number with “and more”; it is taken as the least."),
            ),
            Definition(
                "graduate.period",
                _("Years of recruitment"),
                _("Calendar years in which a recruit was hired up to the day."),
                YEARS,
                lambda records: records.people.recruiting_years,
                CITY,
            ),
            Definition(
                "graduate.party_members",
                _("Party members among the recruits"),
                _("Of the recruits hired up to the day, those recorded as Party members."),
                PERSONS,
                lambda records: records.people.recruits("members"),
                DISTRICT,
            ),
            Definition(
                "graduate.exam_2017",
                _("Unified examination of 2017"),
                _("Recruits of the intake of 2017 by unified examination."),
                PERSONS,
                lambda records: records.people.recruits("exam"),
                DISTRICT,
            ),
            Definition(
                "graduate.exam_2017_year",
                _("Year of the unified examination"),
                _("The year of the first intake by unified examination."),
                YEAR,
                lambda records: records.exam_year,
                CITY,
            ),
            Definition(
                "graduate.exam_2017.party_share",
                _("Party members among them"),
                _("Share of the recruits of that intake who are Party members, rounded half up once."),
                PERCENT,
                _exam_share("exam_members"),
                DISTRICT,
            ),
            Definition(
                "graduate.exam_2017.master_share",
                _("Masters among them"),
                _("Share of the recruits of that intake whose degree is a master's, rounded half up once."),
                PERCENT,
                _exam_share("exam_masters"),
                DISTRICT,
            ),
            Definition(
                "graduate.exam_2017.elite_share",
                _("From 985 and 211 universities"),
                _("Share of the recruits of that intake from universities of either project, rounded half up once."),
                PERCENT,
                _exam_share("exam_elite"),
                DISTRICT,
            ),
            Definition(
                "graduate.mentors_per_recruit",
                _("Mentors of a recruit"),
                _("Kinds of mentor that each recruit has one of: Party building and property."),
                KINDS,
                lambda records: len(MENTOR_KINDS),
                CITY,
            ),
        ),
    ),
    Section(
        "honours",
        _("Honours"),
        (
            Definition(
                "award.five_star_year",
                _("First round of the five-star award"),
                _("The year of the first round from which a grant stands on the day."),
                YEAR,
                lambda records: records.honours["five_star_year"],
                CITY,
            ),
            Definition(
                "award.five_star_dimensions",
                _("Dimensions of the five stars"),
                _("Dimensions in which a five-star enterprise is rated."),
                KINDS,
                lambda records: len(DIMENSIONS),
                CITY,
            ),
            Definition(
                "award.five_star_enterprises",
                _("Five-star enterprises of 2017"),
                _("Enterprises with a grant of the round of 2017 that stands on the day."),
                ENTERPRISES,
                lambda records: records.honours["five_star_2017"],
                DISTRICT,
            ),
            Definition(
                "award.demo_enterprises",
                _("Enterprises with a demonstration project"),
                _("Enterprises with a grant that stands on the day, whatever the round; each counts once."),
                ENTERPRISES,
                lambda records: records.honours["demo"],
                DISTRICT,
            ),
            Definition(
                "award.demo_years",
                _("Years of demonstration projects"),
                _("Years of the rounds from which these grants come."),
                YEARS,
                lambda records: records.honours["demo_years"],
                CITY,
            ),
            Definition(
                "award.demo_with_party_org_rate",
                _("Of these, covered by a Party organisation"),
                _("Share of the enterprises with a demonstration project that an organisation covers on the day."),
                PERCENT,
                _demo_share,
                DISTRICT,
            ),
            Definition(
                "supervision.first_batch_demo",
                _("First batch of quality demonstrations"),
                _("Enterprises with a quality demonstration that stands on the day."),
                ENTERPRISES,
                lambda records: records.honours["quality_demo"],
                DISTRICT,
            ),
        ),
    ),
)
