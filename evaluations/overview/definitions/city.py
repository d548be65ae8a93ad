"""Public money, repair, satisfaction, supervision and the programme: mostly counted for the whole city."""

from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from estates.models import Filing
from evaluations.overview.counting import Records
from evaluations.overview.definition import (
    CITY,
    DISTRICT,
    KINDS,
    NEIGHBOURHOODS,
    PERSONS,
    POINTS,
    TEXT,
    YEAR,
    YEARS,
    YUAN,
    Definition,
    Section,
    Unit,
)
from partybuilding.models import ProgrammeMilestone
from portal.rules import HalfMonth

ENVIRONMENT, FEE_SUBSIDY, RENOVATION, REPAIR = "environment", "fee_subsidy", "old_renovation", "emergency_repair"


class Purpose(NamedTuple):
    kind: str
    title: object
    renovated: object


_PURPOSES = {
    ENVIRONMENT: Purpose(
        ENVIRONMENT, _("Environment of old neighbourhoods, %(year)d"), _("Neighbourhoods improved with it, %(year)d")
    ),
    FEE_SUBSIDY: Purpose(FEE_SUBSIDY, _("Fee subsidy, %(year)d"), ""),
    RENOVATION: Purpose(
        RENOVATION, _("Renovation of old neighbourhoods, %(year)d"), _("Neighbourhoods renovated with it, %(year)d")
    ),
}
_ALLOCATED = _("Sum of what the funding records of the year and purpose allocate; a district's are those spent there.")


class _OfYear:
    """A title with a year in it, put together in the page's language."""

    def __init__(self, title, year: int) -> None:
        self.title, self.year = title, year

    def __str__(self) -> str:
        return str(self.title) % {"year": self.year}


def _money(key: str, year: int, kind: str) -> Definition:
    title = _OfYear(_PURPOSES[kind].title, year)
    return Definition(
        key, title, _ALLOCATED, YUAN, lambda records: records.money.get((year, kind), Decimal(0)), DISTRICT
    )


def _renovated(key: str, year: int, kind: str, note="") -> Definition:
    return Definition(
        key,
        _OfYear(_PURPOSES[kind].renovated, year),
        _("Neighbourhoods with works paid from that money that were completed by the day; each counts once."),
        NEIGHBOURHOODS,
        lambda records: records.renovated.get((year, kind), 0),
        note=note,
    )


def _year_of_money(key: str, year: int, kind: str) -> Definition:
    return Definition(
        key,
        _OfYear(_("Money is on record for %(year)d"), year),
        _("The year itself, if a funding record of that year and purpose exists."),
        YEAR,
        lambda records: year if (year, kind) in records.money else None,
        CITY,
    )


def _index(key: str, year: int, note="") -> Definition:
    return Definition(
        key,
        _OfYear(_("Satisfaction index, %(year)d"), year),
        _("The composite index on record for the year."),
        POINTS,
        lambda records: records.satisfaction.get(year),
        CITY,
        note=note,
    )


_GARBLED = _("The report's line has lost its separators; it is read as 2017: 76.2, 2018: 80.9, 2019: 81, 2020: 82.8.")


def _first_campaign(records: Records) -> str | None:
    return f"{records.campaigns[0].month:%Y-%m}" if records.campaigns else None


def _partners(records: Records) -> int:
    return len({name for campaign in records.campaigns for name in campaign.partner_names})


def _most_in_a_month(records: Records) -> int | None:
    months = [campaign.month for campaign in records.campaigns]
    return max((months.count(month) for month in months), default=None)


def _months_between_lists(records: Records) -> Decimal:
    first = HalfMonth(records.day.year, 1, 1)
    a_year = sum(first.shift(count).year == first.year for count in range(366))
    return Decimal(12) / a_year


