"""The annual overview: the figures of a place on a day, as a page, a Word document and a workbook."""

from typing import NamedTuple

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from evaluations.forms import OverviewForm
from evaluations.overview import documents, wording
from evaluations.overview.lines import REPORT_DAY, Overview, overview
from evaluations.overview.places import grouped, is_exact, places_of
from partybuilding.rules import LEAST_CELL
from portal.context import city
from portal.models import Region
from portal.roles import Permission
from portal.templatetags.portal import city_name

HEADLINES = (
    "enterprise.total", "enterprise.with_projects", "project.professional.count", "project.professional.area", "old.count",
    "old.households",
)  # fmt: skip
SHARES = {
    "party": (("party.org_count", "var(--pt-brand)"), ("party.instructors", "#e3bfbc")),
    "old": (
        ("mode.market", "#1f4e79"), ("mode.public_benefit", "var(--pt-brand)"), ("mode.shared", "#8badcb"),
        ("mode.self", "#cbd1d9"),
    ),
}  # fmt: skip
"""Sections with parts of a whole, and the colour of each part."""


class Asked(NamedTuple):
    form: OverviewForm
    places: list[Region]
    found: Overview | None


def _asked(request: HttpRequest) -> Asked:
    """What the address asks for: the widest place of this person and today, unless it says otherwise."""
    places = places_of(request.user)
    form = OverviewForm(request.GET or None)
    day = form.day(timezone.localdate())
    code = request.GET.get("region", "")
    chosen = [one for one in places if one.code == code] if code else places
    if code and not chosen:
        raise Http404
    if not chosen:
        return Asked(form, places, None)
    return Asked(form, places, overview(chosen[0], day, exact=is_exact(request.user, chosen[0])))


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    context = {
        "section": "overview",
        "form": asked.form,
        "place_groups": grouped(asked.places),
        "found": asked.found,
        "report_day": REPORT_DAY,
        "today": timezone.localdate(),
        "least": LEAST_CELL,
    }
    if asked.found:
        tables = wording.tables(asked.found)
        rows = {row.line.key: row for table in tables for row in table.rows}
        context |= {
            "tables": [(table, _shares(table.code, rows)) for table in tables],
            "headlines": [rows[key] for key in HEADLINES if key in rows],
            "verdicts": [
                (verdict, wording.verdict_title(verdict), count) for verdict, count in asked.found.verdicts.items()
            ],
        }
    return render(request, "evaluations/overview.html", context)


def _shares(code: str, rows: dict[str, wording.Row]) -> list[tuple[wording.Row, str]]:
    """The parts of a section's whole with their colours; none where nothing is counted."""
    parts = [(rows[key], colour) for key, colour in SHARES.get(code, ()) if key in rows]
    return parts if any(row.line.counted for row, _colour in parts) else []


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def document(request: HttpRequest, form: str) -> HttpResponse:
    """What the page shows, as a file of the kind ``form``: ``docx`` or ``xlsx``."""
    found = _asked(request).found
    if found is None or form not in ("docx", "xlsx"):
        raise Http404
    body = documents.docx(found, city_name(city())) if form == "docx" else documents.xlsx(found)
    response = HttpResponse(body, content_type=documents.DOCX if form == "docx" else documents.XLSX)
    name = f"annual-overview-{found.region.code}-{found.day.isoformat()}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
