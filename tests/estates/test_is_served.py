"""``Estate.is_served`` is what the assignments say, whoever wrote them and however."""

from contextlib import suppress
from io import StringIO

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import Enterprise
from estates.models import Estate, ServiceAssignment
from portal.integrity.merging import merge, undo_merge
from tests.estates.rows import enterprise, span


def wrong() -> list[str]:
    current = ServiceAssignment.objects.current().filter(estate=OuterRef("pk"))
    found = Estate.objects.annotate(truly=Exists(current)).values_list("code", "is_served", "truly")
    return [code for code, is_served, truly in found if is_served != truly]


def is_served(estate: Estate) -> bool:
    return Estate.objects.values_list("is_served", flat=True).get(pk=estate.pk)


SPANS = ["[,)", "[2019-01-01,)", "[2020-01-01,2021-01-01)", "[,2019-01-01)", "[2021-01-01,)"]
DEEDS = {
    "insert": "INSERT INTO estates_serviceassignment (estate_id, enterprise_id, valid) VALUES (%(one)s, %(firm)s, %(span)s)",
    "insert two": """INSERT INTO estates_serviceassignment (estate_id, enterprise_id, valid)
        VALUES (%(one)s, %(firm)s, %(span)s), (%(other)s, %(firm)s, %(span)s)""",
    "span": "UPDATE estates_serviceassignment SET valid = %(span)s WHERE estate_id = %(one)s",
    "move": "UPDATE estates_serviceassignment SET estate_id = %(other)s WHERE estate_id = %(one)s",
    "swap": """UPDATE estates_serviceassignment SET estate_id = %(one)s::bigint + %(other)s - estate_id
        WHERE estate_id IN (%(one)s, %(other)s)""",
    "delete": "DELETE FROM estates_serviceassignment WHERE estate_id = %(one)s",
    "lie": "UPDATE estates_estate SET is_served = NOT is_served WHERE id = %(one)s",
}
deeds = st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 2), st.integers(0, 2), st.sampled_from(SPANS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(done=st.lists(deeds, min_size=1, max_size=8))
def test_whatever_is_done_to_assignments(db, done):
    estates = list(Estate.objects.order_by("code").values_list("pk", flat=True)[:3])
    firm = Enterprise.objects.earliest("pk").pk
    with transaction.atomic(), connection.cursor() as cursor:
        for deed, one, other, days in done:
            with suppress(IntegrityError), transaction.atomic():  # two at a time are refused, and nothing has happened
                values = {"one": estates[one], "other": estates[other], "span": days, "firm": firm}
                cursor.execute(DEEDS[deed], values)
            assert wrong() == []
        transaction.set_rollback(True)


def test_the_city_package_counts(db):
    assert wrong() == []
    assert set(Estate.objects.values_list("is_served", flat=True)) == {True, False}


def test_an_old_copy_of_a_neighbourhood_that_is_saved_changes_nothing(old):
    copy = Estate.objects.get(pk=old.pk)
    ServiceAssignment.objects.create(estate=old, enterprise=enterprise(), valid=span("2020-01-01"))
    assert is_served(old)
    copy.save()
    assert is_served(old)


def test_a_copied_file_counts(old):
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY estates_serviceassignment (estate_id, enterprise_id, valid) FROM STDIN",
            StringIO(f"{old.pk}\t{enterprise().pk}\t[2020-01-01,)\n"),
        )
    assert is_served(old)


def test_a_merge_and_its_undoing(people, old):
    served = Estate.objects.exclude(pk=old.pk).filter(is_served=True).earliest("code")
    ServiceAssignment.objects.filter(estate=served).delete()
    ServiceAssignment.objects.create(estate=served, enterprise=enterprise(), valid=span("2020-01-01"))
    done = merge(old, served, by=people.computer, reason="one neighbourhood")
    assert is_served(old)
    undo_merge(done, by=people.computer, reason="two after all")
    assert is_served(served)
    assert not is_served(old)


def test_it_leaves_no_trace_in_the_history(old):
    events = apps.get_model("estates.EstateEvent").objects.filter(pgh_obj_id=old.pk)
    before = events.count()
    ServiceAssignment.objects.create(estate=old, enterprise=enterprise(), valid=span("2020-01-01"))
    assert is_served(old)
    assert events.count() == before
