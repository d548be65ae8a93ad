"""A bulletin as a file: Word, PDF, and its tables as CSV."""

from collections.abc import Iterator

from bulletins.models import MonthlyBulletin
from bulletins.official import official
from portal.api import csv_text
from portal.documents import docx, pdf, typesetting

CSV_COLUMNS = (
    "table", "code", "name", "received", "received_before", "change", "change_rate", "share", "excluded", "accept_due",
    "accept_on_time", "handle_due", "handle_on_time", "late", "unresolved", "ratings", "satisfied_weight", "rated",
    "rated_withdrawn", "bad", "bad_withdrawn", "bad_standing", "acceptance", "handling", "satisfaction", "late_rate",
    "score", "score_exact", "rank", "peer_group", "peer_rank", "daily_mean", "value", "unit",
)  # fmt: skip
"""One row a unit; what a table does not have stays empty."""

_TABLES = (
    "districts", "peer_groups", "departments", "stations", "utilities", "parties", "channels", "categories",
)  # fmt: skip


def csv_rows(tables: dict) -> Iterator[dict]:
    """The tables as rows under :data:`CSV_COLUMNS`, the city first."""
    yield {"table": "city", "code": "", "name": tables["publisher"]["city"]} | tables["city"]
    for name in _TABLES:
        for row in tables[name]:
            yield {"table": name} | row
    for row in tables["exclusions"]:
        yield {"table": "exclusions", "code": row["code"], "name": row["name"], "value": row["count"]}
    for row in tables["figures"]:
        yield {"table": "figures", "code": row["key"], "name": row["title"], "value": row["value"], "unit": row["unit"]}
    for published in tables["lists"]:
        for name in ("top", "bottom"):
            for row in published[name]:
                yield {
                    "table": f"{published['period']} {name}",
                    "code": row["estate_code"],
                    "name": row["estate_name"],
                    "score": row["score"],
                    "rank": row["rank"],
                }


def _csv(bulletin: MonthlyBulletin) -> bytes:
    return csv_text(list(CSV_COLUMNS), csv_rows(bulletin.tables)).encode()


FORMS = {
    "docx": (docx.CONTENT_TYPE, lambda bulletin: docx.docx(official(bulletin))),
    "pdf": (pdf.CONTENT_TYPE, lambda bulletin: typesetting.pdf(official(bulletin))),
    "csv": ("text/csv; charset=utf-8", _csv),
}
"""Each form with its media type and how it is made."""


def file_name(bulletin: MonthlyBulletin, form: str) -> str:
    state = "" if bulletin.status in MonthlyBulletin.PUBLISHED_ONCE else f"-{bulletin.status}"
    return f"bulletin-{bulletin.month}-r{bulletin.revision}{state}.{form}"
