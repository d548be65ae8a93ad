"""Deeds on rows: who may do each, what is asked first, what follows, and that another district's row does not exist."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casedesk.models import CampaignIssue, CampaignVisit
from enterprises.models import AwardGrant, AwardRound, Enterprise
from estates.models import Estate, Filing, HandOver, ModeAssignment, ServiceAssignment, StageChange
from evaluations.models import ServiceCampaign
from partybuilding.models import CrossAppointment, PartyCoverage, PartyOrganisation, Person
from portal import registers
from portal.models import AuditEntry, Region
from tests import world
from tests.estates import rows

TODAY = timezone.localdate()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def east(db) -> Estate:
    return rows.estate_in(world.EAST, kind="old", lifts=0, has_fire_equipment=False)


@pytest.fixture
def firm(db) -> Enterprise:
    """An enterprise of the east district that serves nothing."""
    firm = Enterprise.objects.exclude(pk__in=ServiceAssignment.objects.values("enterprise")).first()
    if firm is None:
        firm = Enterprise.objects.order_by("-uscc").first()
        ServiceAssignment.objects.filter(enterprise=firm).delete()
    firm.registered_district = Region.objects.get(code=world.EAST)
    firm.is_public_benefit = True
    firm.save()
    return firm


@pytest.fixture
def filing(east) -> Filing:
    row = rows.filing(east, "area")
    row.save()
    return row


@pytest.fixture
def grant(firm) -> AwardGrant:
    award = AwardRound.objects.create(code="R-1", award="quality_demo", year=2020, title="Quality 2020")
    return AwardGrant.objects.create(round=award, enterprise=firm, granted_on=YESTERDAY)


@pytest.fixture
def person(east) -> Person:
    return Person.objects.create(code="P-1", name="王秀兰", region=east.community)


@pytest.fixture
def appointment(person, firm, east) -> CrossAppointment:
    return CrossAppointment.objects.create(
        code="CA-1", person=person, direction="committee_to_enterprise", post="quality_supervisor", enterprise=firm,
        committee_kind="residents", region=east.community, valid=DateRange(YESTERDAY, None),
    )  # fmt: skip


@pytest.fixture
def coverage(firm, person) -> PartyCoverage:
    return PartyCoverage.objects.create(
        enterprise=firm, way="instructor", instructor=person, valid=DateRange(YESTERDAY - timedelta(days=9), None)
    )


@pytest.fixture
def issue(db) -> CampaignIssue:
    street = Region.objects.get(code=world.EAST).children.order_by("code").first()
    estate = Estate.objects.filter(community__parent=street).order_by("code").first()
    campaign = ServiceCampaign.objects.create(month=TODAY.replace(day=1), theme="消防通道畅通")
    visit = CampaignVisit.objects.create(code="V-1", campaign=campaign, estate=estate, held_on=TODAY)
    return CampaignIssue.objects.create(code="I-1", visit=visit, category="fire_safety", text="通道堆物")


def address(row, verb: str) -> str:
    register = registers.register_of(type(row))
    return reverse("register-deed", args=[register.slug, row.pk, verb])


def do(client: Client, row, verb: str, **values):
    """Fill in, see the confirmation, confirm."""
    asked = client.post(address(row, verb), values)
    assert asked.status_code == 200, asked.context["form"].errors
    assert asked.context["confirming"]
    return client.post(address(row, verb), values | {"confirmed": "1"})


DEEDS = (
    ("east", "hand-over"), ("east", "change-mode"), ("east", "change-stage"),
    ("filing", "submit"), ("filing", "request-correction"), ("filing", "accept"), ("filing", "reject"),
    ("firm", "grant-award"), ("grant", "revoke"),
    ("person", "appoint"), ("appointment", "end"), ("coverage", "change"), ("issue", "make-case"),
)  # fmt: skip

STREET_STAFF_TOO = {"make-case"}
"""Deeds that are also the street's, in its own neighbourhoods: whoever takes matters in makes an issue a case."""


def test_every_declared_deed_is_in_the_table():
    declared = [(one.slug, deed.verb) for one in registers.registers() for deed in one.deeds]
    assert len(declared) == len(DEEDS)
    assert sorted(verb for _slug, verb in declared) == sorted(verb for _row, verb in DEEDS)


