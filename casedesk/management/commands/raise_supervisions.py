"""Raise supervision by rule: ``manage.py raise_supervisions``. What beat does every 15 minutes."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casedesk.actions.supervision import raise_supervisions


class Command(BaseCommand):
    help = (
        "Raise every supervision that a rule asks for: overdue, two bad rounds, three reopenings, no lead. Idempotent."
    )

    def add_arguments(self, parser):
        parser.add_argument("--now", help="ISO time with an offset (default: now)")

    def handle(self, *, now, **options):
        try:
            moment = datetime.fromisoformat(now) if now else timezone.now()
        except ValueError as error:
            raise CommandError(f"{now} is no ISO time.") from error
        if moment.tzinfo is None:
            raise CommandError(f"{now} has no offset.")
        self.stdout.write(f"{raise_supervisions(moment)} raised")
