"""Registers as an official meets them: list, row, form, history, removal, revealing a number, suggestions, API."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import ProjectManager
from estates.models import Estate, ServiceContract
from portal.models import AuditEntry, Region
from portal.registers import Kind, register, registers
from portal.registers.actions import keep_row, version
from portal.workflow import LostRace
from tests import world
from tests.estates.rows import contract, enterprise, estate_in

CONTRACTS = "contracts"


@pytest.fixture
def client(people) -> Client:
    """The district official of the east, whose browser asks for English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(people.officer_east)
    return client


@pytest.fixture
def east(db) -> ServiceContract:
    row = contract(estate_in(world.EAST), number="C-EAST")
    row.save()
    return row


@pytest.fixture
def west(db) -> ServiceContract:
    row = contract(estate_in(world.WEST), number="C-WEST")
    row.save()
    return row


def address(name: str, *args, slug: str = CONTRACTS, **query) -> str:
    return reverse(name, args=[slug, *args], query=query or None)


def entries(**changes) -> dict:
    estate = estate_in(world.EAST)
    return {
        "number": "C-NEW", "estate": estate.code, "enterprise": enterprise().uscc, "kind": "owners",
        "valid_from": "2021-01-01", "valid_to": "2023-12-31", "fee_yuan_m2_month": "1.80", **changes,
    }  # fmt: skip


# --- every register -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", [one.slug for one in registers()])
def test_every_register_opens_for_a_district_official(client, slug):
    declared = register(slug)
    assert client.get(declared.list_url()).status_code == 200
    assert client.get(f"/api/v1/{slug}/").status_code == 200
    assert "found" in client.get(address("register-suggest", slug=slug, q="a")).json()


@pytest.mark.parametrize("slug", [one.slug for one in registers()])
def test_every_register_has_a_key_that_the_database_holds(slug):
    declared = register(slug)
    model = declared.model
    unique = [{field.name} for field in model._meta.concrete_fields if field.unique]
    unique += [
        set(constraint.fields) for constraint in model._meta.constraints if hasattr(constraint, "nulls_distinct")
    ]
    if declared.key[-1] == "valid":  # spans that may not overlap differ in their first day
        assert any(type(constraint).__name__ == "ExclusionConstraint" for constraint in model._meta.constraints)
    else:
        assert set(declared.key) in unique


def test_a_field_that_names_a_person_is_never_searched_for_others(people):
    for declared in registers():
        assert not any("phone" in lookup or "id_hash" in lookup for lookup in declared.search), declared.slug


@pytest.mark.parametrize("slug", [one.slug for one in registers()])
def test_the_auditor_reads_and_does_not_keep(people, slug):
    client = Client()
    client.force_login(people.auditor)
    assert client.get(address("register-enter", slug=slug)).status_code == 403


# --- list -----------------------------------------------------------------------------------------------------------------


def test_list_export_and_api_hold_the_own_district_only(client, east, west):
    page = client.get(address("register-list"))
    assert [row.number for row in page.context["page"].object_list] == ["C-EAST"]
    assert page.context["page"].paginator.count == 1
    assert b"C-WEST" not in page.content
    assert [row["number"] for row in client.get("/api/v1/contracts/").json()["results"]] == ["C-EAST"]
    assert client.get(address("register-list", q="C-WEST")).context["page"].paginator.count == 0
    assert client.get(address("register-list", estate=west.estate.code)).context["page"].paginator.count == 0
    assert client.get(f"/api/v1/contracts/{west.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["register-row", "register-edit", "register-remove", "register-history"])
def test_another_districts_row_does_not_exist(client, west, name):
    assert client.get(address(name, west.pk)).status_code == 404
    assert client.post(address(name, west.pk), entries()).status_code in (404, 405)


def test_list_costs_the_same_queries_for_1_and_for_25_rows(client, east):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address("register-list"))
        return len(captured)

    queries()
    few = queries()
    estates = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("code")
    for number, estate in enumerate([*estates[:12], *estates[:12]]):
        contract(estate, number=f"C-{number}").save()
    assert queries() == few


def test_columns_are_chosen_and_kept(client, people, east):
    client.post(address("register-columns"), {"column": ["number", "note", "nonsense"]})
    shown = client.get(address("register-list")).context["shown"]
    assert [column.name for column in shown] == ["number", "note"]
    events = apps.get_model("portal.UserEvent").objects.filter(pgh_obj_id=people.officer_east.pk)
    assert not events.exists(), "a choice of columns is no change of the account"
    client.post(address("register-columns"), {"reset": "1"})
    people.officer_east.refresh_from_db()
    assert people.officer_east.column_choices == {}
    assert len(client.get(address("register-list")).context["shown"]) > 2


