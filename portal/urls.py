"""Addresses. Each app names its own; this file only joins them, as strings."""

from django.contrib import admin
from django.urls import include, path

from portal import problems

urlpatterns = [
    path("api/v1/", include("portal.api_urls")),  # first, because asked most
    path("", include("evaluations.urls")),
    path("", include("casedesk.urls")),
    path("", include("bulletins.urls")),
    path("", include("partybuilding.urls")),
    path("", include("estates.urls")),
    path("", include("enterprises.urls")),
    path("", include("portal.page_urls")),
    path("", include("portal.registers.urls")),
    path("", include("portal.exchange.urls")),
    path("", include("portal.integrity.urls")),
    path("", include("portal.notices.urls")),
    path("", include("portal.webhooks.urls")),
    path("api/", problems.no_such_address),
    path("api/<path:rest>", problems.no_such_address),
    path("admin/", admin.site.urls),
]

handler400 = "portal.problems.bad_request"
handler500 = "portal.problems.server_error"
