"""Names of the enterprises' addresses in the API."""

from django.urls import path

from enterprises import api

urlpatterns = [
    path("enterprises/", api.EnterpriseList.as_view(), name="api-enterprises"),
    path("enterprises/<code:uscc>/", api.EnterpriseDetail.as_view(), name="api-enterprise"),
]
