"""Compute a ranking into a draft: ``manage.py compute_ranking 2021-10-H2``."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from evaluations import actions
from evaluations.management import parse_period


class Command(BaseCommand):
    help = "Compute the ranking of a half month into a draft and print period, revision, eligible, digest."

    def add_arguments(self, parser):
        parser.add_argument("period", help="such as 2021-10-H2")
        parser.add_argument("--reason", default="", help="what changed and why; needed where the period was published")
        parser.add_argument("--policy", help="document of the policy record (default: the one in force)")

    def handle(self, *, period, reason, policy, **options):
        try:
            computed = actions.compute_ranking(parse_period(period), now=timezone.now(), reason=reason, document=policy)
        except actions.RankingRefused as error:
            raise CommandError(str(error)) from error
        ranking = computed.ranking
        self.stdout.write(f"{ranking.period} revision {ranking.revision} eligible {ranking.eligible} {ranking.digest}")
