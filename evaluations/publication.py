"""What the public may read of rankings, and when that last changed."""

from django.db import connection

from evaluations.models import Ranking

ON_THE_PAGE = (*Ranking.PUBLISHED_ONCE, Ranking.Status.NOTICE)
"""What everybody may open as a page: what was published, and what is on public notice. API and files: published ones only."""

_VERSION = """
SELECT concat_ws(' ', count(*), max(status_changed_at),
    (SELECT string_agg(profile.xmin || '-' || city.xmin, ' ' ORDER BY profile.region_id)
     FROM portal_cityprofile profile JOIN portal_region city ON city.id = profile.region_id),
    (SELECT concat_ws(' ', count(*), max(status_changed_at)) FROM evaluations_rankingobjection),
    (SELECT concat_ws(' ', count(*), max(status_changed_at)) FROM evaluations_entryreply))
FROM evaluations_ranking WHERE status = ANY(%s)
"""


def publication_version() -> str:
    """A text that changes whenever a ranking goes on notice, is published, superseded or withdrawn, an objection or a reply
    is raised, marked, decided or shown, or the city is renamed.

    It is the version of the published documents.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [[status.value for status in ON_THE_PAGE]])
        return cursor.fetchone()[0]
