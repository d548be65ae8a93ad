"""Owners' committees, their members and meetings, and the cases in which they are formed."""

from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, F, Max, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from estates import committee_rules as rules
from estates.models.estates import Estate, EstateScopedQuerySet, EstateSpanQuerySet, served_by_members
from portal.dated import ONE_DAY, SpanQuerySet, last_day, no_overlap, span_not_empty
from portal.models import ScopedQuerySet, keeps_history
from portal.names import initials, pinyin


class OwnersCommitteeQuerySet(EstateSpanQuerySet):
    """``on(day)`` are those whose term runs on ``day``; a term always has an end, so that ``current()`` is of no use here."""

    def running_out(self, today: date):
        """Those in office whose term ends within the notice."""
        return self.filter(self.running_out_on(today))

    @staticmethod
    def running_out_on(today: date) -> Q:
        """The condition of :meth:`running_out`."""
        return Q(valid__contains=today, valid__endswith__lte=rules.notice_until(today) + ONE_DAY)

    def with_members(self, day: date):
        """With ``members_on_day`` and ``party_members_on_day``, for :meth:`OwnersCommittee.is_red`."""
        seated = Q(members__valid__contains=day)
        return self.annotate(
            members_on_day=Count("members", filter=seated),
            party_members_on_day=Count("members", filter=seated & Q(members__is_party_member=True)),
        )

    def with_last_meeting(self):
        """With ``last_meeting_on``, the day of the latest meeting on record."""
        return self.annotate(last_meeting_on=Max("meetings__held_on"))


