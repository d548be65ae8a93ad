"""Reads a workbook in a process of its own: what a stranger's file does to memory and time, it does to this process only.

Run as ``python child.py FILE MEGABYTES SECONDS``. Standard output carries pickled messages: ``("sheet", name, rows)`` for
each visible sheet, then lists of ``(row number, cells)``, and ``("end", rows without anything in them)``. An error is
``("error", kind)``.
"""

import pickle
import resource
import sys

ROWS_AT_A_TIME = 1000


def main(path: str, megabytes: str, seconds: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (int(megabytes) * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    out = sys.stdout.buffer

    def say(message) -> None:
        pickle.dump(message, out, 5)

    try:
        workbook = CalamineWorkbook.from_path(path)
        for sheet in workbook.sheets_metadata:
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                found = workbook.get_sheet_by_name(sheet.name)
                say(("sheet", sheet.name, found.total_height))
                _rows(found, say)
    except PasswordError:
        say(("error", "password"))
    except (CalamineError, OSError, ValueError):
        say(("error", "unreadable"))
    except MemoryError:
        say(("error", "memory"))
    out.flush()


def _rows(sheet, say) -> None:
    batch, blank = [], 0
    if sheet.start is not None:
        before = [""] * sheet.start[1]  # rows are given from the first column in use
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            if any(cell != "" for cell in cells):
                batch.append((number, before + cells if before else cells))
                if len(batch) == ROWS_AT_A_TIME:
                    say(batch)
                    batch = []
            else:
                blank += 1
    if batch:
        say(batch)
    say(("end", blank))


if __name__ == "__main__":
    main(*sys.argv[1:])
