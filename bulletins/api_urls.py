"""Names of the bulletins's addresses in the API. They are served from ready bytes."""

from django.urls import path

from bulletins import api, converters  # noqa: F401 - registers the month

urlpatterns: list = [
    path("bulletins/", api.published(api.BulletinList.as_view()), name="api-bulletins"),
    path("bulletins/<month:month>/", api.published(api.BulletinDetail.as_view()), name="api-bulletin"),
]
