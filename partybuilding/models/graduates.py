"""Graduate recruits: intakes, the recruits, their two mentors, the cadres paired with them, their training."""

from datetime import date

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from partybuilding import rules
from partybuilding.models.persons import Person
from portal.dated import SpanQuerySet, no_overlap, span_not_empty
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.persons import AbstractPerson
from portal.roles import KEEPING


class RecruitmentIntakeQuerySet(ScopedQuerySet):
    """A district's intakes are its own; the city's are read by every place and kept by the city."""

    path_lookup = "district__path"

    def scope(self, user, permission: str) -> Q:
        inside = super().scope(user, permission)
        may_read = permission not in KEEPING and user.is_authenticated and user.is_active
        if may_read and user.token_allows(permission) and user.reach(permission):
            return inside | Q(district=None) if inside else inside
        return inside


@keeps_history()
class RecruitmentIntake(models.Model):
    """One round of recruitment of graduates, such as the city's unified examination of 2017."""

    class Kind(models.TextChoices):
        UNIFIED_EXAM = "unified_exam", _("Unified examination of the city")
        DISTRICT = "district", _("Recruitment by a district")
        ENTERPRISE = "enterprise", _("Recruitment by enterprises")

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1990), MaxValueValidator(2100)])
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("district"),
        help_text=_("Empty: the city's."),
    )  # fmt: skip

    objects = RecruitmentIntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recruitment intake")
        verbose_name_plural = _("recruitment intakes")
        ordering = ["-year", "code"]
        constraints = [
            models.CheckConstraint(
                name="intake_of_the_city_or_a_district",
                condition=Q(kind="unified_exam", district=None)
                | Q(kind="district", district__isnull=False)
                | Q(kind="enterprise"),
                violation_error_message=_(
                    "The unified examination is the city's and names no district; a district's recruitment names it."
                ),
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        if self.district_id and self.district.level != Region.Level.DISTRICT:
            raise ValidationError({"district": _("Choose a district.")})


class GraduateRecruitQuerySet(ScopedQuerySet):
    path_lookup = "district__path"

    def employed(self, day: date):
        """Those at work on ``day``."""
        return self.filter(self.employed_on(day))

    def lacking_mentors(self, today: date):
        """Those at work for longer than the term who lack a mentor of some kind today."""
        return self.filter(self.lacking_mentors_on(today))

    @staticmethod
    def employed_on(day: date) -> Q:
        return Q(hired_on__lte=day) & (Q(left_on=None) | Q(left_on__gte=day))

    @classmethod
    def lacking_mentors_on(cls, today: date) -> Q:
        """The condition of :meth:`lacking_mentors`."""
        present = MentorAssignment.objects.on(today).filter(recruit=OuterRef("pk"))
        missing = Q(pk__in=[])
        for kind in MentorAssignment.Kind:
            missing |= ~Q(Exists(present.filter(kind=kind)))
        return cls.employed_on(today) & Q(hired_on__lt=today - rules.MENTORS_WITHIN) & missing


@keeps_history()
class GraduateRecruit(AbstractPerson):
    """A graduate recruited for property service: from where, to which enterprise, and how long."""

    class Degree(models.TextChoices):
        COLLEGE = "college", _("Junior college")
        BACHELOR = "bachelor", _("Bachelor")
        MASTER = "master", _("Master")
        DOCTOR = "doctor", _("Doctor")

    class UniversityTier(models.TextChoices):
        TIER_985 = "985", _("Project 985")
        TIER_211 = "211", _("Project 211")
        OTHER = "other", _("Other university")

    class LeaveReason(models.TextChoices):
        OTHER_POST = "other_post", _("Another post")
        PUBLIC_SERVICE = "public_service", _("Public service")
        FURTHER_STUDY = "further_study", _("Further study")
        FAMILY = "family", _("Family")
        DISMISSED = "dismissed", _("Dismissed")
        OTHER = "other", _("Other")

    class Duty(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        PUBLICIST = "publicist", _("Publicist")
        ERRAND_AGENT = "errand_agent", _("Errand agent")
        LIAISON = "liaison", _("Liaison")
        MEDIATOR = "mediator", _("Mediator")

    intake = models.ForeignKey(RecruitmentIntake, models.PROTECT, related_name="recruits", verbose_name=_("intake"))
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("district"))
    is_party_member = models.BooleanField(_("Party member"), default=False)
    degree = models.CharField(_("degree"), max_length=10, choices=Degree)
    university_tier = models.CharField(
        _("university"),
        max_length=8,
        choices=UniversityTier,
        help_text=_("Of the highest degree; a 985 university counts as 985 only."),
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("employer")
    )
    hired_on = models.DateField(_("hired on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True, help_text=_("The last day at work."))
    leave_reason = models.CharField(_("reason for leaving"), max_length=16, choices=LeaveReason, blank=True)
    duties = ArrayField(
        models.CharField(max_length=16, choices=Duty), verbose_name=_("duties"), default=list, blank=True,
        help_text=_("Of the five roles of a recruit."),
    )  # fmt: skip

    objects = GraduateRecruitQuerySet.as_manager()

    class Meta:
        verbose_name = _("graduate recruit")
        verbose_name_plural = _("graduate recruits")
        ordering = ["pinyin", "code"]
        constraints = [
            models.UniqueConstraint(
                name="recruit_id_number_once",
                fields=["id_hash"],
                condition=~Q(id_hash=""),
                violation_error_message=_("Another recruit has this identity card number."),
            ),
            models.CheckConstraint(
                name="recruit_employed_since_a_day",
                condition=Q(enterprise=None) | Q(hired_on__isnull=False),
                violation_error_message=_("Where an employer is named, give the day of hiring."),
            ),
            models.CheckConstraint(
                name="recruit_left_after_hired",
                condition=Q(left_on=None) | Q(left_on__gte=F("hired_on"), hired_on__isnull=False),
                violation_error_message=_("A recruit leaves after being hired: check both days."),
            ),
            models.CheckConstraint(
                name="recruit_left_when_and_why",
                condition=Q(left_on=None, leave_reason="") | (Q(left_on__isnull=False) & ~Q(leave_reason="")),
                violation_error_message=_("Give both the last day and the reason for leaving, or neither."),
            ),
        ]

    def clean(self):
        errors = {}
        if self.district_id and self.district.level != Region.Level.DISTRICT:
            errors["district"] = _("Choose a district.")
        if self.intake_id and self.hired_on and self.hired_on.year < self.intake.year:
            errors["hired_on"] = _("This day is before the year of the intake.")
        if len(set(self.duties or [])) != len(self.duties or []):
            errors["duties"] = _("Name each duty once.")
        if errors:
            raise ValidationError(errors)


class OfRecruitQuerySet(SpanQuerySet):
    path_lookup = "recruit__district__path"


@keeps_history()
class MentorAssignment(models.Model):
    """One of a recruit's two mentors, from when to when; one of each kind at a time."""

    class Kind(models.TextChoices):
        PARTY = "party", _("Party-building mentor")
        PROPERTY = "property", _("Property mentor")

    recruit = models.ForeignKey(
        GraduateRecruit, models.PROTECT, related_name="mentors", verbose_name=_("graduate recruit")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    mentor = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("mentor"))
    valid = DateRangeField(_("in force"))

    objects = OfRecruitQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentor assignment")
        verbose_name_plural = _("mentor assignments")
        ordering = ["recruit", "kind", "-valid"]
        constraints = [
            no_overlap("mentor_one_party_mentor_at_a_time", "recruit_id", condition=Q(kind="party")),
            no_overlap("mentor_one_property_mentor_at_a_time", "recruit_id", condition=Q(kind="property")),
            span_not_empty("mentor_span_not_empty"),
        ]

    def __str__(self):
        return f"{self.recruit} · {self.mentor}"


@keeps_history()
class CadrePairing(models.Model):
    """A street cadre who keeps in touch with a recruit."""

    recruit = models.ForeignKey(
        GraduateRecruit, models.PROTECT, related_name="pairings", verbose_name=_("graduate recruit")
    )
    cadre = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("cadre"))
    valid = DateRangeField(_("in force"))

    objects = OfRecruitQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing with a cadre")
        verbose_name_plural = _("pairings with cadres")
        ordering = ["recruit", "-valid"]
        constraints = [
            no_overlap("pairing_once_at_a_time", "recruit_id", "cadre_id"),
            span_not_empty("pairing_span_not_empty"),
        ]

    def __str__(self):
        return f"{self.recruit} · {self.cadre}"


class TrainingQuerySet(ScopedQuerySet):
    path_lookup = "recruit__district__path"


@keeps_history()
class Training(models.Model):
    """A training that a recruit attended."""

    recruit = models.ForeignKey(
        GraduateRecruit, models.PROTECT, related_name="trainings", verbose_name=_("graduate recruit")
    )
    title = models.CharField(_("title"), max_length=200)
    held_on = models.DateField(_("held on"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        ordering = ["-held_on", "title", "recruit"]
        constraints = [
            models.UniqueConstraint(name="training_once", fields=["recruit", "held_on", "title"]),
            models.CheckConstraint(
                name="training_hours_positive",
                condition=Q(hours__gt=0),
                violation_error_message=_("A training lasts more than no hours."),
            ),
        ]

    def __str__(self):
        return f"{self.held_on:%F} {self.title}"
