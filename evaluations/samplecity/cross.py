"""Two-way cross-appointment: quality supervisors, heads of enterprises on committees; visits and meetings of three parties."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, between, table, years_later
from evaluations.samplecity.people import People
from evaluations.samplecity.registers import Estate

SINCE, UNTIL = date(2018, 3, 1), date(2019, 5, 31)
MEETINGS = 420
_SECOND_TERMS = 40
"""Supervisors with a second enterprise, for a term that has an end; they count as persons already."""
_ENDED = 90
_NOT_IN_THE_PARTY = 9
_FINDINGS = ("", "", "楼道堆物未清理", "消防通道被占用", "公示栏内容过期", "绿化带有垃圾", "门岗无人值守")
_SUBJECTS = ("停车秩序整治", "物业费收缴与服务质量", "公共收益使用", "老旧管网改造", "电动车充电安全", "文明养犬")
_DECISIONS = (
    "物业企业增派人手并公示排班",
    "居委会组织业主协商",
    "业委会公布收支明细",
    "联系职能部门现场办公",
    "制定整治方案并公示",
)


@dataclass(frozen=True)
class Pairs:
    """Who is bound to whom: (community, enterprise) with a neighbourhood, for either direction."""

    supervised: list[tuple[str, str, Estate]]
    on_committee: list[tuple[str, str, Estate]]

    def both_ways(self) -> set[tuple[str, str]]:
        return {pair[:2] for pair in self.supervised} & {pair[:2] for pair in self.on_committee}


def pairs(city: City) -> Pairs:
    """Old neighbourhoods first, so that many have both; each enterprise sends one head."""
    rng = city.rng("cross pairs")
    served = [
        estate for estate in city.registers.estates if estate.enterprise_uscc and estate.kind != "non_residential"
    ]
    rng.shuffle(served)
    served.sort(key=lambda estate: estate.kind != "old" or rng.random() < 0.6)
    found: dict[tuple[str, str], Estate] = {}
    for estate in served:
        found.setdefault((estate.community_code, estate.enterprise_uscc), estate)
    supervised = [(*pair, estate) for pair, estate in found.items()][: figures.QUALITY_SUPERVISORS]
    heads: dict[str, tuple[str, str, Estate]] = {}
    for row in [(*pair, estate) for pair, estate in found.items()]:
        heads.setdefault(row[1], row)
    return Pairs(supervised, list(heads.values())[: figures.MANAGERS_ON_COMMITTEES])


def tables(city: City, people: People, bound: Pairs) -> Iterator[Table]:
    supervisors = list(_supervisors(city, people, bound))
    heads = list(_heads(city, people, bound))
    yield table(
        "cross-appointments",
        "code person direction post enterprise committee_kind region estate valid_from valid_to unpaid document_no",
        supervisors + heads + list(_further(city, people, supervisors)),
    )
    yield table("supervision-visits", "appointment estate visited_on findings", _visits(city, supervisors, bound))
    yield from _meetings(city)


def _supervisors(city: City, people: People, bound: Pairs) -> Iterator[tuple]:
    rng = city.rng("supervisors")
    for number, (community, uscc, estate) in enumerate(bound.supervised, start=1):
        party = rng.random() < 0.55
        person = people.of_community(rng, community, "委员", party=party)
        yield (
            f"ZJ-{number:04d}", person, "committee_to_enterprise", "quality_supervisor", uscc,
            "party" if party else "residents", community, estate.code if rng.random() < 0.5 else "",
            between(rng, SINCE, UNTIL), "", "true", f"样组〔2018〕{rng.randint(10, 300)}号",
        )  # fmt: skip


def _heads(city: City, people: People, bound: Pairs) -> Iterator[tuple]:
    """Heads of enterprises; the report says Party members, so the few who are none are something to look into."""
    rng = city.rng("heads")
    posts = ("committee_member", "committee_member", "deputy_secretary", "deputy_director")
    for number, (community, uscc, _estate) in enumerate(bound.on_committee, start=1):
        post = rng.choice(posts)
        party = post == "deputy_secretary" or (post != "deputy_director" and rng.random() < 0.4)
        member = party or number > _NOT_IN_THE_PARTY * 4 or number % 4 > 0
        person = people.of_enterprise(rng, uscc, "负责人", member=member)
        yield (
            f"JR-{number:04d}", person, "enterprise_to_committee", post, uscc, "party" if party else "residents",
            community, "", between(rng, SINCE, UNTIL), "", "true", f"样组〔2018〕{rng.randint(10, 300)}号",
        )  # fmt: skip


def _further(city: City, people: People, supervisors: list[tuple]) -> Iterator[tuple]:
    """Second terms of supervisors, which run out; and former supervisors, whose terms ended before the report."""
    rng = city.rng("further terms")
    for number, row in enumerate(rng.sample(supervisors, _SECOND_TERMS), start=1):
        others = [uscc for uscc in rng.sample(sorted(city.served), 3) if uscc != row[4]]
        last = between(rng, city.ago(-10), city.ago(-200))
        yield (
            f"ZJ-9{number:03d}",
            row[1],
            *row[2:4],
            others[0],
            *row[5:7],
            "",
            years_later(last, -3),
            last,
            "true",
            "",
        )
    for number, row in enumerate(rng.sample(supervisors, _ENDED), start=1):
        person = people.of_community(rng, row[6], "原委员", party=row[5] == "party")
        first = between(rng, date(2017, 9, 1), date(2017, 12, 31))
        last = between(rng, date(2018, 4, 1), date(2019, 4, 30))
        yield (f"ZJ-8{number:03d}", person, *row[2:7], "", first, last, "true", "")


def _visits(city: City, supervisors: list[tuple], bound: Pairs) -> Iterator[tuple]:
    """Each supervisor's last visit, and some before. One in twelve has not come for longer than it should be."""
    rng = city.rng("visits")
    for row, (_community, _uscc, estate) in zip(supervisors, bound.supervised, strict=True):
        latest = rng.randint(95, 200) if rng.random() < 1 / 12 else rng.randint(1, 85)
        for days in (latest, latest + rng.randint(30, 80))[: rng.choice((1, 1, 2))]:
            if city.ago(days) >= row[8]:
                yield row[0], estate.code, city.ago(days), rng.choice(_FINDINGS)


