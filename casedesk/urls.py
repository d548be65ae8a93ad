"""Names of the case desk's pages: a contract with other apps."""

from django.urls import include, path

from casedesk import photo_views
from casedesk.entry import views as entry
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
    # --- taken in at the desk ---
    path("desk/enter/", entry.enter, name="desk-enter"),
    path("desk/enter/likely/", entry.likely_cases, name="desk-enter-likely"),
    path("desk/enter/<int:pk>/", entry.entered, name="desk-entered"),
    path("cases/photos/<int:pk>/", photo_views.case_photo, name="case-photo"),
    path("estates/<str:code>/qr/", qr.poster, name="estate-qr"),
    path("desk/qr/", qr.streets, name="qr-streets"),
    path("desk/qr/<str:code>/", qr.posters, name="qr-posters"),
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
