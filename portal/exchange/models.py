"""What is kept about workbooks that came in and went out: a batch per upload, the rows that it wrote, exports made as jobs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportBatch(models.Model):
    """One uploaded workbook on its way into a register. Only its uploader sees it. The files lie in ``PORTAL_DATA_DIR``."""

    class Status(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Failed")
        DISCARDED = "discarded", _("Discarded")

    register = models.CharField(_("register"), max_length=60)
    file_name = models.CharField(_("file"), max_length=200)
    folder = models.CharField(max_length=40, unique=True, help_text=_("Folder of its files under imports/."))
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    status_changed_at = models.DateTimeField(default=timezone.now)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    rows_blank = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    changed_values = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    wrong = models.PositiveIntegerField(_("wrong"), default=0)
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text=_("The first problems; all of them lie with the file."))
    preview = models.JSONField(default=dict, help_text=_("The first new and changed rows, with what changes."))
    notes = models.JSONField(default=list)
    failure = models.CharField(max_length=1000, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(fields=["uploaded_by", "-uploaded_at"], name="imports_of_a_person")]
        constraints = [
            models.CheckConstraint(
                name="import_applied_has_a_moment",
                condition=Q(status__in=["applied", "undone"]) ^ Q(applied_at=None),
            ),
            models.CheckConstraint(name="import_undone_has_a_moment", condition=Q(status="undone") ^ Q(undone_at=None)),
        ]

    def __str__(self):
        return f"#{self.pk} {self.file_name}"

    @property
    def to_write(self) -> int:
        """Rows that applying writes."""
        return self.new + self.changed


class ImportedRow(models.Model):
    """A row that a batch wrote: the database's own rendering of it before (none: it was new), and the version written."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    subject_pk = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField()

    class Meta:
        verbose_name = _("imported row")
        constraints = [models.UniqueConstraint(name="imported_row_once", fields=["batch", "subject_pk"])]

    def __str__(self):
        return f"{self.batch_id} · {self.line}"


class RegisterExport(models.Model):
    """A long export, made as a job and fetched by whoever asked for it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Being made")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    register = models.CharField(_("register"), max_length=60)
    query = models.TextField(blank=True, help_text=_("The list's address: what was searched and filtered."))
    format = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    folder = models.CharField(max_length=40, unique=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-asked_at", "-pk"]

    def __str__(self):
        return f"{self.register} {self.asked_at:%F %T}"
