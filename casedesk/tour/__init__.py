"""What a visitor of the demo finds at the case desk: cases in every state, carried by the actions themselves, and a month of the
service march.
"""

from datetime import datetime

from django.db import transaction

from casedesk.models import CaseFile, CatalogueVersion
from casedesk.tour import cast, march, scenes


def is_wanted() -> bool:
    """Whether there is a catalogue to dispatch by and nothing at the desk yet."""
    return CatalogueVersion.objects.exists() and not CaseFile.objects.exists()


@transaction.atomic
def show(now: datetime) -> None:
    """Play the desk's last weeks up to ``now``: all of it or nothing. Nothing is dated in a window that was ranked already."""
    players = cast.players(now)
    if players is not None:
        scenes.play(players)
        march.hold(players)
