"""A policy takes two persons, is tried before it starts, and never reaches back; what a ranking has applied stays as it is."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evaluations import actions as rankings
from evaluations.models import Ranking, RankingPolicy
from evaluations.models.policies import RULE_FIELDS
from evaluations.policies import actions, trial
from portal import citypackage
from portal.models import AuditEntry
from portal.rules import CHINA, HalfMonth
from portal.workflow import LostRace, MoveRefused
from tests import world

NOW = timezone.now()
NEXT = HalfMonth.containing(NOW).shift(1)
PERIOD = HalfMonth.parse(world.PERIOD)


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en"})


def values(**changes) -> dict:
    old = RankingPolicy.objects.approved().first()
    same = {name: getattr(old, name) for name in RULE_FIELDS}
    new = {"document": "new", "effective_from": NEXT.start.date(), "grounds": "Handling weighs more.", "list_size": 5}
    return same | new | changes


@pytest.fixture
def proposal(published, people) -> RankingPolicy:
    weights = {"weight_acceptance": Decimal("0.2"), "weight_handling": Decimal("0.4")}
    return actions.propose(values(**weights), by=people.computer, now=NOW)


@pytest.fixture
def tried(proposal, people) -> RankingPolicy:
    assert actions.start_trial(proposal, by=people.computer, now=NOW)
    proposal.refresh_from_db()
    return proposal


# --- two persons ---------------------------------------------------------------------------------------------------------


def test_proposed_tried_and_approved_by_another(tried, people):
    actions.approve(tried, by=people.signer, now=NOW)
    tried.refresh_from_db()
    assert (tried.status, tried.decided_by, tried.approved_at) == ("approved", people.signer, NOW)
    assert rankings.policy_in_force(NEXT) == tried
    assert rankings.policy_in_force(NEXT.shift(-1)) != tried
    verbs = AuditEntry.objects.filter(subject="new").order_by("id").values_list("verb", "by__username")
    assert list(verbs) == [
        ("policies.propose", "computer"),
        ("policies.try", "computer"),
        ("policies.approve", "signer"),
    ]


def test_nobody_approves_what_they_proposed(tried, people):
    with pytest.raises(PermissionDenied):
        actions.approve(tried, by=people.computer, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.reject(tried, by=people.computer, reason="No.")
    with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        RankingPolicy.objects.filter(pk=tried.pk).update(
            status="approved", approved_at=NOW, decided_by=people.computer, status_changed_at=NOW
        )


def test_a_proposal_is_not_applied(proposal):
    assert rankings.policy_in_force(NEXT).document != "new"


@pytest.mark.parametrize("name", ["officer_east", "auditor", "staff_of_enterprise", "api_client", "nobody"])
def test_others_neither_propose_nor_approve(tried, people, name):
    somebody = getattr(people, name)
    with pytest.raises(PermissionDenied):
        actions.propose(values(document="other"), by=somebody, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.approve(tried, by=somebody, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.reject(tried, by=somebody, reason="No.")


def test_only_its_proposer_changes_a_proposal_and_the_trial_is_void(tried, people):
    with pytest.raises(PermissionDenied):
        actions.revise(tried, values(list_size=7), by=people.signer, now=NOW)
    seen_before = RankingPolicy.objects.get(pk=tried.pk)
    changed = actions.revise(tried, values(list_size=7), by=people.computer, now=NOW)
    assert not actions.is_tried(changed)
    with pytest.raises(LostRace):
        actions.approve(seen_before, by=people.signer, now=NOW)
    changed.refresh_from_db()
    with pytest.raises(MoveRefused, match="tried"):
        actions.approve(changed, by=people.signer, now=NOW)


def test_a_decision_is_taken_once(tried, people):
    other = RankingPolicy.objects.get(pk=tried.pk)
    actions.approve(tried, by=people.signer, now=NOW)
    with pytest.raises(LostRace):
        actions.reject(other, by=people.reviewer, reason="No.")
    with pytest.raises(LostRace):
        actions.revise(other, values(), by=people.computer, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingPolicy.objects.filter(pk=tried.pk).update(status="proposed")


def test_rejected_with_a_reason_and_withdrawn_by_its_proposer(published, people):
    first = actions.propose(values(document="first"), by=people.computer, now=NOW)
    with pytest.raises(ValidationError):
        actions.reject(first, by=people.signer, reason=" ")
    actions.reject(first, by=people.signer, reason="Not enough cases.")
    second = actions.propose(values(document="second"), by=people.computer, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.withdraw(second, by=people.signer)
    actions.withdraw(second, by=people.computer)
    assert set(RankingPolicy.objects.exclude(status="approved").values_list("status", flat=True)) == {
        "rejected",
        "withdrawn",
    }


# --- never retroactive ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", [date(2021, 1, 1), PERIOD.start.date(), NOW.astimezone(CHINA).date() - timedelta(days=40)]
)
def test_a_policy_never_begins_in_the_past(published, people, day):
    day = day.replace(day=1)
    with pytest.raises(ValidationError, match="effective_from"):
        actions.propose(values(effective_from=day), by=people.computer, now=NOW)


def test_a_policy_begins_with_a_half_month(published, people):
    with pytest.raises(ValidationError, match="1st or the 16th"):
        actions.propose(values(effective_from=NEXT.start.date() + timedelta(days=1)), by=people.computer, now=NOW)


def test_a_proposal_whose_day_has_passed_cannot_be_approved(tried, people):
    later = NEXT.start + timedelta(days=1)
    with pytest.raises(MoveRefused, match="retroactive"):
        actions.approve(tried, by=people.signer, now=later)
    with pytest.raises(IntegrityError, match="never_retroactive"), transaction.atomic():
        RankingPolicy.objects.filter(pk=tried.pk).update(
            status="approved", approved_at=later, decided_by=people.signer, status_changed_at=later
        )
    actions.approve(tried, by=people.signer, now=NEXT.start)


def test_no_policy_for_a_period_that_is_computed(published, people):
    before = datetime(2021, 10, 1, tzinfo=UTC)
    with pytest.raises(ValidationError, match="computed"):
        actions.propose(values(effective_from=date(2021, 10, 16)), by=people.computer, now=before)


def test_what_a_ranking_applied_and_what_was_approved_is_frozen(tried, people, published):
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingPolicy.objects.filter(pk=published.policy_id).update(list_size=3)
    actions.approve(tried, by=people.signer, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingPolicy.objects.filter(pk=tried.pk).update(notice_days=0)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingPolicy.objects.filter(pk=tried.pk).delete()


def test_two_policies_never_begin_on_one_day(tried, people):
    rival = actions.propose(values(document="rival"), by=people.reviewer, now=NOW)
    actions.start_trial(rival, by=people.reviewer, now=NOW)
    actions.approve(tried, by=people.signer, now=NOW)
    rival.refresh_from_db()
    with pytest.raises(MoveRefused, match="same day"):
        actions.approve(rival, by=people.signer, now=NOW)


# --- by document ---------------------------------------------------------------------------------------------------------


POLICY = {
    "document": "D-1", "effective_from": "2021-11-01", "window_periods": 3,
    "weights": {"acceptance": "0.30", "handling": "0.30", "satisfaction": "0.40"},
    "level_weights": {"5": "1", "4": "1", "3": "0.9", "2": "0", "1": "0"},
    "gates": {"acceptance": 10, "handling": 10, "ratings": 10}, "list_size": 10,
}  # fmt: skip


def load(tmp_path, **changes) -> list[str]:
    (tmp_path / "policy.json").write_text(json.dumps(POLICY | changes))
    problems: list[str] = []
    with suppress(citypackage.BadPackage):
        citypackage.load(citypackage.Loading(tmp_path, say=lambda problem: problems.append(str(problem))))
    return problems


def test_a_record_that_comes_with_the_files_is_approved_by_its_document(db, tmp_path):
    assert load(tmp_path, objection_days=7) == []
    record = RankingPolicy.objects.get(document="D-1")
    assert (record.status, record.origin, record.decided_by, record.objection_days) == ("approved", "document", None, 7)
    assert load(tmp_path, list_size=9) == []


def test_the_files_neither_change_an_applied_record_nor_reach_back_nor_decide_a_proposal(published, people, tmp_path):
    applied = published.policy
    same = POLICY | applied.as_manifest()
    assert load(tmp_path, **same) == []
    assert "applied by a ranking" in load(tmp_path, **same | {"list_size": 3})[0]
    assert "never retroactive" in load(tmp_path, effective_from="2021-10-01")[0]
    actions.propose(values(document="D-1"), by=people.computer, now=NOW)
    assert "decided there" in load(tmp_path)[0]
    with pytest.raises(DatabaseError, match="retroactive"), transaction.atomic():
        RankingPolicy.objects.create(
            **values(document="sly", effective_from=date(2021, 10, 2), grounds="")
            | {"status": "approved", "origin": "document"}
        )


# --- trial run -----------------------------------------------------------------------------------------------------------


def test_the_trial_run_says_what_would_have_been_and_stores_no_ranking(tried, published):
    run = tried.trial_run
    (period,) = run["periods"]
    assert (period["period"], Ranking.objects.count()) == (world.PERIOD, 1)
    lists = {(which, what): [row["code"] for row in who] for which, what, who in period["lists"]}
    before = set(published.entries.filter(list="top").values_list("estate_code", flat=True))
    outcome = rankings.outcome_now(PERIOD, tried)
    after = {row.estate_code for row, at in zip(outcome.counted, outcome.placed, strict=True) if at.list == "top"}
    assert set(lists["top", "left"]) == before - after and set(lists["top", "entered"]) == after - before
    assert period["eligible"] == [published.eligible, published.eligible]


def test_the_shares_of_nearby_weightings_are_the_same_each_time(tried, published):
    tables = trial.Tables()
    first = trial.nearby(tables.get(PERIOD, tried.rule), tried.rule)
    assert first == trial.nearby(tables.get(PERIOD, tried.rule), tried.rule)
    assert first and all(0 <= one.share <= 100 for one in first)
    assert max(one.share for one in first if one.list == "top") > 50


def test_an_untried_policy_is_not_approved_and_with_nothing_to_try_on_it_is(proposal, people, db):
    with pytest.raises(MoveRefused, match="tried"):
        actions.approve(proposal, by=people.signer, now=NOW)


def test_before_there_is_any_ranking_no_trial_is_asked_for(people):
    first = actions.propose(values(), by=people.computer, now=NOW)
    actions.approve(first, by=people.signer, now=NOW)
    assert first.status == "approved"


def test_a_large_trial_is_given_to_a_worker(proposal, people, monkeypatch):
    from evaluations import tasks

    given = []
    monkeypatch.setattr(actions, "LARGE", 0)
    monkeypatch.setattr(actions, "enqueue", lambda *what: given.append(what))
    assert actions.start_trial(proposal, by=people.signer, now=NOW) is False
    assert given == [("evaluations.tasks.try_policy", proposal.pk)]
    tasks.try_policy(proposal.pk)
    proposal.refresh_from_db()
    assert actions.is_tried(proposal)


# --- pages ---------------------------------------------------------------------------------------------------------------


def said(**changes) -> dict:
    return {
        "document": "new", "effective_from": NEXT.start.date().isoformat(), "window_periods": 3, "weight_acceptance": "0.2",
        "weight_handling": "0.4", "weight_satisfaction": "0.4", "gate_acceptance": 10, "gate_handling": 10,
        "gate_ratings": 10, "list_size": 10, "notice_days": 3, "objection_days": 10, "decide_days": 5,
        "grounds": "Handling weighs more.", "level_5": "1", "level_4": "1", "level_3": "0.9", "level_2": "0", "level_1": "0",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"weight_handling": "0.5"}, "weight_satisfaction", "sum to 1.1"),
        ({"weight_handling": "-1"}, "weight_handling", "greater than or equal"),
        ({"weight_handling": "1e999"}, "weight_handling", "digits"),
        ({"weight_handling": "NaN"}, "weight_handling", "Enter a number"),
        ({"gate_ratings": 0}, "gate_ratings", "At least 1"),
        ({"list_size": 0}, "list_size", "greater than or equal to 1"),
        ({"window_periods": 99}, "window_periods", "48"),
        ({"level_3": "2"}, "level_3", "less than or equal to 1"),
        ({"effective_from": "2021-10-16"}, "effective_from", "retroactive"),
        ({"effective_from": "yesterday"}, "effective_from", "valid date"),
        ({"document": "x" * 201}, "document", "200"),
        ({"document": "default"}, "document", "already exists"),
        ({"grounds": ""}, "grounds", "required"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_message(client, published, people, changes, field, words):
    client.force_login(people.computer)
    page = client.post(reverse("policy-new"), said(**changes))
    assert page.status_code == 422
    assert words in " ".join(page.context["form"].errors[field])
    assert not RankingPolicy.objects.filter(status="proposed").exists()


def test_the_whole_way_on_the_pages(client, published, people):
    client.force_login(people.computer)
    assert client.get(reverse("policy-new")).status_code == 200
    assert client.post(reverse("policy-new"), said()).status_code == 302
    policy = RankingPolicy.objects.get(document="new")
    page = reverse("policy", args=[policy.pk])
    shown = client.get(page)
    assert [line["title"] for line in shown.context["lines"] if line["differs"]][2:4] == [
        "weight of acceptance",
        "weight of handling",
    ]
    assert client.post(reverse("policy-edit", args=[policy.pk]), said(list_size=8)).status_code == 302
    client.force_login(people.signer)
    assert client.post(reverse("policy-edit", args=[policy.pk]), said()).status_code == 403
    assert client.post(reverse("policy-trial", args=[policy.pk])).status_code == 302
    shown = client.get(page)
    assert shown.context["is_tried"] and not shown.context["obstacle"]
    deed = reverse("policy-deed", args=[policy.pk, "approve"])
    client.post(deed, {"seen": "proposed:stale"})
    policy.refresh_from_db()
    assert policy.status == "proposed"
    client.post(deed, {"seen": shown.context["seen"]})
    policy.refresh_from_db()
    assert (policy.status, policy.list_size) == ("approved", 8)
    assert client.get(reverse("policy-list")).status_code == 200
    assert client.post(reverse("policy-deed", args=[policy.pk, "abolish"])).status_code == 404


def test_who_sees_policies(client, proposal, people):
    got = {}
    for name in ("computer", "auditor", "officer_east", "staff_of_enterprise", "nobody"):
        client.force_login(getattr(people, name))
        got[name] = [
            client.get(reverse("policy-list")).status_code,
            client.get(reverse("policy", args=[proposal.pk])).status_code,
            client.get(reverse("policy-new")).status_code,
        ]
    assert got == {
        "computer": [200, 200, 200], "auditor": [200, 200, 403], "officer_east": [404, 404, 404],
        "staff_of_enterprise": [404, 404, 404], "nobody": [404, 404, 404],
    }  # fmt: skip
    client.force_login(people.auditor)
    assert client.post(reverse("policy-trial", args=[proposal.pk])).status_code == 403
