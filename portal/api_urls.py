"""Addresses of REST API v1. Each app names its own; what none of them answers is a problem too."""

from django.conf import settings
from django.urls import include, path, re_path, register_converter

from portal import api, problems
from portal.documents.published import published_document
from portal.registers.api import urlpatterns_of_registers
from portal.webhooks.api import EventList


class CodeConverter:
    """A code in an address: 1 to 60 printable signs without a slash."""

    regex = r"[^/\x00-\x1f\x7f]{1,60}"
    to_python = to_url = staticmethod(str)


class PeriodConverter:
    """A half month's id."""

    regex = r"(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])-H[12]"
    to_python = to_url = staticmethod(str)


register_converter(CodeConverter, "code")
register_converter(PeriodConverter, "period")

described = published_document(lambda: settings.SPECTACULAR_SETTINGS["VERSION"], max_age=3600)

urlpatterns = [
    path("", include("evaluations.api_urls")),  # first, because asked most
    path("", include("casedesk.api_urls")),
    path("", include("bulletins.api_urls")),
    path("", api.Root.as_view(), name="api-root"),
    path("schema/", described(api.Schema.as_view()), name="api-schema"),
    path("docs/", api.Docs.as_view(), name="api-docs"),
    path("events/", EventList.as_view(), name="api-events"),
    path("regions/", api.RegionList.as_view(), name="api-regions"),
    path("", include("enterprises.api_urls")),
    path("", include("estates.api_urls")),
    *urlpatterns_of_registers(),
    re_path(r"^", problems.no_such_address),
]
