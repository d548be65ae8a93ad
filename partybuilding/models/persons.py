"""Persons of Party building: committee members, heads of enterprises, instructors, mentors, cadres."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from portal.models import Region, ScopedQuerySet, keeps_history
from portal.persons import AbstractPerson


class PersonQuerySet(ScopedQuerySet):
    path_lookup = "region__path"


@keeps_history()
class Person(AbstractPerson):
    """Somebody who holds a post in Party building. The place is that of the body or enterprise where the person is at home."""

    region = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name=_("place"),
        help_text=_("The community, street or district of the person's own body or enterprise."),
    )  # fmt: skip
    home_body = models.CharField(
        _("home body"), max_length=200, blank=True, help_text=_("Where the person works: a committee, a street office.")
    )
    post = models.CharField(_("post"), max_length=100, blank=True)
    is_party_member = models.BooleanField(_("Party member"), default=False)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("works for the enterprise"),
        help_text=_("Only for people whom a property enterprise pays."),
    )  # fmt: skip

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ["pinyin", "code"]
        constraints = [
            models.UniqueConstraint(
                name="person_id_number_once",
                fields=["id_hash"],
                condition=~Q(id_hash=""),
                violation_error_message=_("Another person has this identity card number."),
            ),
        ]
