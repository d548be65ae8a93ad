"""Honours are given to those who may have them, and taken back with a reason; a telephone number is revealed on record."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from enterprises import actions
from enterprises.models import AwardGrant, AwardRound, ProjectManager
from enterprises.registers import AwardGrants, ProjectManagers
from enterprises.rules import DIMENSIONS
from portal.models import AuditEntry, Region
from portal.registers import register
from portal.registers.actions import keep_row, reveal_phone
from tests import world
from tests.enterprises.test_models import new_enterprise

DAY = date(2017, 12, 1)


@pytest.fixture
def enterprise(db):
    return new_enterprise(registered_district=Region.objects.get(code=world.EAST))


@pytest.fixture
def five_star(db):
    return AwardRound.objects.create(code="FS-2017", award="five_star", year=2017, title="Five stars 2017")


@pytest.fixture
def obstacle(monkeypatch):
    """Another app that stands against every award."""
    config = apps.get_app_config("evaluations")
    monkeypatch.setattr(config, "award_obstacles", lambda award_round, enterprise: ["Not this one."], raising=False)


def deeds(verb):
    return AuditEntry.objects.filter(verb=verb)


def test_an_award_is_granted_with_its_dimensions_and_recorded(people, enterprise, five_star):
    grant = actions.grant_award(
        five_star, enterprise, by=people.officer_east, granted_on=DAY, dimensions=dict.fromkeys(DIMENSIONS, 5)
    )
    assert AwardGrant.objects.get().dimensions == dict.fromkeys(DIMENSIONS, 5)
    assert deeds("grant").get().details == {"pk": grant.pk, "round": "FS-2017", "enterprise": enterprise.uscc}
    with pytest.raises(ValidationError):
        actions.grant_award(five_star, enterprise, by=people.officer_east, granted_on=DAY)


def test_another_district_grants_nothing(people, enterprise, five_star):
    for person in (people.officer_west, people.street_staff_east, people.nobody):
        with pytest.raises(PermissionDenied):
            actions.grant_award(five_star, enterprise, by=person, granted_on=DAY)
    assert not AwardGrant.objects.exists()


def test_what_an_upper_app_says_against_an_award_stops_it_by_hand_and_in_the_register(
    people, enterprise, five_star, obstacle
):
    with pytest.raises(actions.AwardRefused, match=r"Not this one\."):
        actions.grant_award(five_star, enterprise, by=people.computer, granted_on=DAY)
    values = {"round": five_star, "enterprise": enterprise, "project_name": "", "granted_on": DAY}
    with pytest.raises(ValidationError) as caught:
        keep_row(register(AwardGrants.slug), AwardGrant(), values, by=people.computer)
    assert caught.value.message_dict == {"enterprise": ["Not this one."]}
    assert not AwardGrant.objects.exists()


def test_a_deregistered_enterprise_is_given_nothing(people, enterprise, five_star):
    enterprise.status = "deregistered"
    with pytest.raises(actions.AwardRefused):
        actions.grant_award(five_star, enterprise, by=people.computer, granted_on=DAY)


def test_an_award_is_revoked_once_with_a_reason(people, enterprise, five_star):
    grant = actions.grant_award(five_star, enterprise, by=people.computer, granted_on=DAY)
    day = date(2018, 6, 1)
    with pytest.raises(PermissionDenied):
        actions.revoke_award(grant, by=people.officer_west, reason="forged papers", revoked_on=day)
    with pytest.raises(ValidationError):
        actions.revoke_award(grant, by=people.computer, reason=" ", revoked_on=day)
    with pytest.raises(ValidationError):
        actions.revoke_award(grant, by=people.computer, reason="forged papers", revoked_on=date(2017, 1, 1))
    assert not deeds("revoke").exists()
    actions.revoke_award(grant, by=people.computer, reason="forged papers", revoked_on=day)
    stored = AwardGrant.objects.get()
    assert (stored.revoked_on, stored.revoke_reason) == (day, "forged papers")
    assert deeds("revoke").get().reason == "forged papers"
    with pytest.raises(actions.AwardRefused):
        actions.revoke_award(grant, by=people.computer, reason="again", revoked_on=day)
    assert deeds("revoke").count() == 1


def test_a_manager_s_number_is_revealed_on_record_only(people, enterprise):
    manager = ProjectManager.objects.create(code="M1", name="王五", phone="13812341234", enterprise=enterprise)
    managers = register(ProjectManagers.slug)
    assert manager.masked_phone == "138****1234"
    for person in (people.officer_west, people.street_staff_east, people.auditor):
        with pytest.raises(PermissionDenied):
            reveal_phone(managers, manager, by=person, reason="complaint")
    with pytest.raises(ValidationError):
        reveal_phone(managers, manager, by=people.officer_east, reason="")
    assert not deeds("reveal").exists()
    assert reveal_phone(managers, manager, by=people.officer_east, reason="complaint") == "13812341234"
    assert deeds("reveal").get().by == people.officer_east
