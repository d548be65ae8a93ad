"""Compute missed rankings: ``manage.py catch_up_rankings``."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from evaluations.tasks import catch_up_rankings


class Command(BaseCommand):
    help = "Compute every ended half month that has cases and no ranking, oldest first (what beat does on the 1st and 16th)."

    def add_arguments(self, parser):
        parser.add_argument("--now", help="ISO time to take for now")

    def handle(self, *, now, **options):
        for period in catch_up_rankings(now):
            self.stdout.write(_("%(period)s computed.") % {"period": period})
