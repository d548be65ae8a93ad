"""Two people, or two runs, at once on connections of their own: exactly one does it, the other is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connection

from casedesk.actions import dispatch, handling, supervision
from casedesk.models import Dispatch, Handling, Supervision
from evaluations.models import AppraisalCase
from portal.models import Region, User
from portal.workflow import LostRace, MoveRefused
from tests import world
from tests.casedesk import desk as desk_world
from tests.casedesk.desk import HOUR, NOW


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A desk that other connections see; removed afterwards."""
    with django_db_blocker.unblock():
        before = set(User.objects.values_list("pk", flat=True))
        yield desk_world.settle_desk(world.settle_people())
        mine = sorted(set(User.objects.values_list("pk", flat=True)) - before)
        tables = [model._meta.db_table for model in apps.get_app_config("casedesk").get_models()]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            cursor.execute("ALTER TABLE portal_auditentry DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM portal_auditentry WHERE by_id = ANY(%s) OR verb LIKE 'cases.%%'", [mine])
            cursor.execute("ALTER TABLE portal_auditentry ENABLE TRIGGER USER")
            cursor.execute("DELETE FROM portal_notice")
        AppraisalCase.objects.filter(source="portal").delete()
        User.objects.filter(pk__in=mine).delete()


def at_once(*deeds) -> list[str]:
    """What became of ``deeds``, begun at the same time."""

    def attempt(deed) -> str:
        try:
            return str(deed() is not None and "done")
        except (LostRace, MoveRefused) as refused:
            return type(refused).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(attempt, deeds))


def test_deeds_at_once_happen_once(committed):
    desk = committed
    file = desk.matter()
    street = Region.objects.get(pk=desk.street.pk)
    outcome = at_once(
        lambda: dispatch.dispatch_case(file, party=desk.enterprise, by=desk.officer, now=NOW, seen=1),
        lambda: dispatch.dispatch_case(file, party=street, by=desk.other_officer, now=NOW, seen=1),
    )
    assert outcome == ["LostRace", "done"]
    assert Dispatch.objects.filter(case=file.case).count() == 1

    file = desk.dispatched()
    outcome = at_once(
        lambda: handling.accept_case(file, by=desk.staff, now=NOW + HOUR, seen=file.version),
        lambda: dispatch.object_to_dispatch(
            file, reason="not ours", by=desk.colleague, now=NOW + HOUR, seen=file.version
        ),
    )
    assert outcome == ["LostRace", "done"]

    file = desk.accepted()
    told = {"result": "solved", "text": "done", "finished_at": NOW + 3 * HOUR, "now": NOW + 4 * HOUR, "seen": None}
    outcome = at_once(
        lambda: handling.handle_case(file, by=desk.staff, **told),
        lambda: handling.handle_case(file, by=desk.colleague, **told),
    )
    assert outcome == ["MoveRefused", "done"]
    assert Handling.objects.filter(case=file.case).count() == 1

    file = desk.accepted()
    late = file.case.handle_due_at + 25 * HOUR
    at_once(lambda: supervision.raise_supervisions(late), lambda: supervision.raise_supervisions(late))
    assert Supervision.objects.filter(case=file.case).count() == 1
    numbers = list(Supervision.objects.order_by("pk").values_list("number", flat=True))
    assert [number[-6:] for number in numbers] == [f"{place + 1:06d}" for place in range(len(numbers))]
