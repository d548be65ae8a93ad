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
    """What ``user`` has to do in their scope; nothing for who keeps and decides nothing. Six queries at most."""
    today, found = timezone.localdate(), []
    if user.has_perm(Permission.DECIDE_FILINGS):
        found.append(_filings(user, today))
    if user.has_perm(Permission.KEEP_ESTATES):
        contracts = ServiceContract.objects.for_user(user, VIEW)
        ending = contracts.filter(contracts.running_out_on(today)).order_by().count()
        url = register("contracts").list_url(ending="yes", sort="valid_to")
        found.append(Duty(_("Contracts that run out within six months"), "file-certificate", ending, url))
        terms = OwnersCommittee.objects.for_user(user, VIEW).running_out(today).order_by().count()
        url = register("owners-committees").list_url(ending="yes", sort="valid_to")
        found.append(Duty(_("Committee terms that run out within six months"), "users-group", terms, url))
        lacking = cache.get_or_set(f"lacking_{user.pk}", lambda: _lacking(user, today), MINUTE)
        url = reverse("compliance", query={"missing": "on"})
        found.append(Duty(_("Neighbourhoods with missing disclosures"), "speakerphone", lacking, url))
    return found


def _lacking(user, today: date) -> int:
    scope = Estate.objects.for_user(user, VIEW).order_by()
    return compliance.with_missing(scope, compliance.dues(today)).filter(missing_disclosures__gt=0).count()


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
