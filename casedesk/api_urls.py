"""Names of the case desk's addresses in the API."""

from django.urls import path

from casedesk.api import CaseDetail
from casedesk.watching.api import Integrity

urlpatterns: list = [
    path("cases/<code:source>/<code:case_no>/", CaseDetail.as_view(), name="api-case"),
    path("appraisal/integrity/", Integrity.as_view(), name="api-appraisal-integrity"),
]