def test_every_heading_sorts_without_an_error(client, east):
    for declared in registers():
        for heading in client.get(declared.list_url()).context["headings"]:
            response = client.get(f"{declared.list_url()}?sort=-{heading.column.key}")
            assert response.status_code == 200, (declared.slug, heading.column.key)


# --- one row --------------------------------------------------------------------------------------------------------------


def test_a_row_is_entered_shown_edited_and_its_history_told(client, people):
    response = client.post(address("register-enter"), entries())
    row = ServiceContract.objects.get(number="C-NEW")
    assert response.status_code == 302
    assert str(row.valid.upper) == "2024-01-01"
    page = client.get(address("register-row", row.pk)).content.decode()
    assert "2023-12-31" in page
    form = client.get(address("register-edit", row.pk)).context["form"]
    assert form.initial["estate"] == row.estate.code
    changed = entries(fee_yuan_m2_month="2.10", seen=form.initial["seen"])
    assert client.post(address("register-edit", row.pk), changed).status_code == 302
    history = client.get(address("register-history", row.pk)).context["versions"]
    (edited,) = [version for version in history if version.changes]
    assert [(change.before, change.after) for change in edited.changes] == [("1.80", "2.10")]
    assert edited.by == str(people.officer_east)
    assert {version.verb for version in history} == {"entered", "edited"}
    assert {entry.verb for entry in AuditEntry.objects.filter(details__register=CONTRACTS)} == {"enter", "edit"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": ""}, "number"),
        ({"estate": "NO-SUCH"}, "estate"),
        ({"valid_to": "2020-12-31"}, "valid_from"),
        ({"kind": "emergency"}, None),
        ({"fee_yuan_m2_month": "-1"}, None),
        ({"valid_from": "2021-02-30"}, "valid_from"),
    ],
)
def test_bad_entries_come_back_with_a_reason_and_nothing_is_saved(client, changes, field):
    response = client.post(address("register-enter"), entries(**changes))
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert errors and (field is None or field in errors)
    assert response.context["form"]["number"].value() == entries(**changes)["number"]
    assert not ServiceContract.objects.exists()


def test_a_row_for_another_district_is_refused_whatever_its_code_is(client, people):
    west = estate_in(world.WEST)
    told = client.post(address("register-enter"), entries(estate=west.code)).context["form"].errors["estate"]
    unknown = client.post(address("register-enter"), entries(estate="NO-SUCH")).context["form"].errors["estate"]
    assert told[0].replace(west.code, "X") == unknown[0].replace("NO-SUCH", "X")
    with pytest.raises(ValidationError):
        values = {"number": "C-9", "estate": west, "enterprise": enterprise(), "kind": "owners"}
        span = {"valid_from": contract(west).valid.lower, "valid_to": contract(west).valid.upper}
        keep_row(register(CONTRACTS), ServiceContract(), values | span, by=people.officer_east)
    assert not ServiceContract.objects.exists()


def test_moving_a_row_out_of_the_district_is_rolled_back(people, east):
    declared = register(CONTRACTS)
    values = {
        field.name: getattr(east, field.source.name) for field in declared.all_fields if field.kind is Kind.REFERENCE
    }
    with pytest.raises(ValidationError):
        keep_row(declared, east, values | {"estate": estate_in(world.WEST)}, by=people.officer_east)
    east.refresh_from_db()
    assert east.estate == estate_in(world.EAST)


def test_two_people_at_once_the_second_is_told(client, people, east):
    declared = register(CONTRACTS)
    seen = version(declared, east)
    keep_row(declared, east, {"note": "first"}, by=people.officer_east, seen=seen)
    with pytest.raises(LostRace):
        keep_row(declared, east, {"note": "second"}, by=people.officer_east, seen=seen)
    response = client.post(address("register-edit", east.pk), entries(number="C-EAST", note="second", seen=seen))
    assert response.status_code == 409
    assert response.context["form"]["note"].value() == "second"
    assert ServiceContract.objects.get().note == "first"


def test_removing_needs_a_reason_and_leaves_a_trace(client, east):
    assert client.post(address("register-remove", east.pk), {"reason": " "}).status_code == 422
    assert client.post(address("register-remove", east.pk), {"reason": "entered twice"}).status_code == 302
    assert not ServiceContract.objects.exists()
    entry = AuditEntry.objects.get(verb="remove")
    assert entry.reason == "entered twice" and entry.details["values"]["number"] == "C-EAST"


