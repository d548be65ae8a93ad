"""Figures that are watched, by unit and half month, and the rows behind each of them.

A case belongs to the half month of its report, a rating to that in which it was given, a closure to that in which the feedback
was told. Every share is of its own cohort, so none exceeds 100 %, and a later deed changes the figure of its cohort: figures
are as of now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from casedesk.actions.ratings import BAD
from casedesk.models import CaseEvent, CaseFile, Extension, Handling, OutcomeRating
from casedesk.watching import rules
from enterprises.models import Enterprise, ProjectManager
from evaluations.models import AppraisalCase
from portal.models import Agency, Region, User
from portal.persons import phone_hash
from portal.roles import Permission
from portal.rules import CHINA, HalfMonth

QUICK = timedelta(minutes=10)
"""A top rating so soon after the feedback is looked at: residents seldom wait for the message. Assumption."""
CUT = timedelta(hours=48)
LEAST = 30
"""Cases from which on a unit's rates are published. Source: the monthly bulletin's minimum; there an assumption too."""
UNIT = {"enterprise": Enterprise, "agency": Agency, "street": Region}
Kind = CaseEvent.Kind


@dataclass(frozen=True)
class Measure:
    """Something counted: ``of`` is the measure that it is a share of, empty for a whole."""

    key: str
    title: object
    of: str = ""


CASE_MEASURES = (
    Measure("cases", _("Cases")),
    Measure("carried", _("Cases carried here")),
    Measure("excluded", _("Excluded"), "cases"),
    Measure("extended", _("Extended"), "carried"),
    Measure("reclassified", _("Category changed"), "carried"),
    Measure("contact_changed", _("Contact changed"), "carried"),
)
RATING_MEASURES = (
    Measure("ratings", _("Ratings")),
    Measure("dissatisfied", _("Dissatisfied or not solved")),
    Measure("top", _("Satisfied or better")),
    Measure("withdrawn", _("Withdrawn on review"), "dissatisfied"),
    Measure("held", _("Ever held"), "ratings"),
    Measure("rejected", _("Rejected after a check"), "ratings"),
    Measure("quick", _("Top within 10 minutes"), "top"),
    Measure("shared", _("From shared devices"), "ratings"),
)
CLOSURE_MEASURES = (
    Measure("closures", _("Closures")),
    Measure("at_cut", _("In the last 48 hours"), "closures"),
)
MEASURES = {one.key: one for one in (*CASE_MEASURES, *RATING_MEASURES, *CLOSURE_MEASURES)}
SHARES = tuple(one for one in MEASURES.values() if one.of)
PUBLIC = ("excluded", "extended", "withdrawn", "held", "rejected")
"""Shares that everybody reads."""


# --- rows -----------------------------------------------------------------------------------------------------------------


def rows_of(measure: str, period: HalfMonth, user: User | None) -> QuerySet:
    """The rows that ``measure`` counts: cases, ratings, or events of feedback; in the scope of ``user``, ``None`` the city."""
    if measure in {one.key for one in CASE_MEASURES}:
        return _cases(period, user).filter(_CASE_FILTERS[measure])
    if measure in {one.key for one in RATING_MEASURES}:
        return _ratings(period, user).filter(rating_filters(period)[measure])
    return _closures(period, user).filter(_closure_filters(period)[measure])


def _cases(period: HalfMonth, user: User | None) -> QuerySet[AppraisalCase]:
    rows = AppraisalCase.objects.filter(reported_at__gte=period.start, reported_at__lt=period.end)
    return _scoped(rows, user)


def _ratings(period: HalfMonth, user: User | None) -> QuerySet[OutcomeRating]:
    return _scoped(OutcomeRating.objects.filter(at__gte=period.start, at__lt=period.end), user)


def _closures(period: HalfMonth, user: User | None) -> QuerySet[CaseEvent]:
    return _scoped(CaseEvent.objects.filter(kind=Kind.HANDLED, at__gte=period.start, at__lt=period.end), user)


def _scoped(rows, user: User | None):
    return rows if user is None else rows.for_user(user, Permission.WATCH_CASES)


def _event(kind: str) -> Q:
    return Q(Exists(CaseEvent.objects.filter(case=OuterRef("pk"), kind=kind)))


_CASE_FILTERS = {
    "cases": Q(),
    "carried": Q(Exists(CaseFile.objects.filter(case=OuterRef("pk")))),
    "excluded": ~Q(excluded=""),
    "extended": Q(Exists(Extension.objects.filter(case=OuterRef("pk"), status=Extension.Status.APPROVED))),
    "reclassified": _event(Kind.RECLASSIFIED),
    "contact_changed": _event(Kind.CONTACT_CHANGED),
}


def rating_filters(period: HalfMonth) -> dict[str, Q]:
    """What each measure of ratings counts."""
    soon = Handling.objects.filter(case=OuterRef("case"), round=OuterRef("round"), at__gt=OuterRef("at") - QUICK)
    return {
        "ratings": Q(),
        "dissatisfied": BAD,
        "top": Q(level__gte=rules.TOP),
        "withdrawn": Q(status=OutcomeRating.Status.WITHDRAWN),
        "held": ~Q(hold_reason=""),
        "rejected": Q(status=OutcomeRating.Status.REJECTED),
        "quick": Q(Exists(soon), level__gte=rules.TOP),
        "shared": Q(device_hash__in=[one.device for one in clusters(period)]),
    }


def _closure_filters(period: HalfMonth) -> dict[str, Q]:
    return {"closures": Q(), "at_cut": Q(at__gte=period.end - CUT)}


# --- by unit --------------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A unit or a place with its counts."""

    key: str
    name: str
    counts: dict[str, int] = field(default_factory=dict)

    def share(self, measure: Measure) -> "Share":
        return Share(measure, (self.counts.get(measure.key, 0), self.counts.get(measure.of, 0)))

    @property
    def shares(self) -> list["Share"]:
        return [self.share(one) for one in SHARES]

    @property
    def public_shares(self) -> list["Share"]:
        return [self.share(MEASURES[key]) for key in PUBLIC]


