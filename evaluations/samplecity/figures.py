"""What the registers add up to. Source: the 2021 report of the city's property management research group (as of October
2021), sections "property enterprises", "property projects" and "modes of service in old neighbourhoods".
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

OLD_SELF_MANAGED = 526
"""Old neighbourhoods that their residents manage themselves: nobody serves them."""
OLD_SERVED_BY_PUBLIC_BENEFIT = 199

# Not from the report: the volume of the platform that the demo imitates.
CASES_PER_HALF_MONTH = 35_000
HALF_MONTHS = 6
