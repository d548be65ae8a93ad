"""Addresses. Each app names its own; this file only joins them, as strings."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
]
