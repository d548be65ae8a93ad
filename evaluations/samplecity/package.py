"""Writes the sample city as a city package: the folder that ``load_city`` reads."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from evaluations.intake import COLUMNS
from evaluations.samplecity import figures, fillings, registers
from evaluations.samplecity.cases import CaseWriter, periods_before
from portal.trial import BASE_DIR

PLACES = BASE_DIR / "data" / "wuhan"

CITY = {
    "code": "420100",
    "name": "武汉市",
    "name_en": "Wuhan",
    "bureau": "武汉市住房保障和房屋管理局",
    "bureau_en": "Wuhan Housing Security and Management Bureau",
}
# The default record of the ranking policy; no days of notice, so that a visitor can publish on the same day.
POLICY = {
    "document": "样例〔2021〕1号",
    "effective_from": "2021-01-01",
    "window_periods": 3,
    "weights": {"acceptance": "0.30", "handling": "0.30", "satisfaction": "0.40"},
    "level_weights": {"5": "1", "4": "1", "3": "0.9", "2": "0", "1": "0"},
    "gates": {"acceptance": 10, "handling": 10, "ratings": 10},
    "list_size": 10,
    "notice_days": 0,
}


def write(
    directory: Path,
    *,
    as_of: date,
    seed: int,
    cases_per_half_month: int = figures.CASES_PER_HALF_MONTH,
    step: Callable[[str], None] = lambda name: None,
) -> int:
    """Write the package into ``directory`` (made if need be); the number of cases.

    The cases end with the last half month before ``as_of`` and are known as they stood when that day began. ``step`` is
    called after each part with its name; there are :func:`steps` of them.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for file in ("districts.csv", "streets.csv", "communities.csv", "districts.geojson"):
        shutil.copyfile(PLACES / file, directory / file)
    for file, content in (("city.json", CITY), ("policy.json", POLICY)):
        (directory / file).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    city = registers.make(registers.Places.read(PLACES), seed)
    _write_csv(directory / "agencies.csv", registers.Agency._fields, city.agencies)
    _write_csv(directory / "enterprises.csv", registers.Enterprise._fields, city.enterprises)
    _write_csv(directory / "estates.csv", registers.Estate._fields, city.estates)
    for table in fillings.tables(city, seed, as_of):
        _write_csv(directory / f"{table.slug}.csv", table.columns, table.rows)
    step("registers")
    writer = CaseWriter(city, seed, as_of)
    count = 0
    with open(directory / "cases.csv", "w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for period in periods_before(as_of, figures.HALF_MONTHS):
            lines = list(writer.lines(period, cases_per_half_month))
            file.writelines(lines)
            count += len(lines)
            step(str(period))
    return count


def steps() -> int:
    """How many times :func:`write` calls ``step``."""
    return 1 + figures.HALF_MONTHS


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[tuple]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
