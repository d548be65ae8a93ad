"""What becomes of an issue of the service march."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from casedesk.actions.deeds import refuse
from casedesk.actions.intake import Reporter, open_case
from casedesk.models import CampaignIssue, CaseFile
from portal.models import User
from portal.roles import Permission
from portal.workflow import record


@transaction.atomic
def make_case(issue: CampaignIssue, *, category: str, by: User, now: datetime) -> CaseFile:
    """Make ``issue`` a case of ``category``, which is dispatched like any other; the issue points to it from then on.

    Raises:
        PermissionDenied: ``by`` enters no cases there.
        MoveRefused: it is settled, or a case already.
    """
    locked = CampaignIssue.objects.select_for_update(of=("self",)).select_related("visit__estate").get(pk=issue.pk)
    if not by.has_perm(Permission.ENTER_CASES, locked):
        raise PermissionDenied
    refuse(obstacle_to_case(locked))
    file = open_case(
        estate=locked.visit.estate, category=category, text=locked.text, channel=CaseFile.Channel.CAMPAIGN,
        reporter=Reporter(), now=now, by=by,
    )  # fmt: skip
    locked.result, locked.case = CampaignIssue.Result.CASE, file.case
    locked.save(update_fields=["result", "case"])
    record("campaigns.make_case", locked, by=by, pk=locked.pk, case=file.case.case_no)
    return file


def obstacle_to_case(issue: CampaignIssue) -> str:
    """Why ``issue`` cannot become a case, in the person's language; empty where it can."""
    if issue.case_id is not None:
        return _("It has become a case: %(number)s.") % {"number": issue.case.case_no if issue.case else ""}
    return "" if issue.result == CampaignIssue.Result.OPEN else _("It is settled already.")
