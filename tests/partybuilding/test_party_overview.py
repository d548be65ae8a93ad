"""The overview: everybody's figures, nobody's data."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from estates.models import ServiceAssignment
from partybuilding import aggregates
from portal.models import Grant, User
from portal.roles import Role


@pytest.fixture
def recruits(make):
    """Eight bachelors, two masters, one doctor; one Party member among eleven."""
    for number in range(8):
        make.recruit(is_party_member=number == 0)
    make.recruit(degree="master", university_tier="211")
    make.recruit(degree="master")
    make.recruit(degree="doctor")


def page(user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("party-overview"))


def table_of(user, title):
    return next(table for table in aggregates.figures(user) if table.title == title)


@pytest.fixture
def seer_of_all(people):
    """Sees the whole city, but no Party data."""
    return people.auditor


def test_figures_without_the_right_never_show_a_group_under_three(recruits, seer_of_all, make):
    make.organisation()
    make.appointment()
    for table in aggregates.figures(seer_of_all):
        assert all(line.count is None or line.count >= 3 for line in table.lines), table
        assert table.total is None or table.total >= 3 or table.total == 0
    text = page(seer_of_all).content.decode()
    counts = re.findall(r'<td class="text-end">([0-9,]+)</td>', text)
    assert counts
    assert all(int(count.replace(",", "")) >= 3 for count in counts)


def test_small_groups_are_counted_together_and_nobody_is_lost(recruits, seer_of_all):
    table = table_of(seer_of_all, "Recruits by degree")
    assert [(line.label, line.count) for line in table.lines] == [("Bachelor", 8), ("Master、Doctor", 3)]
    assert table.total == 11
    table = table_of(seer_of_all, "Recruits by Party membership")
    assert [line.count for line in table.lines] == [11]


def test_who_may_see_party_data_gets_exact_figures_and_the_registers(recruits, organiser):
    table = table_of(organiser.east, "Recruits by degree")
    assert [(line.label, line.count) for line in table.lines] == [("Bachelor", 8), ("Master", 2), ("Doctor", 1)]
    response = page(organiser.east)
    assert reverse("register-list", args=["graduate-recruits"]) in response.content.decode()


def test_others_get_no_link_to_a_register_of_persons(recruits, seer_of_all, people):
    for user in (seer_of_all, people.street_staff_east, people.staff_of_enterprise):
        response = page(user)
        assert response.status_code == 200
        assert "/registers/graduate-recruits/" not in response.content.decode()


def test_another_district_counts_none_of_them(recruits, organiser, people):
    for user in (organiser.west, people.officer_west, people.street_staff_east):
        assert table_of(user, "Recruits by degree").lines == []


def test_a_right_to_party_data_in_one_district_makes_no_figure_of_another_exact(recruits, make, db):
    user = User.objects.create(username="organiser_west_reader_east")
    Grant.objects.create(user=user, role=Role.ORGANISATION_DEPARTMENT, region=make.west)
    Grant.objects.create(user=user, role=Role.INSPECTOR, region=make.east)
    assert not aggregates.is_exact(user)
    assert all(line.count >= 3 for line in table_of(user, "Recruits by degree").lines)


def test_coverage_counts_every_serving_enterprise_once(make, organiser, people):
    make.coverage()
    make.coverage(enterprise=make.other_enterprise, way="joint", organisation=make.organisation())
    serving = ServiceAssignment.objects.current().values("enterprise").distinct().count()
    table = table_of(people.computer, "Enterprises that serve, by Party coverage")
    assert table.total == serving
    assert {line.label: line.count for line in table.lines} == {
        "Not covered": serving - 2, "Joint organisation": 1, "Party-building instructor": 1,
    }  # fmt: skip


def test_who_sees_no_neighbourhoods_sees_no_overview(people):
    assert page(people.nobody).status_code == 403
    assert page(people.handler_fire).status_code == 403


def test_the_overview_reads_as_often_for_many_rows_as_for_few(make, organiser, django_assert_max_num_queries):
    for _number in range(20):
        make.recruit()
    with django_assert_max_num_queries(30):
        assert page(organiser.east).status_code == 200
