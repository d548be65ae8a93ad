"""Write a ranking as CSV: ``manage.py export_ranking 2021-10-H2 -o FILE``."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from evaluations import exports
from evaluations.management import find_ranking


class Command(BaseCommand):
    help = "Write a ranking as CSV: counts and what follows from them; with --all also names, previous rank and change."

    def add_arguments(self, parser):
        parser.add_argument("period", help="such as 2021-10-H2")
        parser.add_argument("-o", "--output", type=Path, help="the file (default: standard output)")
        parser.add_argument("--revision", type=int, help="default: the newest")
        parser.add_argument("--all", action="store_true", help="all columns")

    def handle(self, *, period, output, revision, **options):
        ranking = find_ranking(period, revision)
        columns = exports.ALL_COLUMNS if options["all"] else exports.FIRST_COLUMNS
        if output is None:
            exports.write_csv(ranking, sys.stdout, columns)
            return
        try:
            with open(output, "w", encoding="utf-8", newline="") as file:
                exports.write_csv(ranking, file, columns)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from error
