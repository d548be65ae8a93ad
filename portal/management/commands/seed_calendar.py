"""Add the announced holidays and make-up workdays of years that the calendar does not know yet."""

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.workdays.seeding import seed


class Command(BaseCommand):
    help = "Add years of holidays that the installed library chinesecalendar knows and the calendar does not."

    def add_arguments(self, parser):
        parser.add_argument("--year", type=int, help="this year only")

    @transaction.atomic
    def handle(self, *, year: int | None, **options):
        added = seed(year)
        self.stdout.write(f"{added} years added.")
