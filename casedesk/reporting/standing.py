"""How a case stands, for its reporter: in whose hands, until when, what comes next. Nothing of anybody else."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from casedesk import limits, parties
from casedesk.models import CaseEvent, CaseFile, CasePhoto, Extension, Handling, OutcomeRating
from casedesk.situation import due_at
from portal.rules import CHINA
from portal.workdays.calendar import explain

Status = CaseFile.Status
Kind = CaseEvent.Kind
ITS_OWN_WORDS = (Kind.REPORTED, Kind.RATED)
"""Events whose text the reporter wrote, or that say all by their name."""


class Clock(NamedTuple):
    """A due time as a resident reads it: of what, when, and how the limit was counted."""

    is_acceptance: bool
    at: str
    explained: str


class Standing:
    """A file as its reporter may see it at ``now``."""

    def __init__(self, file: CaseFile, now: datetime):
        self.file, self.case, self.now = file, file.case, now

    @property
    def estate(self):
        return self.case.estate

    @property
    def is_open(self) -> bool:
        return self.file.status in CaseFile.OPEN

    @cached_property
    def holder(self) -> object:
        """The party that has the case now; none where it waits for dispatch or nobody has to act."""
        dispatch = parties.standing_dispatch(self.case)
        return dispatch.party if dispatch and self.is_open else None

    @cached_property
    def office(self) -> object:
        """The office that dispatches: the district."""
        return self.estate.community.parent.parent

    @cached_property
    def until(self) -> datetime | None:
        """When the next step is due."""
        return due_at(self.file)

    @property
    def until_text(self) -> str:
        return last_moment(self.until) if self.until else ""

    @property
    def is_late(self) -> bool:
        return self.until is not None and self.until <= self.now

    @cached_property
    def clocks(self) -> list[Clock]:
        """Both limits of the first round, explained. An extension shows in the due time, not in the limit."""
        found = []
        for is_acceptance, data in ((True, self.file.accept_clock), (False, self.file.handle_clock)):
            if data:
                due = limits.from_data(data)
                at = self.case.accept_due_at if is_acceptance else self.case.handle_due_at
                found.append(Clock(is_acceptance, last_moment(at), explain(due)))
        return found

    @cached_property
    def rating(self) -> OutcomeRating | None:
        """What the reporter has said of the present round."""
        return OutcomeRating.objects.filter(case=self.case, round=self.file.round).first()

    @property
    def state(self) -> str:
        """The case's status as its reporter reads it: what they rated does not wait for their rating."""
        is_rated = self.file.status == Status.HANDLED and self.rating is not None
        return _("Handled and rated") if is_rated else self.file.get_status_display()

    @property
    def next_step(self) -> str:
        """What happens next, in one sentence."""
        if self.file.status == Status.HANDLED and self.rating is not None:
            if self.rating.status == OutcomeRating.Status.HELD:
                return _("Your rating is checked by somebody who did not handle the case; then it counts.")
            return _("You were not satisfied: it is handled again, unless a review finds that the rating is mistaken.")
        return {
            Status.SUBMITTED: _("An official looks at it and sends it to whoever answers for such matters."),
            Status.DISPATCHED: _("They accept it, or say why it is not theirs."),
            Status.ACCEPTED: _("They handle it and tell you here what was done."),
            Status.REOPENED: _("They handle it again and tell you here what was done."),
            Status.HANDLED: _("Say whether it is solved. If it is not, it is handled again."),
            Status.CLOSED: _("Nothing more. If the matter comes back, report it again."),
            Status.EXCLUDED: _("It is not handled further here; the reason stands below."),
        }[Status(self.file.status)]

    @cached_property
    def primary(self) -> CaseFile | None:
        """The case about the same matter with which this one is handled."""
        if self.file.duplicate_of_id is None or self.file.round > 1:
            return None
        return CaseFile.objects.select_related("case").get(pk=self.file.duplicate_of_id)

    @cached_property
    def events(self) -> list[CaseEvent]:
        """The public timeline, newest first."""
        events = list(CaseEvent.objects.filter(case=self.case, is_public=True).order_by("-at", "-id"))
        for event in events:
            event.shown_text = "" if event.kind in ITS_OWN_WORDS else event.text
        return events

    @cached_property
    def handling(self) -> Handling | None:
        """What was told last about the work done."""
        return Handling.objects.filter(case=self.case).order_by("-round").first()

    @cached_property
    def extension(self) -> Extension | None:
        return Extension.objects.filter(case=self.case, status=Extension.Status.APPROVED).first()

    @cached_property
    def photos(self) -> list[CasePhoto]:
        """The reporter's photographs and those of the handling."""
        shown = (CasePhoto.Kind.REPORTED, CasePhoto.Kind.HANDLED)
        return list(CasePhoto.objects.filter(case=self.case, kind__in=shown))

    @property
    def rating_url(self) -> str:
        """Where the reporter rates the outcome by code; empty while there is nothing to rate."""
        if (
            self.file.status != Status.HANDLED
            or self.rating
            or (self.file.rating_until and self.file.rating_until <= self.now)
        ):
            return ""
        try:
            return reverse("rating-by-code")
        except NoReverseMatch:
            return ""

    @property
    def digits(self) -> str:
        """The four digits that go with the tracking code."""
        return digits_of(self.file)

    @property
    def digits_are_of_phone(self) -> bool:
        return len(_digits(self.file.phone)) >= 4


def last_moment(due: datetime) -> str:
    """A due time as its last moment: midnight is 24:00 of the day before, not 00:00 of a day that is too late."""
    local = due.astimezone(CHINA)
    if (local.hour, local.minute) == (0, 0):
        return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def digits_of(file: CaseFile) -> str:
    """The last four digits of the reporter's telephone; without one, of the case number."""
    digits = _digits(file.phone)
    return digits[-4:] if len(digits) >= 4 else file.case.case_no[-4:]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")
