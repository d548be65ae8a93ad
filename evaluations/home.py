"""What appraisal shows on the home page: work to do, the ranking's progress, places side by side, the trend of the rates.

Everything is of the person's own scope. Sums over many cases are kept for a minute; what a published ranking says about a
scope never changes, and is kept for a day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from estates.models import Estate
from evaluations import actions, clocks, desk, rules, snapshots, summaries
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from evaluations.templatetags.appraisal import category
from evaluations.views.cases import latest_period, with_parties
from portal.context import city
from portal.home import HomeCard, HomeFigure
from portal.menu import SearchGroup
from portal.models import Region
from portal.roles import Permission
from portal.templatetags.portal import number, place
from portal.templatetags.portal import period as in_words

MINUTE, DAY = 60, 86_400
MOST_URGENT = 5
TREND_PERIODS = 12
FOUND_AT_MOST = 8


@dataclass(frozen=True)
class Scope:
    """Where a person works: the places side by side on their page, and the ranking entries that are theirs.

    ``field`` is the column of an entry that names such a place; ``key`` names the scope in the cache.
    """

    key: str
    field: str
    regions: Sequence[Region]
    entries: Q | None

    @property
    def is_city(self) -> bool:
        return self.entries == Q()


def scope_of(user) -> Scope:
    """Districts for who sees the city or several of them, streets below; members of a body have no places."""
    paths = user.reach(Permission.VIEW_CASES)
    if "" in paths:
        return Scope("city", "district_code", list(Region.objects.districts().plain()), Q())
    places = list(Region.objects.plain().filter(path__in=paths).order_by("code"))
    levels = {region.level for region in places}
    key = "|".join(paths)
    if places and levels <= {Region.Level.DISTRICT, Region.Level.STREET}:
        of_level = {level: [region.code for region in places if region.level == level] for level in levels}
        entries = Q(district_code__in=of_level.get("district", [])) | Q(street_code__in=of_level.get("street", []))
        if levels == {Region.Level.DISTRICT} and len(places) > 1:
            return Scope(key, "district_code", places, entries)
        inside = Q()
        for region in places:
            inside |= Q(path__startswith=region.path)
        return Scope(
            key,
            "street_code",
            list(Region.objects.plain().filter(inside, level=Region.Level.STREET).order_by("code")),
            entries,
        )
    codes = sorted(
        Estate.objects.for_user(user, Permission.VIEW_CASES).order_by().values_list("code", flat=True)[:2000]
    )
    return Scope(f"user {user.pk} {len(codes)}", "", [], Q(estate_code__in=codes) if codes else None)


def figures(user, now: datetime) -> list[HomeFigure]:
    """Cases of the latest half month, and those that nobody has handled yet."""
    if not user.has_perm(Permission.VIEW_CASES):
        return []
    work, period = workload(user), latest_period()
    found = []
    if period is not None:
        count = _kept(f"cases {user.pk} {period}", MINUTE, lambda: _cases_in(user, period))
        url = reverse("case-list", query={"period": str(period)})
        found.append(HomeFigure(_("Cases, latest half month"), count, url, [(in_words(period), "")]))
    late = _("overdue %(count)s") % {"count": number(work.overdue)}
    url = reverse("case-list", query={"stage": "open"})
    found.append(
        HomeFigure(_("Open cases"), work.open, url, [(late, reverse("case-list", query={"stage": "overdue"}))])
    )
    return found


def _cases_in(user, period) -> int:
    cases = AppraisalCase.objects.for_user(user, Permission.VIEW_CASES)
    return cases.filter(reported_at__gte=period.start, reported_at__lt=period.end).count()


def cards(user, now: datetime) -> list[HomeCard]:
    """To do and progress in the first row, places and trend in the second."""
    found = [_progress(user)]
    if user.has_perm(Permission.VIEW_CASES):
        scope = scope_of(user)
        latest = Ranking.objects.published().order_by("-period").first()
        found.append(_to_do(user, now))
        if scope.regions:
            found.append(_places(user, scope, latest))
        if scope.entries is not None:
            found.append(_trend(scope))
    elif not user.role_labels and not user.is_superuser:
        found.append(HomeCard("evaluations/home/no_role.html", 8, 10))
    return found


def _kept(key: str, seconds: int, make: Callable[[], Any]) -> Any:
    return cache.get_or_set(f"home {key}".replace(" ", "_"), make, seconds)


# --- work ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workload:
    """Open and overdue cases, in all and by the code of a district and of a street."""

    open: int
    overdue: int
    by_code: dict[str, tuple[int, int]]


def workload(user) -> Workload:
    """What nobody has handled yet in this person's scope, at most a minute old. One query."""
    return _kept(f"workload {user.pk}", MINUTE, lambda: _count_workload(user))


def _count_workload(user) -> Workload:
    codes = ("estate__community__district_code", "estate__community__street_code")
    late = Q(accepted_at=None, accept_due_at__lt=Now()) | Q(handle_due_at__lt=Now())
    rows = (
        AppraisalCase.objects.for_user(user, Permission.VIEW_CASES)
        .unhandled()
        .order_by()
        .values(*codes)
        .annotate(open=Count("pk"), overdue=Count("pk", filter=late))
    )
    by_code: dict[str, tuple[int, int]] = {}
    total = (0, 0)
    for row in rows:
        this = (row["open"], row["overdue"])
        total = _plus(total, this)
        for code in (row[name] for name in codes):
            by_code[code] = _plus(by_code.get(code, (0, 0)), this)
    return Workload(*total, by_code)


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _to_do(user, now: datetime) -> HomeCard:
    """The most urgent open cases, and missed periods for who may compute."""
    open_cases = AppraisalCase.objects.for_user(user, Permission.VIEW_CASES).unhandled()
    urgent = list(with_parties(open_cases).order_by("handle_due_at", "pk")[:MOST_URGENT])
    for case in urgent:
        case.clock = clocks.pressing(case, now)
    urgent.sort(key=lambda case: case.clock.due)
    missed = actions.missed_periods(now) if user.has_perm(Permission.COMPUTE_RANKINGS) else []
    return HomeCard("evaluations/home/to_do.html", 8, 10, {"cases": urgent, "work": workload(user), "missed": missed})


