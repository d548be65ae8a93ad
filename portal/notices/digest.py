"""The daily digest: on each working day one notice per person with what waits for them, instead of a mail per case.

What waits is what the apps say (``AppConfig.duties``), in the person's own scope.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.duties import Duty, duties
from portal.models import User
from portal.notices.actions import notify
from portal.notices.models import Notice
from portal.rules import CHINA
from portal.workdays.calendar import work_calendar

KIND = "digest"
LINES = 20


def send_digests(day: date) -> int:
    """Put the digest of ``day`` into the outbox for everybody with duties; how many. On a day off, and for whoever has theirs
    already, nothing happens.
    """
    if not work_calendar().is_workday(day):
        return 0
    done = set(Notice.objects.filter(kind=KIND, dedupe_key=_key(day)).values_list("user", flat=True))
    people = User.objects.filter(is_active=True, is_superuser=False).exclude(pk__in=done).order_by("pk")
    return sum(_send(person, day) for person in people.iterator())


@transaction.atomic
def _send(person: User, day: date) -> bool:
    with translation.override(settings.LANGUAGE_CODE):
        found = duties(person)
        if not found:
            return False
        notify(
            KIND,
            to=person,
            title=_title(found, day),
            body="\n".join(_lines(found)),
            url=reverse("home"),
            dedupe_key=_key(day),
            channels=(Notice.Channel.PORTAL, Notice.Channel.EMAIL),
            now=datetime.combine(day, time(8), CHINA),
        )
    return True


def _key(day: date) -> str:
    return f"digest:{day:%Y-%m-%d}"


def _title(found: list[Duty], day: date) -> str:
    count = len(found)
    text = ngettext("%(day)s: %(count)d kind of duty waits", "%(day)s: %(count)d kinds of duties wait", count)
    return text % {"day": f"{day:%Y-%m-%d}", "count": count}


def _lines(found: list[Duty]) -> Iterable[str]:
    for duty in found[:LINES]:
        told = {"title": duty.title, "count": f"{duty.count:,}", "note": duty.note}
        yield (_("%(title)s: %(count)s (%(note)s)") if duty.note else _("%(title)s: %(count)s")) % told
