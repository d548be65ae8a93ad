"""Two-way cross-appointment between committees and enterprises, supervisors' visits, and the meetings of three parties."""

from datetime import date

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from estates.models import Estate
from partybuilding import rules
from partybuilding.models.persons import Person
from portal.dated import SpanQuerySet, no_overlap, span_not_empty
from portal.models import Region, ScopedQuerySet, keeps_history


class CrossAppointmentQuerySet(SpanQuerySet):
    path_lookup = "region__path"

    def supervisors(self):
        """Voluntary quality supervisors of enterprises."""
        return self.filter(post=CrossAppointment.Post.QUALITY_SUPERVISOR)

    def with_last_visit(self):
        """With ``last_visit_on``, the day of the latest visit on record."""
        return self.annotate(last_visit_on=Max("visits__visited_on"))

    def visit_overdue(self, today: date):
        """Supervisors in office on ``today`` whose next visit should have been made before; as :func:`rules.is_visit_overdue`."""
        return self.filter(self.visit_overdue_on(today))

    @staticmethod
    def visit_overdue_on(today: date) -> Q:
        """The condition of :meth:`visit_overdue`."""
        since = today - rules.VISIT_INTERVAL
        visited = SupervisionVisit.objects.filter(appointment=OuterRef("pk"), visited_on__gte=since)
        begun_before = Q(valid__startswith=None) | Q(valid__startswith__lt=since)
        in_office = Q(post=CrossAppointment.Post.QUALITY_SUPERVISOR, valid__contains=today)
        return in_office & begun_before & ~Q(Exists(visited))


