"""Names of the case desk's addresses in the API."""

from django.urls import path

from casedesk.watching.api import Integrity

urlpatterns: list = [
    path("appraisal/integrity/", Integrity.as_view(), name="api-appraisal-integrity"),
]
