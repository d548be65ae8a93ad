"""The public pages and files of bulletins: the same for everybody, served as ready documents. What is not published is 404."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bulletins.exports import FORMS, file_name
from bulletins.models import MonthlyBulletin
from bulletins.official import official
from bulletins.publication import publication_version
from portal.documents.published import published_document
from portal.middleware import public

Status = MonthlyBulletin.Status
MAX_AGE = 0
"""A page may be kept, and is asked for anew each time: whoever publishes sees it published."""


def bulletin_meant(month: str, revision: str) -> MonthlyBulletin:
    """The revision asked for; without one that in force, else the newest that ever was.

    Raises:
        Http404: the public has never seen such a bulletin.
    """
    found = MonthlyBulletin.objects.readable().filter(month=month)
    if revision:
        found = found.filter(revision=int(revision)) if revision.isdecimal() and len(revision) < 5 else found.none()
    rows = sorted(found, key=lambda bulletin: (bulletin.status == Status.PUBLISHED, bulletin.revision))
    if not rows:
        raise Http404
    return rows[-1]


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE, by_language=True)
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """All bulletins that are in force, newest first; a withdrawn month says so."""
    rows = MonthlyBulletin.objects.filter(status__in=(Status.PUBLISHED, Status.WITHDRAWN)).defer("tables", "narrative")
    newest: dict[str, MonthlyBulletin] = {}
    for row in sorted(rows, key=lambda row: (row.status == Status.PUBLISHED, row.revision)):
        newest[row.month] = row
    bulletins = sorted(newest.values(), key=lambda row: row.month, reverse=True)
    return render(request, "bulletins/public_list.html", {"section": "bulletins", "bulletins": bulletins})


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE, by_language=True)
def bulletin_page(request: HttpRequest, month: str) -> HttpResponse:
    """One month's bulletin as a document; a withdrawn one says why in its place."""
    bulletin = bulletin_meant(month, request.GET.get("revision", ""))
    revisions = MonthlyBulletin.objects.readable().filter(month=month).defer("tables", "narrative").latest_first()
    context = {
        "section": "bulletins",
        "bulletin": bulletin,
        "document": None if bulletin.status == Status.WITHDRAWN else official(bulletin),
        "revisions": revisions,
        "which": f"?revision={bulletin.revision}" if bulletin.status != Status.PUBLISHED else "",
    }
    return render(request, "bulletins/public.html", context)


@public
@require_safe
@published_document(publication_version, max_age=MAX_AGE)
def bulletin_file(request: HttpRequest, month: str, form: str) -> HttpResponse:
    """One month's bulletin as a file: ``docx``, ``pdf`` or ``csv``."""
    bulletin = bulletin_meant(month, request.GET.get("revision", ""))
    if form not in FORMS or bulletin.status == Status.WITHDRAWN:
        raise Http404
    content_type, make = FORMS[form]
    response = HttpResponse(make(bulletin), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(bulletin, form)}"'
    return response