@keeps_history()
class OwnersCommittee(models.Model):
    """The owners' committee of a neighbourhood in one term, or the property management committee that stands in for one."""

    class Kind(models.TextChoices):
        OWNERS = "owners", _("Owners' committee")
        STAND_IN = "stand_in", _("Property management committee (stand-in)")

    code = models.CharField(_("code"), max_length=40, unique=True)
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="committees", verbose_name=Estate._meta.verbose_name
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.OWNERS)
    valid = DateRangeField(_("term"), help_text=_("First and last day of the term; both are needed."))
    elected_on = models.DateField(_("elected on"), null=True, blank=True)
    filed_on = models.DateField(
        _("filed on"), null=True, blank=True, help_text=_("To be filed within 30 days of the election.")
    )
    size = models.PositiveSmallIntegerField(_("seats"), help_text=_("An odd number; alternates are not counted."))
    party_group_on = models.DateField(
        _("Party group since"), null=True, blank=True, help_text=_("Empty: the committee has no Party group.")
    )

    called_by = ("estate",)
    """What its name reads, for lists of rows that refer to it."""

    objects = OwnersCommitteeQuerySet.as_manager()

    class Meta:
        verbose_name = _("owners' committee")
        verbose_name_plural = _("owners' committees")
        ordering = ["estate", "-valid"]
        constraints = [
            no_overlap("one_committee_per_estate_at_a_time", "estate_id"),
            span_not_empty("committee_term_is_not_empty"),
            models.CheckConstraint(
                name="committee_term_has_both_ends",
                condition=Q(valid__lower_inf=False, valid__upper_inf=False),
                violation_error_message=_("A term has a first and a last day; give both."),
            ),
            models.CheckConstraint(
                name="committee_size_is_odd",
                condition=Exact(F("size") % 2, 1) & Q(size__gte=3),
                violation_error_message=_("A committee has an odd number of seats, at least 3."),
            ),
            models.CheckConstraint(
                name="committee_filed_after_elected",
                condition=Q(elected_on=None) | Q(filed_on=None) | Q(filed_on__gte=F("elected_on")),
                violation_error_message=_("It was filed before it was elected: check both days."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.get_kind_display()} ({self.code})"

    @property
    def last_day(self) -> date | None:
        return last_day(self.valid)

    @property
    def filing_due_on(self) -> date | None:
        """The last day on which the election is filed in time; ``None`` while its day is unknown."""
        return rules.filing_due_on(self.elected_on) if self.elected_on else None

    @property
    def is_red(self) -> bool:
        """Whether it is a "red" committee; on rows of ``with_members(day)``."""
        return rules.is_red(self.party_group_on is not None, self.members_on_day, self.party_members_on_day)


class CommitteeMemberQuerySet(SpanQuerySet):
    path_lookup = "committee__estate__community__path"


@keeps_history()
class CommitteeMember(models.Model):
    """A person on a committee over a span of days. Personal and Party data: only for those who may view it."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("Chair")
        DEPUTY = "deputy", _("Deputy chair")
        MEMBER = "member", pgettext_lazy("committee", "Member")

    committee = models.ForeignKey(
        OwnersCommittee, models.PROTECT, related_name="members", verbose_name=_("owners' committee")
    )
    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("Two of the same name are told apart by an addition, such as the building."),
    )
    pinyin = models.CharField(max_length=400, blank=True, editable=False)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.MEMBER)
    is_party_member = models.BooleanField(_("Party member"), null=True, blank=True, help_text=_("Empty: unknown."))
    works_for_enterprise = models.BooleanField(
        _("tied to the serving enterprise"), default=False,
        help_text=_("The member or a close relative works for the enterprise that serves the neighbourhood."),
    )  # fmt: skip
    valid = DateRangeField(_("in office"))

    objects = CommitteeMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("committee member")
        verbose_name_plural = _("committee members")
        ordering = ["committee", "role", "pinyin", "name"]
        constraints = [
            models.UniqueConstraint(name="committee_member_once", fields=["committee", "name"]),
            no_overlap("one_chair_at_a_time", "committee_id", condition=Q(role="chair")),
            span_not_empty("committee_member_span_is_not_empty"),
        ]

    def __str__(self):
        return f"{self.name} · {self.get_role_display()}"

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)


class OfCommitteeQuerySet(ScopedQuerySet):
    """Rows that hang on a committee (``committee``)."""

    path_lookup = "committee__estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        return Q(committee__estate__in=served_by_members(user, permission))


@keeps_history()
class CommitteeMeeting(models.Model):
    """A meeting of a committee."""

    committee = models.ForeignKey(
        OwnersCommittee, models.PROTECT, related_name="meetings", verbose_name=_("owners' committee")
    )
    held_on = models.DateField(_("held on"))
    subject = models.CharField(_("subject"), max_length=200)

    objects = OfCommitteeQuerySet.as_manager()

    class Meta:
        verbose_name = _("committee meeting")
        verbose_name_plural = _("committee meetings")
        ordering = ["-held_on", "committee", "subject"]
        constraints = [
            models.UniqueConstraint(name="committee_meeting_once", fields=["committee", "held_on", "subject"])
        ]

    def __str__(self):
        return f"{self.held_on} {self.subject}"


@keeps_history()
class FormationCase(models.Model):
    """Owners applied for a committee: how far its formation has come, and what blocks it."""

    class Outcome(models.TextChoices):
        FORMED = "formed", _("Committee formed")
        STAND_IN = "stand_in", _("Stand-in committee set up")
        WITHDRAWN = "withdrawn", _("Application withdrawn")
        FAILED = "failed", _("Election failed")

    code = models.CharField(_("code"), max_length=40, unique=True)
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="formation_cases", verbose_name=Estate._meta.verbose_name
    )
    applied_on = models.DateField(_("applied on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    blocked_reason = models.TextField(
        _("what blocks it"), blank=True, help_text=_("In words that can be published; empty: nothing does.")
    )

    called_by = ("estate",)
    """What its name reads, for lists of rows that refer to it."""

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("formation case")
        verbose_name_plural = _("formation cases")
        ordering = ["-applied_on", "code"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_formation_per_estate",
                fields=["estate"],
                condition=Q(closed_on=None),
                violation_error_message=_("This neighbourhood has an open formation case already; close that first."),
            ),
            models.CheckConstraint(
                name="formation_closed_with_an_outcome",
                condition=Q(closed_on=None, outcome="") | (Q(closed_on__isnull=False) & ~Q(outcome="")),
                violation_error_message=_("Give both the outcome and its day, or neither."),
            ),
            models.CheckConstraint(
                name="formation_closed_after_applied",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("applied_on")),
                violation_error_message=_("It was closed before it was applied for: check both days."),
            ),
        ]

    def __str__(self):
        return f"{self.estate} · {self.applied_on} ({self.code})"


class FormationStepQuerySet(ScopedQuerySet):
    path_lookup = "case__estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        return Q(case__estate__in=served_by_members(user, permission))

    def overdue(self, today: date):
        """Steps of open cases that should be done by now."""
        return self.filter(done_on=None, due_on__lt=today, case__closed_on=None)


@keeps_history()
class FormationStep(models.Model):
    """One step of a formation. ``due_on`` follows from the application unless another day was agreed."""

    class Step(models.TextChoices):
        PREPARE = "prepare", pgettext_lazy("formation", "Prepare")
        NOMINATE = "nominate", pgettext_lazy("formation", "Nominate")
        ELECT = "elect", pgettext_lazy("formation", "Elect")
        FILE = "file", pgettext_lazy("formation", "File")

    case = models.ForeignKey(FormationCase, models.CASCADE, related_name="steps", verbose_name=_("formation case"))
    step = models.CharField(_("step"), max_length=8, choices=Step)
    due_on = models.DateField(
        _("due on"), blank=True, help_text=_("Empty: counted from the application (60, 90, 150 and 180 days).")
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = FormationStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("formation step")
        verbose_name_plural = _("formation steps")
        ordering = ["case", "due_on"]
        constraints = [models.UniqueConstraint(name="formation_step_once", fields=["case", "step"])]

    def __str__(self):
        return f"{self.case} · {self.get_step_display()}"

    def clean(self):
        if not self.case_id:
            return
        applied_on = self.case.applied_on
        if self.due_on is None and self.step in rules.STEP_DUE_DAYS:
            self.due_on = rules.step_due_on(self.step, applied_on)
        before = _("This day lies before the application: check both days.")
        early = [name for name in ("due_on", "done_on") if (day := getattr(self, name)) and day < applied_on]
        if early:
            raise ValidationError(dict.fromkeys(early, before))
