"""Honours: five-star enterprises, demonstration projects and the quality demonstration."""

from collections.abc import Iterator
from datetime import date

from evaluations.samplecity import figures
from evaluations.samplecity.city import City, Table, table

FIVE_STAR, DEMO_2018, DEMO_2019, QUALITY = "FIVE-STAR-2017", "DEMO-2018", "DEMO-2019", "QUALITY-2019"
_ASSOCIATION = "市物业行业协会"


def tables(city: City, organised: list[str]) -> Iterator[Table]:
    """``organised``: the enterprises with a Party organisation, the largest first; no other is honoured."""
    yield table(
        "award-rounds", "code award year title awarding_body announced_on",
        [
            (FIVE_STAR, "five_star", 2017, "2017年度“红色物业五星级企业”", "市房管局、市委组织部", date(2017, 12, 20)),
            (DEMO_2018, "demo_project", 2018, "2018年度物业管理示范项目", _ASSOCIATION, date(2018, 12, 14)),
            (DEMO_2019, "demo_project", 2019, "2019年度物业管理示范项目", _ASSOCIATION, date(2019, 6, 21)),
            (QUALITY, "quality_demo", 2019, "质量强市示范城市首批示范点", "市质量强市工作领导小组", date(2019, 5, 10)),
        ],
    )  # fmt: skip
    yield table(
        "award-grants",
        "round enterprise project_name organisation backbone_team service_quality operation public_image granted_on "
        "revoked_on revoke_reason",
        [*_five_star(city, organised), *_demonstration(city, organised)],
    )


def _five_star(city: City, organised: list[str]) -> Iterator[tuple]:
    rng = city.rng("five stars")
    for uscc in rng.sample(organised[:120], figures.FIVE_STAR_ENTERPRISES):
        stars = [rng.choice((4, 5, 5, 5)) for _dimension in range(5)]
        yield FIVE_STAR, uscc, "", *stars, date(2017, 12, 20), "", ""


def _demonstration(city: City, organised: list[str]) -> Iterator[tuple]:
    """81 enterprises over two years, some in both. One grant was revoked; its enterprise has another one that stands."""
    rng = city.rng("demonstration")
    able = [uscc for uscc in organised if any(estate.kind == "professional" for estate in city.served[uscc])]
    chosen = rng.sample(able[:240], figures.DEMO_ENTERPRISES)
    both = chosen[35:50]
    none = [""] * 5
    for code, day, theirs in (
        (DEMO_2018, date(2018, 12, 14), chosen[:50]),
        (DEMO_2019, date(2019, 6, 21), chosen[35:]),
    ):
        for uscc in theirs:
            project = next(estate.name for estate in city.served[uscc] if estate.kind == "professional")
            gone = (date(2020, 3, 16), "项目撤场") if code == DEMO_2018 and uscc == both[0] else ("", "")
            yield code, uscc, project, *none, day, *gone
    yield QUALITY, chosen[0], city.served[chosen[0]][0].name, *none, date(2019, 5, 10), "", ""
