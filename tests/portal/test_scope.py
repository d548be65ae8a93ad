"""Who sees which rows: one method decides for lists, details, exports and rights, so they cannot disagree."""

import pytest
from django.contrib.auth.models import AnonymousUser

from enterprises.models import Enterprise
from estates.models import Estate, ServiceAssignment
from evaluations.models import AppraisalCase
from portal.models import ApiToken, Grant, Region
from portal.roles import Permission
from tests import world

VIEW = {Estate: Permission.VIEW_ESTATES, AppraisalCase: Permission.VIEW_CASES, Enterprise: Permission.VIEW_ENTERPRISES}


def seen(model, user):
    return set(model.objects.for_user(user, VIEW[model]).values_list("pk", flat=True))


def everything(model):
    return set(model.objects.values_list("pk", flat=True))


def inside(model, code):
    lookup = {Estate: "community__path", AppraisalCase: "estate__community__path"}[model]
    return set(model.objects.filter(**{f"{lookup}__contains": f"/{code}/"}).values_list("pk", flat=True))


@pytest.mark.parametrize("model", [Estate, AppraisalCase])
def test_places_bound_what_people_see(people, model):
    street = people.street_staff_east.grants.get().region.code
    assert seen(model, people.computer) == everything(model)
    assert seen(model, people.auditor) == everything(model)
    assert seen(model, people.officer_east) == inside(model, world.EAST) != set()
    assert seen(model, people.officer_west) == inside(model, world.WEST) != set()
    assert seen(model, people.street_staff_east) == inside(model, street) != set()
    assert seen(model, people.street_staff_east) < seen(model, people.officer_east)
    assert seen(model, people.nobody) == set()
    assert seen(model, AnonymousUser()) == set()


def test_a_functional_zone_s_official_sees_the_streets_it_manages_whatever_their_code(people):
    zone = Region.objects.get(code=world.ZONE)
    Grant.objects.create(user=people.nobody, role="district_official", region=zone)
    estates = Estate.objects.for_user(people.nobody, Permission.VIEW_ESTATES)
    assert {estate.community.parent.parent.code for estate in estates} == {world.ZONE}


def test_an_inspector_sees_the_neighbourhoods_of_the_street_but_no_cases(people):
    assert seen(Estate, people.inspector_east) == inside(Estate, people.inspector_east.grants.get().region.code)
    assert seen(AppraisalCase, people.inspector_east) == set()


def test_an_agency_handler_sees_the_agency_s_cases_only(people):
    mine = set(AppraisalCase.objects.filter(agency__code="fire").values_list("pk", flat=True))
    assert seen(AppraisalCase, people.handler_fire) == mine != set()
    assert seen(Estate, people.handler_fire) == set()


def test_enterprise_staff_see_their_own(people):
    enterprise = people.staff_of_enterprise.enterprise_memberships.get().enterprise
    served = ServiceAssignment.objects.current().filter(enterprise=enterprise)
    assert seen(Enterprise, people.staff_of_enterprise) == {enterprise.pk}
    assert seen(Estate, people.staff_of_enterprise) == set(served.values_list("estate_id", flat=True)) != set()
    cases = set(AppraisalCase.objects.filter(enterprise=enterprise).values_list("pk", flat=True))
    assert seen(AppraisalCase, people.staff_of_enterprise) == cases != set()


def test_rights_on_one_row_are_the_scope_of_the_list(people):
    for person in people:
        for estate in Estate.objects.order_by("pk")[::7]:
            assert person.has_perm(Permission.VIEW_ESTATES, estate) == (estate.pk in seen(Estate, person))


def test_a_blocked_account_sees_nothing(people):
    people.computer.is_active = False
    assert seen(Estate, people.computer) == set()
    assert not people.computer.has_perm(Permission.VIEW_ESTATES)


def test_a_token_bounds_its_account(people):
    people.computer.api_token = ApiToken(permissions=[Permission.VIEW_ESTATES])
    assert seen(Estate, people.computer) == everything(Estate)
    assert seen(AppraisalCase, people.computer) == set()
    assert not people.computer.has_perm(Permission.SIGN_RANKINGS)


def test_django_s_own_permissions_give_no_way_in(people):
    people.nobody.is_staff = True
    people.nobody.save()
    assert seen(Estate, people.nobody) == set()


def test_a_path_is_a_prefix_of_whole_codes(people):
    """A district 99010 would be no part of 990101: every code in a path ends with a slash."""
    assert all(region.path.endswith(f"{region.code}/") for region in Region.objects.all())
    for region in Region.objects.exclude(parent=None).select_related("parent"):
        assert region.path == f"{region.parent.path}{region.code}/"
