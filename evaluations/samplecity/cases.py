"""The sample city's cases: who reports what when, and how it is accepted, handled and rated.

Every case is drawn whole; what lies at or after the cut (the day of the sample) is then left out, because nobody knows it
yet. So the same seed with a later date gives the same cases, some of them further on.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from evaluations.samplecity.registers import DEPARTMENTS, Estate, Registers, station
from portal.rules import CHINA, HalfMonth

HOUR, DAY = 3600, 86_400


class Category(NamedTuple):
    """A kind of matter: its share of all, hours to accept, days to handle, and the department that takes it up in that
    share of its cases (the enterprise in charge takes the rest)."""

    code: str
    weight: float
    accept_hours: int
    handle_days: int
    department: str
    department_share: float


# Kinds and limits follow the city's appraisal platform: utilities at once, ordinary matters in a week, hard ones in 15 days.
CATEGORIES = (
    Category("property_service", 17, 24, 7, "housing", 0.05),
    Category("fees_disclosure", 11, 24, 15, "housing", 0.15),
    Category("parking", 13, 24, 7, "police", 0.15),
    Category("cleaning", 9, 24, 7, "urban-management", 0.2),
    Category("leaks_repair", 9, 24, 15, "housing", 0.1),
    Category("noise", 8, 24, 7, "ecology", 0.8),
    Category("lifts", 7, 2, 1, "market", 0.35),
    Category("cooking_fumes", 6, 24, 7, "ecology", 1.0),
    Category("water_power", 5, 2, 1, "water", 0.7),
    Category("fire_safety", 5, 2, 7, "fire", 0.5),
    Category("illegal_building", 4, 24, 15, "urban-management", 1.0),
    Category("dogs", 4, 24, 7, "police", 0.9),
    Category("security", 4, 24, 7, "police", 0.2),
    Category("greenery", 3, 24, 15, "urban-management", 0.2),
    Category("owners_committee", 2, 24, 15, "housing", 0.9),
)
SOURCES = {"hotline": 0.46, "wechat": 0.31, "web": 0.15, "counter": 0.08}
EXCLUSIONS = {"duplicate": 0.55, "out_of_scope": 0.33, "malicious": 0.12}
# When people report, hour by hour from midnight.
_BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 8, 14, 16, 15, 12, 9, 9, 12, 13, 12, 12, 12, 14, 15, 12, 8, 4)

_CLOCK = [
    f"{hour:02d}:{minute:02d}:{second:02d}+08:00" for hour in range(24) for minute in range(60) for second in range(60)
]


class Standing(NamedTuple):
    """What an estate is like: where cases go and how well they are dealt with (0 to 1)."""

    estate: Estate
    district_code: str
    quality: float
    volume: float


def standings(registers: Registers, seed: int) -> list[Standing]:
    """How each estate is served and how much is reported there; both uneven, as they are."""
    rng = Random(f"{seed} standings")
    of_enterprise = {enterprise.uscc: rng.betavariate(3.2, 1.8) for enterprise in registers.enterprises}
    street_of = {code: street for code, _name, street in registers.places.communities}
    district_of = registers.places.district_of_streets()
    found = []
    for estate in registers.estates:
        served_by = of_enterprise.get(estate.enterprise_uscc, 0.35)
        quality = 0.5 * served_by + 0.5 * rng.betavariate(2.4, 1.4)
        volume = rng.lognormvariate(0, 0.75)
        if isinstance(estate.households, int):
            volume *= estate.households**0.7 * (1.5 if estate.kind == "old" else 1.0)
        else:
            volume *= 12.0
        found.append(Standing(estate, district_of[street_of[estate.community_code]], quality, volume))
    return found


class CaseWriter:
    """Lines of ``cases.csv`` for one half month after another."""

    def __init__(self, registers: Registers, seed: int, as_of: date) -> None:
        self._seed = seed
        self._standings = standings(registers, seed)
        self._volumes = list(accumulate(standing.volume for standing in self._standings))
        rng = Random(f"{seed} stations")
        self._station_quality = {
            station(department, district[0]): rng.uniform(0.35, 0.95)
            for department in DEPARTMENTS
            for district in registers.places.districts
        }
        self._cut = as_of

    def lines(self, period: HalfMonth, about: int) -> Iterator[str]:
        """The cases reported in ``period``, in order of report; their number lies within 6 % of ``about``."""
        rng = Random(f"{self._seed} {period}")
        random = rng.random
        count = round(about * rng.uniform(0.94, 1.06))
        first = period.start.date()
        days = [f"{first + timedelta(days=number)}T" for number in range(120)]
        cut = (self._cut - first).days * DAY
        length = (period.end.date() - first).days
        hours = rng.choices(range(24), weights=_BY_HOUR, k=count)
        reports = sorted(int(random() * length) * DAY + hour * HOUR + int(random() * HOUR) for hour in hours)
        where = rng.choices(self._standings, cum_weights=self._volumes, k=count)
        what = rng.choices(CATEGORIES, weights=[category.weight for category in CATEGORIES], k=count)
        sources = rng.choices(list(SOURCES), weights=list(SOURCES.values()), k=count)

        def iso(second: int) -> str:
            return days[second // DAY] + _CLOCK[second % DAY] if second >= 0 else ""

        number = f"{first:%Y%m%d}-"
        for place, (reported, standing, category, source) in enumerate(
            zip(reports, where, what, sources, strict=True), start=1
        ):
            responsible, quality = self._responsible(standing, category, random())
            excluded = rng.choices(list(EXCLUSIONS), weights=list(EXCLUSIONS.values()))[0] if random() < 0.03 else ""
            course = draw_course(random, reported, category, quality)
            if excluded:
                course = course._replace(handled=NEVER, rated=NEVER)
            known = course.until(cut)
            yield (
                f"{number}{place:06d},{source},{standing.estate.code},{category.code},{responsible},{iso(reported)},"
                f"{iso(known.accept_due)},{iso(known.accepted)},{iso(known.handle_due)},{iso(known.handled)},"
                f"{known.rating or ''},{known.resolved},{iso(known.rated)},{'true' if known.withdrawn else ''},{excluded}\n"
            )

    def _responsible(self, standing: Standing, category: Category, chance: float) -> tuple[str, float]:
        """Who takes a case up, and how well: an agency's station takes its share, and all where there is no enterprise."""
        if chance >= category.department_share and standing.estate.enterprise_uscc:
            return "enterprise", standing.quality
        code = station(category.department, standing.district_code)
        return code, 0.6 * standing.quality + 0.4 * self._station_quality[code]


