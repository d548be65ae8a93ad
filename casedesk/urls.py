"""Names of the case desk's pages: a contract with other apps."""

from django.urls import include, path, re_path

from casedesk import photo_views
from casedesk.campaigns import views as campaigns
from casedesk.entry import views as entry
from casedesk.open311 import views as open311
from casedesk.qr import views as qr
from casedesk.rating import callbacks as callback_pages
from casedesk.rating import desk as rating_desk
from casedesk.rating import views as rating
from casedesk.reporting import status
from casedesk.reporting import views as report
from casedesk.watching import views as watching

urlpatterns: list = [
    # --- residents, open to everybody ---
    path("report/", report.report, name="report"),
    path("report/places/", report.found_places, name="report-places"),
    path("report/done/<str:view>/", report.done, name="report-done"),
    path("report/status/", status.status, name="report-status"),
    path("report/case/<str:view>/", status.case, name="report-case"),
    path("report/case/<str:view>/photos/<int:pk>/", status.photo, name="report-photo"),
    path("r/<str:code>/", report.by_qr, name="report-qr"),
    path("rate/", rating.by_code, name="rating-by-code"),
    path("rate/thanks/", rating.thanks, name="rating-thanks"),
    path("rate/case/<str:view>/", rating.of_case, name="rating-of-case"),
    path("rate/<str:token>/", rating.by_link, name="rating-by-link"),
    path("", include("casedesk.desk.urls")),
    # --- Open311 GeoReport v2 ---
    re_path(r"^open311/(?:v2/)?discovery\.(?P<form>json|xml)$", open311.discovery, name="open311-discovery"),
    re_path(r"^open311/v2/services\.(?P<form>json|xml)$", open311.services, name="open311-services"),
    re_path(
        r"^open311/v2/services/(?P<code>[^/]{1,60})\.(?P<form>json|xml)$", open311.definition, name="open311-definition"
    ),
    re_path(r"^open311/v2/requests\.(?P<form>json|xml)$", open311.requests, name="open311-requests"),
    re_path(
        r"^open311/v2/requests/(?P<number>[^/]{1,60})\.(?P<form>json|xml)$", open311.one_request, name="open311-request"
    ),
    re_path(r"^open311/v2/tokens/(?P<token>[^/]{1,60})\.(?P<form>json|xml)$", open311.token, name="open311-token"),
    path("open311/v2/photos/<str:address>/", open311.photo, name="open311-photo"),
    re_path(r"^open311/(?P<rest>.*)$", open311.nothing, name="open311-nothing"),
    # --- taken in at the desk ---
    path("desk/enter/", entry.enter, name="desk-enter"),
    path("desk/enter/likely/", entry.likely_cases, name="desk-enter-likely"),
    path("desk/enter/<int:pk>/", entry.entered, name="desk-entered"),
    path("cases/photos/<int:pk>/", photo_views.case_photo, name="case-photo"),
    path("estates/<str:code>/qr/", qr.poster, name="estate-qr"),
    path("desk/qr/", qr.streets, name="qr-streets"),
    path("desk/qr/<str:code>/", qr.posters, name="qr-posters"),
    path("service-march/", campaigns.campaign, name="campaigns"),
    path("service-march/<str:month>/", campaigns.campaign, name="campaign"),
    # --- ratings, and watching for gaming ---
    path("integrity-of-appraisal/", watching.integrity, name="appraisal-integrity"),
    path("desk/watch/", watching.watch, name="watch"),
    path("desk/watch/units.csv", watching.units_csv, name="watch-csv"),
    path("desk/watch/cases/", watching.watched_cases, name="watched-cases"),
    path("desk/ratings/", rating_desk.rating_list, name="rating-list"),
    path("desk/ratings/<int:pk>/<slug:verb>/", rating_desk.rating_deed, name="rating-deed"),
    path("desk/contacts/<int:pk>/", rating_desk.contact, name="case-contact"),
    path("desk/callbacks/", callback_pages.queue, name="callbacks"),
    path("desk/callbacks/<int:pk>/", callback_pages.entry, name="callback"),
]