@pytest.mark.parametrize(("name", "verb"), DEEDS)
def test_who_may_do_it(name, verb, request, client, people):
    """City and own district may; staff, street, inspector and auditor are refused or see no such row; the other district
    is told that there is no such row, or may only look where enterprises are concerned.
    """
    row = request.getfixturevalue(name)
    seen = {}
    for who in ("computer", "officer_east", "officer_west", "street_staff_east", "auditor", "nobody"):
        client.force_login(getattr(people, who))
        got, sent = client.get(address(row, verb)), client.post(address(row, verb), {"confirmed": "1"})
        seen[who] = got.status_code
        if got.status_code != 200:
            assert sent.status_code == got.status_code
    assert seen["computer"] == seen["officer_east"] == 200
    assert seen["officer_west"] in (403, 404)
    if name in ("east", "filing", "person", "appointment", "issue"):
        assert seen["officer_west"] == 404
    assert (seen["street_staff_east"] == 200) == (verb in STREET_STAFF_TOO)
    assert {seen[who] for who in ("auditor", "nobody")} <= {403, 404}
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(("name", "verb"), DEEDS)
def test_nothing_is_done_before_it_is_confirmed(name, verb, request, client, people):
    row = request.getfixturevalue(name)
    client.force_login(people.officer_east)
    assert client.get(address(row, verb)).status_code == 200
    client.post(address(row, verb), {})
    assert not AuditEntry.objects.exists()


def test_buttons_are_shown_to_those_who_may_only(client, people, filing):
    page = reverse("register-row", args=["filings", filing.pk])
    client.force_login(people.officer_east)
    assert address(filing, "submit") in client.get(page).content.decode()
    client.force_login(people.auditor)
    assert "/deed/" not in client.get(page).content.decode()


def test_closed_button_explains_itself(client, people, filing):
    client.force_login(people.officer_east)
    why = "This is not possible from the present state: Draft."
    assert why in client.get(reverse("register-row", args=["filings", filing.pk])).content.decode()
    page = client.get(address(filing, "accept"))
    assert why in page.content.decode()
    sent = client.post(address(filing, "accept"), {"decided_on": TODAY, "number": "X", "confirmed": "1"})
    assert sent.status_code == 409
    filing.refresh_from_db()
    assert filing.status == "draft"


def test_hand_over(client, people, east, firm):
    client.force_login(people.officer_east)
    values = {"to_enterprise": firm.uscc, "handed_over_on": TODAY, "documents": "drawings", "note": ""}
    asked = client.post(address(east, "hand-over"), values)
    assert any("The last day of" in text and str(YESTERDAY) in text for text in asked.context["consequences"])
    assert do(client, east, "hand-over", **values)["Location"] == reverse("estate-detail", args=[east.code])
    assert HandOver.objects.get(estate=east).to_enterprise == firm
    assert east.assignments.get(valid__upper_inf=True).enterprise == firm
    history = client.get(reverse("register-history", args=["estates", east.pk])).content.decode()
    assert "handed over" in history


def test_a_refusal_of_the_action_is_told_on_the_form(client, people, east):
    client.force_login(people.officer_east)
    serving = east.assignments.get(valid__upper_inf=True).enterprise
    refused = do(client, east, "hand-over", to_enterprise=serving.uscc, handed_over_on=TODAY)
    assert refused.status_code == 409
    assert "serves this neighbourhood already" in refused.content.decode()


def test_an_error_of_the_action_stands_beside_its_field(client, people, filing):
    client.force_login(people.officer_east)
    early = do(client, filing, "submit", submitted_on=rows.DAY - timedelta(days=1))
    assert early.status_code == 422
    assert "before the day" in early.context["form"].errors["submitted_on"][0]


def test_change_mode_and_its_needs(client, people, east):
    client.force_login(people.officer_east)
    lacking = do(client, east, "change-mode", mode="resident_self_management", valid_from=TODAY)
    assert lacking.status_code == 422
    done = do(
        client, east, "change-mode", mode="resident_self_management", valid_from=TODAY, responsible_person="李玉兰"
    )
    assert done.status_code == 302
    assert ModeAssignment.objects.current().get(estate=east).responsible_person == "李玉兰"


def test_change_stage_down_needs_a_reason(client, people, east):
    client.force_login(people.officer_east)
    before = YESTERDAY - timedelta(days=9)
    StageChange.objects.create(estate=east, from_stage="none", stage="professional", changed_on=before)
    assert do(client, east, "change-stage", stage="none", changed_on=TODAY).status_code == 422
    assert do(client, east, "change-stage", stage="none", changed_on=TODAY, reason="弃管").status_code == 302
    assert StageChange.objects.filter(estate=east).count() == 2


def test_modes_and_stages_belong_to_old_neighbourhoods(client, people, east):
    Estate.objects.filter(pk=east.pk).update(kind="professional")
    client.force_login(people.officer_east)
    for verb in ("change-mode", "change-stage"):
        assert client.get(address(east, verb)).status_code == 404
    assert "change-mode" not in client.get(reverse("estate-detail", args=[east.code])).content.decode()