@dataclass(frozen=True)
class Share:
    """A measure's count and that of its cohort."""

    measure: Measure
    pair: tuple[int, int]


def by_unit(period: HalfMonth, user: User | None) -> list[Row]:
    """Every unit that has anything in ``period``: enterprises, agencies and streets that are responsible, and cases that
    nobody answers for, as the last. The most cases first.
    """
    counts = _grouped(period, user, tuple(UNIT))
    names = {
        kind: dict(model.objects.filter(pk__in={key[place] for key in counts}).values_list("pk", "name"))
        for place, (kind, model) in enumerate(UNIT.items())
    }
    found = []
    for key, values in counts.items():
        kind, pk = next(((kind, pk) for kind, pk in zip(UNIT, key, strict=True) if pk), ("", None))
        found.append(Row(f"{kind}:{pk}" if kind else "none", names[kind][pk] if kind else "", values))
    return sorted(found, key=lambda row: (row.key == "none", -row.counts.get("cases", 0), row.name))


def by_district(period: HalfMonth) -> list[Row]:
    """Every managing district of the city, pooled."""
    counts = _grouped(period, None, ("estate__community__parent__parent",))
    districts = Region.objects.districts().plain()
    return [Row(one.code, one.name, counts.get((one.pk,), {})) for one in districts]


def whole(rows: Iterable[Row]) -> Row:
    """All rows pooled."""
    total: dict[str, int] = {}
    for row in rows:
        for name, count in row.counts.items():
            total[name] = total.get(name, 0) + count
    return Row("", "", total)


def _grouped(period: HalfMonth, user: User | None, columns: tuple[str, ...]) -> dict[tuple, dict[str, int]]:
    found: dict[tuple, dict[str, int]] = {}
    for rows, prefix, filters in (
        (_cases(period, user), "", _CASE_FILTERS),
        (_ratings(period, user), "case__", rating_filters(period)),
        (_closures(period, user), "case__", _closure_filters(period)),
    ):
        by = [f"{prefix}{column}" for column in columns]
        counted = {
            f"n_{name}": Count("pk", filter=condition) if condition else Count("pk")
            for name, condition in filters.items()
        }
        for row in rows.order_by().values(*by).annotate(**counted):
            key = tuple(row[column] for column in by)
            found.setdefault(key, {}).update({name: row[f"n_{name}"] for name in filters})
    return found


def of_unit(rows: QuerySet, unit: str) -> QuerySet | None:
    """Those of ``rows`` for which the unit with this key answers; ``None`` for a key of no form."""
    prefix = "" if rows.model is AppraisalCase else "case__"
    if unit == "none":
        return rows.filter(**{f"{prefix}{kind}": None for kind in UNIT})
    kind, _sign, pk = unit.partition(":")
    if kind not in UNIT or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    return rows.filter(**{f"{prefix}{kind}": int(pk)})


# --- in time --------------------------------------------------------------------------------------------------------------


def closures_by_day(period: HalfMonth, user: User | None) -> list[tuple[date, int]]:
    """How many cases were told as handled on each day of ``period``, days without any included."""
    rows = _closures(period, user).order_by().values(day=TruncDate("at", tzinfo=CHINA)).annotate(count=Count("pk"))
    counts = dict(rows.values_list("day", "count"))
    first = period.start.date()
    return [
        (day, counts.get(day, 0))
        for day in (first + timedelta(days=number) for number in range(period.last_day - period.first_day + 1))
    ]


