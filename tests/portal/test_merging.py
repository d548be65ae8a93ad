"""Merging what stands twice: everything moves, nothing else changes, and undoing brings every table back as it was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pghistory.models
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import Enterprise, EnterprisePresence, HeadcountReturn, ProjectManager
from estates.models import Estate, HandOver, OldNeighbourhood, ServiceAssignment, ServiceContract
from evaluations import intake
from evaluations.models import AppraisalCase, RankingEntry
from portal import citypackage
from portal.integrity.merging import MergeRefused, merge, relations, successor, undo_merge
from portal.integrity.models import Merge, MergeStep
from portal.models import AuditEntry, Grant, Region, User
from portal.roles import Role
from portal.workflow import LostRace
from tests import world
from tests.estates.rows import contract, enterprise, span

LEFT_OUT = (Merge, MergeStep, AuditEntry)


def tables() -> dict[str, list[str]]:
    """Every row of every table as the database holds it; without history, which grows, and the records of merges."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if issubclass(model, (pghistory.models.Event, pghistory.models.Context)) or model in LEFT_OUT:
                continue
            if not model._meta.managed or model._meta.proxy:
                continue
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT to_jsonb(one)::text FROM {table} one ORDER BY 1")
            found[model._meta.label] = [text for (text,) in cursor.fetchall()]
    return found


def pair(district: str = world.EAST) -> tuple[Estate, Estate]:
    """Two neighbourhoods of one district with cases; the second one has no records of service."""
    keep, drop = Estate.objects.filter(community__path__contains=f"/{district}/").order_by("pk")[:2]
    drop.assignments.all().delete()
    return keep, drop


# --- neighbourhoods -------------------------------------------------------------------------------------------------------


def test_everything_moves_and_the_other_is_gone(people):
    keep, drop = pair()
    cases = AppraisalCase.objects.filter(estate__in=[keep, drop]).count()
    contract(drop).save()
    HandOver.objects.create(estate=drop, to_enterprise=enterprise(), handed_over_on=date(2021, 1, 1))
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert not Estate.objects.filter(pk=drop.pk).exists()
    assert AppraisalCase.objects.filter(estate=keep).count() == cases
    assert ServiceContract.objects.get().estate == keep
    assert (done.dropped_code, done.kept_code) == (drop.code, keep.code)
    assert successor(Estate, drop.code) == keep
    entry = AuditEntry.objects.get(verb="merge")
    assert (entry.by, entry.reason, entry.details["dropped"]) == (people.officer_east, "同一小区", drop.code)


def test_undoing_brings_every_table_back(people):
    keep, drop = pair()
    contract(drop).save()
    OldNeighbourhood.objects.create(estate=drop, origin="abandoned", registered=span("2018-01-01"))
    before = tables()
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert tables() != before
    assert undo_merge(done, by=people.officer_east, reason="两个小区") == drop
    assert tables() == before
    assert successor(Estate, drop.code) is None


def test_published_ranking_stays_as_it_is(people, published):
    keep, drop = pair()
    before = list(RankingEntry.objects.order_by("pk").values_list())
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    published.refresh_from_db()
    assert list(RankingEntry.objects.order_by("pk").values_list()) == before
    undo_merge(done, by=people.officer_east, reason="两个小区")


def test_two_services_on_one_day_are_in_the_way(people):
    keep, drop = pair()
    keep.assignments.all().delete()
    ServiceAssignment.objects.create(estate=keep, enterprise=enterprise(0), valid=span("2021-01-01"))
    other = ServiceAssignment.objects.create(estate=drop, enterprise=enterprise(1), valid=span("2020-01-01"))
    before = tables()
    with pytest.raises(MergeRefused) as refused:
        merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert [conflict.row for conflict in refused.value.conflicts] == [other]
    assert "Another enterprise serves" in refused.value.conflicts[0].message
    assert tables() == before
    assert not Merge.objects.exists()


