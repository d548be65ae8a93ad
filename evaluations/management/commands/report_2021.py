"""Count the figures of the 2021 report again: ``manage.py report_2021``."""

import csv
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from evaluations.management import padded
from evaluations.overview import wording
from evaluations.overview.lines import REPORT_DAY, Line, Overview, overview
from evaluations.overview.rules import Verdict
from portal.models import Region
from portal.templatetags.portal import plain

COLUMNS = ("key", "definition", "reported", "counted", "verdict")


class Command(BaseCommand):
    help = "Count the figures of the 2021 report from the records, beside what the report prints."

    def add_arguments(self, parser):
        parser.add_argument("--csv", action="store_true", help="comma-separated: " + ", ".join(COLUMNS))
        parser.add_argument(
            "--as-of", type=date.fromisoformat, default=REPORT_DAY, help="the day counted on (default: %(default)s)"
        )
        parser.add_argument("--region", help="code of a district or street (default: the whole city)")
        parser.add_argument("--strict", action="store_true", help="exit 1 if a figure differs from the report's")

    def handle(self, *, as_of, region, strict, **options):
        found = overview(_region(region), as_of)
        if options["csv"]:
            write_csv(found, self.stdout)
        else:
            self._print(found)
        if strict and found.verdicts[Verdict.DIFFERS]:
            raise CommandError(_("%(count)d figures differ.") % {"count": found.verdicts[Verdict.DIFFERS]})

    def _print(self, found: Overview):
        self.stdout.write(
            _("%(place)s, as of %(day)s") % {"place": found.region.name, "day": found.day.isoformat()} + "\n"
        )
        for part in found.parts:
            self.stdout.write(f"\n{part.title}")
            for line in part.lines:
                self.stdout.write("  " + _row(line))
        if found.compares:
            counts = "  ".join(f"{wording.verdict_title(one)} {count}" for one, count in found.verdicts.items())
            self.stdout.write("\n" + counts)


def _region(code: str | None) -> Region:
    rows = Region.objects.plain()
    row = rows.filter(code=code).first() if code else rows.filter(level=Region.Level.CITY).first()
    if row is None:
        reason = (
            _("There is no place with the code %(code)s.") % {"code": code} if code else _("No city is loaded yet.")
        )
        raise CommandError(reason)
    return row


def _row(line: Line) -> str:
    cells = padded(str(line.definition.title), 54) + padded(wording.counted(line), 26)
    if line.verdict is None:
        return cells.rstrip()
    cells += padded(wording.said(line), 28) + wording.verdict_title(line.verdict)
    return cells + (f"\n      {line.explanation}" if line.explanation else "")


def write_csv(found: Overview, file) -> None:
    """One line a figure, in plain numbers; the report's as printed, empty for a part of the city."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in found.lines:
        value = line.counted
        writer.writerow(
            (
                line.key,
                line.definition.text,
                line.reported.value if line.reported else "",
                "" if value is None else value if isinstance(value, str) else plain(value),
                line.verdict or "",
            )
        )
