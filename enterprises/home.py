"""What enterprises show on the home page and in the search across registers."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enterprises.models import Enterprise
from portal.filters import search_by_name
from portal.home import HomeFigure
from portal.menu import SearchGroup
from portal.roles import Permission
from portal.templatetags.portal import number, place

FOUND_AT_MOST = 8


def figures(user) -> list[HomeFigure]:
    """Enterprises in scope, and among them the local ones, those from elsewhere and the public-benefit ones."""
    if not user.has_perm(Permission.VIEW_ENTERPRISES):
        return []
    counts = Enterprise.objects.for_user(user, Permission.VIEW_ENTERPRISES).aggregate(
        all=Count("pk"),
        local=Count("pk", filter=Q(origin=Enterprise.Origin.LOCAL)),
        out_of_town=Count("pk", filter=Q(origin=Enterprise.Origin.OUT_OF_TOWN)),
        public_benefit=Count("pk", filter=Q(is_public_benefit=True)),
    )
    url = reverse("enterprise-list")
    notes = [
        (_("local %(count)s") % {"count": number(counts["local"])}, f"{url}?origin=local"),
        (_("from elsewhere %(count)s") % {"count": number(counts["out_of_town"])}, f"{url}?origin=out_of_town"),
        (_("public-benefit %(count)s") % {"count": number(counts["public_benefit"])}, f"{url}?is_public_benefit=true"),
    ]
    return [HomeFigure(ngettext("Enterprise", "Enterprises", counts["all"]), counts["all"], url, notes)]


def search(user, text: str) -> list[SearchGroup]:
    scope = Enterprise.objects.for_user(user, Permission.VIEW_ENTERPRISES)
    found = search_by_name(scope, text, "uscc").order_by("pinyin", "uscc")[:FOUND_AT_MOST]
    rows = [(place(row.name), row.uscc, reverse("enterprise-detail", args=[row.uscc])) for row in found]
    return [SearchGroup(_("Enterprises"), rows, reverse("enterprise-list", query={"q": text}))]
