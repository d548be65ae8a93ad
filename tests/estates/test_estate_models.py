"""What the registers of neighbourhoods never take, and who sees and keeps which row."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from enterprises.models import EnterpriseMembership, EnterprisePresence, ProjectManager
from estates.models import (
    MODE_ALIASES,
    Estate,
    FeePolicy,
    FilingDocument,
    HandOver,
    ManagerAppointment,
    Mode,
    ModeAssignment,
    OldNeighbourhood,
    ServiceAssignment,
    ServiceContract,
    ServiceStandard,
    StageChange,
)
from portal.models import Region
from portal.roles import Permission
from tests import world
from tests.estates.rows import DAY, contract, enterprise, estate_in, filing, mode, refused, says, span

VIEW, KEEP = Permission.VIEW_ESTATES, Permission.KEEP_ESTATES


# --- estates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("estate_area_positive", {"floor_area_m2": 0}),
        ("estate_point_is_whole_and_on_earth", {"longitude": "114.3"}),
        ("estate_point_is_whole_and_on_earth", {"latitude": "30.5"}),
        ("estate_point_is_whole_and_on_earth", {"longitude": "181", "latitude": "30.5"}),
        ("estate_point_is_whole_and_on_earth", {"longitude": "114.3", "latitude": "-91"}),
        ("estate_built_year_is_plausible", {"built_year": 98}),
    ],
)
def test_the_database_refuses_an_implausible_estate(db, constraint, values):
    with refused(constraint), transaction.atomic():
        estate_in(**values)


def test_an_estate_takes_all_that_is_known_and_needs_none_of_it(db):
    estate_in(
        longitude="114.305500", latitude="30.592800", built_year=1998, delivered_on=date(1998, 5, 1), buildings=12,
        lifts=0, has_fire_equipment=False, use_class="residential", address="东湖路 1 号",
    ).full_clean()  # fmt: skip
    estate_in(longitude=None, latitude=None, built_year=None, lifts=None, has_fire_equipment=None).full_clean()


def test_an_estate_lies_in_a_community(db):
    estate = estate_in()
    estate.community = Region.objects.get(code=world.EAST)
    says(estate, "community")


# --- who serves -------------------------------------------------------------------------------------------------------


def presence(enterprise):
    return set(EnterprisePresence.objects.filter(enterprise=enterprise).values_list("district__code", flat=True))


def test_serving_is_presence_in_the_managing_district(old):
    zone = estate_in(world.ZONE)
    newcomer = enterprise()
    ServiceAssignment.objects.filter(enterprise=newcomer).delete()
    EnterprisePresence.objects.all().delete()
    ServiceAssignment.objects.create(estate=old, enterprise=newcomer, valid=span("2020-01-01", "2020-06-01"))
    assert presence(newcomer) == {world.EAST}
    ServiceAssignment.objects.filter(estate=zone).delete()
    ServiceAssignment.objects.bulk_create([ServiceAssignment(estate=zone, enterprise=newcomer, valid=span())])
    assert presence(newcomer) == {world.EAST, world.ZONE}, "a zone manages streets whose codes are another district's"
    ServiceAssignment.objects.filter(enterprise=newcomer).delete()
    assert presence(newcomer) == {world.EAST, world.ZONE}, "who has served stays known"


def test_presence_follows_a_changed_enterprise_and_a_moved_estate(old):
    first, second = enterprise(0), enterprise(1)
    row = ServiceAssignment.objects.create(estate=old, enterprise=first, valid=span("2020-01-01"))
    EnterprisePresence.objects.all().delete()
    ServiceAssignment.objects.filter(pk=row.pk).update(enterprise=second)
    assert presence(second) == {world.EAST}
    assert presence(first) == set()
    old.community = estate_in(world.WEST).community
    old.save()
    assert presence(second) == {world.EAST, world.WEST}


def test_one_enterprise_serves_at_a_time(old):
    ServiceAssignment.objects.create(estate=old, enterprise=enterprise(0), valid=span("2020-01-01", "2021-01-01"))
    ServiceAssignment.objects.create(estate=old, enterprise=enterprise(1), valid=span("2021-01-01"))
    with refused("one_enterprise_per_estate_at_a_time"), transaction.atomic():
        ServiceAssignment.objects.create(estate=old, enterprise=enterprise(2), valid=span("2020-12-31", "2021-01-02"))
    with refused("assignment_span_is_not_empty"), transaction.atomic():
        ServiceAssignment.objects.create(estate=old, enterprise=enterprise(2), valid=span("2019-01-01", "2019-01-01"))


def test_one_manager_is_in_charge_at_a_time(old):
    managers = [
        ProjectManager.objects.create(code=f"M{number}", name="经理", enterprise=enterprise()) for number in range(2)
    ]
    ManagerAppointment.objects.create(estate=old, manager=managers[0], valid=span("2021-01-01"))
    with refused("one_manager_per_estate_at_a_time"), transaction.atomic():
        ManagerAppointment.objects.create(estate=old, manager=managers[1], valid=span("2021-06-01"))
    with refused("manager_appointment_span_is_not_empty"), transaction.atomic():
        ManagerAppointment.objects.create(estate=old, manager=managers[1], valid=span("2019-01-01", "2019-01-01"))


def test_nobody_hands_over_to_itself_or_twice_a_day(old):
    day = date(2021, 1, 1)
    HandOver.objects.create(estate=old, to_enterprise=enterprise(0), handed_over_on=day)
    with refused("handover_once_a_day"), transaction.atomic():
        HandOver.objects.create(estate=old, to_enterprise=enterprise(1), handed_over_on=day)
    with refused("handover_between_two"), transaction.atomic():
        HandOver.objects.create(
            estate=old, from_enterprise=enterprise(0), to_enterprise=enterprise(0), handed_over_on=date(2022, 1, 1)
        )


# --- old neighbourhoods -----------------------------------------------------------------------------------------------


def test_an_old_neighbourhood_is_in_the_register_once_and_for_some_days(old):
    OldNeighbourhood.objects.create(estate=old, origin="old_estate", registered=span("2017-01-01", "2020-01-01"))
    assert not OldNeighbourhood.objects.current().filter(estate=old).exists()
    assert OldNeighbourhood.objects.on(date(2019, 12, 31)).filter(estate=old).exists()
    with refused("estate_id"), transaction.atomic():
        OldNeighbourhood.objects.create(estate=old, origin="abandoned", registered=span("2021-01-01"))
    with refused("old_neighbourhood_span_is_not_empty"), transaction.atomic():
        OldNeighbourhood.objects.update(registered=span("2020-01-01", "2020-01-01"))


@pytest.mark.parametrize("model", [OldNeighbourhood, ModeAssignment, StageChange])
def test_only_an_old_neighbourhood_has_a_mode_and_a_stage(db, model):
    says(model(estate=estate_in(kind=Estate.Kind.PROFESSIONAL)), "estate")


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("mode_has_its_enterprise", {"enterprise": None}),
        ("mode_has_its_enterprise", {"mode": Mode.PUBLIC_BENEFIT_CUSTODY, "enterprise": None}),
        ("mode_has_its_enterprise", {"mode": Mode.GUIDED_COMANAGEMENT, "enterprise": None}),
        ("mode_has_its_community", {"mode": Mode.GUIDED_COMANAGEMENT}),
        ("mode_has_its_responsible_person", {"mode": Mode.RESIDENT_SELF_MANAGEMENT, "enterprise": None}),
        ("mode_span_is_not_empty", {"valid": span("2021-01-01", "2021-01-01")}),
    ],
)
def test_the_database_refuses_a_mode_without_what_it_needs(old, constraint, values):
    if "partner_community" not in values and values.get("mode") == Mode.GUIDED_COMANAGEMENT and "enterprise" in values:
        values = values | {"partner_community": old.community}
    with refused(constraint), transaction.atomic():
        mode(old, **values).save()


def test_one_mode_at_a_time_so_ever_and_now_differ(old):
    mode(old, valid=span("2018-01-01", "2020-01-01")).save()
    mode(
        old, mode=Mode.RESIDENT_SELF_MANAGEMENT, enterprise=None, responsible_person="张三", valid=span("2020-01-01")
    ).save()
    with refused("one_mode_per_estate_at_a_time"), transaction.atomic():
        mode(old, valid=span("2019-12-31", "2020-01-01")).save()
    rows = ModeAssignment.objects.filter(estate=old)
    assert rows.filter(mode=Mode.MARKET_TAKEOVER).exists()
    assert not rows.current().filter(mode=Mode.MARKET_TAKEOVER).exists()


def test_another_neighbourhoods_days_do_not_count_when_a_form_is_checked(old):
    elsewhere = estate_in(world.WEST, kind=Estate.Kind.OLD)
    mode(old).save()
    mode(elsewhere).full_clean()
    with pytest.raises(ValidationError):
        mode(old).full_clean()


def test_custody_needs_a_public_benefit_enterprise(old):
    custody = mode(old, mode=Mode.PUBLIC_BENEFIT_CUSTODY, enterprise=enterprise(is_public_benefit=False))
    says(custody, "enterprise")
    custody.enterprise = enterprise(is_public_benefit=True)
    custody.full_clean()


@pytest.mark.parametrize("equipment", [{"lifts": 2}, {"has_fire_equipment": True}])
def test_self_management_leaves_lifts_and_fire_equipment_to_a_firm(old, equipment):
    row = mode(old, mode=Mode.RESIDENT_SELF_MANAGEMENT, enterprise=None, responsible_person="张三")
    row.full_clean()
    row.estate = estate_in(**equipment)
    says(row, "maintenance_contract")
    row.maintenance_contract = "维保 2021-7"
    row.full_clean()


def test_co_management_is_with_a_community(old):
    row = mode(old, mode=Mode.GUIDED_COMANAGEMENT, partner_community=Region.objects.get(code=world.EAST))
    says(row, "partner_community")
    row.partner_community = old.community
    row.full_clean()


def test_both_vocabularies_of_the_report_name_every_mode():
    assert set(MODE_ALIASES.values()) == set(Mode.values)
    assert MODE_ALIASES["自助型物业规范提升"] == MODE_ALIASES["居民自管"] == "resident_self_management"


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("stage_change_changes", {"from_stage": "red", "stage": "red", "reason": "x"}),
        ("stage_down_has_a_reason", {"from_stage": "red", "stage": "professional"}),
        ("stage_down_has_a_reason", {"from_stage": "professional", "stage": "none"}),
        ("stage_down_has_a_reason", {"from_stage": "self_managed", "stage": "none"}),
    ],
)
def test_a_stage_changes_and_goes_down_only_with_a_reason(old, constraint, values):
    with refused(constraint), transaction.atomic():
        StageChange.objects.create(estate=old, changed_on=date(2021, 1, 1), **values)


def test_a_stage_changes_once_a_day(old):
    StageChange.objects.create(estate=old, stage="red", changed_on=date(2021, 1, 1))
    with refused("stage_change_once_a_day"), transaction.atomic():
        StageChange.objects.create(
            estate=old, from_stage="red", stage="none", reason="弃管", changed_on=date(2021, 1, 1)
        )


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("fee_policy_fee_fits_its_kind", {"kind": "free", "yuan_m2_month": "0.30"}),
        ("fee_policy_fee_fits_its_kind", {"kind": "charged"}),
        ("fee_policy_fee_fits_its_kind", {"kind": "low_paid", "yuan_m2_month": 0}),
        ("fee_policy_subsidy_not_negative", {"kind": "free", "subsidy_yuan_year": -1}),
        ("one_fee_policy_per_estate_at_a_time", {"kind": "free", "valid": span("2020-01-01", "2021-01-02")}),
        ("fee_policy_span_is_not_empty", {"kind": "free", "valid": span("2020-01-01", "2020-01-01")}),
    ],
)
def test_the_database_refuses_a_contradictory_fee_policy(old, constraint, values):
    FeePolicy.objects.create(estate=old, kind="low_paid", yuan_m2_month="0.30", valid=span("2021-01-01", "2021-07-01"))
    with refused(constraint), transaction.atomic():
        FeePolicy.objects.create(**{"estate": old, "valid": span("2021-07-01"), **values})


# --- scope ------------------------------------------------------------------------------------------------------------


def seen(model, user, permission=VIEW):
    return set(model.objects.for_user(user, permission).values_list("pk", flat=True))


@pytest.fixture
def rows(old):
    """One row of each placed register in the eastern district, and the models."""
    made = [
        contract(old), mode(old), filing(old),
        OldNeighbourhood(estate=old, origin="abandoned", registered=span("2017-01-01")),
        StageChange(estate=old, stage="red", changed_on=DAY),
        FeePolicy(estate=old, kind="free", valid=span("2017-01-01")),
        HandOver(estate=old, to_enterprise=enterprise(), handed_over_on=DAY),
        ManagerAppointment(
            estate=old, valid=span("2017-01-01"),
            manager=ProjectManager.objects.create(code="M1", name="经理", enterprise=enterprise()),
        ),
    ]  # fmt: skip
    for row in made:
        row.save()
    return [*made, FilingDocument.objects.create(filing=made[2], kind="other", title="x", received_on=DAY)]


def test_a_district_sees_and_keeps_its_own_rows_and_no_others(people, rows):
    for row in rows:
        model = type(row)
        for permission in (VIEW, KEEP):
            assert seen(model, people.officer_east, permission) == {row.pk}, model
            assert seen(model, people.officer_west, permission) == set(), model
            assert seen(model, people.computer, permission) == {row.pk}, model
            assert seen(model, people.nobody, permission) == set(), model
        assert seen(model, people.street_staff_east, KEEP) == set(), model


def test_enterprise_staff_see_their_own_contracts_and_what_they_serve_but_no_predecessors(people, rows, old):
    staff = people.staff_of_enterprise
    own = EnterpriseMembership.objects.get(user=staff).enterprise
    stranger = enterprise(0) if enterprise(0) != own else enterprise(1)
    ServiceContract.objects.update(enterprise=stranger)
    ServiceAssignment.objects.filter(estate=old).delete()
    assert seen(ServiceContract, staff) == seen(ModeAssignment, staff) == set()
    ServiceAssignment.objects.create(estate=old, enterprise=own, valid=span("2021-01-01"))
    fresh = type(staff).objects.get(pk=staff.pk)
    assert len(seen(ModeAssignment, fresh)) == 1
    assert seen(ServiceContract, fresh) == set()
    ServiceContract.objects.update(enterprise=own)
    assert len(seen(ServiceContract, fresh)) == 1
    assert seen(ServiceContract, fresh, KEEP) == set()


def test_the_standard_is_seen_by_all_and_kept_by_the_city(people, standard):
    for user in (people.officer_east, people.street_staff_east, people.staff_of_enterprise, people.computer):
        assert seen(ServiceStandard, user) == {standard.pk}
    assert seen(ServiceStandard, people.nobody) == set()
    assert seen(ServiceStandard, people.officer_east, KEEP) == set()
    assert seen(ServiceStandard, people.computer, KEEP) == {standard.pk}
