"""A resident's matter: reported, accepted, handled and rated, each by a due time."""

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least, Now
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, enterprises_of
from estates.models import Estate
from portal.models import Agency, Region, ScopedQuerySet, keeps_history


class AppraisalCaseQuerySet(ScopedQuerySet):
    path_lookup = "estate__community__path"

    def member_scope(self, user, permission: str) -> Q:
        own = Q(agency__in=user.agencies_with(permission)) | Q(enterprise__in=enterprises_of(user, permission))
        for config in apps.get_app_configs():  # an upper app may know of more ways to be concerned
            if hasattr(config, "case_member_scope"):
                own |= config.case_member_scope(user, permission)
        return own

    def overdue(self):
        """Those whose next step is late now: not accepted, or not handled, past its due time."""
        return self.unhandled().filter(Q(accepted_at=None, accept_due_at__lt=Now()) | Q(handle_due_at__lt=Now()))

    def unhandled(self):
        """Those that somebody still works on. What is not accepted is not handled either."""
        return self.filter(excluded="", handled_at=None)


@keeps_history(exclude=("accept_counted_at", "handle_counted_at"))
class AppraisalCase(models.Model):
    """One matter of one neighbourhood. ``(source, case_no)`` names it; a due time extended with approval is the due time.

    The ``*_counted_at`` columns are kept by the database: the moment at which a stage can no longer change for the
    better, and so counts in a ranking. Source: ranking policy, "Which cases count, and when".
    """

    class Rating(models.IntegerChoices):
        VERY_SATISFIED = 5, _("Very satisfied")
        SATISFIED = 4, _("Satisfied")
        BASICALLY_SATISFIED = 3, _("Basically satisfied")
        DISSATISFIED = 2, _("Dissatisfied")
        VERY_DISSATISFIED = 1, _("Very dissatisfied")

    class Resolved(models.TextChoices):
        YES = "yes", _("Solved")
        PARTLY = "partly", _("Partly solved")
        NO = "no", _("Not solved")

    source = models.CharField(_("source"), max_length=40)
    case_no = models.CharField(_("case number"), max_length=60)
    estate = models.ForeignKey(
        Estate, models.PROTECT, related_name="+", db_index=False, verbose_name=_("neighbourhood")
    )
    category = models.CharField(_("category"), max_length=60)
    enterprise = models.ForeignKey(
        Enterprise,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("enterprise"),
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("agency")
    )
    street = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("street")
    )
    reported_at = models.DateTimeField(_("reported"))
    accept_due_at = models.DateTimeField(_("acceptance due"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    handle_due_at = models.DateTimeField(_("handling due"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    rating = models.SmallIntegerField(_("rating"), choices=Rating, null=True, blank=True)
    resolved = models.CharField(_("solved?"), max_length=6, choices=Resolved, blank=True)
    rated_at = models.DateTimeField(_("rated"), null=True, blank=True)
    rating_withdrawn = models.BooleanField(_("rating withdrawn on review"), default=False)
    excluded = models.CharField(_("exclusion code"), max_length=40, blank=True)

    accept_counted_at = models.GeneratedField(
        expression=Least("accepted_at", "accept_due_at"), output_field=models.DateTimeField(), db_persist=True
    )
    handle_counted_at = models.GeneratedField(
        expression=Least("handled_at", "handle_due_at"), output_field=models.DateTimeField(), db_persist=True
    )

    objects = AppraisalCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="case_once_per_source", fields=["source", "case_no"]),
            models.CheckConstraint(
                name="case_has_at_most_one_responsible_party",
                condition=Q(enterprise=None, agency=None)
                | Q(enterprise=None, street=None)
                | Q(agency=None, street=None),
            ),
            models.CheckConstraint(
                name="case_dates_in_order",
                condition=Q(accept_due_at__gte=F("reported_at"))
                & Q(handle_due_at__gte=F("reported_at"))
                & (Q(accepted_at=None) | Q(accepted_at__gte=F("reported_at")))
                & (Q(handled_at=None) | Q(handled_at__gte=F("reported_at"), accepted_at__isnull=False))
                & (Q(rated_at=None) | Q(rated_at__gte=F("reported_at"))),
                violation_error_message=_(
                    "The times contradict each other: nothing is due, accepted, handled or rated before the report, and"
                    " nothing is handled that was not accepted."
                ),
            ),
            models.CheckConstraint(name="case_rating_is_a_level", condition=Q(rating=None) | Q(rating__range=(1, 5))),
            models.CheckConstraint(
                name="case_answer_has_a_time",
                condition=(Q(rating=None, resolved="", rated_at=None, rating_withdrawn=False))
                | (Q(rated_at__isnull=False) & (Q(rating__isnull=False) | ~Q(resolved=""))),
                violation_error_message=_(
                    "A resident's answer has a time and says something: a level, or solved or not."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["-reported_at", "-id"], name="case_newest"),
            models.Index(fields=["estate", "-reported_at"], name="case_of_an_estate"),
            # What is still open: small whatever the history, and every list of work begins here.
            models.Index(
                fields=["handle_due_at"], name="case_unhandled", condition=Q(excluded="", handled_at__isnull=True)
            ),
            # The three moments by which a ranking finds its window; partial, because an excluded case counts nowhere.
            models.Index(fields=["accept_counted_at"], name="case_accept_counted", condition=Q(excluded="")),
            models.Index(fields=["handle_counted_at"], name="case_handle_counted", condition=Q(excluded="")),
            models.Index(
                fields=["rated_at"],
                name="case_rated",
                condition=Q(excluded="", rating__isnull=False, rating_withdrawn=False),
            ),
        ]

    def __str__(self):
        return f"{self.source} {self.case_no}"

    @property
    def responsible(self) -> Enterprise | Agency | Region | None:
        """The enterprise in charge, a department, station or utility, or the street office."""
        return self.agency or self.street or self.enterprise
