"""Recompute every stored score and digest: ``manage.py verify_rankings``."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from evaluations import snapshots
from evaluations.models import Ranking


class Command(BaseCommand):
    help = "Recompute every stored score from its counts and every digest from its rows; exit 1 on any difference."

    def handle(self, **options):
        checked = wrong = 0
        for ranking in Ranking.objects.order_by("period", "revision"):
            checked += 1
            found = snapshots.differences(ranking)
            wrong += bool(found)
            for difference in found:
                self.stderr.write(f"{ranking}: {difference}")
        if wrong:
            raise CommandError(_("%(wrong)d of %(checked)d rankings differ.") % {"wrong": wrong, "checked": checked})
        self.stdout.write(_("%(checked)d rankings verified.") % {"checked": checked})
