"""``load_city`` as whoever runs it sees it: rows per second of the whole command, and the most memory it took."""

import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.report import Line, Report
from evaluations import intake

_TIMES = {name: f"""to_char({name} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')""" for name in (
    "reported_at", "accept_due_at", "accepted_at", "handle_due_at", "handled_at", "rated_at")}  # fmt: skip
_VALUES = _TIMES | {
    "source": "'file'",
    "estate_code": "e.code",
    "responsible": "'enterprise'",
    "rating_withdrawn": "CASE WHEN rating_withdrawn THEN 'true' ELSE '' END",
}


def write_package(directory: Path, rows: int) -> Path:
    """A city package of ``rows`` cases: those of the database, under another source."""
    directory.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"{_VALUES.get(name, name)} AS {name}" for name in intake.COLUMNS)
    query = f"""SELECT {columns} FROM (SELECT * FROM evaluations_appraisalcase WHERE source = 'bench' ORDER BY id LIMIT {rows}) c
                JOIN estates_estate e ON e.id = c.estate_id"""
    with connection.cursor() as cursor, open(directory / "cases.csv", "w") as file:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", file)
    return directory


# Asked of a small process: a child's peak begins with what its parent had when it was made.
_WATCH = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def load(directory: Path) -> tuple[float, float]:
    """Seconds and peak MB of ``manage.py load_city`` in a process of its own.

    Raises:
        RuntimeError: it did not load.
    """
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "load_city", str(directory), "--quiet"]
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _WATCH, *command], stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError("load_city failed; see above")
    return seconds, int(done.stdout) / 1024


def measure(report: Report, rows: int) -> None:
    """Load a tenth of the rows, then all of them anew, then all of them once more, unchanged."""
    folder = settings.DATA_DIR / "packages"
    _, small = load(write_package(folder / "tenth", rows // 10))
    whole = write_package(folder / "whole", rows)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM evaluations_appraisalcase WHERE source = 'file'")
        cursor.execute("VACUUM ANALYZE evaluations_appraisalcase")
    connection.close()
    seconds, most = load(whole)
    report.add(Line(f"load_city, {rows:,} cases, whole command", rows / seconds, "rows/s", bar=20_000, at_least=True))
    report.add(Line(f"load_city, peak memory at {rows:,} cases", most, "MB", bar=300))
    report.add(Line("load_city, peak memory, flat", most, "MB", bar=1.2, peer=small, peer_name="a tenth"))
    seconds, _ = load(whole)
    report.add(Line("load_city, the same file again, nothing changed", rows / seconds, "rows/s"))
    (whole / "cases.csv").unlink()
