"""What the registers add up to. Source: the 2021 report of the city's property management research group (as of October
2021); the section is named with each figure.
"""

from typing import NamedTuple


class KindTotals(NamedTuple):
    """How many estates of a kind there are, and their sums: floor area in m² and households (``None``: not counted)."""

    estates: int
    floor_area_m2: int
    households: int | None


PROFESSIONAL = KindTotals(3_175, 386_000_000, 3_240_000)
NON_RESIDENTIAL = KindTotals(1_931, 97_000_000, None)
OLD = KindTotals(2_074, 59_958_200, 791_900)

ENTERPRISES = 2_200
ENTERPRISES_OUT_OF_TOWN = 210
ENTERPRISES_PUBLIC_BENEFIT = 31
ENTERPRISES_WITH_PROJECTS = 1_462
WORKFORCE = 120_000
"""Section 1.1 says "about"; the sample city has exactly so many."""

# Section 7.3: the modes in force, and what came before them. The report counts 382 neighbourhoods that public-benefit
# enterprises took over, of which they hold 199; 1,692 that professional ones took over or were paired with.
OLD_SELF_MANAGED = 526
"""Old neighbourhoods that their residents manage themselves: nobody serves them."""
OLD_SERVED_BY_PUBLIC_BENEFIT = 199
OLD_TAKEN_OVER_BY_MARKET = 382
OLD_CO_MANAGED = 967
OLD_EVER_IN_PUBLIC_BENEFIT_CUSTODY = 382
OLD_EVER_TAKEN_OVER_OR_PAIRED = 1_692

# Section 7.1: Party building. 712 counts the enterprises covered by an organisation (with the 750 instructors they are the
# 1,462 that have projects) and the organisations themselves; both readings hold here.
PARTY_ORGANISATIONS = 712
COVERED_STANDALONE, COVERED_JOINTLY, COVERED_ATTACHED = 560, 120, 32
JOINT_BRANCHES = 60
QUALITY_SUPERVISORS = 1_343
MANAGERS_ON_COMMITTEES = 785

# Section 7.2: honours.
FIVE_STAR_ENTERPRISES = 34
DEMO_ENTERPRISES = 81


class Recruits(NamedTuple):
    """Recruits: how many, and among them Party members, masters and graduates of the 985 and 211 universities."""

    persons: int
    party_members: int
    masters: int
    elite: int


# Section 7.4: graduates. Shares of the unified examination: 88.45, 34.08 and 33.80 %.
RECRUITS, RECRUITS_IN_THE_PARTY = 3_499, 1_004
EXAM_2017 = Recruits(355, 314, 121, 120)


class Money(NamedTuple):
    """Yuan, and in how many neighbourhoods they were spent."""

    yuan: int
    estates: int


# Section 8, ninth: public money.
ENVIRONMENT_2018 = Money(290_000_000, 2_017)
FEE_SUBSIDY_2018 = 99_360_000
ENVIRONMENT_2019 = Money(683_000_000, 2_074)
RENOVATION_2020 = Money(1_030_000_000, 276)
REPAIR_PLATFORMS, REPAIR_STAFF, REPAIR_YUAN = 28, 386, 7_265_500

# Section 8, tenth, and section 7.5 and 7.6: what is counted once a year or month.
SATISFACTION = {2017: "76.2", 2018: "80.9", 2019: "81", 2020: "82.8"}
EVALUATION_YEARS = range(2017, 2022)
CAMPAIGNS_FROM, CAMPAIGNS, CAMPAIGN_PARTNERS = (2018, 9), 12, 15

# Not from the report: the volume of the platform that the demo imitates.
CASES_PER_HALF_MONTH = 35_000
HALF_MONTHS = 6