def test_the_same_service_twice_is_absorbed_and_comes_back(people):
    keep, drop = pair()
    keep.assignments.all().delete()
    for estate in (keep, drop):
        ServiceAssignment.objects.create(estate=estate, enterprise=enterprise(), valid=span("2021-01-01"))
    before = tables()
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert keep.assignments.count() == 1
    undo_merge(done, by=people.officer_east, reason="两个小区")
    assert tables() == before


def test_both_in_the_register_of_old_neighbourhoods(people):
    keep, drop = pair()
    OldNeighbourhood.objects.create(estate=keep, origin="old_estate", registered=span("2018-01-01"))
    OldNeighbourhood.objects.create(estate=drop, origin="abandoned", registered=span("2018-01-01"))
    with pytest.raises(MergeRefused) as refused:
        merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert "only one may" in refused.value.conflicts[0].message


def test_row_that_was_changed_since_goes_back_as_it_is_now(people):
    keep, drop = pair()
    row = contract(drop)
    row.save()
    gone = contract(drop, number="C-2")
    gone.save()
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    ServiceContract.objects.filter(pk=row.pk).update(note="改过")
    gone.delete()
    new = contract(keep, number="C-3")
    new.save()
    undo_merge(done, by=people.officer_east, reason="两个小区")
    row.refresh_from_db()
    new.refresh_from_db()
    assert (row.estate, row.note, new.estate) == (drop, "改过", keep)


def test_merges_are_undone_in_reverse(people):
    a, b, c = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:3]
    for estate in (a, b, c):
        estate.assignments.all().delete()
    before = tables()
    first = merge(b, a, by=people.officer_east, reason="甲")
    second = merge(c, b, by=people.officer_east, reason="乙")
    assert successor(Estate, a.code) == c
    with pytest.raises(MergeRefused, match="itself merged"):
        undo_merge(first, by=people.officer_east, reason="丙")
    undo_merge(second, by=people.officer_east, reason="丙")
    undo_merge(first, by=people.officer_east, reason="丙")
    assert tables() == before


def test_later_merge_into_the_same_row_is_undone_first(people):
    a, b, c = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:3]
    for estate in (a, b, c):
        estate.assignments.all().delete()
    first = merge(c, a, by=people.officer_east, reason="甲")
    merge(c, b, by=people.officer_east, reason="乙")
    with pytest.raises(MergeRefused, match="Another record was merged"):
        undo_merge(first, by=people.officer_east, reason="丙")


def test_code_that_is_in_use_again_is_told(people):
    keep, drop = pair()
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    Estate.objects.create(code=drop.code, name="新小区", kind="professional", community_id=keep.community_id)
    with pytest.raises(MergeRefused, match="cannot be undone"):
        undo_merge(done, by=people.officer_east, reason="两个小区")
    done.refresh_from_db()
    assert done.undone_at is None


def test_undone_twice_is_a_lost_race(people):
    keep, drop = pair()
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    undo_merge(done, by=people.officer_east, reason="两个小区")
    with pytest.raises(LostRace):
        undo_merge(done, by=people.officer_east, reason="两个小区")


def test_merged_twice_is_a_lost_race(people):
    keep, drop = pair()
    Estate.objects.get(pk=drop.pk)
    merge(keep, drop, by=people.officer_east, reason="同一小区")
    with pytest.raises(LostRace):
        merge(keep, drop, by=people.computer, reason="同一小区")


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """Two neighbourhoods and two officials that other connections see; removed afterwards."""
    with django_db_blocker.unblock():
        city, community = Region.objects.get(level="city"), Region.objects.filter(level="community").order_by("pk")[0]
        rows = [
            Estate.objects.create(code=f"RACE-{number}", name="竞合小区", kind="old", community=community)
            for number in range(2)
        ]
        users = [User.objects.create(username=f"racer{number}") for number in range(2)]
        for user in users:
            Grant.objects.create(user=user, role=Role.CITY_OFFICIAL, region=city)
        yield rows, users
        Merge.objects.filter(by__in=users).delete()
        Estate.objects.filter(code__startswith="RACE-").delete()
        with connection.cursor() as cursor:  # deeds are append-only, except for this test's
            cursor.execute("ALTER TABLE portal_auditentry DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM portal_auditentry WHERE by_id = ANY(%s)", [[user.pk for user in users]])
            cursor.execute("ALTER TABLE portal_auditentry ENABLE TRIGGER USER")
        User.objects.filter(username__startswith="racer").delete()


