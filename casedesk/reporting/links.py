"""Signed texts that stand for a form and for a reporter's view of a case: no cookie, no session, nothing to be guessed."""

import secrets
from datetime import timedelta

from django.core import signing
from django.utils import timezone

from casedesk.models import CaseFile, CasePhoto

FORM_LASTS = timedelta(days=1)
QUICKEST = timedelta(seconds=3)
"""Nobody reads and fills in the form faster; a script does. Assumption."""
VIEW_LASTS = timedelta(hours=2)
"""For so long the address of an opened case shows it; afterwards code and digits are asked again."""

_forms = signing.Signer(salt="casedesk.report.form")
_VIEW, _PHOTO = "casedesk.report.view", "casedesk.report.photo"


def new_form(*, shown_before: timedelta = timedelta(0)) -> str:
    """A token for a form that is shown now, or has been for a while."""
    since = timezone.now() - shown_before
    return _forms.sign(f"{secrets.token_urlsafe(12)}.{int(since.timestamp())}")


def form_state(token: str) -> str:
    """``""`` for a form to be taken, else what is wrong with it: ``unknown``, ``old`` or ``quick``."""
    try:
        shown = int(_forms.unsign(token).rpartition(".")[2])
    except (signing.BadSignature, ValueError):
        return "unknown"
    age = timedelta(seconds=timezone.now().timestamp() - shown)
    if age > FORM_LASTS:
        return "old"
    return "quick" if age < QUICKEST else ""


def view_of(file: CaseFile) -> str:
    """What opens the case of ``file`` to its reporter, in an address, for two hours."""
    return signing.dumps(file.pk, salt=_VIEW)


def file_of(view: str) -> CaseFile | None:
    """The file that :func:`view_of` stands for; none where the text is forged or too old."""
    try:
        pk = signing.loads(view, salt=_VIEW, max_age=VIEW_LASTS)
    except signing.BadSignature:
        return None
    return CaseFile.objects.select_related("case__estate__community__parent__parent").filter(pk=pk).first()


def address_of(photo: int) -> str:
    """What opens one photograph and nothing else, for two hours: an address that may be handed on."""
    return signing.dumps(photo, salt=_PHOTO)


def photo_of(address: str) -> CasePhoto | None:
    """The reporter's photograph that :func:`address_of` stands for."""
    try:
        pk = signing.loads(address, salt=_PHOTO, max_age=VIEW_LASTS)
    except signing.BadSignature:
        return None
    return CasePhoto.objects.filter(pk=pk, kind=CasePhoto.Kind.REPORTED).first()
