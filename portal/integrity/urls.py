"""Names of the pages of data integrity: a contract with the apps."""

from django.urls import path

from portal.integrity import views

urlpatterns = [
    path("integrity/", views.index, name="integrity"),
    path("integrity/merges/", views.merge_list, name="integrity-merges"),
    path("integrity/merges/<int:pk>/undo/", views.undo, name="integrity-undo"),
    path("integrity/compare/<slug:slug>/<int:one>/<int:other>/", views.compare, name="integrity-compare"),
    path("integrity/<slug:key>/", views.findings, name="integrity-check"),
]
