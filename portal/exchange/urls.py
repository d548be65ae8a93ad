"""Names of the pages of imports and exports."""

from django.urls import path

from portal.exchange import views

urlpatterns = [
    path("registers/<slug:slug>/template/", views.import_template, name="import-template"),
    path("registers/<slug:slug>/import/", views.import_upload, name="import-upload"),
    path("registers/<slug:slug>/export/", views.export, name="register-export"),
    path("imports/", views.import_list, name="import-list"),
    path("imports/<int:pk>/", views.import_page, name="import"),
    path("imports/<int:pk>/check/", views.import_check, name="import-check"),
    path("imports/<int:pk>/apply/", views.import_apply, name="import-apply"),
    path("imports/<int:pk>/discard/", views.import_discard, name="import-discard"),
    path("imports/<int:pk>/undo/", views.import_undo, name="import-undo"),
    path("imports/<int:pk>/errors/", views.import_errors, name="import-errors"),
    path("exports/<int:pk>/", views.export_page, name="export"),
    path("exports/<int:pk>/file/", views.export_file, name="export-file"),
]
