"""Party organisations, which enterprise is covered in which way, and what the organisations do.

The report counts 712 organisations, and 712 with 750 instructors are its 1,462 enterprises with projects. Both hold: 560
enterprises have organisations of their own, 60 joint branches cover 120 and 32 are attached elsewhere, which makes 712
covered enterprises; and the largest have further branches, so that enterprises host 712 organisations too.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, between, table
from evaluations.samplecity.people import People

COVERED_BY = date(2019, 5, 31)
"""The day by which every enterprise with projects was covered."""
ACTIVITIES = 1_800
_COMMUNITY_ORGANISATIONS = 16
_FEW = 5
"""Organisations of an enterprise's own with fewer members than the line."""
_KINDS = {
    "members_meeting": "党员大会", "committee_meeting": "支委会", "group_meeting": "党小组会", "party_lesson": "党课",
    "theme_day": "主题党日", "volunteer_service": "志愿服务进小区",
}  # fmt: skip


def by_size(city: City) -> list[str]:
    """The enterprises with projects: the public-benefit ones, then the others about by what they serve."""
    rng = city.rng("party sizes")
    size = {uscc: len(theirs) * rng.uniform(0.5, 1.5) for uscc, theirs in sorted(city.served.items())}
    return sorted(size, key=lambda uscc: (city.enterprises[uscc].is_public_benefit != "true", -size[uscc]))


def organised(city: City) -> list[str]:
    """The enterprises covered by an organisation."""
    return by_size(city)[: figures.PARTY_ORGANISATIONS]


class _Organisations:
    def __init__(self, city: City, people: People) -> None:
        self.city, self.people, self.rng = city, people, city.rng("party")
        self.rows: list[tuple] = []

    def add(
        self, name: str, level: str, kind: str, region: str, host: str, secretary: str, members: int, founded: date
    ) -> str:
        code = f"DZZ-{len(self.rows) + 1:04d}"
        self.rows.append((code, name, level, kind, region, host, secretary, members, founded, ""))
        return code

    def of_enterprise(self, uscc: str, ending: str, kind: str, members: int) -> str:
        rng, enterprise = self.rng, self.city.enterprises[uscc]
        secretary = self.people.of_enterprise(rng, uscc, "党组织书记", member=True)
        first = max(date(2017, 6, 1), enterprise.founded_on) if rng.random() < 0.8 else date(2012, 1, 1)
        founded = between(rng, max(first, enterprise.founded_on), date(2019, 3, 31))
        title = f"中共{enterprise.name}{ending}"
        return self.add(title, "enterprise", kind, enterprise.registered_district, uscc, secretary, members, founded)


def tables(city: City, people: People) -> Iterator[Table]:
    made = _Organisations(city, people)
    coverage: list[tuple] = []
    _committees(made)
    ranked = by_size(city)
    own, rest = ranked[: figures.COVERED_STANDALONE], ranked[figures.COVERED_STANDALONE :]
    _standalone(made, own, coverage)
    _joint(made, rest[: figures.COVERED_JOINTLY], coverage)
    _attached(made, rest[figures.COVERED_JOINTLY :][: figures.COVERED_ATTACHED], coverage)
    _instructed(made, rest[figures.COVERED_JOINTLY + figures.COVERED_ATTACHED :], coverage)
    yield table(
        "party-organisations",
        "code name level kind region enterprise secretary members founded_on dissolved_on",
        made.rows,
    )
    yield table("party-coverage", "enterprise way organisation instructor valid_from valid_to", coverage)
    yield table("party-activities", "organisation held_on kind title attendance", _activities(made.rows, city))


def _committees(made: _Organisations) -> None:
    """The city's industry committee and one in each district."""
    city, rng, people = made.city, made.rng, made.people
    secretary = people.of_district(rng, next(iter(city.districts)), "市物业行业党委书记")
    made.add("中共武汉市物业行业委员会", "city", "industry_committee", "420100", "", secretary, 0, date(2017, 12, 8))
    for code, name in city.districts.items():
        secretary = people.of_district(rng, code, "区物业行业党委书记")
        founded = between(rng, date(2018, 1, 8), date(2018, 9, 28))
        made.add(f"中共{name}物业行业委员会", "district", "industry_committee", code, "", secretary, 0, founded)


