"""What neighbourhoods show on the home page and in the search across registers."""

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from estates.models import Estate
from estates.places import with_places
from portal.filters import search_by_name
from portal.home import HomeFigure
from portal.menu import SearchGroup
from portal.roles import Permission
from portal.templatetags.portal import area, number, place

FOUND_AT_MOST = 8
TITLES = {
    Estate.Kind.PROFESSIONAL: gettext_lazy("Professionally served"),
    Estate.Kind.NON_RESIDENTIAL: gettext_lazy("Non-residential projects"),
    Estate.Kind.OLD: gettext_lazy("Old neighbourhoods"),
}


def figures(user) -> list[HomeFigure]:
    """Neighbourhoods in scope by kind: how many, their floor area and their households."""
    if not user.has_perm(Permission.VIEW_ESTATES):
        return []
    scope = Estate.objects.for_user(user, Permission.VIEW_ESTATES).order_by()
    sums = scope.values("kind").annotate(count=Count("pk"), area=Sum("floor_area_m2"), households=Sum("households"))
    by_kind = {row["kind"]: row for row in sums}
    return [_figure(kind, by_kind.get(kind)) for kind in TITLES]


def _figure(kind: Estate.Kind, row: dict | None) -> HomeFigure:
    url = reverse("estate-list", query={"kind": kind.value})
    if row is None:
        return HomeFigure(TITLES[kind], 0, url)
    notes = []
    if row["area"]:
        notes.append((area(row["area"]), ""))
    if row["households"]:
        households = row["households"]
        text = ngettext("%(count)s household", "%(count)s households", households) % {"count": number(households)}
        notes.append((text, ""))
    return HomeFigure(TITLES[kind], row["count"], url, notes)


def search(user, text: str) -> list[SearchGroup]:
    scope = with_places(Estate.objects.for_user(user, Permission.VIEW_ESTATES))
    found = search_by_name(scope, text, "code").order_by("pinyin", "code")[:FOUND_AT_MOST]
    rows = [
        (
            place(row.name),
            f"{row.code} · {place(row.community.parent.parent.name)} · {place(row.community.parent.name)}",
            reverse("estate-detail", args=[row.code]),
        )
        for row in found
    ]
    return [SearchGroup(_("Neighbourhoods"), rows, reverse("estate-list", query={"q": text}))]
