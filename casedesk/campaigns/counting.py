"""A month of the service march in numbers, counted from its visits and issues in somebody's scope."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from casedesk.models import CampaignIssue, CampaignVisit, CaseFile
from evaluations.models import ServiceCampaign
from portal.models import User
from portal.roles import Permission

Result = CampaignIssue.Result


@dataclass(frozen=True)
class Line:
    """Issues of one unit or kind by their result. ``late`` are open ones after the day by which they were due."""

    name: str
    results: Counter[str]
    late: int

    @property
    def found(self) -> int:
        return self.results.total()

    @property
    def settled(self) -> int:
        return self.results[Result.ON_THE_SPOT] + self.results[Result.SETTLED]

    @property
    def open(self) -> int:
        return self.results[Result.OPEN]

    @property
    def on_the_spot(self) -> int:
        return self.results[Result.ON_THE_SPOT]

    @property
    def cases(self) -> int:
        return self.results[Result.CASE]


@dataclass(frozen=True)
class Month:
    """A campaign with what was done in it. ``standing`` says how many of its cases stand in which status."""

    campaign: ServiceCampaign
    visits: list[CampaignVisit]
    issues: list[CampaignIssue]
    total: Line
    by_unit: list[Line]
    by_category: list[Line]
    files: dict[int, CaseFile] = field(default_factory=dict)

    @property
    def estates(self) -> int:
        """Neighbourhoods visited, each once."""
        return len({visit.estate_id for visit in self.visits})

    @property
    def standing(self) -> list[tuple[str, int]]:
        found = Counter(file.get_status_display() for file in self.files.values())
        return found.most_common()


def month(campaign: ServiceCampaign, user: User, today: date) -> Month:
    """``campaign`` as ``user`` sees it: visits and issues of the neighbourhoods within reach."""
    visits = CampaignVisit.objects.for_user(user, Permission.VIEW_CASES).filter(campaign=campaign)
    issues = CampaignIssue.objects.for_user(user, Permission.VIEW_CASES).filter(visit__campaign=campaign)
    rows = list(issues.select_related("visit__estate", "case").order_by("-visit__held_on", "code"))
    cases = [issue.case_id for issue in rows if issue.case_id]
    return Month(
        campaign=campaign,
        visits=list(visits.select_related("estate__community__parent").order_by("-held_on", "code")),
        issues=rows,
        total=_line("", rows, today),
        by_unit=_lines(rows, lambda issue: issue.responsible, today),
        by_category=_lines(rows, lambda issue: issue.category, today),
        files=CaseFile.objects.in_bulk(cases),
    )


def _lines(issues: Iterable[CampaignIssue], key: Callable[[CampaignIssue], str], today: date) -> list[Line]:
    groups: dict[str, list[CampaignIssue]] = {}
    for issue in issues:
        groups.setdefault(key(issue), []).append(issue)
    lines = [_line(name, rows, today) for name, rows in groups.items()]
    return sorted(lines, key=lambda line: (-line.found, line.name))


def _line(name: str, issues: Iterable[CampaignIssue], today: date) -> Line:
    rows = list(issues)
    late = sum(row.result == Result.OPEN and row.due_on is not None and row.due_on < today for row in rows)
    return Line(name, Counter(row.result for row in rows), late)
