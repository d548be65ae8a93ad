"""Figures of Party building for everybody who sees a place. People without the right to Party data get no figure under three."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from estates.models import ServiceAssignment
from partybuilding import rules
from partybuilding.models import CrossAppointment, GraduateRecruit, PartyCoverage, PartyOrganisation
from portal.models import Region
from portal.roles import Permission
from portal.templatetags.portal import place

UNCOVERED = "none"


@dataclass(frozen=True)
class Line:
    """One row of a table: what it counts, how many (``None``: too few to be shown), its share of the table's sum in percent."""

    label: str
    count: int | None
    share: object


@dataclass(frozen=True)
class Table:
    title: str
    unit: str
    lines: list[Line]
    total: int | None
    """The sum of the lines; ``None`` where it is too few to be shown."""


def figures(user) -> list[Table]:
    """The tables for the scope of ``user``: exact for who may see Party data there, else with small groups counted together.

    Rows of persons that lie nowhere in the scope of neighbourhoods make no table line, so a street or an enterprise sees no
    recruits, who belong to a district.
    """
    least = 1 if is_exact(user) else rules.LEAST_CELL
    recruits = GraduateRecruit.objects.for_user(user, Permission.VIEW_ESTATES).order_by()
    return [
        table(_("Enterprises that serve, by Party coverage"), _("enterprises"), coverage(user), ways(), least),
        table(_("Party organisations"), _("organisations"), organisations(user), PartyOrganisation.Kind.choices, least),
        table(
            _("Cross-appointments in office"),
            _("persons"),
            appointments(user),
            CrossAppointment.Direction.choices,
            least,
        ),
        table(_("Recruits by degree"), _("persons"), _by(recruits, "degree"), GraduateRecruit.Degree.choices, least),
        table(
            _("Recruits by university"),
            _("persons"),
            _by(recruits, "university_tier"),
            GraduateRecruit.UniversityTier.choices,
            least,
        ),
        table(_("Recruits by Party membership"), _("persons"), _by(recruits, "is_party_member"), membership(), least),
        table(_("Recruits by district"), _("persons"), _by(recruits, "district__code"), _districts(), least),
    ]


def is_exact(user) -> bool:
    """Whether ``user`` may see Party data wherever neighbourhoods are seen, so that no figure needs to be merged."""
    return user.has_perm(Permission.VIEW_PARTY) and all(
        user.reach(Permission.VIEW_PARTY) == user.reach(seen)
        for seen in (Permission.VIEW_ESTATES, Permission.VIEW_ENTERPRISES)
    )


def table(
    title: str, unit: str, cells: dict[str, int], labels: Iterable[tuple[str, str | Promise]], least: int
) -> Table:
    """A table of ``cells`` (value → count) with the ``labels`` of the values; groups under ``least`` are counted together."""
    names = {value: str(label) for value, label in labels}
    merged = rules.merge_small_cells(cells, least)
    total = sum(cells.values())
    shown = None if any(cell.count is None for cell in merged) else total
    lines = [
        Line(
            "、".join(names.get(label, label) for label in cell.labels),
            cell.count,
            None if cell.count is None else rules.share(cell.count, total),
        )
        for cell in merged
    ]
    return Table(title, unit, lines, shown)


def ways() -> list[tuple[str, str | Promise]]:
    return [*PartyCoverage.Way.choices, (UNCOVERED, _("Not covered"))]


def membership() -> list[tuple[str, str]]:
    return [("True", _("Party members")), ("False", _("Others"))]


def coverage(user) -> dict[str, int]:
    """Way of coverage → enterprises that serve somewhere now, in the scope of ``user``; the denominator is all of those."""
    serving = ServiceAssignment.objects.current().values("enterprise")
    scope = Enterprise.objects.for_user(user, Permission.VIEW_ENTERPRISES).filter(pk__in=serving)
    covered = _by(PartyCoverage.objects.current().filter(enterprise__in=scope.order_by()).order_by(), "way")
    return covered | {UNCOVERED: scope.count() - sum(covered.values())}


def organisations(user) -> dict[str, int]:
    """Kind → standing organisations in the scope of ``user``."""
    return _by(PartyOrganisation.objects.for_user(user, Permission.VIEW_ESTATES).standing().order_by(), "kind")


def appointments(user) -> dict[str, int]:
    """Direction → persons in office in the scope of ``user``. A person who holds two posts counts once in each direction."""
    rows = CrossAppointment.objects.for_user(user, Permission.VIEW_ESTATES).current().order_by()
    return dict(rows.values_list("direction").annotate(persons=Count("person", distinct=True)))


def _by(rows: QuerySet, field: str) -> dict[str, int]:
    return {str(value): count for value, count in rows.values_list(field).annotate(rows=Count("pk"))}


def _districts() -> list[tuple[str, str]]:
    return [(region.code, place(region.name)) for region in Region.objects.districts().plain()]
