"""Project managers: the persons whom enterprises put in charge of neighbourhoods."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprises import Enterprise, EnterpriseScopedQuerySet
from portal.models import keeps_history
from portal.persons import AbstractPerson


@keeps_history()
class ProjectManager(AbstractPerson):
    """A project manager and the present employer. Which neighbourhoods they manage is recorded with those.

    The code stays with the person who changes employer, so that credit follows the person as well as the enterprise.
    Source: Wuhan's measure on credit information of property enterprises (2019), art. 2.
    """

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="project_managers", verbose_name=_("enterprise"),
        help_text=_("The present employer."),
    )  # fmt: skip
    is_party_member = models.BooleanField(_("Party member"), default=False)

    objects = EnterpriseScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("project manager")
        verbose_name_plural = _("project managers")
        ordering = ["pinyin", "code"]
        constraints = [
            models.UniqueConstraint(
                name="project_manager_id_once",
                fields=["id_hash"],
                condition=~Q(id_hash=""),
                violation_error_message=_("Another project manager has this identity card number; edit that record."),
            ),
        ]
