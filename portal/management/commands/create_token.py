"""Make a token for a REST client: ``manage.py create_token USERNAME --may cases.submit --days 90 --label "…"``."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.models import ApiToken, User
from portal.roles import Permission
from portal.workflow import record

MOST_DAYS = 3650


class Command(BaseCommand):
    help = "Make an API token that may do what --may names, and print it. It is shown this once and stored as a hash."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument(
            "--may", action="append", required=True, choices=Permission.values, metavar="PERMISSION",
            help="a permission of the token; repeat for more (" + ", ".join(Permission.values) + ")",
        )  # fmt: skip
        parser.add_argument("--days", type=int, default=90, help="for how many days it holds (90)")
        parser.add_argument("--label", default="", help="whose it is, for the list of tokens")

    @transaction.atomic
    def handle(self, *, username: str, may: list[str], days: int, label: str, **options):
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(_("There is no active account “%(name)s”.") % {"name": username})
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(_("--days: from 1 to %(most)d.") % {"most": MOST_DAYS})
        if len(label) > 100:
            raise CommandError(_("--label: at most 100 characters."))
        permissions = sorted(set(may))
        lacking = [permission for permission in permissions if not user.has_perm(permission)]
        if lacking:
            raise CommandError(
                _("The account “%(name)s” does not hold: %(permissions)s.")
                % {"name": username, "permissions": ", ".join(lacking)}
            )
        row, token = ApiToken.objects.create(
            user=user, expiry=timedelta(days=days), permissions=permissions, label=label
        )
        record("tokens.create", user, by=None, label=label, permissions=permissions, expires=row.expiry.isoformat())
        self.stdout.write(token)
