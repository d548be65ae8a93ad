"""Objections and replies as everybody reads them: numbers of a period, the mark beside an entry, the replies. No person in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from evaluations.models import EntryReply, RankingObjection

Status = RankingObjection.Status


@dataclass(frozen=True)
class Numbers:
    """The objections to a period's ranking, all revisions together; withdrawn ones are received ones too."""

    received: int
    undecided: int
    upheld: int
    dismissed: int
    withdrawn: int


def numbers_of(period: str) -> Numbers:
    """How many objections a period's ranking met, and what became of them. One query."""
    return Numbers(
        **RankingObjection.objects.filter(ranking__period=period).aggregate(
            received=Count("pk"),
            undecided=Count("pk", filter=Q(status__in=RankingObjection.UNDECIDED)),
            upheld=Count("pk", filter=Q(status=Status.UPHELD)),
            dismissed=Count("pk", filter=Q(status=Status.DISMISSED)),
            withdrawn=Count("pk", filter=Q(status=Status.WITHDRAWN)),
        )
    )


def marks_of(period: str) -> dict[str, str]:
    """The mark beside each entry that was objected to, by neighbourhood: ``pending`` while any is examined, else ``upheld``
    or ``dismissed``. Only what an official has marked shows.
    """
    marks: dict[str, str] = {}
    weight = {"dismissed": 1, "upheld": 2, "pending": 3}
    rows = RankingObjection.objects.shown().filter(ranking__period=period).values_list("estate_code", "status")
    for code, status in rows:
        mark = "pending" if status == Status.MARKED else str(status)
        marks[code] = max(marks.get(code, mark), mark, key=weight.__getitem__)
    return marks


def replies_of(period: str, codes: Iterable[str] | None = None) -> dict[str, list[EntryReply]]:
    """The replies that stand beside entries of a period, by neighbourhood."""
    rows = (
        EntryReply.objects.public()
        .filter(period=period)
        .select_related("ranking")
        .order_by("estate_code", "written_at")
    )
    if codes is not None:
        rows = rows.filter(estate_code__in=list(codes))
    found: dict[str, list[EntryReply]] = {}
    for reply in rows:
        found.setdefault(reply.estate_code, []).append(reply)
    return found
