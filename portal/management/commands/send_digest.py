"""Put the digest of a day into the outbox, as beat does at 08:00 on working days."""

from datetime import date

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.notices.digest import send_digests


class Command(BaseCommand):
    help = "Tell everybody what waits for them: one notice per person and working day, however often it is run."

    def add_arguments(self, parser):
        parser.add_argument("--day", type=date.fromisoformat, help="such as 2021-11-18; today without it")

    def handle(self, *, day: date | None, **options):
        self.stdout.write(f"{send_digests(day or timezone.localdate())} digests.")
