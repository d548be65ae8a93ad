"""Load a city package: ``manage.py load_city DIR``."""

import sys
from contextlib import contextmanager
from pathlib import Path

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from portal import citypackage


class Command(BaseCommand):
    help = "Load a city package (a folder of CSV and JSON files): all of it or, after naming every bad row, nothing."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)
        parser.add_argument("--quiet", action="store_true", help="no progress bar and no summary")

    def handle(self, *, directory: Path, quiet: bool, **options):
        if not directory.is_dir():
            raise CommandError(_("%(directory)s is not a folder.") % {"directory": directory})
        loading = citypackage.Loading(directory, say=self.say_problem)
        if not quiet:
            loading.progress = progress_bar
        try:
            with pghistory.context(command="load_city"):
                tallies = citypackage.load(loading)
        except citypackage.BadPackage as error:
            raise CommandError(_("Nothing was loaded: %(count)d problems.") % {"count": loading.problems}) from error
        if not quiet:
            for file, tally in tallies.items():
                self.stdout.write(
                    _("%(file)s: %(created)d new, %(updated)d changed, %(unchanged)d unchanged")
                    % {"file": file, "created": tally.created, "updated": tally.updated, "unchanged": tally.unchanged}
                )

    def say_problem(self, problem):
        self.stderr.write(str(problem), self.style.NOTICE)


@contextmanager
def progress_bar(file: str, size: int):
    """A bar over the bytes of a file, on a terminal only, and gone when it is read."""
    with tqdm(total=size, unit="B", unit_scale=True, desc=file, leave=False, disable=None, file=sys.stderr) as bar:
        yield bar.update