def _milestone(key: str, title, kind: str, *, unit=TEXT, place: int = 0, note="") -> Definition:
    def count(records: Records):
        found = records.milestone(kind, place)
        return int(found[:4]) if found and unit == YEAR else found

    text = _("The milestone of this kind in the register of the programme, as far as its day is known.")
    return Definition(key, title, text, unit, count, CITY, note=note)


_KIND = ProgrammeMilestone.Kind
RED_ENGINE_TASKS = (
    "leadership", "lead geese", "cells", "positions", "property service", "culture", "whirlwind", "fund",
)  # fmt: skip
"""The task lines of the programme. Source: 2021 report, section 2."""


def _years_running(records: Records) -> int | None:
    start = records.milestone(_KIND.START)
    return records.day.year - int(start[:4]) if start else None


SECTIONS = (
    Section(
        "funds",
        _("Public money"),
        (
            _year_of_money("money.2018.year", 2018, ENVIRONMENT),
            _money("money.2018.environment", 2018, ENVIRONMENT),
            _renovated(
                "money.2018.neighbourhoods",
                2018,
                ENVIRONMENT,
                note=_("2,017 is 97 % of all old neighbourhoods; it may also be a slip for the year 2017."),
            ),
            _money("money.2018.fee_subsidy", 2018, FEE_SUBSIDY),
            _year_of_money("money.2019.year", 2019, ENVIRONMENT),
            _money("money.2019.environment", 2019, ENVIRONMENT),
            _renovated("money.2019.neighbourhoods", 2019, ENVIRONMENT),
            _year_of_money("money.2020.year", 2020, RENOVATION),
            _money("money.2020.renovation", 2020, RENOVATION),
            _renovated("money.2020.neighbourhoods", 2020, RENOVATION),
        ),
    ),
    Section(
        "repair",
        _("Emergency repair"),
        (
            Definition(
                "repair.platforms",
                _("Emergency repair platforms"),
                _("Platforms of the districts in operation on the day; a district may have several."),
                Unit(pgettext_lazy("unit", "platforms")),
                lambda records: records.platforms["count"],
                DISTRICT,
            ),
            Definition(
                "repair.team_size",
                _("Repair staff"),
                _("Sum of the staff of these platforms."),
                PERSONS,
                lambda records: records.platforms["staff"],
                DISTRICT,
            ),
            Definition(
                "repair.investment",
                _("Money for emergency repair"),
                _("Sum of what funding records for emergency repair allocate, all years up to the day's."),
                YUAN,
                lambda records: sum(
                    (yuan for (_year, kind), yuan in records.money.items() if kind == REPAIR), Decimal(0)
                ),
                DISTRICT,
            ),
        ),
    ),
    Section(
        "satisfaction",
        _("Satisfaction with property service"),
        (
            _index("satisfaction.2017", 2017),
            _index("satisfaction.2018", 2018),
            _index("satisfaction.2019", 2019, note=_GARBLED),
            _index("satisfaction.2020", 2020, note=_GARBLED),
            Definition(
                "satisfaction.2020_year",
                _("An index is on record for 2020"),
                _("The year itself, if it has an index."),
                YEAR,
                lambda records: 2020 if 2020 in records.satisfaction else None,
                CITY,
            ),
        ),
    ),
    Section(
        "supervision",
        _("Supervision and appraisal"),
        (
            Definition(
                "supervision.filings",
                _("Kinds of filing"),
                _("Kinds of filing that the register knows."),
                KINDS,
                lambda records: len(Filing.Kind),
                CITY,
            ),
            Definition(
                "supervision.disclosure",
                _("Disclosures and supervision"),
                _("Disclosure categories on record, and the owners' right to object to each."),
                TEXT,
                lambda records: f"{records.disclosure_categories}+1",
                CITY,
            ),
            Definition(
                "supervision.evaluation_years",
                _("Years of evaluation"),
                _("Yearly evaluations of service quality published by the day."),
                YEARS,
                lambda records: records.evaluation_rounds,
                CITY,
            ),
            Definition(
                "supervision.evaluation_cadence",
                _("Evaluations a year"),
                _("The register holds one evaluation a year."),
                Unit(pgettext_lazy("unit", "a year")),
                lambda records: 1 if records.evaluation_rounds else None,
                CITY,
            ),
            Definition(
                "appraisal.list_cadence",
                _("Months between two lists"),
                _("Half months of the calendar, for each of which a ranking is computed."),
                Unit(pgettext_lazy("unit", "months")),
                _months_between_lists,
                CITY,
            ),
            Definition(
                "appraisal.top_n",
                _("Neighbourhoods on the list of the first"),
                _("List size of the ranking policy in force on the day."),
                NEIGHBOURHOODS,
                lambda records: records.list_size,
                CITY,
            ),
            Definition(
                "appraisal.bottom_n",
                _("Neighbourhoods on the list of the last"),
                _("List size of the ranking policy in force on the day."),
                NEIGHBOURHOODS,
                lambda records: records.list_size,
                CITY,
            ),
        ),
    ),
    Section(
        "march",
        _("Service march"),
        (
            Definition(
                "governance.campaign_start",
                _("First month of the service march"),
                _("The first month of the service march that was held."),
                TEXT,
                _first_campaign,
                CITY,
            ),
            Definition(
                "governance.campaign_departments",
                _("Departments and units that took part"),
                _("Partners named in the months held up to the day; each counts once."),
                Unit(pgettext_lazy("unit", "bodies")),
                _partners,
                CITY,
            ),
            Definition(
                "governance.campaign_cadence",
                _("Themes a month"),
                _("The most themes that a month held up to the day has."),
                Unit(pgettext_lazy("unit", "a month")),
                _most_in_a_month,
                CITY,
            ),
            Definition(
                "governance.campaign_sessions",
                _("Sessions held"),
                _("Months of the service march held up to the day."),
                Unit(pgettext_lazy("unit", "months held")),
                lambda records: len(records.campaigns),
                CITY,
                note=_("One a month since September 2018 makes twelve in August 2019: the line is older than the report."),
            ),
        ),
    ),
    Section(
        "programme",
        _("Course of the programme"),
        (
            _milestone("programme.start_year", _("Start of the programme"), _KIND.START, unit=YEAR),
            _milestone("programme.proposed_in", _("Proposal"), _KIND.PROPOSAL),
            _milestone("programme.party_congress_date", _("Party congress of the city"), _KIND.PARTY_CONGRESS),
            Definition(
                "programme.eight_reds",
                _("Task lines of the programme"),
                _("Leadership, lead geese, cells, positions, property service, culture, whirlwind, fund: all of them “red”."),
                KINDS,
                lambda records: len(RED_ENGINE_TASKS),
                CITY,
            ),
            _milestone(
                "programme.gov_report_item_year_1", _("First time in the government work report"), _KIND.GOV_WORK_REPORT,
                unit=YEAR,
            ),
            _milestone(
                "programme.gov_report_item_year_2", _("Second time in the government work report"), _KIND.GOV_WORK_REPORT,
                unit=YEAR, place=1,
            ),
            _milestone("programme.pilot_year", _("Pilot"), _KIND.PILOT, unit=YEAR),
            Definition(
                "programme.years_running",
                _("Years since the start"),
                _("The day's year less the year in which the programme started."),
                YEARS,
                _years_running,
                CITY,
                contradiction=_(
                    "Dated November 2021, the report speaks of “nearly three years” since 2017: the line was carried over "
                    "from 2019."
                ),
            ),
            _milestone("programme.national_meeting", _("National exchange meeting"), _KIND.EXTERNAL_RECOGNITION),
            _milestone(
                "mode.full_coverage_year", _("Full coverage of old neighbourhoods"), _KIND.OLD_FULL_COVERAGE, unit=YEAR
            ),
            _milestone("rule.regulation_in_force", _("Regulation in force"), _KIND.REGULATION),
        ),
    ),
)  # fmt: skip
