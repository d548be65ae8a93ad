"""What waits for the officials who keep neighbourhoods: filings, contracts and terms that run out, missing disclosures."""

from datetime import date

from django.core.cache import cache
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from estates import compliance
from estates.models import Estate, Filing, OwnersCommittee, ServiceContract
from portal.duties import Duty, DutyItem
from portal.registers import register
from portal.roles import Permission
from portal.templatetags.portal import number, place

OLDEST = 5
MINUTE = 60
VIEW = Permission.VIEW_ESTATES


def duties(user) -> list[Duty]:
    """What ``user`` has to do in their scope; nothing for who keeps and decides nothing.

    Filings are counted at once, as each decision should show; what only time changes is at most a minute old.
    """
    today, found = timezone.localdate(), []
    if user.has_perm(Permission.DECIDE_FILINGS):
        found.append(_filings(user, today))
    if user.has_perm(Permission.KEEP_ESTATES):
        counts = cache.get_or_set(f"duties_estates_{user.pk}", lambda: _counts(user, today), MINUTE)
        found += [
            Duty(title, icon, count, url) for (title, icon, url), count in zip(_kept_lists(), counts, strict=True)
        ]
    return found


def _kept_lists() -> list[tuple[str, str, str]]:
    """Title, icon and list of what :func:`_counts` counts."""
    contracts, committees = register("contracts"), register("owners-committees")
    return [
        (
            _("Contracts that run out within six months"),
            contracts.icon,
            contracts.list_url(ending="yes", sort="valid_to"),
        ),
        (
            _("Committee terms that run out within six months"),
            committees.icon,
            committees.list_url(ending="yes", sort="valid_to"),
        ),
        (_("Neighbourhoods with missing disclosures"), "speakerphone", reverse("compliance", query={"missing": "on"})),
    ]


def _counts(user, today: date) -> list[int]:
    contracts = ServiceContract.objects.for_user(user, VIEW)
    estates = Estate.objects.for_user(user, VIEW)
    found = [
        contracts.filter(contracts.running_out_on(today)),
        OwnersCommittee.objects.for_user(user, VIEW).running_out(today),
        compliance.with_missing(estates, compliance.dues(today)).filter(missing_disclosures__gt=0),
    ]
    return [rows.order_by().count() for rows in found]


def _filings(user, today: date) -> Duty:
    """Those that wait for a decision, with the oldest of them; whoever handed in late is marked."""
    waiting = Filing.objects.for_user(user, VIEW).filter(status=Filing.Status.SUBMITTED)
    counts = waiting.order_by().aggregate(all=Count("pk"), late=Count("pk", filter=Q(submitted_on__gt=F("due_on"))))
    oldest = waiting.select_related("estate").order_by("submitted_on", "pk")[:OLDEST] if counts["all"] else []
    filings = register("filings")
    late = counts["late"]
    return Duty(
        _("Filings to decide"),
        "clipboard-check",
        counts["all"],
        filings.list_url(status="submitted", sort="submitted_on"),
        ngettext("%(count)s handed in late", "%(count)s handed in late", late) % {"count": number(late)}
        if late
        else "",
        filings.list_url(status="submitted", late="yes", sort="submitted_on"),
        [_item(filing, filings.detail_url(filing), today) for filing in oldest],
    )


def _item(filing: Filing, url: str, today: date) -> DutyItem:
    days = filing.days_late(today)
    late = ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days} if days else ""
    kind = filing.get_kind_display()
    return DutyItem(f"{kind} · {filing}", place(filing.estate.name), url, filing.submitted_on.isoformat(), late)