def test_two_people_who_merge_the_same_two_at_once(committed):
    (one, two), users = committed

    def attempt(user, keep, drop):
        try:
            merge(keep, drop, by=user, reason="同一小区")
        except LostRace:
            return "lost"
        finally:
            connection.close()
        return "merged"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, users, (one, two), (two, one)))
    assert sorted(outcomes) == ["lost", "merged"]
    assert Estate.objects.filter(code__startswith="RACE-").count() == 1
    assert Merge.objects.filter(by__in=users).count() == 1


def test_only_who_keeps_both_and_says_why(people):
    keep, drop = pair()
    west = Estate.objects.filter(community__path__contains=f"/{world.WEST}/").first()
    with pytest.raises(PermissionDenied):
        merge(keep, west, by=people.officer_east, reason="同一小区")
    with pytest.raises(PermissionDenied):
        merge(keep, drop, by=people.auditor, reason="同一小区")
    with pytest.raises(ValidationError):
        merge(keep, drop, by=people.officer_east, reason=" ")
    with pytest.raises(MergeRefused):
        merge(keep, keep, by=people.officer_east, reason="同一小区")
    done = merge(keep, drop, by=people.officer_east, reason="同一小区")
    with pytest.raises(PermissionDenied):
        undo_merge(done, by=people.officer_west, reason="两个小区")


# --- enterprises and persons --------------------------------------------------------------------------------------------


def test_enterprises_round_trip_with_their_presences(people):
    keep, drop = enterprise(0), enterprise(1)
    for row in (keep, drop):
        HeadcountReturn.objects.create(enterprise=row, year=2020, headcount=7)
    ProjectManager.objects.create(code="M-1", name="王五", enterprise=drop)
    before = tables()
    districts = set(EnterprisePresence.objects.filter(enterprise__in=[keep, drop]).values_list("district", flat=True))
    done = merge(keep, drop, by=people.computer, reason="同一企业")
    assert set(keep.presences.values_list("district", flat=True)) == districts
    assert HeadcountReturn.objects.get().enterprise == keep
    undo_merge(done, by=people.computer, reason="两个企业")
    assert tables() == before


def test_presence_of_service_since_the_merge_survives_its_undoing(people):
    keep, drop = enterprise(0), enterprise(1)
    far = Estate.objects.filter(community__path__contains=f"/{world.WEST}/").order_by("pk")[0]
    far.assignments.all().delete()
    west = Region.objects.get(code=world.WEST)
    keep.presences.filter(district=west).delete()
    ServiceAssignment.objects.filter(enterprise=keep, estate__community__path__contains=f"/{world.WEST}/").delete()
    EnterprisePresence.objects.get_or_create(enterprise=drop, district=west)
    done = merge(keep, drop, by=people.computer, reason="同一企业")
    ServiceAssignment.objects.create(estate=far, enterprise=keep, valid=span("2021-01-01"))
    undo_merge(done, by=people.computer, reason="两个企业")
    assert keep.presences.filter(district=west).exists()


def test_returns_that_differ_are_in_the_way(people):
    keep, drop = enterprise(0), enterprise(1)
    for headcount, row in enumerate((keep, drop)):
        HeadcountReturn.objects.create(enterprise=row, year=2020, headcount=headcount)
    with pytest.raises(MergeRefused) as refused:
        merge(keep, drop, by=people.computer, reason="同一企业")
    assert "return for this year already" in refused.value.conflicts[0].message