# --- the ranking's progress ----------------------------------------------------------------------------------------------


def _progress(user) -> HomeCard:
    """The latest open ranking and its next step for who may see it; the published one for everybody else."""
    sees_drafts = user.has_perm(Permission.VIEW_RANKINGS)
    rankings = Ranking.objects.select_related(
        "computed_by", "submitted_by", "reviewed_by", "signed_by", "previous"
    ).latest_first()
    ranking = rankings.open().first() if sees_drafts else None
    ranking = ranking or rankings.published().first()
    context: dict[str, Any] = {"ranking": ranking, "sees_drafts": sees_drafts}
    if ranking is not None:
        key = f"{ranking.pk} {ranking.digest} {ranking.previous_id}"
        context |= {
            "steps": desk.steps(ranking),
            "next": next(
                (deed for deed in desk.DEEDS.values() if deed.is_next_step and ranking.status in deed.possible_in), None
            ),
            "median": _median(ranking),
            "previous": ranking.previous,
            "previous_median": _median(ranking.previous) if ranking.previous else None,
            "newcomers": _kept(f"newcomers {key}", DAY, lambda: desk.newcomers(ranking))
            if ranking.previous_id
            else None,
            "comparison": _kept(f"comparison {key}", DAY, lambda: summaries.comparison(ranking)),
        }
    return HomeCard("evaluations/home/progress.html", 4, 20, context)


def _median(ranking: Ranking) -> Decimal | None:
    key = f"median {ranking.pk} {ranking.digest}"
    return _kept(key, DAY, lambda: summaries.distribution(ranking).median)


# --- places side by side -------------------------------------------------------------------------------------------------


def _places(user, scope: Scope, latest: Ranking | None) -> HomeCard:
    """One line per place: open and overdue cases, and the pooled score in the latest published ranking."""
    work = workload(user)
    scores = (
        _kept(f"scores {latest.pk} {scope.field} {scope.key}", DAY, lambda: _scores(latest, scope)) if latest else {}
    )
    lines = [
        {"region": region, "work": work.by_code.get(region.code, (0, 0)), "score": scores.get(region.code)}
        for region in scope.regions
    ]
    profile = city()
    context = {
        "lines": sorted(lines, key=lambda line: (line["score"] is None, -(line["score"] or 0), line["region"].code)),
        "latest": latest,
        "filter": "district" if scope.field == "district_code" else "street",
        "has_map": scope.is_city,
        "approval": profile.map_approval if profile else "",
    }
    return HomeCard("evaluations/home/places.html", 8, 30, context)


def _scores(ranking: Ranking, scope: Scope) -> dict[str, Decimal | None]:
    """The score of each place's pooled counts, by the ranking's own rule, as on the public page."""
    policy = snapshots.policy_of(ranking)
    sums = {name: Sum(name) for name in rules.Counts._fields}
    rows = ranking.entries.filter(scope.entries).order_by().values(scope.field).annotate(**sums)
    return {
        row[scope.field]: summaries.score_of(rules.Counts(*(row[name] for name in rules.Counts._fields)), policy)
        for row in rows
    }


# --- trend ---------------------------------------------------------------------------------------------------------------


def _trend(scope: Scope) -> HomeCard:
    """The three rates over the latest published rankings: the counts of the scope's neighbourhoods pooled."""
    rankings = list(Ranking.objects.published().order_by("-period")[:TREND_PERIODS])[::-1]
    points = [(ranking, _pooled(ranking, scope)) for ranking in rankings]
    rates = [rate for _ranking, counts in points for rate in _rates(counts) if rate is not None]
    context = {
        "points": points,
        "low": int(min(rates, default=Decimal(0))) // 5 * 5,
        "high": -(-int(max(rates, default=Decimal(95)) + 1) // 5) * 5,
        "every": len(points) // 4,
        "is_city": scope.is_city,
    }
    return HomeCard("evaluations/home/trend.html", 4 if scope.regions else 12, 40, context)


def _pooled(ranking: Ranking, scope: Scope) -> rules.Counts:
    if scope.is_city:
        return ranking.counts
    entries = RankingEntry.objects.filter(scope.entries, ranking=ranking)
    return _kept(f"pooled {ranking.pk} {scope.key}", DAY, entries.pooled)


def _rates(counts: rules.Counts) -> list[Decimal | None]:
    pairs = (counts.acceptance, counts.handling, counts.satisfaction)
    return [100 * Decimal(good) / Decimal(counted) if counted else None for good, counted in pairs]


def search(user, text: str) -> list[SearchGroup]:
    """Cases by their exact number."""
    if not user.has_perm(Permission.VIEW_CASES) or not any(sign.isdigit() for sign in text):
        return []
    cases = AppraisalCase.objects.for_user(user, Permission.VIEW_CASES).filter(case_no=text).select_related("estate")
    rows = [
        (case.case_no, f"{category(case.category)} · {place(case.estate.name)}", reverse("case-detail", args=[case.pk]))
        for case in cases.order_by("-reported_at")[:FOUND_AT_MOST]
    ]
    return [SearchGroup(_("Cases"), rows, reverse("case-list", query={"q": text}))]
