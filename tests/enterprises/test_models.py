"""What the registers of enterprises never take, and who sees and keeps which row."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from enterprises.models import AwardGrant, AwardRound, Enterprise, EnterprisePresence, HeadcountReturn, ProjectManager
from enterprises.rules import ALPHABET, DIMENSIONS, check_digit
from portal.models import Region
from portal.persons import id_hash
from portal.roles import Permission
from tests import world

VIEW, KEEP = Permission.VIEW_ENTERPRISES, Permission.KEEP_ENTERPRISES


def new_enterprise(serial: int = 1, **values) -> Enterprise:
    """A saved enterprise that is not in the golden city; ``serial`` makes its code."""
    body = f"91990100MAX{serial:06d}"
    assert all(sign in ALPHABET for sign in body)
    row = Enterprise(**{"uscc": body + check_digit(body), "name": f"试验物业{serial}", "origin": "local", **values})
    row.name_forms()
    row.save()
    return row


@pytest.fixture
def enterprise(db):
    return new_enterprise(registered_district=Region.objects.get(code=world.EAST))


@pytest.fixture
def five_star(db):
    return AwardRound.objects.create(code="FS-2017", award="five_star", year=2017, title="Five stars 2017")


def refused(constraint: str):
    """The database itself says no, by this constraint."""
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("enterprise_formation_of_public_benefit", {"formation_method": "new"}),
        ("enterprise_parent_of_branch", {"parent_company": "某集团"}),
        ("enterprise_end_has_a_day", {"status": "suspended"}),
        ("enterprise_status_after_founding", {"founded_on": date(2020, 1, 1), "status_since": date(2019, 1, 1)}),
    ],
)
def test_the_database_refuses_contradictions_of_an_enterprise(db, constraint, values):
    with refused(constraint), transaction.atomic():
        new_enterprise(**values)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("formation_method", {"formation_method": "new"}),
        ("parent_company", {"parent_company": "某集团"}),
        ("status_since", {"status": "deregistered"}),
        ("status_since", {"founded_on": date(2020, 1, 1), "status_since": date(2019, 1, 1)}),
        ("founded_on", {"founded_on": timezone.localdate().replace(year=2099)}),
    ],
)
def test_an_official_is_told_by_field(enterprise, field, values):
    for name, value in values.items():
        setattr(enterprise, name, value)
    with pytest.raises(ValidationError) as caught:
        enterprise.clean()
    assert list(caught.value.message_dict) == [field]


def test_an_enterprise_is_registered_in_a_district_not_in_a_street(enterprise):
    enterprise.registered_district = enterprise.registered_district.children.first()
    with pytest.raises(ValidationError) as caught:
        enterprise.clean()
    assert "registered_district" in caught.value.message_dict


def test_a_public_benefit_branch_in_full_is_taken(enterprise):
    enterprise.is_public_benefit, enterprise.formation_method = True, "restructured"
    enterprise.formed_by = enterprise.registered_district
    enterprise.is_branch, enterprise.parent_company = True, "某集团"
    enterprise.status, enterprise.status_since = "suspended", date(2021, 3, 5)
    enterprise.full_clean()
    enterprise.save()


def test_one_headcount_per_enterprise_and_year_and_the_latest_counts(enterprise):
    for year, headcount in ((2018, 10), (2019, 20), (2021, 40)):
        HeadcountReturn.objects.create(enterprise=enterprise, year=year, headcount=headcount)
    assert [row.headcount for row in HeadcountReturn.objects.latest(2020)] == [20]
    with refused("headcount_once_a_year"), transaction.atomic():
        HeadcountReturn.objects.create(enterprise=enterprise, year=2018, headcount=1)
    with refused("headcount_year_plausible"), transaction.atomic():
        HeadcountReturn.objects.create(enterprise=enterprise, year=218, headcount=1)
    with pytest.raises(ValidationError):
        HeadcountReturn(enterprise=enterprise, year=2099, headcount=1).clean()
    with pytest.raises(ValidationError):
        HeadcountReturn(enterprise=enterprise, year=2020, headcount=1, reported_on=date(2019, 1, 1)).clean()


def test_one_project_manager_per_identity_card_number(enterprise):
    values = {"name": "王五", "enterprise": enterprise}
    ProjectManager.objects.create(code="M1", id_hash=id_hash("420106198001011234"), **values)
    ProjectManager.objects.create(code="M2", **values)
    ProjectManager.objects.create(code="M3", **values)
    with refused("project_manager_id_once"), transaction.atomic():
        ProjectManager.objects.create(code="M4", id_hash=id_hash(" 420106198001011234"), **values)


def grant_of(award_round, enterprise, **values):
    return AwardGrant(round=award_round, enterprise=enterprise, granted_on=date(2017, 12, 1), **values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("award_five_dimensions_or_none", {"operation": 5}),
        ("award_five_dimensions_or_none", dict.fromkeys(DIMENSIONS, 6)),
        ("award_revoked_with_reason", {"revoked_on": date(2018, 1, 1)}),
        ("award_revoked_with_reason", {"revoke_reason": "forged papers"}),
        ("award_revoked_after_grant", {"revoked_on": date(2016, 1, 1), "revoke_reason": "forged papers"}),
    ],
)
def test_the_database_refuses_contradictions_of_a_grant(enterprise, five_star, constraint, values):
    with refused(constraint), transaction.atomic():
        grant_of(five_star, enterprise, **values).save()


def test_dimensions_belong_to_five_stars_and_projects_to_the_other_awards(enterprise, five_star):
    demo = AwardRound.objects.create(code="DP-2018", award="demo_project", year=2018, title="Demonstration 2018")
    stars = dict.fromkeys(DIMENSIONS, 4)
    grant_of(five_star, enterprise, **stars).clean()
    grant_of(demo, enterprise, project_name="北苑").clean()
    for wrong in (grant_of(demo, enterprise, **stars), grant_of(five_star, enterprise, project_name="北苑")):
        with pytest.raises(ValidationError):
            wrong.clean()


def test_a_grant_stands_until_it_is_revoked(enterprise, five_star):
    grant = grant_of(five_star, enterprise, revoked_on=date(2018, 6, 1), revoke_reason="forged papers")
    grant.save()
    days = (date(2017, 11, 30), date(2017, 12, 1), date(2018, 5, 31), date(2018, 6, 1))
    assert [AwardGrant.objects.standing(day).filter(pk=grant.pk).exists() for day in days] == [False, True, True, False]
    with refused("award_granted_once"), transaction.atomic():
        grant_of(five_star, enterprise).save()


def reach(model, user, permission=VIEW):
    return set(model.objects.for_user(user, permission).values_list("pk", flat=True))


def test_a_district_keeps_what_is_registered_there_and_sees_what_serves_there(people):
    east, west = Region.objects.get(code=world.EAST), Region.objects.get(code=world.WEST)
    ours, theirs = new_enterprise(1, registered_district=east), new_enterprise(2, registered_district=west)
    guest, unplaced = new_enterprise(3, registered_district=west), new_enterprise(4)
    EnterprisePresence.objects.create(enterprise=guest, district=east)
    new = {ours.pk, theirs.pk, guest.pk, unplaced.pk}
    assert reach(Enterprise, people.officer_east) & new == {ours.pk, guest.pk, unplaced.pk}
    assert reach(Enterprise, people.officer_west) & new == {theirs.pk, guest.pk, unplaced.pk}
    assert reach(Enterprise, people.street_staff_east) & new == {ours.pk, guest.pk, unplaced.pk}
    assert reach(Enterprise, people.officer_east, KEEP) & new == {ours.pk}
    assert reach(Enterprise, people.officer_west, KEEP) & new == {theirs.pk, guest.pk}
    assert reach(Enterprise, people.computer, KEEP) & new == new
    for person in (people.street_staff_east, people.staff_of_enterprise, people.auditor, people.nobody):
        assert reach(Enterprise, person, KEEP) == set()


def test_what_hangs_on_an_enterprise_follows_it(people, five_star):
    east, west = Region.objects.get(code=world.EAST), Region.objects.get(code=world.WEST)
    rows = {}
    for serial, district in enumerate((east, west), 1):
        enterprise = new_enterprise(serial, registered_district=district)
        rows[district] = [
            HeadcountReturn.objects.create(enterprise=enterprise, year=2020, headcount=5),
            ProjectManager.objects.create(code=f"M{serial}", name="王五", enterprise=enterprise),
            AwardGrant.objects.create(round=five_star, enterprise=enterprise, granted_on=date(2017, 12, 1)),
        ]
    for mine, other in zip(rows[east], rows[west], strict=True):
        for permission in (VIEW, KEEP):
            assert people.officer_east.has_perm(permission, mine)
            assert not people.officer_east.has_perm(permission, other)
            assert people.computer.has_perm(permission, other)
        assert not people.nobody.has_perm(VIEW, mine)


def test_every_place_reads_award_rounds_and_the_city_keeps_them(people, five_star):
    assert people.officer_east.has_perm(VIEW, five_star) and people.street_staff_east.has_perm(VIEW, five_star)
    assert not people.officer_east.has_perm(KEEP, five_star)
    assert people.computer.has_perm(KEEP, five_star)
    assert reach(AwardRound, people.nobody) == reach(AwardRound, people.handler_fire) == set()
