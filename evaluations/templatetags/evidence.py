"""Evidence on the pages: its label in a word, shares and chances in percent."""

from decimal import Decimal

from django import template

from evaluations.evidence.wording import LABELS
from evaluations.models import RankingEntry
from portal.templatetags.portal import decimals

register = template.Library()


@register.filter
def evidence_label(entry: RankingEntry):
    """The word for an entry's evidence; empty where none was taken."""
    return LABELS.get((entry.evidence or {}).get("label"), "")


@register.filter
def share(value: float) -> str:
    """A number between 0 and 1 in percent, one decimal."""
    return decimals(Decimal(repr(100 * value)), 1)


@register.filter
def chance(value: float) -> str:
    """How likely something is by chance, in percent: 12.3, 0.004, or less than a thousandth of one."""
    if value < 1e-5:
        return "< 0.001"
    return decimals(Decimal(repr(100 * value)), 1 if value >= 0.01 else 3)
