"""Search by name, shared by the registers: what a person types into the one search field."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace

LONGEST = 100
"""Characters of a search text; longer ones are refused."""


def search_by_name(rows: models.QuerySet, text: str, code: str) -> models.QuerySet:
    """Rows whose name contains ``text``, whose code (field ``code``) begins with it, or whose name is spelt so in pinyin.

    Pinyin matches by its initials (``dhhy``) or in full, with or without spaces (``donghu``); letter case does not matter.
    """
    text = text.strip()
    if not text:
        return rows
    found = Q(name__icontains=text) | Q(**{f"{code}__istartswith": text})
    latin = text.lower().replace(" ", "").replace("'", "")
    if latin.isascii() and latin.isalnum():
        rows = rows.alias(spelt=Replace(F("pinyin"), Value(" "), Value("")))
        found |= Q(initials__contains=latin) | Q(spelt__contains=latin)
    return rows.filter(found)
