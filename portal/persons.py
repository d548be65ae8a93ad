"""Persons in the registers: what identifies them is kept as a keyed hash, their telephone number is masked."""

import hashlib
import hmac

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.names import initials, pinyin

PHONE = RegexValidator(r"^\+?[0-9][0-9 -]{4,18}$", _("Not a telephone number: digits, spaces and hyphens only."))


def id_hash(id_number: str) -> str:
    """The keyed hash of an identity card number (HMAC-SHA-256, key ``PERSON_KEY``): equal numbers meet, no number is kept."""
    number = id_number.strip().upper().encode()
    return hmac.new(settings.PERSON_KEY.encode(), number, hashlib.sha256).hexdigest()


def phone_hash(phone: str) -> str:
    """The keyed hash of a telephone number, whatever its spaces, hyphens or Chinese country code: equal numbers meet."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    number = digits.removeprefix("0086") if digits.startswith("0086") else digits
    number = number.removeprefix("86") if len(number) == 13 else number
    return hmac.new(settings.PERSON_KEY.encode(), b"phone:" + number.encode(), hashlib.sha256).hexdigest()


def masked_phone(phone: str) -> str:
    """``138****1234``; a number of fewer than eight digits keeps its last two only."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    if not digits:
        return ""
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else f"****{digits[-2:]}"


class AbstractPerson(models.Model):
    """A person as a register keeps one. ``id_number`` may be set before saving; only its hash is stored."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    pinyin = models.CharField(max_length=400, blank=True, editable=False, db_index=True)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    id_hash = models.CharField(_("identity card number (hash)"), max_length=64, blank=True, editable=False)
    phone = models.CharField(_("telephone"), max_length=20, blank=True, validators=[PHONE])

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def name_forms(self) -> None:
        """Fill the columns derived from the name."""
        self.pinyin, self.initials = pinyin(self.name), initials(self.name)

    @property
    def masked_phone(self) -> str:
        return masked_phone(self.phone)
