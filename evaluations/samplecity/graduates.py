"""Graduate recruits of 2017 and 2018: intakes, the recruits with their two mentors, pairings with cadres, training."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from evaluations.samplecity import figures, names
from evaluations.samplecity.city import City, Table, between, table, truth
from evaluations.samplecity.people import People
from evaluations.samplecity.registers import shared_out

EXAM = "ZK-2017"
BLOCK = 3
"""The block of invented telephone numbers of the recruits."""
PAIRED, TRAININGS = 900, 1_600
MENTORS_LOST = 40
_DUTIES = ("administrator", "publicist", "errand_agent", "liaison", "mediator")
_REASONS = {"other_post": 40, "public_service": 30, "further_study": 12, "family": 12, "dismissed": 2, "other": 4}
_COURSES = ("岗前培训", "物业服务实务", "群众工作方法", "消防与电梯安全", "矛盾纠纷调解")
# Shares of those whom the report does not tell.
_DEGREES = {"college": 0.17, "bachelor": 0.74, "master": 0.088, "doctor": 0.002}
_TIERS = {"985": 0.03, "211": 0.07, "other": 0.9}


def tables(city: City, people: People) -> Iterator[Table]:
    yield table("recruitment-intakes", "code title year kind district", _intakes(city))
    recruits = [*_exam(city), *_others(city)]
    yield table(
        "graduate-recruits",
        "code name id_number phone intake district is_party_member degree university_tier enterprise hired_on left_on "
        "leave_reason duties",
        recruits,
    )
    yield table("mentor-assignments", "recruit kind mentor valid_from valid_to", _mentors(city, people, recruits))
    yield table("cadre-pairings", "recruit cadre valid_from valid_to", _pairings(city, people, recruits))
    yield table("trainings", "recruit title held_on hours", _trainings(city, recruits))


def _intakes(city: City) -> Iterator[tuple]:
    yield EXAM, "2017年全市统一招考", 2017, "unified_exam", ""
    for year in (2017, 2018):
        yield f"QY-{year}", f"{year}年企业自主招聘", year, "enterprise", ""
    for code, name in city.districts.items():
        yield f"QZ-2018-{code}", f"2018年{name}选聘", 2018, "district", code


def _marked(count: int, marked: int, rng: Random) -> list[bool]:
    """``count`` answers of which exactly ``marked`` are yes."""
    answers = [place < marked for place in range(count)]
    rng.shuffle(answers)
    return answers


def _exam(city: City) -> Iterator[tuple]:
    """The unified examination, for the public-benefit enterprises."""
    rng = city.rng("exam 2017")
    exam = figures.EXAM_2017
    members = _marked(exam.persons, exam.party_members, rng)
    masters = _marked(exam.persons, exam.masters, rng)
    elite = _marked(exam.persons, exam.elite, rng)
    districts = _districts(city, exam.persons, rng)
    for place, district in enumerate(districts):
        enterprise = rng.choice(city.public_benefit[district]).uscc
        tier = rng.choice(("985", "211", "211")) if elite[place] else "other"
        degree = "master" if masters[place] else "bachelor"
        hired = between(rng, date(2017, 7, 24), date(2017, 8, 31))
        yield _recruit(city, place + 1, EXAM, district, members[place], degree, tier, enterprise, hired, rng)


def _others(city: City) -> Iterator[tuple]:
    rng = city.rng("recruits")
    exam = figures.EXAM_2017
    count = figures.RECRUITS - exam.persons
    members = _marked(count, figures.RECRUITS_IN_THE_PARTY - exam.party_members, rng)
    for place, district in enumerate(_districts(city, count, rng)):
        hired = between(rng, date(2017, 9, 1), date(2018, 12, 28))
        by_district = hired.year > 2017 and rng.random() < 0.45
        intake = f"QZ-{hired.year}-{district}" if by_district else f"QY-{hired.year}"
        benefit = by_district and rng.random() < 0.3
        enterprise = rng.choice(city.public_benefit[district]).uscc if benefit else rng.choice(city.firms[district])
        degree = rng.choices(list(_DEGREES), list(_DEGREES.values()))[0]
        tier = "other" if degree == "college" else rng.choices(list(_TIERS), list(_TIERS.values()))[0]
        number = exam.persons + place + 1
        yield _recruit(city, number, intake, district, members[place], degree, tier, enterprise, hired, rng)


def _districts(city: City, count: int, rng: Random) -> list[str]:
    """Where the recruits go: the more where more enterprises serve."""
    shares = shared_out(count, [float(len(city.firms[code])) for code in city.districts], least=3)
    found = [code for code, share in zip(city.districts, shares, strict=True) for _recruit in range(share)]
    rng.shuffle(found)
    return found


def _recruit(
    city: City, number: int, intake: str, district: str, member: bool, degree: str, tier: str, enterprise: str,
    hired: date, rng: Random,
) -> tuple:  # fmt: skip
    left: date | str = ""
    reason = ""
    if rng.random() < 0.34:
        left = hired + timedelta(days=rng.randint(120, 1_500))
        left = "" if left >= min(city.as_of, date(2021, 10, 1)) else left
        reason = rng.choices(list(_REASONS), list(_REASONS.values()))[0] if left else ""
    duties = rng.sample(_DUTIES, rng.randint(1, 3))
    return (
        f"GR-{number:05d}", names.person(rng), "", names.phone(BLOCK, number), intake, district, truth(member), degree,
        tier, enterprise, hired, left, reason, "|".join(duties),
    )  # fmt: skip


def _mentors(city: City, people: People, recruits: Sequence[tuple]) -> Iterator[tuple]:
    """Both mentors from the first month to the last day; some lost one a while ago and have no other yet."""
    rng = city.rng("mentors")
    lost = max(date(2021, 11, 1), city.ago(60))
    present = [row[0] for row in recruits if not row[11]]
    losers = set(rng.sample(present, MENTORS_LOST)) if lost < city.as_of else set()
    party = _party_mentors(city, people, rng)
    property_mentors: dict[str, str] = {}
    for row in recruits:
        first = min(row[10] + timedelta(days=rng.randint(0, 25)), row[11] or date.max)
        enterprise = row[9]
        if enterprise not in property_mentors:
            property_mentors[enterprise] = people.of_enterprise(rng, enterprise, "项目经理", member=rng.random() < 0.4)
        mentors = {"party": rng.choice(party[row[5]]), "property": property_mentors[enterprise]}
        loses = rng.choice(("party", "property")) if row[0] in losers else ""
        for kind, mentor in mentors.items():
            yield row[0], kind, mentor, first, lost if kind == loses else row[11]


def _party_mentors(city: City, people: People, rng: Random) -> dict[str, list[str]]:
    """District → its Party-building mentors, one from each of its streets."""
    found: dict[str, list[str]] = {}
    for street, (_name, district) in city.streets.items():
        found.setdefault(district, []).append(people.of_street(rng, street, "组织员"))
    return found


def _pairings(city: City, people: People, recruits: Sequence[tuple]) -> Iterator[tuple]:
    rng = city.rng("pairings")
    cadres: dict[str, list[str]] = {}
    for street, (_name, district) in city.streets.items():
        cadres.setdefault(district, []).append(people.of_street(rng, street, "街道干部"))
    for row in rng.sample(recruits, PAIRED):
        yield row[0], rng.choice(cadres[row[5]]), row[10], row[11]


def _trainings(city: City, recruits: Sequence[tuple]) -> Iterator[tuple]:
    rng = city.rng("trainings")
    for row in rng.sample(recruits, TRAININGS):
        course = rng.choice(_COURSES)
        day = row[10] + timedelta(days=rng.randint(1, 20 if course == _COURSES[0] else 110))
        yield row[0], course, day, rng.choice(("8.0", "12.0", "16.0", "24.0", "40.0"))
