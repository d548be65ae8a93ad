"""Names of the neighbourhoods' addresses in the API."""

from django.urls import path

from estates import api

urlpatterns = [
    path("estates/", api.EstateList.as_view(), name="api-estates"),
    path("estates/<code:code>/", api.EstateDetail.as_view(), name="api-estate"),
]
