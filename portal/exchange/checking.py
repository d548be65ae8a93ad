"""The dry run of an import: every row read, compared and tried against the database, every problem written down."""

import json
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _
from psycopg2 import errors

from portal.exchange.columns import columns_of, in_every_language
from portal.exchange.rows import Ready, RowReader, SheetPlan
from portal.exchange.running import Progress
from portal.exchange.staging import Stage, StageFile, reserve
from portal.models import User
from portal.registers import Register
from portal.registers.actions import constraint_message, outside_message
from portal.spreadsheets.cells import shown
from portal.spreadsheets.columns import letters
from portal.spreadsheets.files import Row
from portal.spreadsheets.reading import Sheet, Table

SHOWN_PROBLEMS = 5000
SHOWN_CHANGES = 300
SHOWN_NEW = 100


class Check:
    """One dry run. :meth:`run` does it, in the caller's transaction; :meth:`outcome` is what the batch keeps of it."""

    def __init__(self, register: Register, user: User, file_name: str, folder: Path, progress: Progress) -> None:
        self.register, self.user, self.folder, self.progress = register, user, folder, progress
        instructions = in_every_language(lambda: _("Instructions"))
        self.table = Table(folder / "upload", file_name, columns_of(register, user), instructions)
        self.reader = RowReader(register, user)
        self.problems: list[dict[str, Any]] = []
        self.problem_count = self.new = self.changed = self.changed_values = 0
        self.changes: list[list[str]] = []
        self.entered: list[list[str]] = []
        self.grid: dict[str, Any] = {}
        self._wrong: set[tuple[str, int]] = set()
        self._staged: list[tuple[SheetPlan, int, bool, int, Any]] = []
        self._refused: dict[int, None] = {}

    def run(self) -> None:
        """Raises :class:`BadFile`."""
        plan: SheetPlan | None = None
        expected = self.table.expected()
        self.progress(0, expected)
        with (
            open(self.folder / "problems", "w", encoding="utf-8") as self._log,
            StageFile(self.folder / "rows", self.register.model) as stage,
        ):
            for sheet, rows in self.table:
                if plan is None or plan.sheet is not sheet:
                    plan = self.reader.sheet(sheet)
                self._batch(plan, rows, stage)
                self.progress(self.table.rows, expected)
            stage.close()
            if self._staged:
                self._try()
        (self.folder / "left_out").write_text(json.dumps(list(self._refused)))

    def _batch(self, plan: SheetPlan, rows: list[Row], stage: StageFile) -> None:
        cells_of = dict(rows)

        def say(number: int, column: str, reason: str, value: str) -> None:
            self._say(plan, number, column, reason, value, plan.who(cells_of[number]))

        def first(number: int, column: str, *rest: str) -> None:
            if not self.grid:
                self.grid = _grid(plan, rows, number, column)
            say(number, column, *rest)

        found = list(self.reader.ready(plan, rows, first))
        ids = iter(reserve(self.register.model, sum(ready.seen is None for ready in found)))
        for ready in found:
            if ready.seen is None:
                ready.row.pk = next(ids)
            stage.add(len(self._staged), ready.row, seen=ready.seen)
            who = plan.who(cells_of[ready.number])
            self._staged.append((plan, ready.number, ready.seen is None, len(ready.changes), who))
            self._count(plan, ready, who)

    def _count(self, plan: SheetPlan, ready: Ready, who: Any) -> None:
        if ready.seen is None:
            self.new += 1
            if len(self.entered) < SHOWN_NEW:
                self.entered.append([plan.sheet.name, str(ready.number), shown(who)])
            return
        self.changed += 1
        self.changed_values += len(ready.changes)
        if len(self.changes) < SHOWN_CHANGES:
            self.changes += [
                [plan.sheet.name, str(ready.number), shown(who), str(field.title), before, after]
                for field, before, after in ready.changes
            ]

    # --- what the database says ---

    def _try(self) -> None:
        with transaction.atomic():
            stage = Stage(self.register.model, self.folder / "rows")
            for line in stage.changed_meanwhile():
                self._refuse(line, _("Somebody is changing this record just now: check again."))
            stage.leave_out(self._refused)
            for line, error in stage.try_all():
                self._refuse(line, self._reason(error, is_new=self._staged[line][2]))
            stage.leave_out(self._refused)
            for line in stage.outside(self.register.scoped(self.user, self.register.keep)):
                self._refuse(line, outside_message())
            transaction.set_rollback(True)

    def _refuse(self, line: int, reason: str) -> None:
        if line in self._refused:
            return
        self._refused[line] = None
        plan, number, is_new, changes, who = self._staged[line]
        if is_new:
            self.new -= 1
        else:
            self.changed -= 1
            self.changed_values -= changes
        self._say(plan, number, "", reason, "", who)

    def _reason(self, error: DatabaseError, *, is_new: bool) -> str:
        """What a refusal means. A key that is taken out of the person's sight is no more than "not in your place"."""
        cause = error.__cause__
        if is_new and isinstance(cause, errors.UniqueViolation):
            columns = (cause.diag.message_detail or "").partition("(")[2].partition(")=")[0].split(", ")
            key = [self.register.model._meta.get_field(name).column for name in self.register.key]
            if sorted(columns) == sorted(key):
                return outside_message()
        return constraint_message(self.register.model, error)

    # --- problems ---

    def _say(self, plan: SheetPlan, number: int, column: str, reason: str, value: str, who: Any) -> None:
        self.problem_count += 1
        self._wrong.add((plan.sheet.name, number))
        title = next((one.title for _index, one in plan.sheet.places if one.name == column), "")
        problem = {
            "sheet": plan.sheet.name, "row": number, "column": column, "reason": str(reason),
        }  # fmt: skip
        self._log.write(json.dumps(problem, ensure_ascii=False) + "\n")
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(
                problem | {"cell": plan.sheet.cell(column, number), "title": title, "value": value, "who": shown(who)}
            )

    def outcome(self) -> dict[str, Any]:
        """Changes to the batch."""
        return {
            "rows_total": self.table.rows,
            "rows_done": self.table.rows,
            "rows_blank": self.table.blank,
            "new": self.new,
            "changed": self.changed,
            "changed_values": self.changed_values,
            "unchanged": self.reader.unchanged,
            "wrong": len(self._wrong),
            "problem_count": self.problem_count,
            "problems": self.problems,
            "preview": {
                "changes": self.changes,
                "entered": self.entered,
                "grid": self.grid,
                "sheets": [self._sheet(sheet) for sheet in self.table.sheets],
            },
            "notes": self._notes(),
        }

    @staticmethod
    def _sheet(sheet: Sheet) -> dict[str, Any]:
        return {
            "name": sheet.name, "header_row": sheet.header_row, "width": sheet.width, "first": sheet.first,
            "last": sheet.last, "places": [[index, column.name] for index, column in sheet.places],
        }  # fmt: skip

    def _notes(self) -> list[str]:
        notes = []
        ignored = list(dict.fromkeys(title for sheet in self.table.sheets for title in sheet.ignored))
        if ignored:
            notes.append(
                _("Columns that this register does not know are left out: %(columns)s.")
                % {"columns": "、".join(ignored)}
            )
        if self.table.skipped:
            notes.append(
                _("Sheets without a header of this register are left out: %(sheets)s.")
                % {"sheets": "、".join(self.table.skipped)}
            )
        if not self.table.rows:
            notes.append(_("The file has a header and no rows."))
        return notes


def _grid(plan: SheetPlan, rows: list[Row], number: int, column: str) -> dict[str, Any]:
    """The part of the sheet around a wrong cell: its row with the rows beside it, its column with those beside it."""
    at = next(place for place, (row, _cells) in enumerate(rows) if row == number)
    places = [(index, one) for index, one in plan.sheet.places if one.read is not None]
    hit = next((place for place, (_index, one) in enumerate(places) if one.name == column), 0)
    start = max(0, min(hit - 1, len(places) - 4))
    shown = places[start : start + 4]
    return {
        "sheet": plan.sheet.name,
        "cell": plan.sheet.cell(column, number),
        "letters": [letters(index) for index, _one in shown],
        "header": [plan.sheet.header_row, [one.title for _index, one in shown]],
        "rows": [
            [row, [plan.raw(cells, one.name) for _index, one in shown]] for row, cells in rows[max(0, at - 1) : at + 2]
        ],
        "row": number,
        "column": hit - start if column else -1,
    }
