"""Generate the demo city and load it: ``manage.py sample_city``."""

import sys
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from evaluations.samplecity import figures, package


class Command(BaseCommand):
    help = (
        "Generate the sample city on Wuhan's real places as a city package, and load it. Same seed and date, same rows."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="the day it is, such as 2021-11-18 (default: today)"
        )
        parser.add_argument("--seed", type=int, default=2021)
        parser.add_argument("-o", "--output", type=Path, help="the folder (default: sample-city in PORTAL_DATA_DIR)")
        parser.add_argument("--no-load", action="store_true", help="write the folder only")
        parser.add_argument(
            "--cases",
            type=int,
            default=figures.CASES_PER_HALF_MONTH,
            help="about how many a half month (default: %(default)s)",
        )

    def handle(self, *, as_of, seed, output, no_load, cases, **options):
        as_of = as_of or timezone.localdate()
        directory = output or settings.DATA_DIR / "sample-city"
        try:
            count = self._write(directory, as_of, seed, cases)
        except OSError as error:
            raise CommandError(f"{directory}: {error.strerror}") from error
        self.stdout.write(
            _("%(directory)s: %(count)d cases, as of %(day)s, seed %(seed)d.")
            % {"directory": directory, "count": count, "day": as_of, "seed": seed}
        )
        if not no_load:
            call_command("load_city", directory, stdout=self.stdout, stderr=self.stderr)

    def _write(self, directory: Path, as_of: date, seed: int, cases: int) -> int:
        with tqdm(total=package.steps(), desc="sample city", leave=False, disable=None, file=sys.stderr) as bar:

            def step(name: str) -> None:
                bar.set_postfix_str(name)
                bar.update()

            return package.write(directory, as_of=as_of, seed=seed, cases_per_half_month=cases, step=step)
