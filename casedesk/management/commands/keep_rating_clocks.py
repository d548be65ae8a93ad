"""Reopen and close cases by their ratings: ``manage.py keep_rating_clocks``."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from casedesk.tasks import keep_rating_clocks


class Command(BaseCommand):
    help = "Reopen badly rated cases that nobody doubted in time, close those nobody rated (what beat does every ten minutes)."

    def add_arguments(self, parser):
        parser.add_argument("--now", help="ISO time to take for now")

    def handle(self, *, now, **options):
        done = keep_rating_clocks(now)
        self.stdout.write(_("%(reopened)d reopened, %(closed)d closed.") % done)
