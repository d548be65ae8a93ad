"""Party organisations of the trade, what they do, and which enterprise is covered in which way."""

from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from enterprises.models import Enterprise, EnterpriseScopedQuerySet
from partybuilding import rules
from partybuilding.models.persons import Person
from portal.dated import SpanQuerySet, no_overlap, span_not_empty
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.names import initials, pinyin


class PartyOrganisationQuerySet(ScopedQuerySet):
    path_lookup = "region__path"

    def standing(self):
        """Those that have not been dissolved."""
        return self.filter(dissolved_on=None)

    def with_last_activity(self):
        """With ``last_activity_on``, the day of the latest activity on record."""
        return self.annotate(last_activity_on=Max("activities__held_on"))


@keeps_history()
class PartyOrganisation(models.Model):
    """A Party organisation of the property trade. A joint one may cover several enterprises: see :class:`PartyCoverage`."""

    class Level(models.TextChoices):
        CITY = "city", _("City")
        DISTRICT = "district", _("District")
        COMMUNITY = "community", _("Community")
        ENTERPRISE = "enterprise", _("Enterprise")

    class Kind(models.TextChoices):
        INDUSTRY_COMMITTEE = "industry_committee", _("Property industry Party committee")
        GENERAL_BRANCH = "general_branch", _("General branch")
        BRANCH = "branch", pgettext_lazy("Party organisation", "Branch")
        JOINT_BRANCH = "joint_branch", _("Joint branch")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("place"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("host enterprise"),
        help_text=_("Only at the level of enterprises; of a joint branch, the one that leads it."),
    )  # fmt: skip
    secretary = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("secretary")
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    dissolved_on = models.DateField(_("dissolved on"), null=True, blank=True)
    members = models.PositiveIntegerField(_("Party members"), null=True, blank=True)

    objects = PartyOrganisationQuerySet.as_manager()

    PLACES = {
        Level.CITY: {Region.Level.CITY},
        Level.DISTRICT: {Region.Level.DISTRICT},
        Level.COMMUNITY: {Region.Level.COMMUNITY, Region.Level.STREET},
        Level.ENTERPRISE: set(Region.Level),
    }
    """In what places an organisation of a level may stand."""

    class Meta:
        verbose_name = _("Party organisation")
        verbose_name_plural = _("Party organisations")
        ordering = ["pinyin", "code"]
        constraints = [
            models.CheckConstraint(
                name="organisation_host_only_in_enterprises",
                condition=Q(level="enterprise", enterprise__isnull=False)
                | (~Q(level="enterprise") & Q(enterprise=None)),
                violation_error_message=_(
                    "An organisation at the level of enterprises names its host enterprise, any other names none."
                ),
            ),
            models.CheckConstraint(
                name="organisation_industry_committee_of_a_district_or_city",
                condition=~Q(kind="industry_committee") | Q(level__in=["city", "district"]),
                violation_error_message=_("An industry Party committee is the city's or a district's."),
            ),
            models.CheckConstraint(
                name="organisation_dissolved_after_founded",
                condition=Q(founded_on=None) | Q(dissolved_on=None) | Q(dissolved_on__gte=F("founded_on")),
                violation_error_message=_("It was dissolved before it was founded: check both days."),
            ),
            models.UniqueConstraint(
                name="organisation_one_industry_committee_per_place",
                fields=["region"],
                condition=Q(kind="industry_committee", dissolved_on=None),
                violation_error_message=_("This place has a standing industry Party committee already."),
            ),
        ]

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)

    def clean(self):
        allowed = self.PLACES.get(self.level)
        if allowed and self.region_id and self.region.level not in allowed:
            raise ValidationError({"region": _("This place is not of the organisation's level: choose another one.")})


class PartyActivityQuerySet(ScopedQuerySet):
    path_lookup = "organisation__region__path"


@keeps_history()
class PartyActivity(models.Model):
    """One activity of an organisation. Coverage says that an organisation exists; this says that it is alive."""

    class Kind(models.TextChoices):
        MEMBERS_MEETING = "members_meeting", _("Meeting of all members")
        COMMITTEE_MEETING = "committee_meeting", _("Meeting of the branch committee")
        GROUP_MEETING = "group_meeting", _("Meeting of a Party group")
        PARTY_LESSON = "party_lesson", _("Party lesson")
        THEME_DAY = "theme_day", _("Theme Party day")
        VOLUNTEER_SERVICE = "volunteer_service", _("Volunteer service")
        OTHER = "other", _("Other")

    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="activities", verbose_name=_("Party organisation")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    held_on = models.DateField(_("held on"))
    title = models.CharField(_("title"), max_length=200)
    attendance = models.PositiveIntegerField(_("persons present"), null=True, blank=True)

    objects = PartyActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("Party activity")
        verbose_name_plural = _("Party activities")
        ordering = ["-held_on", "organisation", "title"]
        constraints = [
            models.UniqueConstraint(name="party_activity_once", fields=["organisation", "held_on", "title"]),
        ]

    def __str__(self):
        return f"{self.held_on:%F} {self.title}"


class PartyCoverageQuerySet(SpanQuerySet, EnterpriseScopedQuerySet):
    def by_organisation(self):
        return self.exclude(way=PartyCoverage.Way.INSTRUCTOR)


@keeps_history()
class PartyCoverage(models.Model):
    """In which way an enterprise is covered, from when to when; one way at a time. Source: 2021 report, "three ways and one envoy"."""

    class Way(models.TextChoices):
        STANDALONE = "standalone", _("Organisation of its own")
        JOINT = "joint", _("Joint organisation")
        ATTACHED = "attached", _("Attached to another organisation")
        INSTRUCTOR = "instructor", _("Party-building instructor")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name=_("enterprise"))
    way = models.CharField(_("way"), max_length=12, choices=Way)
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, null=True, blank=True, related_name="coverages",
        verbose_name=_("Party organisation"), help_text=_("For every way but an instructor."),
    )  # fmt: skip
    instructor = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instructor"),
        help_text=_("Only where an instructor is sent."),
    )  # fmt: skip
    valid = DateRangeField(_("in force"))

    objects = PartyCoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Party coverage")
        verbose_name_plural = _("Party coverage")
        ordering = ["enterprise", "-valid"]
        constraints = [
            no_overlap("coverage_one_way_at_a_time", "enterprise_id"),
            span_not_empty("coverage_span_not_empty"),
            models.CheckConstraint(
                name="coverage_instructor_or_organisation",
                condition=Q(way="instructor", instructor__isnull=False, organisation=None)
                | (~Q(way="instructor") & Q(organisation__isnull=False, instructor=None)),
                violation_error_message=_(
                    "An instructor is a person without an organisation; every other way names one."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.get_way_display()}"

    def clean(self):
        fits = rules.coverage_fits(
            self.way, has_organisation=self.organisation_id is not None, has_instructor=self.instructor_id is not None
        )
        if self.way and not fits:
            field = "instructor" if self.way == self.Way.INSTRUCTOR else "organisation"
            other = _("Where an instructor is sent, name the instructor and no organisation.")
            own = _("Name the organisation and no instructor, or choose the way of an instructor.")
            raise ValidationError({field: other if field == "instructor" else own})
        if self.way == self.Way.STANDALONE and self.organisation.enterprise_id != self.enterprise_id:
            raise ValidationError(
                {
                    "organisation": _(
                        "An organisation of its own is hosted by this enterprise: choose it, or another way."
                    )
                }
            )