def test_a_filing_from_draft_to_acceptance(client, people, filing):
    client.force_login(people.officer_east)
    assert do(client, filing, "submit", submitted_on=rows.DAY).status_code == 302
    assert do(client, filing, "request-correction", reason="plan is missing").status_code == 302
    assert do(client, filing, "submit", submitted_on=TODAY).status_code == 302
    assert "Documents are missing" in client.get(address(filing, "accept")).content.decode()
    rows.hand_in(filing)
    assert do(client, filing, "accept", number="BA-2021-7", decided_on=TODAY).status_code == 302
    filing.refresh_from_db()
    assert (filing.status, filing.number, filing.submitted_on) == ("accepted", "BA-2021-7", rows.DAY)
    history = client.get(reverse("register-history", args=["filings", filing.pk])).content.decode()
    for word in ("submitted", "correction requested", "accepted", "plan is missing"):
        assert word in history


def test_acceptance_under_a_number_that_another_has(client, people, east, filing):
    rows.accepted(east, "area", "TAKEN")
    rows.hand_in(filing)
    Filing.objects.filter(pk=filing.pk).update(status="submitted", submitted_on=rows.DAY)
    client.force_login(people.officer_east)
    refused = do(client, filing, "accept", number="TAKEN", decided_on=TODAY)
    assert refused.context["form"].errors["number"] == ["Another filing has this number."]


def test_reject_a_filing(client, people, filing):
    Filing.objects.filter(pk=filing.pk).update(status="submitted", submitted_on=rows.DAY)
    client.force_login(people.officer_east)
    assert client.post(address(filing, "reject"), {"decided_on": TODAY, "reason": ""}).status_code == 422
    assert do(client, filing, "reject", decided_on=TODAY, reason="no permit").status_code == 302
    filing.refresh_from_db()
    assert (filing.status, filing.reason, filing.decided_by) == ("rejected", "no permit", people.officer_east)


def test_grant_and_revoke_an_award(client, people, firm):
    award = AwardRound.objects.create(code="R-5", award="five_star", year=2020, title="Five stars")
    stars = dict.fromkeys(("organisation", "backbone_team", "service_quality", "operation", "public_image"), 5)
    client.force_login(people.officer_east)
    incomplete = do(client, firm, "grant-award", round=award.code, granted_on=TODAY, organisation=5)
    assert incomplete.status_code == 422
    assert do(client, firm, "grant-award", round=award.code, granted_on=TODAY, **stars).status_code == 302
    grant = AwardGrant.objects.get(round=award)
    assert do(client, grant, "revoke", revoked_on=TODAY, revoke_reason="accident").status_code == 302
    assert "This award was revoked already." in client.get(address(grant, "revoke")).content.decode()


def test_a_demonstration_project_needs_a_party_organisation(client, people, firm):
    award = AwardRound.objects.create(code="R-2", award="demo_project", year=2020, title="Demo")
    client.force_login(people.officer_east)
    refused = do(client, firm, "grant-award", round=award.code, granted_on=TODAY, project_name="东湖花园")
    assert refused.status_code == 409
    assert not AwardGrant.objects.filter(round=award).exists()


def test_appoint_and_end_an_appointment(client, people, person, firm):
    client.force_login(people.officer_east)
    values = {
        "code": "CA-9", "direction": "committee_to_enterprise", "post": "quality_supervisor", "enterprise": firm.uscc,
        "committee_kind": "residents", "region": person.region.code, "valid_from": YESTERDAY, "unpaid": "on",
    }  # fmt: skip
    assert do(client, person, "appoint", **values).status_code == 302
    made = CrossAppointment.objects.get(code="CA-9")
    assert client.post(address(made, "end"), {"valid_to": TODAY, "reason": ""}).status_code == 422
    wrong = do(client, made, "end", valid_to=YESTERDAY - timedelta(days=5), reason="moved away")
    assert wrong.context["form"].errors["valid_to"]
    assert do(client, made, "end", valid_to=TODAY, reason="moved away").status_code == 302
    assert "has a last day already" in client.get(address(made, "end")).content.decode()


def test_change_coverage(client, people, coverage, firm, east):
    organisation = PartyOrganisation.objects.create(
        code="PO-1", name="联合党支部", level="community", kind="joint_branch", region=east.community
    )
    client.force_login(people.officer_east)
    wrong = do(client, coverage, "change", way="joint", valid_from=TODAY, reason="grown")
    assert wrong.context["form"].errors["organisation"]
    done = do(client, coverage, "change", way="joint", organisation=organisation.code, valid_from=TODAY, reason="grown")
    assert done.status_code == 302
    assert PartyCoverage.objects.current().get(enterprise=firm).organisation == organisation


def test_rows_of_the_whole_city_are_not_offered_to_a_district(client, people):
    for slug in ("award-rounds", "programme-milestones", "disclosure-categories", "service-standards"):
        form = reverse("register-enter", args=[slug])
        client.force_login(people.officer_east)
        assert client.get(form).status_code == 403
        assert form not in client.get(reverse("register-list", args=[slug])).content.decode()
        client.force_login(people.computer)
        assert client.get(form).status_code == 200
        assert form in client.get(reverse("register-list", args=[slug])).content.decode()