def _standalone(made: _Organisations, enterprises: list[str], coverage: list[tuple]) -> None:
    """Organisations of their own: the largest enterprises have a general branch with further branches."""
    rng = made.rng
    hosted = figures.PARTY_ORGANISATIONS - figures.COVERED_STANDALONE - figures.JOINT_BRANCHES
    for place, uscc in enumerate(enterprises):
        large = place < hosted // 2
        members = rng.randint(18, 60) if large else rng.randint(3, 16)
        if len(enterprises) - place <= _FEW:
            members = 2
        ending, kind = ("总支部委员会", "general_branch") if large else ("支部委员会", "branch")
        code = made.of_enterprise(uscc, ending, kind, members)
        if large:
            for number in "一二":
                made.of_enterprise(uscc, f"第{number}支部委员会", "branch", rng.randint(5, 12))
        _cover(made, coverage, uscc, "standalone", code)


def _joint(made: _Organisations, enterprises: list[str], coverage: list[tuple]) -> None:
    each = figures.COVERED_JOINTLY // figures.JOINT_BRANCHES
    for place in range(0, len(enterprises), each):
        together = enterprises[place : place + each]
        code = made.of_enterprise(together[0], "联合支部委员会", "joint_branch", made.rng.randint(3, 9))
        for uscc in together:
            _cover(made, coverage, uscc, "joint", code)


def _attached(made: _Organisations, enterprises: list[str], coverage: list[tuple]) -> None:
    """Attached to the Party organisation of a community where they serve."""
    city, rng = made.city, made.rng
    codes: dict[str, str] = {}
    for uscc in enterprises:
        community = city.served[uscc][0].community_code
        if len(codes) < _COMMUNITY_ORGANISATIONS and community not in codes:
            secretary = made.people.of_community(rng, community, "党委书记", party=True)
            title = f"中共{city.communities[community][0]}总支部委员会"
            codes[community] = made.add(
                title, "community", "general_branch", community, "", secretary, rng.randint(30, 90), date(2015, 7, 1)
            )
        _cover(made, coverage, uscc, "attached", codes.get(community) or rng.choice(sorted(codes.values())))


def _cover(made: _Organisations, coverage: list[tuple], uscc: str, way: str, organisation: str) -> None:
    """One in four had an instructor first."""
    rng = made.rng
    founded = made.rows[int(organisation[4:]) - 1][8]
    first = max(between(rng, date(2017, 6, 1), COVERED_BY), founded)
    if rng.random() < 0.25 and first > date(2017, 9, 1):
        last = first - timedelta(days=1)
        began = between(rng, date(2017, 6, 1), date(2017, 8, 31))
        coverage.append((uscc, "instructor", "", _instructor(made, uscc), began, last))
    coverage.append((uscc, way, organisation, "", first, ""))


def _instructed(made: _Organisations, enterprises: list[str], coverage: list[tuple]) -> None:
    """Each gets an instructor of its own."""
    for uscc in enterprises:
        first = between(made.rng, date(2017, 6, 1), COVERED_BY)
        coverage.append((uscc, "instructor", "", _instructor(made, uscc), first, ""))


def _instructor(made: _Organisations, uscc: str) -> str:
    street = made.city.street_of(made.city.served[uscc][0])
    return made.people.of_street(made.rng, street, "党建指导员")


def _activities(organisations: list[tuple], city: City) -> Iterator[tuple]:
    """Lively organisations and some from which nothing has been heard."""
    rng = city.rng("party activities")
    seen = set()
    lively = [(row, rng.lognormvariate(0, 0.9)) for row in organisations if row[7] and rng.random() < 0.9]
    chosen: list[tuple] = rng.choices(
        [row for row, _weight in lively], [weight for _row, weight in lively], k=ACTIVITIES
    )
    for row in chosen:
        kind = rng.choice(list(_KINDS))
        day = city.ago(rng.randint(1, 330))
        if day > row[8] and (row[0], day, kind) not in seen:
            seen.add((row[0], day, kind))
            yield row[0], day, kind, _KINDS[kind], _attendance(row[7], rng)


def _attendance(members: int, rng: Random) -> int:
    return max(1, round(members * rng.uniform(0.6, 1.0)))