def test_a_row_that_others_refer_to_is_not_removed(client, east):
    estate = east.estate
    response = client.post(address("register-remove", estate.pk, slug="estates"), {"reason": "mistake"})
    assert response.status_code == 422
    assert Estate.objects.filter(pk=estate.pk).exists()


def test_a_form_is_filled_from_its_address(client):
    estate = estate_in(world.EAST)
    form = client.get(address("register-enter", estate=estate.code)).context["form"]
    assert form["estate"].value() == estate.code


def test_hostile_text_is_shown_as_text(client):
    nasty = "<script>alert(1)</script>"
    client.post(address("register-enter"), entries(note=nasty))
    row = ServiceContract.objects.get()
    for name in ("register-row", "register-edit", "register-history"):
        assert nasty not in client.get(address(name, row.pk)).content.decode()


# --- persons --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(db) -> ProjectManager:
    district = Region.objects.get(code=world.EAST)
    row = ProjectManager(
        code="PM-1", name="林一", phone="13812345678", enterprise=enterprise(registered_district=district)
    )
    row.save()
    return row


def test_a_number_is_masked_everywhere_until_revealed_with_a_reason(client, people, manager):
    row = reverse("register-row", args=["project-managers", manager.pk])
    reveal = reverse("register-reveal", args=["project-managers", manager.pk])
    pages = [row, reverse("register-list", args=["project-managers"]), "/api/v1/project-managers/", reveal]
    for page in pages:
        content = client.get(page).content.decode()
        assert "13812345678" not in content, page
    assert "138****5678" in client.get(row).content.decode()
    assert client.post(reveal, {"reason": ""}).status_code == 200
    assert not AuditEntry.objects.filter(verb="reveal").exists()
    answer = client.post(reveal, {"reason": "urgent repair"})
    assert "13812345678" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(verb="reveal")
    assert (entry.by, entry.reason) == (people.officer_east, "urgent repair")


def test_a_masked_number_sent_back_leaves_the_number(people, manager):
    declared = register("project-managers")
    keep_row(declared, manager, {"phone": "138****5678", "name": "林二"}, by=people.officer_east)
    manager.refresh_from_db()
    assert (manager.phone, manager.name) == ("13812345678", "林二")


def test_an_id_number_is_kept_as_a_hash_only(client, people, manager):
    number = "11010519491231002X"
    form = {"code": "PM-2", "name": "林三", "id_number": number, "enterprise": manager.enterprise.uscc}
    assert client.post(reverse("register-enter", args=["project-managers"]), form).status_code == 302
    row = ProjectManager.objects.get(code="PM-2")
    assert len(row.id_hash) == 64 and number not in str(vars(row))
    assert number not in client.get(reverse("register-edit", args=["project-managers", row.pk])).content.decode()
    again = client.post(reverse("register-enter", args=["project-managers"]), form | {"code": "PM-3"})
    assert again.status_code == 422 and not ProjectManager.objects.filter(code="PM-3").exists()


def test_party_membership_is_for_those_who_hold_it(people, manager):
    inspector = Client()
    inspector.force_login(people.auditor)
    row = inspector.get("/api/v1/project-managers/").json()["results"][0]
    assert "is_party_member" not in row
    official = Client()
    official.force_login(people.officer_east)
    assert "is_party_member" in official.get("/api/v1/project-managers/").json()["results"][0]


# --- suggestions ----------------------------------------------------------------------------------------------------------


def test_suggestions_stay_in_scope(client):
    east, west = estate_in(world.EAST), estate_in(world.WEST)
    found = client.get(address("register-suggest", slug="estates", q=east.code)).json()["found"]
    assert [one["code"] for one in found] == [east.code]
    assert client.get(address("register-suggest", slug="estates", q=west.code)).json()["found"] == []
    assert client.get(address("register-suggest", slug="places", q=world.EAST)).json()["found"]
    assert client.get(address("register-suggest", slug="places", q=world.WEST)).json()["found"] == []


@pytest.mark.parametrize("query", ["fundings/?year=10000", "fundings/?year=0.5", "contracts/?estate=" + "x" * 61])
def test_a_filter_takes_what_the_description_says(client, query):
    assert client.get(f"/api/v1/{query}").status_code == 400
    assert client.get("/api/v1/fundings/?year=2020").status_code == 200