NEVER = -1
"""The moment of what does not happen. Moments are seconds after the period's first midnight."""


class Course(NamedTuple):
    """What becomes of a case. A rating of 0 is none."""

    accept_due: int
    accepted: int
    handle_due: int
    handled: int
    rating: int
    resolved: str
    rated: int
    withdrawn: bool

    def until(self, cut: int) -> "Course":
        """What is known of it before ``cut``."""
        accepted = self.accepted if self.accepted < cut else NEVER
        handled = self.handled if self.handled < cut and accepted >= 0 else NEVER
        if 0 <= self.rated < cut:
            return self._replace(accepted=accepted, handled=handled)
        return self._replace(accepted=accepted, handled=handled, rating=0, resolved="", rated=NEVER, withdrawn=False)


def draw_course(random, reported: int, category: Category, quality: float) -> Course:
    """Draw one case's course; the better ``quality`` (0 to 1), the sooner and the more satisfied."""
    accept_limit, handle_limit = category.accept_hours * HOUR, category.handle_days * DAY
    accept_due, handle_due = reported + accept_limit, reported + handle_limit
    if random() < 0.04:  # extended with approval
        handle_due += handle_limit
    chance, share = random(), random()
    on_time = 0.60 + 0.40 * quality
    if chance < on_time:
        accepted = reported + 60 + int((accept_limit - 120) * share * share)
    elif chance < 1 - 0.02 * (1 - on_time):
        accepted = accept_due + 60 + int(2 * DAY * share)
    else:
        accepted = NEVER
    chance, share = random(), random()
    on_time = 0.46 + 0.53 * quality
    late = False
    if accepted < 0 or chance >= 1 - 0.03 * (1 - on_time):
        handled = NEVER
    elif chance < on_time and accepted < handle_due - HOUR:
        handled = accepted + 60 + int((handle_due - accepted - 120) * (0.1 + 0.9 * share))
    else:
        late = True
        handled = max(accepted, handle_due) + HOUR + int(6 * DAY * share)
    return Course(accept_due, accepted, handle_due, handled, *_draw_answer(random, handled, handle_due, quality, late))


def _draw_answer(random, handled: int, handle_due: int, quality: float, late: bool) -> tuple[int, str, int, bool]:
    """Rating, "solved?", when, and whether the answer was withdrawn on review. Most people do not answer."""
    answers, mood, share, solved = random(), random(), random(), random()
    if answers >= (0.26 if handled >= 0 else 0.05):
        return 0, "", NEVER, False
    if handled < 0:
        return (1 if mood < 0.6 else 2), "no", handle_due + HOUR + int(3 * DAY * share), False
    unhappy = 0.48 - 0.47 * quality + (0.15 if late else 0.0)
    rated = handled + HOUR + int(5 * DAY * share * share)
    if mood < unhappy:
        rating = 1 if mood < 0.4 * unhappy else 2
        resolved = "no" if solved < 0.4 else "partly" if solved < 0.8 else "yes"
        return rating, resolved, rated, answers < 0.06
    happy = (mood - unhappy) / (1 - unhappy)
    rating = 3 if happy < 0.2 else 4 if happy < 0.55 else 5
    resolved = "partly" if rating == 3 and solved < 0.6 else "yes" if solved < 0.9 else ""
    return rating, resolved, rated, False


def periods_before(as_of: date, count: int) -> list[HalfMonth]:
    """The last ``count`` half months that have ended when ``as_of`` begins, oldest first."""
    now = HalfMonth.containing(datetime(as_of.year, as_of.month, as_of.day, tzinfo=CHINA))
    return [now.shift(-back) for back in range(count, 0, -1)]