@keeps_history()
class CrossAppointment(models.Model):
    """A member of a committee who holds a post in an enterprise, or the other way round. Source: 2021 report, section 7.1."""

    class Direction(models.TextChoices):
        COMMITTEE_TO_ENTERPRISE = "committee_to_enterprise", _("Committee member to enterprise")
        ENTERPRISE_TO_COMMITTEE = "enterprise_to_committee", _("Enterprise head to committee")

    class Post(models.TextChoices):
        QUALITY_SUPERVISOR = "quality_supervisor", _("Voluntary quality supervisor")
        DEPUTY_MANAGER = "deputy_manager", _("Deputy manager")
        BRANCH_MEMBER = "branch_member", _("Member of the Party branch")
        COMMITTEE_MEMBER = "committee_member", _("Committee member")
        DEPUTY_SECRETARY = "deputy_secretary", _("Deputy secretary")
        DEPUTY_DIRECTOR = "deputy_director", _("Deputy director")

    class CommitteeKind(models.TextChoices):
        PARTY = "party", _("Party committee")
        RESIDENTS = "residents", _("Residents' committee")

    IN_ENTERPRISES = (Post.QUALITY_SUPERVISOR, Post.DEPUTY_MANAGER, Post.BRANCH_MEMBER)
    ON_COMMITTEES = (Post.COMMITTEE_MEMBER, Post.DEPUTY_SECRETARY, Post.DEPUTY_DIRECTOR)

    code = models.CharField(_("code"), max_length=40, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments", verbose_name=_("person"))
    direction = models.CharField(_("direction"), max_length=24, choices=Direction)
    post = models.CharField(_("post"), max_length=20, choices=Post)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    committee_kind = models.CharField(_("committee"), max_length=10, choices=CommitteeKind)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=_("street or community"), help_text=_("The committee's.")
    )
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("neighbourhood"),
        help_text=_("Where the post concerns one neighbourhood only."),
    )  # fmt: skip
    valid = DateRangeField(
        _("term"), help_text=_("As long as the committee's term, unless the document says otherwise.")
    )
    unpaid = models.BooleanField(_("unpaid"), default=True)
    document_no = models.CharField(_("document number"), max_length=100, blank=True)

    objects = CrossAppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("cross-appointment")
        verbose_name_plural = _("cross-appointments")
        ordering = ["region", "code"]
        constraints = [
            no_overlap(
                "appointment_once_per_enterprise", "person_id", "enterprise_id",
                condition=Q(direction="committee_to_enterprise"),
            ),
            no_overlap(
                "appointment_once_per_party_committee", "person_id", "region_id",
                condition=Q(direction="enterprise_to_committee", committee_kind="party"),
            ),
            no_overlap(
                "appointment_once_per_residents_committee", "person_id", "region_id",
                condition=Q(direction="enterprise_to_committee", committee_kind="residents"),
            ),
            span_not_empty("appointment_span_not_empty"),
            models.CheckConstraint(
                name="appointment_post_fits_direction",
                condition=Q(
                    direction="committee_to_enterprise", post__in=["quality_supervisor", "deputy_manager", "branch_member"]
                )
                | Q(
                    direction="enterprise_to_committee",
                    post__in=["committee_member", "deputy_secretary", "deputy_director"],
                ),
                violation_error_message=_("This post does not exist in this direction: choose another post or direction."),
            ),
            models.CheckConstraint(
                name="appointment_supervisor_is_unpaid",
                condition=~Q(post="quality_supervisor") | Q(unpaid=True),
                violation_error_message=_("A quality supervisor serves without pay."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.code} {self.get_post_display()}"

    def clean(self):
        errors = {}
        if self.region_id and self.region.level not in (Region.Level.STREET, Region.Level.COMMUNITY):
            errors["region"] = _("The two committees are a street's or a community's: choose one of those.")
        if self.person_id and self.enterprise_id:
            errors |= self._conflicts()
        if errors:
            raise ValidationError(errors)

    def _conflicts(self) -> dict:
        """What speaks against the person. Where people work is known for today only, so past terms are not judged."""
        if self.valid is None or self.valid.upper is not None:
            return {}
        at_enterprise = self.person.enterprise_id == self.enterprise_id
        if self.direction == self.Direction.COMMITTEE_TO_ENTERPRISE and at_enterprise:
            return {
                "person": _("This person is paid by the enterprise and cannot supervise it: appoint somebody else.")
            }
        if self.direction == self.Direction.ENTERPRISE_TO_COMMITTEE and not at_enterprise:
            return {"person": _("This person is not recorded as working for the enterprise: correct that first.")}
        return {}

    def visit_due_on(self, last_visit_on: date | None) -> date | None:
        """The day by which the next visit is due."""
        return rules.visit_due_on(self.valid.lower, last_visit_on)


class SupervisionVisitQuerySet(ScopedQuerySet):
    path_lookup = "appointment__region__path"


@keeps_history()
class SupervisionVisit(models.Model):
    """A quality supervisor's visit to a neighbourhood."""

    appointment = models.ForeignKey(
        CrossAppointment, models.PROTECT, related_name="visits", verbose_name=_("cross-appointment")
    )
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", verbose_name=_("neighbourhood"))
    visited_on = models.DateField(_("visited on"))
    findings = models.TextField(_("findings"), blank=True)

    objects = SupervisionVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision visit")
        verbose_name_plural = _("supervision visits")
        ordering = ["-visited_on", "appointment"]
        constraints = [
            models.UniqueConstraint(name="supervision_visit_once", fields=["appointment", "estate", "visited_on"]),
        ]

    def __str__(self):
        return f"{self.visited_on:%F} {self.estate}"

    def clean(self):
        if not self.appointment_id or not self.visited_on:
            return
        if self.appointment.post != CrossAppointment.Post.QUALITY_SUPERVISOR:
            raise ValidationError({"appointment": _("Only quality supervisors make supervision visits.")})
        term = self.appointment.valid
        if (term.lower and self.visited_on < term.lower) or (term.upper and self.visited_on >= term.upper):
            raise ValidationError({"visited_on": _("This day is outside the supervisor's term.")})


class TripartiteMeetingQuerySet(ScopedQuerySet):
    path_lookup = "community__path"


@keeps_history()
class TripartiteMeeting(models.Model):
    """A joint meeting of residents' committee, owners' committee and enterprise."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    community = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("community"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("neighbourhood"),
        help_text=_("Empty: about the whole community."),
    )  # fmt: skip
    held_on = models.DateField(_("held on"))
    subject = models.CharField(_("subject"), max_length=300)
    attendees_residents_committee = models.PositiveSmallIntegerField(
        _("present of the residents' committee"), default=0
    )
    attendees_owners_committee = models.PositiveSmallIntegerField(_("present of the owners' committee"), default=0)
    attendees_enterprise = models.PositiveSmallIntegerField(_("present of the enterprise"), default=0)

    objects = TripartiteMeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("tripartite meeting")
        verbose_name_plural = _("tripartite meetings")
        ordering = ["-held_on", "code"]

    def __str__(self):
        return f"{self.held_on:%F} {self.subject}"

    def clean(self):
        if self.community_id and self.community.level != Region.Level.COMMUNITY:
            raise ValidationError({"community": _("Choose a community.")})
        if self.estate_id and self.community_id and self.estate.community_id != self.community_id:
            raise ValidationError({"estate": _("This neighbourhood lies in another community.")})

    @property
    def all_three_present(self) -> bool:
        return all((self.attendees_residents_committee, self.attendees_owners_committee, self.attendees_enterprise))


class MeetingDecisionQuerySet(ScopedQuerySet):
    path_lookup = "meeting__community__path"

    def overdue(self, today: date):
        """Decisions that should have been carried out before ``today``."""
        return self.filter(done_on=None, due_on__lt=today)


@keeps_history()
class MeetingDecision(models.Model):
    """What a tripartite meeting decided, who carries it out and by when."""

    meeting = models.ForeignKey(
        TripartiteMeeting, models.CASCADE, related_name="decisions", verbose_name=_("tripartite meeting")
    )
    number = models.PositiveSmallIntegerField(_("number"), help_text=_("Within the meeting, from 1."))
    text = models.TextField(_("decision"))
    responsible = models.CharField(_("responsible"), max_length=200)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)

    objects = MeetingDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting decision")
        verbose_name_plural = _("meeting decisions")
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(name="meeting_decision_number_once", fields=["meeting", "number"]),
            models.CheckConstraint(name="meeting_decision_numbers_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self):
        return f"{self.meeting.code} · {self.number}"

    def clean(self):
        if not self.meeting_id:
            return
        held_on = self.meeting.held_on
        errors = {
            name: _("This day is before the meeting.")
            for name in ("due_on", "done_on")
            if (day := getattr(self, name)) and day < held_on
        }
        if errors:
            raise ValidationError(errors)
