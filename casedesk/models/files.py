"""The file of a case: what the portal itself knows of a matter that it carries from first word to last."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casedesk.models.catalogue import CatalogueItem
from evaluations.models import AppraisalCase
from portal.models import ScopedQuerySet, User, keeps_history
from portal.persons import PHONE, masked_phone
from portal.roles import Permission
from portal.workflow import Moves


class NumberSeries(models.Model):
    """The last number given out of a series on a day: numbers without gaps, so that a missing one is noticed."""

    series = models.CharField(max_length=10)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="number_series_once_a_day", fields=["series", "day"])]

    def __str__(self):
        return f"{self.series}-{self.day:%Y%m%d}-{self.last:06d}"


class CaseScopedQuerySet(ScopedQuerySet):
    """Rows about a case: whoever may see the case may see them."""

    case_lookup = "case"
    path_lookup = "case__estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        cases = AppraisalCase.objects.filter(AppraisalCase.objects.all().member_scope(user, permission))
        return Q(**{f"{self.case_lookup}__in": cases.values("pk")})


class CaseFileQuerySet(CaseScopedQuerySet):
    def with_case(self):
        """With the case, its parties and the places up to the city; without the boundaries, which no page of a case shows."""
        places = [f"case__estate__community{'__parent' * step}" for step in range(4)]
        rows = self.select_related("item__agency", "case__enterprise", "case__agency", "case__street", places[-1])
        return rows.defer("case__street__boundary", *(f"{place}__boundary" for place in places))

    def open(self):
        """Those on which somebody has to act."""
        return self.filter(status__in=CaseFile.OPEN)


@keeps_history()
class CaseFile(models.Model):
    """A case as the desk works it. The facts that rankings count stand on the case; they are those of the first round.

    A later round (a resident who was not satisfied) has its own due time here and never rewrites the first one's facts.
    ``version`` grows with every deed, so that two people who edit at once notice each other.
    """

    class Urgency(models.TextChoices):
        NORMAL = "normal", pgettext_lazy("urgency", "Normal")
        EMERGENCY = "emergency", _("Emergency")

    class Channel(models.TextChoices):
        WEB = "web", _("Web page")
        QR = "qr", _("QR code of the neighbourhood")
        TELEPHONE = "telephone", _("Telephone")
        OPEN311 = "open311", "Open311"
        SYSTEM = "system", _("Another system")
        CAMPAIGN = "campaign", _("Service march")

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for dispatch")
        DISPATCHED = "dispatched", _("Waiting for acceptance")
        ACCEPTED = "accepted", _("In handling")
        HANDLED = "handled", _("Waiting for the resident's rating")
        REOPENED = "reopened", _("In handling again")
        CLOSED = "closed", _("Closed")
        EXCLUDED = "excluded", _("Excluded")

    class CloseReason(models.TextChoices):
        RATED = "rated", _("Rated by the resident")
        UNRATED = "unrated", _("No rating within the time for it")

    OPEN = (Status.SUBMITTED, Status.DISPATCHED, Status.ACCEPTED, Status.REOPENED)
    """Somebody in office has to act."""

    MOVES: ClassVar[Moves] = {
        (Status.SUBMITTED, Status.DISPATCHED): Permission.DISPATCH_CASES,
        (Status.DISPATCHED, Status.SUBMITTED): Permission.DECIDE_CASES,
        (Status.DISPATCHED, Status.ACCEPTED): Permission.HANDLE_CASES,
        (Status.ACCEPTED, Status.SUBMITTED): Permission.DECIDE_CASES,
        (Status.ACCEPTED, Status.HANDLED): Permission.HANDLE_CASES,
        (Status.HANDLED, Status.REOPENED): Permission.DECIDE_CASES,
        (Status.HANDLED, Status.CLOSED): Permission.DECIDE_CASES,
        (Status.REOPENED, Status.HANDLED): Permission.HANDLE_CASES,
        (Status.CLOSED, Status.REOPENED): Permission.DECIDE_CASES,
        (Status.SUBMITTED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.DISPATCHED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.ACCEPTED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.HANDLED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.REOPENED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.CLOSED, Status.EXCLUDED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.SUBMITTED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.DISPATCHED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.ACCEPTED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.HANDLED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.REOPENED): Permission.DECIDE_CASES,
        (Status.EXCLUDED, Status.CLOSED): Permission.DECIDE_CASES,
    }

    case = models.OneToOneField(AppraisalCase, models.PROTECT, primary_key=True, related_name="+")
    tracking_code = models.CharField(_("tracking code"), max_length=12, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    urgency = models.CharField(_("urgency"), max_length=10, choices=Urgency, default=Urgency.NORMAL)
    item = models.ForeignKey(
        CatalogueItem, models.PROTECT, null=True, related_name="+", verbose_name=_("catalogue item as applied")
    )
    text = models.TextField(_("what happened"), max_length=2000)
    place = models.CharField(_("building, unit or spot"), max_length=100, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    reporter_name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True, validators=[PHONE])
    phone_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True)
    contact_changed_at = models.DateTimeField(
        _("contact changed"), null=True, blank=True, help_text=_("Ratings given afterwards are held until checked.")
    )
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.SUBMITTED)
    status_changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    passes = models.PositiveSmallIntegerField(_("dispatches without a lead"), default=0)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    accept_clock = models.JSONField(
        null=True, editable=False, help_text=_("How the due time of acceptance was computed: limit, days skipped.")
    )
    handle_clock = models.JSONField(null=True, editable=False)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    round_opened_at = models.DateTimeField(null=True, blank=True)
    round_due_at = models.DateTimeField(_("due in this round"), null=True, blank=True)
    rating_until = models.DateTimeField(_("rating possible until"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    close_reason = models.CharField(_("closed because"), max_length=10, choices=CloseReason, blank=True)

    objects = CaseFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("case file")
        verbose_name_plural = _("case files")
        constraints = [
            models.CheckConstraint(name="case_file_not_its_own_duplicate", condition=~Q(duplicate_of=F("case"))),
            models.CheckConstraint(
                name="case_file_later_round_has_a_due_time",
                condition=Q(round=1, round_opened_at=None, round_due_at=None)
                | Q(round__gt=1, round_opened_at__isnull=False, round_due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_file_closed_has_a_reason",
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(close_reason="")
                | ~Q(status="closed") & Q(closed_at=None, close_reason=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "status_changed_at"],
                name="case_file_open",
                condition=Q(status__in=["submitted", "dispatched", "accepted", "reopened"]),
            ),
            models.Index(fields=["rating_until"], name="case_file_unrated", condition=Q(status="handled")),
        ]

    def __str__(self):
        return str(self.case)

    @property
    def masked_phone(self) -> str:
        return masked_phone(self.phone)

    @property
    def headline(self) -> str:
        """The first words of the text, for lists."""
        line = " ".join(self.text.split())
        return line if len(line) <= 40 else f"{line[:39]}…"


class CaseEvent(models.Model):
    """What happened to a case: the timeline that people read. Insert-only. Public ones may be shown to the reporter."""

    class Kind(models.TextChoices):
        REPORTED = "reported", pgettext_lazy("event", "Reported")
        LINKED = "linked", _("Linked with a case about the same matter")
        UNLINKED = "unlinked", _("Link taken back")
        DISPATCHED = "dispatched", _("Dispatched")
        OBJECTED = "objected", _("Dispatch objected to")
        OBJECTION_UPHELD = "objection_upheld", _("Objection upheld, sent back")
        OBJECTION_DISMISSED = "objection_dismissed", _("Objection dismissed")
        RECALLED = "recalled", _("Dispatch recalled")
        ACCEPTED = "accepted", _("Accepted")
        JOINT_ANSWERED = "joint_answered", _("Joint handler answered")
        EXTENSION_ASKED = "extension_asked", _("Extension asked for")
        EXTENDED = "extended", _("Extended")
        EXTENSION_REFUSED = "extension_refused", _("Extension refused")
        HANDLED = "handled", _("Handled")
        RATED = "rated", _("Rated")
        RATING_HELD = "rating_held", _("Rating held for a check")
        RATING_RELEASED = "rating_released", _("Rating released")
        REVIEW_ASKED = "review_asked", _("Review of the rating asked for")
        REVIEW_UPHELD = "review_upheld", _("Rating stands after review")
        REVIEW_WITHDRAWN = "review_withdrawn", _("Rating withdrawn on review")
        REOPENED = "reopened", _("Reopened")
        SUPERVISED = "supervised", _("Supervision raised")
        SUPERVISION_ANSWERED = "supervision_answered", _("Supervision answered")
        SUPERVISION_CLOSED = "supervision_closed", _("Supervision closed")
        EXCLUDED = "excluded", _("Excluded")
        INCLUDED = "included", _("Exclusion taken back")
        CONTACT_CHANGED = "contact_changed", _("Contact changed")
        RECLASSIFIED = "reclassified", _("Category changed")
        NOTE = "note", _("Note")
        CLOSED = "closed", _("Closed")

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text=_("Empty: resident or system."))
    party = models.CharField(max_length=200, blank=True, help_text=_("For whom the person acted, as named then."))
    kind = models.CharField(max_length=24, choices=Kind)
    text = models.TextField(blank=True)
    is_public = models.BooleanField(default=True, help_text=_("Whether the reporter may read it."))
    data = models.JSONField(default=dict, blank=True)

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("event of a case")
        verbose_name_plural = _("events of cases")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["case", "at"], name="case_event_timeline"),
            models.Index(fields=["kind", "at"], name="case_event_kind"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.at:%F %T} {self.kind}"


class CasePhoto(models.Model):
    """A photograph of a case: written anew without what the camera noted; time and place are kept here, in private."""

    class Kind(models.TextChoices):
        REPORTED = "reported", _("From the reporter")
        HANDLED = "handled", _("Evidence of handling")
        EVIDENCE = "evidence", _("Evidence in a review")

    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    round = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=100, unique=True, help_text=_("Its place below the data folder."))
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField(null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CaseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("photograph of a case")
        verbose_name_plural = _("photographs of cases")
        ordering = ["added_at", "id"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return self.name
