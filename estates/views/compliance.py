"""The compliance calendar: what owners should have been shown, neighbourhood by neighbourhood."""

from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from estates.compliance import CalendarRow, Due, compliance_calendar, count_missing, dues, with_missing
from estates.models import Estate
from estates.places import with_places
from portal.models import Region
from portal.registers import register
from portal.registers.forms import dress
from portal.roles import Permission
from portal.templatetags.portal import place

ESTATES = 25
"""Neighbourhoods on a page."""


class PlaceChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        return place(obj.name)


class CalendarFilter(forms.Form):
    """What of the calendar is shown. Streets are those of the chosen district, or of a person's only one."""

    district = PlaceChoice(Region.objects.none(), to_field_name="code", required=False, label=gettext_lazy("District"))
    street = PlaceChoice(Region.objects.none(), to_field_name="code", required=False, label=gettext_lazy("Street"))
    category = forms.ChoiceField(required=False, label=gettext_lazy("Disclosure"))
    missing = forms.BooleanField(required=False, label=gettext_lazy("Only what is missing"))

    def __init__(self, data, *, user, owed: list[Due]):
        super().__init__(data)
        scope = Region.objects.for_user(user, Permission.VIEW_ESTATES).plain()
        districts = scope.districts()
        self.fields["district"].queryset = districts
        chosen = data.get("district") or (districts[0].code if districts.count() == 1 else "")
        streets = scope.filter(level=Region.Level.STREET)
        self.fields["street"].queryset = (streets.filter(parent__code=chosen) if chosen else streets).order_by("code")
        self.fields["category"].choices = [
            ("", _("All")),
            *dict.fromkeys((due.category.code, due.category.name) for due in owed),
        ]
        for name in ("district", "street"):
            self.fields[name].empty_label = _("All")
        dress(self)


@dataclass(frozen=True)
class EstateLine:
    """One neighbourhood of the page: a cell for each disclosure owed, empty where nothing was due from anybody."""

    estate: Estate
    enterprises: list
    cells: list[tuple[Due, CalendarRow | None]]


@require_safe
@permission_required(Permission.VIEW_ESTATES, raise_exception=True)
def compliance(request: HttpRequest) -> HttpResponse:
    """Periods × neighbourhoods in this person's scope, with late days, and a way to enter what is missing."""
    today = timezone.localdate()
    every_due = dues(today)
    form = CalendarFilter(request.GET, user=request.user, owed=every_due)
    chosen = form.cleaned_data if form.is_valid() else {}
    owed = [due for due in every_due if chosen.get("category") in (None, "", due.category.code)]
    scope = Estate.objects.for_user(request.user, Permission.VIEW_ESTATES)
    inside = chosen.get("street") or chosen.get("district")
    if inside:
        scope = scope.filter(community__path__startswith=inside.path)
    shown = with_missing(scope, owed).filter(missing_disclosures__gt=0) if chosen.get("missing") else scope
    page = Paginator(with_places(shown).order_by("community__path", "pinyin", "code"), ESTATES).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "compliance",
        "form": form,
        "page": page,
        "owed": [(due, count) for due, count in count_missing(scope, owed).items()],
        "lines": list(_lines(list(page.object_list), today, owed)),
        "may_enter": register("disclosures").may_enter(request.user),
        "only_missing": bool(chosen.get("missing")),
        "today": today,
    }
    return render(request, "estates/compliance.html", context)


def _lines(estates: list[Estate], today, owed: list[Due]):
    rows = {
        estate: list(found)
        for estate, found in groupby(compliance_calendar(estates, today, owed), lambda row: row.estate)
    }
    for estate in estates:
        by_due = {row.due: row for row in rows.get(estate, [])}
        enterprises = list(dict.fromkeys(row.enterprise for row in by_due.values()))
        yield EstateLine(estate, enterprises, [(due, by_due.get(due)) for due in owed])
