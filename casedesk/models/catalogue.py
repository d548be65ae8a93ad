"""The dispatch catalogue: which kind of matter goes to whom, and how long the steps may take. Versioned data."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models import Agency, CityWideQuerySet, keeps_history


class Unit(models.TextChoices):
    """What a limit is counted in."""

    HOURS = "hours", _("Hours")
    WORKDAYS = "workdays", _("Working days")


class PartyKind(models.TextChoices):
    """Who answers for a matter."""

    ENTERPRISE = "enterprise", _("Enterprise in charge on that day")
    STREET = "street", _("Street office")
    AGENCY = "agency", _("Department, station or utility")


@keeps_history()
class CatalogueVersion(models.Model):
    """A catalogue as one document put it in force; it holds until the next one begins."""

    document = models.CharField(_("document"), max_length=200, unique=True)
    effective_from = models.DateField(_("in force from"), unique=True)
    note = models.TextField(_("note"), blank=True)

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispatch catalogue")
        verbose_name_plural = _("dispatch catalogues")
        ordering = ["-effective_from"]

    def __str__(self):
        return self.document


@keeps_history()
class CatalogueItem(models.Model):
    """One kind of matter: who answers for it, and the limits of acceptance and handling.

    Assumption behind the defaults: 2 and 24 hours to accept, 24 hours to handle an emergency, 5 working days otherwise.
    """

    version = models.ForeignKey(CatalogueVersion, models.CASCADE, related_name="items", verbose_name=_("catalogue"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    category = models.CharField(_("category"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    party_kind = models.CharField(_("goes to"), max_length=10, choices=PartyKind, default=PartyKind.ENTERPRISE)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    accept_limit = models.PositiveSmallIntegerField(_("acceptance limit"), default=24)
    accept_unit = models.CharField(_("acceptance limit in"), max_length=8, choices=Unit, default=Unit.HOURS)
    handle_limit = models.PositiveSmallIntegerField(_("handling limit"), default=5)
    handle_unit = models.CharField(_("handling limit in"), max_length=8, choices=Unit, default=Unit.WORKDAYS)
    emergency_accept_hours = models.PositiveSmallIntegerField(_("emergency: hours to accept"), default=2)
    emergency_handle_hours = models.PositiveSmallIntegerField(_("emergency: hours to handle"), default=24)
    is_public = models.BooleanField(_("offered to residents"), default=True)
    is_automatic = models.BooleanField(
        _("dispatched at once"), default=False, help_text=_("Without waiting for somebody to look: for clear matters.")
    )

    objects = CityWideQuerySet.as_manager()

    class Meta:
        verbose_name = _("catalogue item")
        verbose_name_plural = _("catalogue items")
        ordering = ["version", "position", "category"]
        constraints = [
            models.UniqueConstraint(name="catalogue_item_once_per_version", fields=["version", "category"]),
            models.CheckConstraint(
                name="catalogue_item_names_its_agency",
                condition=Q(party_kind="agency", agency__isnull=False) | (~Q(party_kind="agency") & Q(agency=None)),
                violation_error_message=_("Name the agency exactly where the matter goes to one."),
            ),
            models.CheckConstraint(
                name="catalogue_item_limits",
                condition=Q(accept_limit__gte=1, handle_limit__gte=1, emergency_accept_hours__gte=1)
                & Q(emergency_handle_hours__gte=F("emergency_accept_hours")),
                violation_error_message=_("Limits are at least 1, and handling is not due before acceptance."),
            ),
        ]

    def __str__(self):
        return self.category

    def clean(self):
        if self.party_kind == PartyKind.AGENCY and self.agency_id is None:
            raise ValidationError({"agency": _("Name the department, station or utility.")})
        if self.party_kind != PartyKind.AGENCY and self.agency_id is not None:
            raise ValidationError({"agency": _("Leave empty: this matter does not go to an agency.")})
