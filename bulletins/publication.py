"""When what the public may read of bulletins last changed."""

from django.db import connection

from bulletins.models import MonthlyBulletin

_VERSION = """
SELECT concat_ws(' ', count(*), max(status_changed_at),
    (SELECT string_agg(profile.xmin || '-' || city.xmin, ' ' ORDER BY profile.region_id)
     FROM portal_cityprofile profile JOIN portal_region city ON city.id = profile.region_id))
FROM bulletins_monthlybulletin WHERE status = ANY(%s)
"""


def publication_version() -> str:
    """A text that changes whenever a bulletin is published, superseded or withdrawn, or the city is renamed."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [[status.value for status in MonthlyBulletin.PUBLISHED_ONCE]])
        return cursor.fetchone()[0]