def _meetings(city: City) -> Iterator[Table]:
    rng = city.rng("tripartite meetings")
    homes = [estate for estate in city.registers.estates if estate.enterprise_uscc and estate.kind != "non_residential"]
    meetings, decisions = [], []
    for number, estate in enumerate(rng.sample(homes, MEETINGS), start=1):
        code, day = f"SF-{number:04d}", city.ago(rng.randint(1, 300))
        present = [rng.randint(1, 4), rng.randint(1, 5) if rng.random() < 0.93 else 0, rng.randint(1, 3)]
        where = estate.code if rng.random() < 0.8 else ""
        meetings.append((code, estate.community_code, where, day, rng.choice(_SUBJECTS), *present))
        for point in range(1, rng.randint(1, 3) + 1):
            due = day.fromordinal(day.toordinal() + rng.randint(7, 60))
            done = day.fromordinal(due.toordinal() + rng.randint(-5, 15))
            finished = max(day, done) if done < city.as_of and rng.random() < 0.9 else ""
            responsible = rng.choice((city.enterprises[estate.enterprise_uscc].name, "居民委员会", "业主委员会"))
            decisions.append((code, point, rng.choice(_DECISIONS), responsible, due, finished))
    yield table(
        "tripartite-meetings",
        "code community estate held_on subject attendees_residents_committee attendees_owners_committee "
        "attendees_enterprise",
        meetings,
    )
    yield table("meeting-decisions", "meeting number text responsible due_on done_on", decisions)
