"""Integrity checks of Party building: each finds its planted row, and tells only those who may see Party data."""

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from enterprises.models import AwardGrant, AwardRound, Enterprise
from estates.models import ServiceAssignment
from portal.integrity.checks import check
from tests import world
from tests.partybuilding.making import since


def found(key: str, user) -> set:
    return set(check(key).findings(user))


def place(make, district):
    return (make.east, make.community, make.enterprise) if district == world.EAST else (
        make.west, make.west_community, make.other_enterprise
    )  # fmt: skip


def serve_only(make, district) -> Enterprise:
    """The district's own enterprise serves there and nowhere else."""
    region, _community, enterprise = place(make, district)
    ServiceAssignment.objects.filter(enterprise=enterprise).delete()
    enterprise.presences.all().delete()
    estate = make.estate(region)
    estate.assignments.all().delete()
    ServiceAssignment.objects.create(estate=estate, enterprise=enterprise, valid=since(2021))
    return enterprise


def plant_uncovered(make, district):
    return serve_only(make, district)


def plant_small(make, district):
    region, _community, enterprise = place(make, district)
    row = make.organisation(region=region, enterprise=enterprise, members=2)
    make.coverage(enterprise=enterprise, way="standalone", organisation=row)
    return row


def plant_award(make, district):
    enterprise = serve_only(make, district)
    award = AwardRound.objects.create(code=f"R-{district}", award="demo_project", year=2021, title="示范项目")
    return AwardGrant.objects.create(
        round=award, enterprise=enterprise, project_name="某项目", granted_on=date(2021, 9, 1)
    )


def plant_conflict(make, district):
    _region, community, enterprise = place(make, district)
    return make.appointment(person=make.person(enterprise=enterprise), enterprise=enterprise, region=community)


def plant_recruit(make, district):
    region, _community, enterprise = place(make, district)
    return make.recruit(district=region, enterprise=enterprise, hired_on=date(2021, 1, 1))


def plant_twins(make, district):
    _region, community, _enterprise = place(make, district)
    phone = "13812345678" if district == world.EAST else "13912345678"
    return make.person(phone=phone, region=community), make.person(phone=phone, region=community)


PLANTS = {
    "enterprises-uncovered": plant_uncovered,
    "organisation-too-small": plant_small,
    "award-without-organisation": plant_award,
    "appointment-conflict": plant_conflict,
    "mentors-missing": plant_recruit,
    "duplicate-persons": plant_twins,
}


@pytest.mark.parametrize("key", PLANTS)
def test_check_finds_what_was_planted_in_the_own_district_only(key, people, make):
    east, west = PLANTS[key](make, world.EAST), PLANTS[key](make, world.WEST)
    mine = set(east) if isinstance(east, tuple) else {east}
    theirs = set(west) if isinstance(west, tuple) else {west}
    now = found(key, people.officer_east)
    assert mine <= now
    assert not theirs & now
    assert mine | theirs <= found(key, people.computer)


@pytest.mark.parametrize("key", PLANTS)
def test_only_those_who_may_see_party_data_are_told(key, people, make):
    PLANTS[key](make, world.EAST)
    assert not check(key).is_open_to(people.auditor)
    assert not found(key, people.auditor)


def test_instructor_covers_but_gives_no_award(people, make):
    grant = plant_award(make, world.EAST)
    make.coverage(enterprise=grant.enterprise)
    assert grant.enterprise not in found("enterprises-uncovered", people.officer_east)
    assert grant in found("award-without-organisation", people.officer_east)
    grant.revoked_on, grant.revoke_reason = date(2021, 10, 1), "取消"
    grant.save()
    assert grant not in found("award-without-organisation", people.officer_east)


def test_head_of_an_enterprise_must_work_there(people, make):
    facts = {"direction": "enterprise_to_committee", "post": "committee_member"}
    own = make.appointment(person=make.person(enterprise=make.enterprise), **facts)
    stranger = make.appointment(person=make.person(), **facts)
    assert found("appointment-conflict", people.officer_east) & {own, stranger} == {stranger}


def test_duties_of_party_building_link_to_exactly_their_rows(people, make):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.officer_east)
    cache.clear()
    plant_uncovered(make, world.EAST)
    for district in (world.EAST, world.WEST):
        plant_recruit(make, district)
        _region, community, enterprise = place(make, district)
        make.appointment(enterprise=enterprise, region=community)
    card = next(card for card in client.get(reverse("home")).context["cards"] if card.template == "duties/card.html")
    found = {str(duty.title): duty for duty in card.context["duties"]}
    assert found["Recruits without both mentors"].count == 1
    assert found["Supervisors whose visit is overdue"].count == 1
    assert found["Enterprises without Party coverage"].count > 0
    for title in (
        "Recruits without both mentors",
        "Supervisors whose visit is overdue",
        "Enterprises without Party coverage",
    ):
        assert client.get(found[title].url).context["page"].paginator.count == found[title].count