def test_every_relation_of_what_can_be_merged_is_known():
    """Upper apps refer to enterprises and neighbourhoods: the merge finds them without knowing them."""
    labels = {model._meta.label for model, _field in relations(Enterprise)}
    assert {"estates.ServiceAssignment", "partybuilding.PartyCoverage", "evaluations.AppraisalCase"} <= labels
    assert not any(issubclass(model, pghistory.models.Event) for model, _field in relations(Enterprise))
    order = [model for model, _field in relations(Enterprise)]
    assert order.index(EnterprisePresence) < order.index(ServiceAssignment)


# --- any records ----------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2015, 1, 1), date(2024, 12, 31))
SPANS = st.tuples(DAYS, DAYS).filter(lambda pair: pair[0] != pair[1]).map(sorted)
RECORDS = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["service", "contract", "handover"]), st.integers(0, 2), SPANS), max_size=8
)


def enter(number: int, estate: Estate, kind: str, place: int, days) -> None:
    valid = span(*(day.isoformat() for day in days))
    try:
        with transaction.atomic():
            if kind == "service":
                ServiceAssignment.objects.create(estate=estate, enterprise=enterprise(place), valid=valid)
            elif kind == "contract":
                contract(estate, number=f"C-{number}", enterprise=enterprise(place), valid=valid).save()
            else:
                HandOver.objects.create(estate=estate, to_enterprise=enterprise(place), handed_over_on=days[0])
    except IntegrityError:  # what the database refuses is no record
        return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS)
def test_whatever_is_on_record_a_merge_is_whole_or_nothing_and_undone_exactly(people, records):
    with transaction.atomic():
        keep, drop = pair()
        keep.assignments.all().delete()
        for number, (dropped, *record) in enumerate(records):
            enter(number, drop if dropped else keep, *record)
        before = tables()
        try:
            done = merge(keep, drop, by=people.officer_east, reason="同一小区")
        except MergeRefused as refused:
            assert refused.conflicts
        else:
            assert all(not model._base_manager.filter(**{field.name: drop.pk}) for model, field in relations(Estate))
            undo_merge(done, by=people.officer_east, reason="两个小区")
        assert tables() == before
        transaction.set_rollback(True)


# --- what still comes under the dropped code --------------------------------------------------------------------------------


def test_old_address_leads_to_what_stands_for_it(client, people):
    keep, drop = pair()
    merge(keep, drop, by=people.officer_east, reason="同一小区")
    client.force_login(people.officer_east)
    response = client.get(reverse("estate-detail", args=[drop.code]))
    assert response["Location"] == reverse("estate-detail", args=[keep.code])
    client.force_login(people.officer_west)
    assert client.get(reverse("estate-detail", args=[drop.code])).status_code == 404
    one, two = enterprise(0), enterprise(1)
    merge(one, two, by=people.computer, reason="同一企业")
    client.force_login(people.computer)
    response = client.get(reverse("enterprise-detail", args=[two.uscc]))
    assert response["Location"] == reverse("enterprise-detail", args=[one.uscc])


def test_cases_sent_under_the_dropped_code_are_the_kept_ones(people):
    keep, drop = pair()
    references = intake.References.of()
    merge(keep, drop, by=people.officer_east, reason="同一小区")
    assert intake.References.of().estates == references.estates | {drop.code: keep.pk}
    west = Estate.objects.filter(community__path__contains=f"/{world.WEST}/")
    assert drop.code not in intake.References.of(west).estates


def test_city_package_does_not_bring_the_dropped_row_back(people):
    keep, drop = pair()
    merge(keep, drop, by=people.officer_east, reason="同一小区")
    problems = []
    with pytest.raises(citypackage.BadPackage):
        citypackage.load(citypackage.Loading(world.GOLDEN, say=lambda problem: problems.append(str(problem))))
    assert any(drop.code in problem and "merged into another record" in problem for problem in problems)
