"""A ranking as a file: CSV and workbook, the same columns as the API."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

import xlsxwriter
from django.utils.translation import gettext as _

from evaluations.models import Ranking
from evaluations.snapshots import policy_of

FIRST_COLUMNS = (
    "estate_code", "district_code", "accept_due", "accept_on_time", "handle_due", "handle_on_time", "ratings",
    "satisfied_weight", "eligible", "score", "rank", "district_rank", "list",
)  # fmt: skip
"""What whoever checks a ranking needs: the counts, and what follows from them."""

ALL_COLUMNS = (
    *FIRST_COLUMNS, "estate_name", "estate_kind", "street_code", "street_name", "district_name", "enterprise_uscc",
    "enterprise_name", "previous_rank", "change",
)  # fmt: skip


def export_rows(ranking: Ranking, columns: tuple[str, ...] = ALL_COLUMNS) -> Iterator[tuple[str, ...]]:
    """Entries as text: ranked ones by rank, then the others by code. ``satisfied_weight`` has the policy's decimals."""
    places = policy_of(ranking).level_decimals
    for row in ranking.entries.listed().values_list(*columns):
        yield tuple(_text(name, value, places) for name, value in zip(columns, row, strict=True))


def _text(name: str, value: Any, places: int) -> str:
    if value is None:
        return ""
    if name == "satisfied_weight":
        return f"{value:.{places}f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def write_csv(ranking: Ranking, file: TextIO, columns: tuple[str, ...] = ALL_COLUMNS) -> None:
    """Header and rows, comma-separated, LF line ends. A name that a spreadsheet would run as a formula gets a quote before it."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([[_defused(value) for value in row] for row in export_rows(ranking, columns)])


def _defused(value: str) -> str:
    return (
        f"'{value}"
        if value[:1] in ("=", "+", "@", "\t", "\r") or (value[:1] == "-" and not value[1:].isdigit())
        else value
    )


def write_xlsx(ranking: Ranking, path_or_file: Any) -> None:
    """The ranking as a workbook: one sheet of entries, one that says what they are. Codes are text; numbers are numbers."""
    with xlsxwriter.Workbook(path_or_file, {"constant_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(_("Ranking"))
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, ALL_COLUMNS, head)
        numeric = {place for place, name in enumerate(ALL_COLUMNS) if name in _NUMERIC}
        for number, row in enumerate(export_rows(ranking), start=1):
            for place, value in enumerate(row):
                if place in numeric and value:
                    sheet.write_number(number, place, float(value))
                else:
                    sheet.write_string(number, place, value)
        about = book.add_worksheet(_("About"))
        for number, (name, value) in enumerate(about_rows(ranking)):
            about.write_string(number, 0, name)
            about.write_string(number, 1, value)


_NUMERIC = {
    "accept_due", "accept_on_time", "handle_due", "handle_on_time", "ratings", "satisfied_weight", "score", "rank",
    "district_rank", "previous_rank", "change",
}  # fmt: skip


def about_rows(ranking: Ranking) -> list[tuple[str, str]]:
    """What a file says of itself."""
    return [
        (_("period"), ranking.period),
        (_("revision"), str(ranking.revision)),
        (_("status"), str(ranking.get_status_display())),
        (_("window from"), ranking.window_start.isoformat()),
        (_("cut-off"), ranking.window_end.isoformat()),
        (_("policy"), ranking.policy_snapshot["document"]),
        ("SHA-256", ranking.digest),
    ]
