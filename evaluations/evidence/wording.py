"""Evidence in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from evaluations.evidence.rules import INSUFFICIENT, MODERATE, SUFFICIENT

LABELS: dict[str, str | Promise] = {
    SUFFICIENT: pgettext_lazy("evidence", "sufficient"),
    MODERATE: pgettext_lazy("evidence", "moderate"),
    INSUFFICIENT: pgettext_lazy("evidence", "insufficient"),
}

MEANINGS: dict[str, str | Promise] = {
    SUFFICIENT: _(
        "The score lies clearly on its side of the middle, and there are at least ten ratings: high or low is well founded."
    ),
    MODERATE: _("The score lies clearly on its side of the middle, but there are fewer than ten ratings."),
    INSUFFICIENT: _(
        "With so few cases the score cannot be told apart from the middle: the rank holds for this window and says little beyond it."
    ),
}
