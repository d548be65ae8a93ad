"""Names of the case desk's pages: a contract with other apps."""

from django.urls import path

from casedesk import photo_views
from casedesk.entry import views as entry
from casedesk.qr import views as qr
from casedesk.reporting import status
from casedesk.reporting import views as report

urlpatterns: list = [
    # --- residents, open to everybody ---
    path("report/", report.report, name="report"),
    path("report/places/", report.found_places, name="report-places"),
    path("report/done/<str:view>/", report.done, name="report-done"),
    path("report/status/", status.status, name="report-status"),
    path("report/case/<str:view>/", status.case, name="report-case"),
    path("report/case/<str:view>/photos/<int:pk>/", status.photo, name="report-photo"),
    path("r/<str:code>/", report.by_qr, name="report-qr"),
    # --- taken in at the desk ---
    path("desk/enter/", entry.enter, name="desk-enter"),
    path("desk/enter/likely/", entry.likely_cases, name="desk-enter-likely"),
    path("desk/enter/<int:pk>/", entry.entered, name="desk-entered"),
    path("cases/photos/<int:pk>/", photo_views.case_photo, name="case-photo"),
    path("estates/<str:code>/qr/", qr.poster, name="estate-qr"),
    path("desk/qr/", qr.streets, name="qr-streets"),
    path("desk/qr/<str:code>/", qr.posters, name="qr-posters"),
]
