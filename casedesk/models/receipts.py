"""Traces of intake: that a form was taken in once, from which network, and how often a neighbourhood's QR code was opened."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from estates.models import Estate, EstateScopedQuerySet
from evaluations.models import AppraisalCase


class Receipt(models.Model):
    """A matter that came in by itself. The same form sent twice meets ``token_hash`` and finds the same case.

    ``network_hash`` (keyed) bounds how many come from one network; receipts are forgotten after a month, cases are not.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    case = models.ForeignKey(AppraisalCase, models.PROTECT, related_name="+")
    network_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("receipt of intake")
        verbose_name_plural = _("receipts of intake")
        indexes = [
            models.Index(fields=["network_hash", "at"], name="receipt_of_network", condition=~Q(network_hash="")),
        ]
        triggers = [pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update)]

    def __str__(self):
        return str(self.case)


class QrScan(models.Model):
    """How often the QR code of a neighbourhood was opened on a day (Asia/Shanghai): a count, nothing about who."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    objects = EstateScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("scans of a QR code")
        verbose_name_plural = _("scans of QR codes")
        constraints = [models.UniqueConstraint(name="qr_scan_once_a_day", fields=["estate", "day"])]

    def __str__(self):
        return f"{self.estate} {self.day}"
