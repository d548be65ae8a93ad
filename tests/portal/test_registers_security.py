"""Registers against people who want more than is theirs: rows, counts, names, persons, decided records, hostile input."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from enterprises.models import AwardGrant, AwardRound, Enterprise, HeadcountReturn, ProjectManager
from estates.models import Estate, Filing, FilingDocument, ServiceContract, StageChange
from portal.exchange import actions as exchange
from portal.exchange.models import ImportBatch
from portal.integrity.merging import MergeRefused, merge
from portal.models import AuditEntry, Grant, Region
from portal.registers import register, registers
from portal.registers.actions import keep_row, remove_row, reveal_phone, version
from portal.roles import Permission, Role
from portal.workflow import MoveRefused
from tests import world
from tests.estates.rows import DAY, accepted, contract, enterprise, estate_in, filing, hand_in
from tests.portal.test_imports import S, applied, checked, exported, told, uploaded, workbook

PERSON = "project-managers"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def client(people) -> Client:
    return signed_in(people.officer_east)


def signed_in(user) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def district(code: str) -> Region:
    return Region.objects.get(code=code)


@pytest.fixture
def managers(db) -> list[ProjectManager]:
    """One in each district, with telephone numbers whose order is not that of the masks."""
    made = []
    for place, (code, phone) in enumerate([(world.EAST, "13899995678"), (world.WEST, "13811115678")]):
        served = enterprise(place, registered_district=district(code))
        served.presences.all().delete()
        row = ProjectManager(
            code=f"PM-{place}", name=f"林{place}", phone=phone, enterprise=served, is_party_member=True
        )
        row.save()
        made.append(row)
    return made


@pytest.fixture
def two_grants(people):
    """Somebody who sees the whole city as an auditor, and Party data in the east alone."""
    Grant.objects.create(user=people.auditor, role=Role.ORGANISATION_DEPARTMENT, region=district(world.EAST))
    return people.auditor


# --- persons --------------------------------------------------------------------------------------------------------------


def test_no_list_is_sorted_by_a_number_that_is_masked(client, managers):
    other = ProjectManager(code="PM-9", name="阿一", phone="13800005678", enterprise=managers[0].enterprise)
    other.save()
    rows = [
        [row.code for row in client.get(f"/registers/{PERSON}/?sort={sort}").context["page"].object_list]
        for sort in ("phone", "-phone")
    ]
    assert rows[0] == rows[1]
    for declared in registers():
        headings = client.get(declared.list_url()).context["headings"]
        assert not [one for one in headings if one.column.key == "phone" and one.target], declared.slug


def test_who_chose_only_columns_that_cannot_be_sorted_still_has_a_list(client, people, managers):
    people.officer_east.column_choices[PERSON] = ["phone"]
    people.officer_east.save()
    assert client.get(f"/registers/{PERSON}/").status_code == 200
    assert client.get(f"/registers/{PERSON}/?sort=phone").status_code == 200


def test_party_membership_is_read_where_party_data_is_held_and_nowhere_else(two_grants, managers):
    client = signed_in(two_grants)
    for row in client.get(f"/api/v1/{PERSON}/").json()["results"]:
        assert "is_party_member" not in row
    assert "is_party_member" not in client.get(f"/api/v1/{PERSON}/?format=csv").content.decode()
    assert b"Party member" not in client.get(f"/registers/{PERSON}/{managers[1].pk}/").content
    assert b"Party member" not in exported(PERSON, two_grants, "csv")


def test_a_number_is_revealed_where_that_is_held_and_nowhere_else(two_grants, managers):
    east, west = managers
    declared = register(PERSON)
    with pytest.raises(PermissionDenied):
        reveal_phone(declared, west, by=two_grants, reason="curious")
    assert signed_in(two_grants).get(f"/registers/{PERSON}/{west.pk}/reveal/").status_code == 403
    assert reveal_phone(declared, east, by=two_grants, reason="urgent") == east.phone
    assert AuditEntry.objects.filter(verb="reveal").count() == 1


def test_a_register_without_telephones_reveals_none(client):
    row = contract(estate_in(world.EAST))
    row.save()
    address = reverse("register-reveal", args=["contracts", row.pk])
    assert client.get(address).status_code == client.post(address, {"reason": "x"}).status_code == 404
    assert not AuditEntry.objects.filter(verb="reveal").exists()


def test_the_version_in_a_form_can_not_be_computed_outside(managers, settings):
    declared = register(PERSON)
    before = version(declared, managers[0])
    settings.SECRET_KEY = "another"
    assert version(declared, managers[0]) != before


def test_a_number_that_changed_behind_its_mask_is_another_version(managers):
    declared, row = register(PERSON), managers[0]
    before = version(declared, row)
    row.phone = "13800005678"
    assert version(declared, row) != before


@pytest.mark.parametrize("slug", [one.slug for one in registers() if one.view == Permission.VIEW_PARTY])
def test_registers_of_persons_are_closed_to_everybody_else(people, slug):
    for user in (people.auditor, people.street_staff_east, people.staff_of_enterprise, people.inspector_east):
        client = signed_in(user)
        for page in (f"/registers/{slug}/", f"/api/v1/{slug}/", f"/registers/{slug}/suggest/?q=a"):
            assert client.get(page).status_code == 403, (user, page)
        assert client.get(f"/registers/{slug}/export/").status_code == 403
    token = world.token_for(people.officer_east, Permission.VIEW_ESTATES)
    assert Client().get(f"/api/v1/{slug}/", headers={"Authorization": f"Token {token}"}).status_code == 403


# --- names and counts out of scope ------------------------------------------------------------------------------------------


def test_what_is_applied_names_no_row_out_of_scope(client, people, managers):
    theirs = managers[1].enterprise
    page = client.get(f"/registers/contracts/?enterprise={theirs.uscc}")
    assert theirs.uscc in page.content.decode() and theirs.name not in page.content.decode()
    west = estate_in(world.WEST)
    assert west.name not in client.get(f"/registers/contracts/?estate={west.code}").content.decode()


def test_a_comparison_counts_the_own_scope(client, people):
    one, other = (enterprise(place, registered_district=district(world.EAST)) for place in (0, 1))
    ServiceContract.objects.all().delete()
    contract(estate_in(world.WEST), number="C-WEST", enterprise=one).save()
    contract(estate_in(world.EAST), number="C-EAST", enterprise=other).save()
    page = client.get(reverse("integrity-compare", args=["enterprises", one.pk, other.pk]))
    assert dict(page.context["references"])["service contracts"] == [0, 1]


def test_what_is_in_the_way_of_a_merge_is_named_in_the_own_scope_only(people):
    from estates.models import PeriodicReport

    one, other = (enterprise(place, registered_district=district(world.EAST)) for place in (0, 1))
    west, east = estate_in(world.WEST), estate_in(world.EAST)
    for served in (west, east):
        for who in (one, other):
            PeriodicReport.objects.create(
                estate=served, enterprise=who, period="2021", submitted_on=DAY, summary=f"of {who.uscc}"
            )
    page = signed_in(people.officer_east).post(
        reverse("integrity-compare", args=["enterprises", one.pk, other.pk]), {"keep": one.pk, "reason": "twice"}
    )
    assert page.status_code == 409
    names = [name for _kind, name, _message, _address in page.context["conflicts"]]
    assert any(east.name in name for name in names)
    assert not any(west.name in name for name in names) and len(names) == 2


# --- what is decided stays --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["accepted", "rejected", "superseded", "expired"])
def test_a_decided_filing_is_neither_edited_nor_removed(people, status):
    row = accepted(estate_in(world.EAST), "area")
    Filing.objects.filter(pk=row.pk).update(status=status, reason="x")
    row.refresh_from_db()
    declared = register("filings")
    with pytest.raises(ValidationError):
        remove_row(declared, row, by=people.officer_east, reason="mistake")
    with pytest.raises(ValidationError):
        keep_row(declared, row, {"triggered_on": date(2021, 3, 20)}, by=people.officer_east)
    assert Filing.objects.get(pk=row.pk).triggered_on == DAY


def test_documents_of_a_decided_filing_stay(people):
    row = accepted(estate_in(world.EAST), "area")
    hand_in(row)
    declared, document = register("filing-documents"), FilingDocument.objects.first()
    with pytest.raises(ValidationError):
        remove_row(declared, document, by=people.officer_east, reason="mistake")
    with pytest.raises(ValidationError):
        keep_row(declared, document, {"title": "another"}, by=people.officer_east)
    assert FilingDocument.objects.filter(title=document.title).exists()
    late = {"filing": row, "kind": "other", "title": "补交", "received_on": DAY}
    with pytest.raises(ValidationError, match="decided"):
        keep_row(declared, FilingDocument(), late, by=people.officer_east)


def test_a_draft_is_still_edited_and_removed(people):
    row = filing(estate_in(world.EAST))
    row.save()
    declared = register("filings")
    keep_row(declared, row, {"applicant": "另一家"}, by=people.officer_east)
    remove_row(declared, row, by=people.officer_east, reason="entered twice")
    assert not Filing.objects.exists()


def test_an_import_changes_no_decided_filing(people):
    row = accepted(estate_in(world.EAST), "area")
    header = ("number", "kind", "estate", "applicant", "triggered_on", "status")
    batch = uploaded(
        workbook([row.number, "area", row.estate.code, "另一家", "2021-03-01", "draft"], header=header),
        people.officer_east, slug="filings",
    )  # fmt: skip
    assert (batch.changed, batch.wrong) == (0, 1), told(batch)


def test_an_import_of_documents_is_not_undone_under_a_decision(people):
    row = filing(estate_in(world.EAST))
    row.save()
    header = ("filing", "kind", "title", "received_on")
    content = workbook([row.number, "application", "申请表", "2021-03-01"], header=header)
    batch = applied(uploaded(content, people.officer_east, slug="filing-documents"))
    assert batch.status == S.APPLIED
    Filing.objects.filter(pk=row.pk).update(status="accepted", submitted_on=DAY, decided_on=DAY)
    with pytest.raises(MoveRefused):
        exchange.undo(batch, by=people.officer_east)
    assert FilingDocument.objects.filter(filing=row).exists()


def test_an_award_is_revoked_and_never_removed(people):
    given = AwardGrant.objects.create(
        round=AwardRound.objects.create(code="R-1", award="quality_demo", year=2020, title="质量示范"),
        enterprise=enterprise(registered_district=district(world.EAST)), granted_on=DAY,
    )  # fmt: skip
    with pytest.raises(ValidationError):
        remove_row(register("award-grants"), given, by=people.officer_east, reason="mistake")
    assert AwardGrant.objects.exists()


def test_a_neighbourhood_takes_no_records_along_when_it_is_removed(people):
    row = estate_in(world.EAST)
    lonely = Estate.objects.create(code="E-NEW", name="新小区", kind="old", community=row.community)
    StageChange.objects.create(estate=lonely, from_stage="none", stage="self_managed", changed_on=DAY)
    with pytest.raises(ValidationError, match="refer"):
        remove_row(register("estates"), lonely, by=people.officer_east, reason="mistake")
    assert StageChange.objects.filter(estate=lonely).exists()
    StageChange.objects.filter(estate=lonely).delete()
    remove_row(register("estates"), lonely, by=people.officer_east, reason="mistake")


def test_what_only_a_deed_writes_is_not_written_by_hand(client, people):
    row = filing(estate_in(world.EAST))
    row.save()
    declared = register("filings")
    fixed = {"status": "accepted", "submitted_on": DAY, "decided_on": DAY, "reason": "mine"}
    with pytest.raises(PermissionDenied):
        keep_row(declared, row, fixed, by=people.officer_east)
    entries = {
        "number": row.number, "kind": "area", "estate": row.estate.code, "applicant": "甲", "triggered_on": "2021-03-01",
    }  # fmt: skip
    assert client.post(reverse("register-edit", args=["filings", row.pk]), entries | fixed).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.applicant, row.decided_on) == ("draft", "甲", None)


# --- imports -----------------------------------------------------------------------------------------------------------------


def moved(user, code: str):
    """The same person after a transfer to another district."""
    Grant.objects.filter(user=user).update(region=district(code))
    return type(user).objects.get(pk=user.pk)


def headcount(served: Enterprise, count: int) -> bytes:
    return workbook([served.uscc, "2020", str(count)], header=("enterprise", "year", "headcount"))


def test_who_was_transferred_undoes_nothing_in_the_former_district(people):
    served = enterprise(registered_district=district(world.EAST))
    HeadcountReturn.objects.create(enterprise=served, year=2020, headcount=5)
    batch = applied(uploaded(headcount(served, 7), people.officer_east, slug="headcount-returns"))
    with pytest.raises((PermissionDenied, MoveRefused)):
        exchange.undo(batch, by=moved(people.officer_east, world.WEST))
    assert HeadcountReturn.objects.get(enterprise=served, year=2020).headcount == 7


def test_who_was_transferred_writes_nothing_in_the_former_district(people):
    served = enterprise(registered_district=district(world.EAST))
    HeadcountReturn.objects.filter(enterprise=served).delete()
    batch = uploaded(headcount(served, 7), people.officer_east, slug="headcount-returns")
    moved(people.officer_east, world.WEST)
    batch = applied(ImportBatch.objects.get(pk=batch.pk))
    assert batch.status == S.UPLOADED
    assert not HeadcountReturn.objects.filter(enterprise=served).exists()


def test_who_was_transferred_takes_no_record_along(people, managers):
    """A change that moves a record is checked in the old district and applied from the new one."""
    east, west = managers
    header = ("code", "name", "enterprise")
    content = workbook([east.code, east.name, west.enterprise.uscc], header=header)
    both = people.officer_east
    Grant.objects.create(user=both, role=Role.DISTRICT_OFFICIAL, region=district(world.WEST))
    batch = uploaded(content, type(both).objects.get(pk=both.pk), slug=PERSON)
    assert batch.changed == 1, told(batch)
    Grant.objects.filter(user=both, region=district(world.EAST)).delete()
    batch = applied(ImportBatch.objects.get(pk=batch.pk))
    assert batch.status == S.UPLOADED
    east.refresh_from_db()
    assert east.enterprise_id != west.enterprise_id


def test_a_batch_of_somebody_else_is_not_there(people):
    served = enterprise(registered_district=district(world.EAST))
    batch = uploaded(headcount(served, 7), people.officer_east, slug="headcount-returns")
    for user in (people.officer_west, people.computer, people.auditor):
        other = signed_in(user)
        assert other.get(reverse("import", args=[batch.pk])).status_code == 404
        for name in ("import-apply", "import-undo", "import-discard", "import-check"):
            assert other.post(reverse(name, args=[batch.pk])).status_code == 404
        assert other.get(reverse("import-errors", args=[batch.pk])).status_code == 404
    assert checked(batch).status == S.CHECKED


# --- hostile input -----------------------------------------------------------------------------------------------------------

NUL = "%00"


@pytest.mark.parametrize(
    "address",
    [
        f"/registers/contracts/?estate={NUL}",
        f"/registers/contracts/?q={NUL}",
        f"/registers/contracts/?district={NUL}",
        f"/registers/contracts/?kind={NUL}&street={NUL}",
        f"/registers/headcount-returns/?year={NUL}",
        "/registers/headcount-returns/?year=99999999999999999999",
        "/registers/headcount-returns/?year=NaN",
        "/registers/headcount-returns/?year=1e30",
        "/registers/headcount-returns/?year=2020.5",
        f"/registers/contracts/?sort={NUL}&page=99999999999999999999999",
        f"/registers/contracts/suggest/?q={NUL}",
        f"/registers/estates/suggest/?q={NUL}",
        f"/registers/places/suggest/?q={NUL}",
        f"/registers/contracts/new/?estate={NUL}&enterprise={NUL}&number={NUL}&kind={NUL}&valid_from={NUL}",
        f"/registers/contracts/export/?format=csv&estate={NUL}&q={NUL}",
        "/registers/headcount-returns/export/?format=csv&year=99999999999999999999",
        "/registers/contracts/99999999999999999999999/",
        "/integrity/compare/estates/99999999999999999999999/1/",
        "/imports/99999999999999999999999/",
        f"/search/?q={NUL}",
    ],
)
def test_no_address_breaks_a_page(client, address):
    assert client.get(address).status_code in (200, 302, 400, 404)


def test_a_nul_in_a_form_is_refused(client):
    entries = {"number": "C\x00", "estate": "E\x00", "enterprise": "\x00", "kind": "owners\x00", "note": "a\x00"}
    assert client.post("/registers/contracts/new/", entries).status_code == 422


def test_columns_lead_to_the_own_list_whatever_is_sent(client):
    for query in ("//evil.example", "?next=//evil.example", "https://evil.example", "?a\r\nSet-Cookie: x=1"):
        answer = client.post("/registers/contracts/columns/", {"column": ["number"], "query": query})
        assert answer.status_code == 302 and answer["Location"].startswith("/registers/contracts/")
        assert "Set-Cookie: x" not in str(answer.headers) and "\n" not in answer["Location"]


def test_every_write_needs_the_token_of_the_own_site(people):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.officer_east)
    row = contract(estate_in(world.EAST))
    row.save()
    for name in ("register-edit", "register-remove", "register-reveal"):
        assert strict.post(reverse(name, args=["contracts", row.pk]), {"reason": "x"}).status_code == 403
    assert strict.post("/registers/contracts/new/", {}).status_code == 403
    assert ServiceContract.objects.filter(pk=row.pk).exists()


def test_deeds_of_rows_out_of_scope_are_not_there(client, people):
    theirs = filing(estate_in(world.WEST))
    theirs.save()
    for declared in registers():
        for deed in declared.deeds:
            pk = theirs.pk if declared.slug == "filings" else 10**7
            address = reverse("register-deed", args=[declared.slug, pk, deed.verb])
            assert client.get(address).status_code == client.post(address, {"confirmed": "1"}).status_code == 404
    staff = signed_in(people.auditor)
    assert staff.get(reverse("register-deed", args=["filings", theirs.pk, "submit"])).status_code == 403


def test_an_export_runs_no_formula_and_masks_numbers(client, managers):
    row = managers[0]
    ProjectManager.objects.filter(pk=row.pk).update(name="=HYPERLINK(1)")
    text = b"".join(client.get(f"/registers/{PERSON}/export/?format=csv").streaming_content).decode()
    assert "'=HYPERLINK(1)" in text and row.phone not in text and "id_hash" not in text
    assert "'=HYPERLINK(1)" in client.get(f"/api/v1/{PERSON}/?format=csv").content.decode()
    assert AuditEntry.objects.filter(verb="export", by__username="officer_east").count() == 1


def test_merging_without_the_right_is_refused(people):
    one, other = Estate.objects.filter(community__path__contains=f"/{world.EAST}/").order_by("pk")[:2]
    for user in (people.officer_west, people.street_staff_east, people.auditor, people.staff_of_enterprise):
        with pytest.raises((PermissionDenied, MergeRefused)):
            merge(one, other, by=user, reason="x")
