"""What was measured, as a table for people and a file for machines."""

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Line:
    """One measured thing. ``bar`` bounds the ratio to ``peer`` where there is one, else the portal's own figure."""

    what: str
    portal: float
    unit: str
    bar: float | None = None
    at_least: bool = False
    peer: float | None = None
    peer_name: str = ""

    @property
    def ratio(self) -> float | None:
        return self.portal / self.peer if self.peer else None

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        figure = self.portal if self.ratio is None else self.ratio
        return figure >= self.bar if self.at_least else figure <= self.bar


@dataclass
class Report:
    """Lines in the order measured, and what was left out and why."""

    lines: list[Line] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        print(_row(line), flush=True)

    def skip(self, what: str, why: str) -> None:
        self.skipped.append((what, why))
        print(f"{what:<58} skipped: {why}", flush=True)

    def fail(self, what: str, why: str) -> None:
        """What could not be measured although it should; the rest goes on."""
        self.failed.append(what)
        self.skip(what, f"FAILED: {why}")

    @property
    def missed(self) -> list[str]:
        return [line.what for line in self.lines if line.met is False] + self.failed

    def table(self) -> str:
        missed = self.missed
        end = "all bars met" if not missed else "bars missed: " + "; ".join(missed)
        skipped = [f"{what:<58} skipped: {why}" for what, why in self.skipped]
        return "\n".join([HEAD, *map(_row, self.lines), *skipped, end])

    def write(self, sizes: dict) -> None:
        """Write ``bench/results.json``: machine, sizes, lines with ratio and verdict."""
        content = {
            "measured_at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
            "sizes": sizes,
            "lines": [asdict(line) | {"ratio": line.ratio, "met": line.met} for line in self.lines],
            "skipped": [{"what": what, "why": why} for what, why in self.skipped],
        }
        RESULTS.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


HEAD = f"{'what':<58} {'portal':>16} {'limit or peer':>30} {'ratio':>7} {'bar':>9} met"


def _row(line: Line) -> str:
    peer = f"{_number(line.peer)} {line.unit} {line.peer_name}" if line.peer else ""
    ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
    bar = f"{'≥' if line.at_least else '≤'} {line.bar:,g}" if line.bar is not None else ""
    verdict = {None: "", True: "yes", False: "NO"}[line.met]
    return f"{line.what:<58} {_number(line.portal) + ' ' + line.unit:>16} {peer:>30} {ratio:>7} {bar:>9} {verdict}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"
