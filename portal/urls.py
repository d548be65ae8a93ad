"""Addresses. Each app names its own; this file only joins them, as strings."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("evaluations.urls")),
    path("", include("estates.urls")),
    path("", include("enterprises.urls")),
    path("", include("portal.page_urls")),
    path("admin/", admin.site.urls),
]
