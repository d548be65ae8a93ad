"""What the rules of neighbourhoods say about stored rows, in the person's language."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from estates import rules
from estates.models import Filing, FilingDocument, ServiceAssignment
from estates.rules import Obstacle

OBSTACLES = {
    Obstacle.AREA_FIRST: gettext_lazy("The filing of the property management area must be accepted first."),
    Obstacle.TENDER_OR_APPROVAL_FIRST: gettext_lazy(
        "An accepted tender filing, or an approval to choose by agreement among the documents, must come first."
    ),
    Obstacle.HANDOVER_FIRST: gettext_lazy(
        "No handover inspection was accepted before the enterprise started to serve; file it now."
    ),
}

CRITERIA = {
    "self_managed": gettext_lazy("Residents manage the service themselves."),
    "served_under_contract": gettext_lazy("An enterprise serves under a contract in force."),
    "party_covered": gettext_lazy("The enterprise has a Party organisation or a Party-building instructor."),
    "committee_in_enterprise": gettext_lazy(
        "A member of the community's two committees holds a post in the enterprise, such as voluntary quality supervisor."
    ),
    "enterprise_in_committee": gettext_lazy("The enterprise's head sits on a committee of the community."),
}
"""The texts of ``rules.STAGE_CRITERIA``."""


def late(days: int) -> list[str]:
    """The warning that something is late by so many days; nothing when it is not."""
    if not days:
        return []
    return [ngettext("%(days)d day late.", "%(days)d days late.", days) % {"days": days}]


def filing_obstacles(filing: Filing) -> list[str]:
    """Why ``filing`` cannot be accepted now; empty when it can."""
    held = set(filing.documents.values_list("kind", flat=True))
    accepted = set(
        Filing.objects.filter(estate=filing.estate_id, status=Filing.Status.ACCEPTED)
        .exclude(pk=filing.pk)
        .values_list("kind", flat=True)
    )
    found = [str(OBSTACLES[one]) for one in rules.order_obstacles(filing.kind, accepted, held)]
    missing = rules.missing_documents(filing.kind, held)
    if missing:
        titles = "、".join(str(FilingDocument.Kind(kind).label) for kind in missing)
        found.append(_("Documents are missing: %(documents)s.") % {"documents": titles})
    return found


def filing_warnings(filing: Filing, today: date) -> list[str]:
    """What the keeper of ``filing`` should know on ``today``: lateness, and while it is open what stands against it."""
    found = late(filing.days_late(today))
    if filing.status == Filing.Status.SUBMITTED:
        due = rules.decision_due_on(filing.submitted_on)
        text = _("Its decision was due on %(day)s.") if due < today else _("To be decided by %(day)s.")
        found.append(text % {"day": due})
    if filing.status in (Filing.Status.DRAFT, Filing.Status.SUBMITTED, Filing.Status.CORRECTION_REQUESTED):
        found += filing_obstacles(filing)
    return found


def assignment_warnings(assignment: ServiceAssignment) -> list[str]:
    """What the keeper of ``assignment`` should know; one whose start is unknown is not judged."""
    if assignment.valid.lower is None:
        return []
    return handover_warnings(assignment.estate_id, assignment.enterprise_id, assignment.valid.lower)


def handover_warnings(estate_id: int, enterprise_id: int, starts_on: date) -> list[str]:
    """What speaks against the enterprise's starting to serve the neighbourhood on ``starts_on``."""
    accepted_on = (
        Filing.objects.filter(
            estate=estate_id,
            enterprise=enterprise_id,
            kind=Filing.Kind.HANDOVER,
            status__in=[Filing.Status.ACCEPTED, Filing.Status.SUPERSEDED],
        )
        .order_by("decided_on")
        .values_list("decided_on", flat=True)
        .first()
    )
    return [str(OBSTACLES[one]) for one in rules.assignment_warnings(starts_on, accepted_on)]
