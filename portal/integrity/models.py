"""What is kept about a merge, so that it can be undone to the last value."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MergeQuerySet(models.QuerySet):
    def standing(self):
        """Those that have not been undone."""
        return self.filter(undone_at=None)


class Merge(models.Model):
    """Two rows of a register that stood for one thing became one: ``kept_id`` took over what referred to ``dropped_id``.

    The dropped row is deleted, so no list, count or ranking has to know of merges. It lies in ``steps`` as the database
    stored it, and comes back from there under its own id.
    """

    model = models.CharField(max_length=60, help_text="estates.estate")
    kept_id = models.BigIntegerField()
    kept_code = models.CharField(_("kept"), max_length=60)
    kept_name = models.CharField(max_length=200)
    dropped_id = models.BigIntegerField()
    dropped_code = models.CharField(_("dropped"), max_length=60)
    dropped_name = models.CharField(max_length=200)
    at = models.DateTimeField(_("merged at"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("merged by"))
    reason = models.TextField(_("reason"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )
    undo_reason = models.TextField(_("why undone"), blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["model", "dropped_code"], name="merge_successor")]
        constraints = [
            models.UniqueConstraint(
                name="merge_drops_a_row_once", fields=["model", "dropped_id"], condition=Q(undone_at=None)
            ),
            models.CheckConstraint(name="merge_of_two", condition=~Q(kept_id=F("dropped_id"))),
            models.CheckConstraint(name="merge_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="merge_undone_by_somebody_for_a_reason",
                condition=Q(undone_at=None, undone_by=None, undo_reason="")
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undo_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.dropped_name} ({self.dropped_code}) → {self.kept_name} ({self.kept_code})"


class MergeStep(models.Model):
    """What a merge did to one relation: ``moved`` rows (ids) name the kept row now, ``absorbed`` rows were deleted.

    The step without a field is the dropped row itself, as the only one absorbed. Absorbed rows are stored as the database
    held them; they hold what the row held, persons' telephone numbers included, and are shown nowhere.
    """

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    model = models.CharField(max_length=60)
    field = models.CharField(max_length=60, blank=True)
    moved = ArrayField(models.BigIntegerField(), default=list)
    absorbed = models.JSONField(default=list)

    class Meta:
        verbose_name = _("step of a merge")
        ordering = ["merge", "number"]
        constraints = [models.UniqueConstraint(name="merge_step_once", fields=["merge", "number"])]

    def __str__(self):
        return f"{self.merge_id} · {self.number}"
