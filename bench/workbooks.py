"""Workbooks of 50,000 rows in and out, as a worker does it: rows per second, memory of the process with its reader, first progress."""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from bench.report import Line, Report

SLUG = "estates"
ROWS = 50_000


def write(path: Path, rows: int) -> None:
    """A workbook of new neighbourhoods with every column of the register and the names of their communities."""
    from portal.exchange.columns import columns_of
    from portal.models import Region, User
    from portal.registers import register
    from portal.spreadsheets.writing import workbook

    places = list(Region.objects.filter(level="community").values_list("code", "name"))
    declared, user = register(SLUG), User.objects.get(username="bench-keeper")
    columns = columns_of(declared, user, export=True)

    def values():
        for n in range(rows):
            code, name = places[n % len(places)]
            known = {
                "code": f"W{n:06d}", "name": f"导入小区{n}", "kind": "老旧" if n % 3 else "old", "use_class": "residential",
                "community": code, "community_name": name, "address": f"某路{n % 999}号", "longitude": Decimal("114.305500"),
                "latitude": Decimal("30.592800"), "built_year": 1990 + n % 30, "buildings": 1 + n % 40,
                "delivered_on": date(2000, 1, 1) + timedelta(days=n % 7000), "households": 300 + n % 2000,
                "floor_area_m2": Decimal(20_000 + n), "lifts": n % 80, "has_fire_equipment": "是" if n % 2 else "否",
            }  # fmt: skip
            known["kind"] = "old"
            yield [known.get(column.name) for column in columns]

    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for piece in workbook(columns, values(), title=str(declared.title), count=rows):
            file.write(piece)


def keeper() -> None:
    """The official of the whole city who imports and exports."""
    from portal.models import Grant, Region, User
    from portal.roles import Role

    user, is_new = User.objects.get_or_create(username="bench-keeper")
    if is_new:
        Grant.objects.create(user=user, role=Role.CITY_OFFICIAL, region=Region.objects.get(level="city"))


def measure(report: Report, rows: int = ROWS) -> None:
    """Import new rows (dry run and confirm), the same file again unchanged, then export as many."""
    from django.conf import settings
    from django.db import connection

    keeper()
    path = settings.DATA_DIR / "workbooks" / "new.xlsx"
    write(path, rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    result = _run("import", path)
    seconds = result["check"] + result["apply"]
    assert result["new"] == rows, result
    report.add(Line(f"import {rows:,} rows, dry run + confirm", rows / seconds, "rows/s", bar=8000, at_least=True))
    report.add(Line(f"import {rows:,} rows, peak memory with its reader", result["megabytes"], "MB", bar=300))
    report.add(Line("import, first progress that others see", result["seen_after"] * 1000, "ms", bar=1000))
    again = _run("import", path)
    report.add(Line(f"import {rows:,} rows again, nothing changed, dry run", rows / again["check"], "rows/s"))
    out = _run("export", path.with_name("out.xlsx"))
    figure = out["rows"] / out["seconds"]
    report.add(Line(f"export {out['rows']:,} rows", figure, "rows/s", bar=12_000, at_least=True))
    report.add(Line(f"export {out['rows']:,} rows, peak memory", out["megabytes"], "MB", bar=200))


def _run(what: str, path: Path) -> dict:
    """Do one of them in a process of its own, and look at its progress meanwhile.

    Raises:
        RuntimeError: it failed.
    """
    from portal.models import ImportBatch

    latest = ImportBatch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.workbooks", what, str(path)], stdout=subprocess.PIPE, text=True
    )
    begun = seen = None
    while process.poll() is None:
        found = ImportBatch.objects.filter(pk__gt=latest).values_list("status", "rows_total").first()
        if found and found[0] == "checking":
            begun = begun or time.perf_counter()
            if found[1] and seen is None:
                seen = time.perf_counter()
        time.sleep(0.02)
    output = process.stdout.read()
    if process.returncode != 0:
        raise RuntimeError(f"{what} failed; see above")
    return json.loads(output) | {"seen_after": seen - begun if seen and begun else float("inf")}


def _import(path: Path) -> dict:
    from django.core.files import File

    from portal.exchange import actions
    from portal.exchange.models import ImportBatch
    from portal.models import User
    from portal.registers import register

    user = User.objects.get(username="bench-keeper")
    with open(path, "rb") as file:
        batch = actions.upload(register(SLUG), File(file, path.name), by=user)
    times = {}
    for name, to in (("check", ImportBatch.Status.CHECKING), ("apply", ImportBatch.Status.APPLYING)):
        begun = time.perf_counter()
        actions.claim(batch, to, by=user)
        actions.run(batch, to)
        times[name] = time.perf_counter() - begun
        batch.refresh_from_db()
        if batch.failure:
            raise RuntimeError(batch.failure)
    return times | {"new": batch.new, "wrong": batch.wrong, "status": batch.status}


def _export(path: Path) -> dict:
    from django.http import QueryDict

    from portal.exchange import exporting
    from portal.models import User
    from portal.registers import register

    user, declared = User.objects.get(username="bench-keeper"), register(SLUG)
    begun = time.perf_counter()
    rows = exporting.rows_for(declared, user, QueryDict())
    count = rows.count()
    with open(path, "wb") as file:
        for piece in exporting.content(declared, user, rows, "xlsx", count):
            file.write(piece)
    return {"rows": count, "seconds": time.perf_counter() - begun}


class _Reader:
    """Watches the most memory of this process's children, as the kernel tells it: a child's own ``rusage`` begins with its parent's."""

    def __init__(self) -> None:
        self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        me = os.getpid()
        while True:
            for child in Path(f"/proc/{me}/task/{me}/children").read_text().split():
                self.most = max(self.most, _peak_kb(child))
            time.sleep(0.01)


def _peak_kb(process: str) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    import django

    django.setup()
    reader = _Reader()
    done = {"import": _import, "export": _export}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(done | {"megabytes": (_peak_kb("self") + reader.most) / 1024}))
