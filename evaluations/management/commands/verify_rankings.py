"""Recompute every stored score, its evidence and every digest: ``manage.py verify_rankings``."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from evaluations import snapshots
from evaluations.evidence.computing import evidence_differences
from evaluations.models import Ranking


class Command(BaseCommand):
    help = "Recompute every stored score and its evidence from the counts, every digest from the rows; exit 1 on any difference."

    def handle(self, **options):
        checked = wrong = 0
        for ranking in Ranking.objects.order_by("period", "revision"):
            checked += 1
            found = snapshots.differences(ranking) + evidence_differences(ranking)
            wrong += bool(found)
            for difference in found:
                self.stderr.write(f"{ranking}: {difference}")
        if wrong:
            raise CommandError(_("%(wrong)d of %(checked)d rankings differ.") % {"wrong": wrong, "checked": checked})
        self.stdout.write(_("%(checked)d rankings verified.") % {"checked": checked})
