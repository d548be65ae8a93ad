"""Where a case stands on the desk, and why a person cannot do something with it now: the text beside a grey button."""

from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from casedesk import parties
from casedesk.models import CaseEvent, CaseFile, Dispatch, Extension, OutcomeRating, Supervision
from evaluations.models import AppraisalCase
from portal.models import User
from portal.roles import Permission

Status = CaseFile.Status
UNDO_WITHIN = timedelta(days=30)
"""How long a link between cases may be made and taken back. Assumption."""

IN_HAND = (Status.ACCEPTED, Status.REOPENED)


class Situation:
    """A case file with what depends on it, each read once. ``by`` is who looks or acts; ``None`` is the system."""

    def __init__(self, file: CaseFile, by: User | None):
        self.file, self.by, self.case = file, by, file.case

    @cached_property
    def dispatch(self) -> Dispatch | None:
        """The dispatch that is not over."""
        return parties.standing_dispatch(self.case)

    @property
    def lead(self) -> parties.Party | None:
        return self.dispatch.party if self.dispatch else None

    @cached_property
    def extension(self) -> Extension | None:
        """The extension that waits or was granted."""
        statuses = (Extension.Status.ASKED, Extension.Status.APPROVED)
        rows = Extension.objects.filter(case=self.case, status__in=statuses)
        return rows.select_related("asked_by", "decided_by").first()

    @cached_property
    def supervisions(self) -> list[Supervision]:
        """Those not closed, newest first."""
        rows = Supervision.objects.filter(case=self.case).exclude(status=Supervision.Status.CLOSED)
        return list(rows.select_related("office").defer("office__boundary"))

    @cached_property
    def primary(self) -> CaseFile | None:
        """The case about the same matter that this one follows, as long as it does."""
        if self.file.duplicate_of_id is None or self.file.round > 1:
            return None
        return CaseFile.objects.select_related("case").get(pk=self.file.duplicate_of_id)

    @cached_property
    def is_lead(self) -> bool:
        """Whether the person is a member of the leading party."""
        return self.by is not None and parties.acts_for(self.by, self.lead, Permission.HANDLE_CASES)

    @property
    def due_at(self) -> datetime | None:
        """When the step that is waited for is due; ``None`` where nobody in office has to act."""
        return due_at(self.file)

    # --- obstacles --------------------------------------------------------------------------------------------------------

    def obstacle_to_dispatch(self) -> str:
        if self.file.status != Status.SUBMITTED:
            return self._wrong_state()
        if self.primary:
            return self._follows()
        held = next((one for one in self.supervisions if one.trigger == Supervision.Trigger.NO_LEAD), None)
        if held and not holds_office(self.by, held, Permission.DISPATCH_CASES):
            return _("Three dispatches found no lead: %(office)s dispatches this case (%(number)s).") % {
                "office": held.office, "number": held.number,
            }  # fmt: skip
        return ""

    def obstacle_to_accept(self) -> str:
        if self.file.status != Status.DISPATCHED or self.dispatch is None:
            return self._wrong_state()
        if self.dispatch.status == Dispatch.Status.OBJECTED:
            return _("The objection to the dispatch has not been decided yet.")
        return self._follows() if self.primary else self._not_the_lead()

    def obstacle_to_object(self) -> str:
        if self.file.status != Status.DISPATCHED or self.dispatch is None:
            return self._wrong_state()
        if self.dispatch.status == Dispatch.Status.DISMISSED:
            return _("An objection to this dispatch was dismissed; it is to be accepted now.")
        if self.dispatch.status == Dispatch.Status.OBJECTED:
            return _("An objection is being decided already.")
        return self._follows() if self.primary else self._not_the_lead()

    def obstacle_to_review(self) -> str:
        if self.dispatch is None or self.dispatch.status != Dispatch.Status.OBJECTED:
            return _("There is no objection to decide.")
        if (self.by and self.by.pk == self.dispatch.objected_by_id) or self.is_lead:
            return _("An objection is decided by somebody else than who raised it.")
        return self._follows() if self.primary else ""

    def obstacle_to_recall(self) -> str:
        if self.file.status not in (Status.DISPATCHED, Status.ACCEPTED) or self.dispatch is None:
            return self._wrong_state()
        if self.dispatch.status == Dispatch.Status.OBJECTED:
            return _("Decide the objection instead.")
        return self._follows() if self.primary else ""

    def obstacle_to_extension(self, now: datetime) -> str:
        if self.file.status != Status.ACCEPTED:
            return self._wrong_state()
        if self.extension:
            asked = self.extension.status == Extension.Status.ASKED
            return (
                _("An extension was asked for already.") if asked else _("The due time was extended once; no more than that.")
            )  # fmt: skip
        if now >= self.case.handle_due_at:
            return _("The due time has passed: an extension is asked for before it.")
        return self._follows() if self.primary else self._not_the_lead()

    def obstacle_to_decide_extension(self) -> str:
        if self.extension is None or self.extension.status != Extension.Status.ASKED:
            return _("There is no extension to decide.")
        if (self.by and self.by.pk == self.extension.asked_by_id) or self.is_lead:
            return _("An extension is decided by somebody else than who asked for it.")
        return ""

    def obstacle_to_handle(self) -> str:
        if self.file.status not in IN_HAND:
            return self._wrong_state()
        return self._follows() if self.primary else self._not_the_lead()

    def obstacle_to_exclude(self) -> str:
        if (self.file.status, Status.EXCLUDED) not in CaseFile.MOVES:
            return self._wrong_state()
        if self.file.duplicates.filter(round=1).exclude(status__in=(Status.CLOSED, Status.EXCLUDED)).exists():
            return _("Other cases follow this one: take the links back first.")
        if not self.is_badly_rated:
            return ""
        if self.is_lead:
            return _own_body()
        if self._proposal_of_another():
            return ""
        return _("The resident was not satisfied: one person proposes the exclusion, another one decides it.")

    def obstacle_to_propose_exclusion(self) -> str:
        if (self.file.status, Status.EXCLUDED) not in CaseFile.MOVES:
            return self._wrong_state()
        if not self.is_badly_rated:
            return _("No second person is needed: the case can be excluded at once.")
        if self.is_lead:
            return _own_body()
        return _("An exclusion has been proposed already.") if self.proposal else ""

    def obstacle_to_include(self) -> str:
        return "" if self.file.status == Status.EXCLUDED else _("The case is not excluded.")

    def obstacle_to_reclassify(self) -> str:
        if self.file.round > 1 or self.file.status not in (Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED):
            return self._wrong_state()
        return ""

    def obstacle_to_link(self) -> str:
        if self.file.duplicate_of_id:
            return _("It is linked already.")
        if self.file.status not in (Status.SUBMITTED, Status.DISPATCHED):
            return self._wrong_state()
        if self.file.duplicates.exists():
            return _("Other cases follow this one: take the links back first.")
        return ""

    def obstacle_to_unlink(self, now: datetime) -> str:
        if self.file.duplicate_of_id is None:
            return _("It is not linked.")
        linked = CaseEvent.objects.filter(case=self.case, kind=CaseEvent.Kind.LINKED).order_by("-at").first()
        if linked and now > linked.at + UNDO_WITHIN:
            return _("A link can be taken back within 30 days.")
        if self.file.status not in (Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED):
            return self._wrong_state()
        return ""

    # --- exclusion after a bad rating -------------------------------------------------------------------------------------

    @cached_property
    def is_badly_rated(self) -> bool:
        """Whether the resident was not satisfied, in any round; a rating that is held for a check says so too."""
        said = OutcomeRating.objects.filter(case=self.case, status__in=("held", "counted"))
        if said.filter(
            Q(level__lte=AppraisalCase.Rating.DISSATISFIED) | Q(resolved=AppraisalCase.Resolved.NO)
        ).exists():
            return True
        rated = self.case.rating is not None and self.case.rating <= AppraisalCase.Rating.DISSATISFIED
        return rated or self.case.resolved == AppraisalCase.Resolved.NO

    @cached_property
    def proposal(self) -> CaseEvent | None:
        """The exclusion that somebody proposed, since nobody has excluded the case."""
        rows = CaseEvent.objects.filter(case=self.case, kind=CaseEvent.Kind.NOTE, data__has_key="proposes_exclusion")
        last = CaseEvent.objects.filter(case=self.case, kind=CaseEvent.Kind.EXCLUDED).order_by("-pk").first()
        if last is not None:
            rows = rows.filter(pk__gt=last.pk)
        return rows.select_related("by").order_by("-at", "-pk").first()

    def _proposal_of_another(self) -> bool:
        return self.proposal is not None and self.by is not None and self.proposal.by_id != self.by.pk

    # --- texts ------------------------------------------------------------------------------------------------------------

    def _wrong_state(self) -> str:
        state = self.file.get_status_display()
        return _("This is not possible from the present state: %(state)s.") % {"state": state}

    def _follows(self) -> str:
        return _("It goes along with %(number)s, which is about the same matter.") % {
            "number": self.primary.case.case_no if self.primary else ""
        }

    def _not_the_lead(self) -> str:
        if self.is_lead:
            return ""
        return _("Only a member of the leading party does this: %(party)s.") % {"party": self.lead}


