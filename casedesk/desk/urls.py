"""Names of the desk's own pages."""

from django.urls import path

from casedesk.desk import case_views, deed_views, list_views, views

urlpatterns: list = [
    path("desk/", views.my_work, name="my-work"),
    path("desk/dispatch/", views.bulk_dispatch, name="bulk-dispatch"),
    path("cases/", list_views.case_list, name="case-list"),
    path("cases/<int:pk>/", case_views.case_detail, name="case-detail"),
    path("cases/<int:pk>/do/<slug:verb>/", deed_views.case_deed, name="case-deed"),
    path("cases/<int:pk>/phone/", deed_views.case_phone, name="case-phone"),
]
