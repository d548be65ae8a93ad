"""Photographs of cases for those in office: whoever may see the case may see them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from casedesk.models import CasePhoto
from casedesk.reporting.status import send_photo
from portal.roles import Permission


@require_safe
def case_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The JPEG; ``?small`` its thumbnail."""
    scope = CasePhoto.objects.for_user(request.user, Permission.VIEW_CASES)
    return send_photo(request, get_object_or_404(scope, pk=pk))