def due_at(file: CaseFile) -> datetime | None:
    """When the step that a case waits for is due; ``None`` where nobody in office has to act."""
    if file.status in (Status.SUBMITTED, Status.DISPATCHED):
        return file.case.accept_due_at if file.case.accepted_at is None else file.case.handle_due_at
    if file.status == Status.ACCEPTED:
        return file.case.handle_due_at
    return file.round_due_at if file.status == Status.REOPENED else None


def holds_office(by: User | None, supervision: Supervision, permission: str) -> bool:
    """Whether ``by`` holds ``permission`` at the post of a supervision, or above it. The system holds no post."""
    return by is not None and any(supervision.office.path.startswith(path) for path in by.reach(permission))


def obstacle_to_answer(situation: Situation, supervision: Supervision) -> str:
    if supervision.status != Supervision.Status.OPEN:
        return _("It waits for no answer.")
    if situation.lead is None:
        return _("No party leads this case yet; it is dispatched first.")
    return situation._not_the_lead()


def obstacle_to_supervise(situation: Situation) -> str:
    """Why ``situation.by`` can raise no supervision by hand."""
    if situation.file.status == Status.EXCLUDED:
        return situation._wrong_state()
    standing = next((one for one in situation.supervisions if one.trigger == Supervision.Trigger.BY_SUPERVISOR), None)
    return _("A supervision is open already: %(number)s.") % {"number": standing.number} if standing else ""


def obstacle_to_return(situation: Situation, supervision: Supervision) -> str:
    if supervision.status != Supervision.Status.ANSWERED:
        return _("There is no answer to send back.")
    return _not_at_the_post(situation, supervision)


def obstacle_to_close(situation: Situation, supervision: Supervision) -> str:
    if supervision.status == Supervision.Status.CLOSED:
        return _("It is closed already.")
    if supervision.trigger == Supervision.Trigger.NO_LEAD and situation.file.status in (
        Status.SUBMITTED,
        Status.DISPATCHED,
    ):
        return _("It closes by itself when a lead has accepted the case.")
    return _not_at_the_post(situation, supervision)


def _own_body() -> str:
    return _("Nobody decides on a rating of their own work or body.")


def _not_at_the_post(situation: Situation, supervision: Supervision) -> str:
    if situation.is_lead:
        return _("Nobody decides on a supervision of their own work or body.")
    if situation.by is None or holds_office(situation.by, supervision, Permission.SUPERVISE_CASES):
        return ""
    return _("%(office)s holds this supervision.") % {"office": supervision.office}
