"""The bench's own database on the trial's server, or on the one that ``DATABASE_URL`` names."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def make() -> None:
    """Drop what an earlier run left and migrate an empty one."""
    name = settings.DATABASES["default"]["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
    call_command("migrate", verbosity=0)