# --- devices and cross-rating ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cluster:
    """A device on which several reporters' cases were rated."""

    device: str
    ratings: int
    reporters: int
    first: object
    last: object
    units: int


def clusters(period: HalfMonth) -> list[Cluster]:
    """Devices from which two or more reporters rated in ``period``, the most reporters first."""
    rated = OutcomeRating.objects.filter(at__gte=period.start, at__lt=period.end).exclude(device_hash="")
    phones = dict(CaseFile.objects.filter(case__in=rated.values("case")).values_list("pk", "phone_hash"))
    reporters: dict[str, set[str]] = {}
    for device, case in rated.values_list("device_hash", "case"):
        reporters.setdefault(device, set()).add(phones.get(case) or f"case {case}")
    several = {device: len(people) for device, people in reporters.items() if len(people) > 1}
    rows = (
        rated.filter(device_hash__in=several)
        .order_by()
        .values("device_hash")
        .annotate(
            ratings=Count("pk"), first=Min("at"), last=Max("at"), enterprises=Count("case__enterprise", distinct=True)
        )
    )
    found = [
        Cluster(
            row["device_hash"],
            row["ratings"],
            several[row["device_hash"]],
            row["first"],
            row["last"],
            row["enterprises"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.reporters, -one.ratings, one.device))


@dataclass(frozen=True)
class Crossing:
    """Ratings that telephones of ``rater`` gave to ``rated``; ``is_mutual`` where the other way round happened too."""

    rater: str
    rated: str
    count: int
    is_mutual: bool


def crossings(period: HalfMonth, user: User | None) -> list[Crossing]:
    """Who rated whom with telephones that registers know: staff that rate each other's work, the most first."""
    held = _ratings(period, user).filter(hold_reason=OutcomeRating.Hold.STAFF_PHONE).select_related(
        "case__enterprise", "case__agency", "case__street"
    )  # fmt: skip
    files = CaseFile.objects.in_bulk([rating.case_id for rating in held])
    counted: dict[tuple[str, str], int] = {}
    owners = _owners({file.phone for file in files.values()})
    for rating in held:
        file = files.get(rating.case_id)
        pair = (owners.get(file.phone_hash, "") if file else "", str(rating.case.responsible or ""))
        counted[pair] = counted.get(pair, 0) + 1
    found = [Crossing(*pair, count, bool(pair[0]) and pair[::-1] in counted) for pair, count in counted.items()]
    return sorted(found, key=lambda one: (not one.is_mutual, -one.count, one.rated, one.rater))


def _owners(phones: set[str]) -> Mapping[str, str]:
    """The keyed hash of each of ``phones`` → the enterprise whose it is, or whose project manager's."""
    endings = {"".join(sign for sign in phone if sign.isdigit())[-4:] for phone in phones if phone}
    if not endings:
        return {}
    wanted = {phone_hash(phone) for phone in phones if phone}
    ending = "(" + "|".join("[ -]*".join(digits) for digits in sorted(endings)) + ")[ -]*$"
    found = {}
    managers = ProjectManager.objects.filter(phone__regex=ending).values_list("phone", F("enterprise__name"))
    for phone, name in [*managers, *Enterprise.objects.filter(phone__regex=ending).values_list("phone", "name")]:
        if phone_hash(phone) in wanted:
            found[phone_hash(phone)] = name
    return found


# --- published ------------------------------------------------------------------------------------------------------------


def published(period: HalfMonth) -> dict:
    """What everybody reads of ``period``: the city, districts and units with enough cases, each with its public shares."""
    districts, units = by_district(period), by_unit(period, None)
    large = [row for row in units if row.key != "none" and rules.publishable(row.counts.get("cases", 0), LEAST)]
    return {
        "city": whole(districts),
        "districts": [row for row in districts if rules.publishable(row.counts.get("cases", 0), LEAST)],
        "units": large,
        "small": sum(row.key != "none" for row in units) - len(large),
    }


_IN_THE_BULLETIN = {
    "excluded": _("Cases excluded"),
    "extended": _("Extensions granted"),
    "withdrawn": _("Ratings withdrawn on review"),
    "held": _("Ratings held for a check"),
    "rejected": _("Ratings rejected after a check"),
}


def bulletin_figures(month: str) -> list[dict]:
    """The counts of a month (``2021-10``) that residents should be able to see through, for the bulletin."""
    halves = [HalfMonth.parse(f"{month}-H{half}") for half in (1, 2)]
    total = whole(Row("", "", values) for half in halves for values in _grouped(half, None, ("estate__kind",)).values())
    return [
        {"key": f"casedesk.{key}", "title": str(title), "value": total.counts.get(key, 0)}
        for key, title in _IN_THE_BULLETIN.items()
    ]
