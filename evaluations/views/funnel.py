"""The funnel page: which neighbourhoods lie further from the common rate than chance explains. For officials."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from estates.models import Estate
from evaluations.evidence.funnel import Dot, curve, funnel
from evaluations.evidence.rules import RATES, pairs_of
from evaluations.models import Ranking, RankingEntry
from evaluations.summaries import PART_NAMES
from evaluations.views.review import for_viewers

PAGE_SIZE = 50
KINDS = {
    "": _("All kinds together"),
    Estate.Kind.PROFESSIONAL.value: _("Professionally served"),
    Estate.Kind.OLD.value: _("Old neighbourhoods"),
}


@dataclass(frozen=True)
class Line:
    entry: RankingEntry
    dot: Dot

    @property
    def successes(self) -> Decimal:
        return Decimal(repr(self.dot.successes))

    @property
    def is_low(self) -> bool:
        return self.dot.rate < (self.dot.limits.alert_low + self.dot.limits.alert_high) / 2


@require_safe
def page(request: HttpRequest, period: str, revision: int) -> HttpResponse:
    """One rate of one ranking: picture, and all neighbourhoods with cases, the least likely by chance first."""
    for_viewers(request)
    ranking = get_object_or_404(Ranking, period=period, revision=revision)
    rate = request.GET.get("rate", "")
    rate = rate if rate in RATES else "handling"
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    entries = list(ranking.entries.filter(**({"estate_kind": kind} if kind else {})).order_by("estate_code"))
    found = funnel([pairs_of(entry.counts)[rate] for entry in entries])
    dots = found.dots if found else []
    lines = [Line(entry, dot) for entry, dot in zip(entries, dots, strict=False) if dot]
    lines.sort(key=lambda line: (not line.dot.is_alarm, line.dot.chance, line.entry.estate_code))
    return render(
        request,
        "evaluations/review/funnel.html",
        {
            "section": "rankings-desk",
            "ranking": ranking,
            "rate": rate,
            "kind": kind,
            "rates": [(name, PART_NAMES[name], urlencode({"rate": name, "kind": kind})) for name in RATES],
            "kinds": [(name, title, urlencode({"rate": rate, "kind": name})) for name, title in KINDS.items()],
            "rate_title": PART_NAMES[rate],
            "funnel": found,
            "page": Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page")),
            "alarms": sum(line.dot.is_alarm for line in lines),
            "outside": sum(line.dot.zone == 2 for line in lines),
            "counted": len(lines),
            "without": len(entries) - len(lines),
            "points": _points(lines),
            "curve": curve(max(line.dot.trials for line in lines), found.centre, found.dispersion) if found else [],
        },
    )


def _points(lines: list[Line]) -> list[tuple[int, float, bool, int]]:
    """Cases, rate in percent and whether it is an alarm, with the number of neighbourhoods that share all three."""
    shared = Counter((line.dot.trials, round(100 * line.dot.rate, 2), line.dot.is_alarm) for line in lines)
    return [(*point, count) for point, count in sorted(shared.items())]
