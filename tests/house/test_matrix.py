"""Each role at each page: 200, 403 or 404 as the table says; a stranger is asked to sign in. The API has its own table."""

import pytest
from django.test import Client

from enterprises.models import Enterprise
from estates.models import Estate
from evaluations.models import AppraisalCase
from tests import world

ROLES = (
    "computer", "officer_east", "officer_west", "street_staff_east", "inspector_east", "handler_fire",
    "staff_of_enterprise", "auditor", "api_client", "nobody",
)  # fmt: skip
"""Columns of the table, in this order; ``computer`` is a city official."""

R = f"/rankings-desk/{world.PERIOD}/1/"
TABLE = {
    # page                     city  east  west  street inspector handler staff auditor api  nobody
    "/home/":                  (200,  200,  200,  200,   200,     200,    200,  200,    200,  200),
    "/enterprises/":           (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/estates/":               (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/party-building/":        (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/integrity/":             (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/integrity/merges/":      (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/overview/":              (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/compliance/":           (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/registers/":            (200,  200,  200,  200,   200,     200,    200,  200,    200,  200),
    "/registers/contracts/":  (200,  200,  200,  200,   200,     403,    200,  200,    200,  403),
    "/registers/contracts/new/": (200, 200, 200, 403,   403,     403,    403,  403,    403,  403),
    "/registers/estates/import/": (200, 200, 200, 403,  403,     403,    403,  403,    403,  403),
    "/registers/estates/template/": (200, 200, 200, 403, 403,    403,    403,  403,    403,  403),
    "/registers/estates/export/": (200, 200, 200, 200,  200,     403,    200,  200,    200,  403),
    "/imports/":              (200,  200,  200,  200,   200,     200,    200,  200,    200,  200),
    "/registers/award-rounds/new/": (200, 403, 403, 403, 403,    403,    403,  403,    403,  403),
    "/registers/persons/":    (200,  200,  200,  403,   403,     403,    403,  403,    403,  403),
    "/desk/":                  (200,  200,  200,  200,   403,     200,    200,  200,    200,  403),
    "/registers/catalogue-items/": (200, 200, 200, 200, 403,     200,    200,  200,    200,  403),
    "/registers/catalogue-items/new/": (200, 403, 403, 403, 403, 403,    403,  403,    403,  403),
    "/cases/":                 (200,  200,  200,  200,   403,     200,    200,  200,    200,  403),
    "/desk/ratings/":          (200,  200,  200,  403,   403,     403,    403,  403,    403,  403),
    "/desk/enter/":            (200,  200,  200,  200,   403,     403,    403,  403,    403,  403),
    "/desk/qr/":               (200,  200,  200,  200,   403,     403,    403,  403,    403,  403),
    "/desk/callbacks/":        (200,  200,  200,  403,   403,     403,    403,  403,    403,  403),
    "/desk/watch/":            (200,  403,  403,  403,   403,     403,    403,  200,    403,  403),
    "/service-march/":         (200,  200,  200,  200,   403,     200,    200,  200,    200,  403),
    "/search/?q=E0":           (200,  200,  200,  200,   200,     200,    200,  200,    200,  200),
    "/rankings-desk/":         (200,  404,  404,  404,   404,     404,    404,  200,    404,  404),
    R:                         (200,  404,  404,  404,   404,     404,    404,  200,    404,  404),
    f"{R}export.csv":          (200,  404,  404,  404,   404,     404,    404,  200,    404,  404),
    f"{R}submit/":             (200,  404,  404,  404,   404,     404,    404,  200,    404,  404),
    "/ranking-objections/":    (200,  200,  200,  200,   403,     200,    200,  200,    403,  403),
    "/ranking-policies/":      (200,  404,  404,  404,   404,     404,    404,  200,    404,  404),
    "/ranking-policies/new/":  (200,  404,  404,  404,   404,     404,    404,  403,    404,  404),
    "EAST ESTATE":             (200,  200,  404,  404,   404,     404,    None, 200,    200,  404),
    "EAST STREET ESTATE":      (200,  200,  404,  200,   200,     404,    None, 200,    200,  404),
    "WEST ESTATE":             (200,  404,  200,  404,   404,     404,    None, 200,    200,  404),
    "EAST CASE":               (200,  200,  404,  404,   404,     None,   None, 200,    200,  404),
    "FIRE CASE OF WEST":       (200,  404,  200,  404,   404,     200,    None, 200,    200,  404),
    "/notices/":              (200,  200,  200,  200,   200,     200,    200,  200,    200,  200),
    "/outbox/":               (200,  403,  403,  403,   403,     403,    403,  403,    403,  403),
    "/webhooks/":             (200,  403,  403,  403,   403,     403,    403,  403,    403,  403),
    "/registers/calendar-days/": (200, 200, 200, 200,   403,     200,    200,  200,    200,  403),
    "/registers/calendar-days/new/": (200, 403, 403, 403, 403,   403,    403,  403,    403,  403),
    "/admin/":                 (302,  302,  302,  302,   302,     302,    302,  302,    302,  302),
}  # fmt: skip


@pytest.fixture
def address(draft, people):
    """The address that a row of the table means."""
    street = people.street_staff_east.grants.get().region
    enterprise = f"/enterprises/{Enterprise.objects.order_by('uscc')[0].uscc}/"

    def estate(path: str, without: str = "nothing") -> str:
        row = Estate.objects.filter(community__path__contains=f"/{path}/").exclude(
            community__path__contains=f"/{without}/"
        )
        return f"/estates/{row.order_by('pk')[0].code}/"

    def hand_over(address: str) -> str:
        return f"/registers/estates/{Estate.objects.get(code=address.split('/')[2]).pk}/deed/hand-over/"

    def case(path: str, **more) -> str:
        rows = AppraisalCase.objects.filter(estate__community__path__contains=f"/{path}/", **more)
        return f"/cases/{rows.exclude(estate__community__path__contains=f'/{street.code}/').order_by('pk')[0].pk}/"

    named = {
        "EAST ESTATE": estate(world.EAST, without=street.code),
        "EAST STREET ESTATE": estate(street.code),
        "WEST ESTATE": estate(world.WEST),
        "HAND OVER EAST": hand_over(estate(world.EAST, without=street.code)),
        "ENTERPRISE": enterprise,
        "ENTERPRISE'S PARTY": f"{enterprise}party/",
        "ENTERPRISE'S ESTATES": f"{enterprise}estates/",
        "EAST CASE": case(world.EAST, agency=None),
        "FIRE CASE OF WEST": case(world.WEST, agency__code="fire"),
    }
    return lambda row: named.get(row, row)


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_each_role_gets_what_the_table_says(row, address, people):
    got, expected = {}, {}
    for name, status in zip(ROLES, TABLE[row], strict=True):
        if status is None:
            continue  # whether it is theirs depends on the golden city's contracts; tests/portal/test_scope.py says which
        client = Client()
        client.force_login(getattr(people, name))
        got[name], expected[name] = client.get(address(row)).status_code, status
    assert got == expected


@pytest.mark.parametrize("row", [row for row in TABLE if row != "/admin/"], ids=str)
def test_a_stranger_is_asked_to_sign_in(row, address):
    response = Client().get(address(row))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("verb", ["submit", "recompute"])
def test_whoever_may_only_look_may_not_act(verb, draft, people):
    """The auditor sees the step with the reason why it is closed; sending it anyway is refused."""
    client = Client()
    client.force_login(people.auditor)
    assert client.post(f"{R}{verb}/", {"seen": "draft"}).status_code == 403
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_draft_does_not_exist_for_the_public(draft):
    for path in (f"/rankings/{world.PERIOD}/", f"/rankings/{world.PERIOD}.csv", f"/rankings/{world.PERIOD}/entries/"):
        assert Client().get(path).status_code == 404
