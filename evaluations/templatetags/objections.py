"""What stands beside an entry of a ranking: the mark of an objection, replies of the parties, the ways to object and to reply."""

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from evaluations.models import Ranking, RankingEntry
from evaluations.objections import raising, replies, summing
from portal.templatetags.portal import icon

register = template.Library()

MARKS = {
    "pending": ("bg-azure-lt", "message-circle", _("Objection being examined")),
    "upheld": ("bg-green-lt", "circle-check", _("Objection upheld")),
    "dismissed": ("badge-plain", "message-circle", _("Objection dismissed")),
}


@register.simple_tag
def objection_marks(ranking: Ranking) -> dict[str, str]:
    """The mark beside each entry of a ranking's period, by neighbourhood; one query for a whole page."""
    return summing.marks_of(ranking.period)


@register.filter
def mark(marks: dict[str, str], code: str) -> str:
    """The badge of an entry's mark; nothing where nobody objected."""
    if code not in marks:
        return ""
    css, sign, text = MARKS[marks[code]]
    return format_html(' <span class="badge {}">{}{}</span>', css, icon(sign), text)


@register.inclusion_tag("evaluations/public/_objections.html")
def objection_line(ranking: Ranking) -> dict:
    """How many objections a ranking met, and what became of them."""
    return {"numbers": summing.numbers_of(ranking.period), "ranking": ranking}


@register.inclusion_tag("evaluations/public/_answers.html")
def entry_answers(ranking: Ranking, entry: RankingEntry) -> dict:
    """Beside one entry: its mark, the replies, and the ways to object and to reply while they are open."""
    return {
        "ranking": ranking,
        "entry": entry,
        "marks": summing.marks_of(ranking.period),
        "replies": summing.replies_of(ranking.period, [entry.estate_code]).get(entry.estate_code, []),
        "is_open": raising.is_open(ranking, timezone.now()),
        "until": raising.open_until(ranking),
        "takes_replies": ranking.status in replies.OPEN_IN,
    }
