"""The evidence of a stored ranking: taken on submission, frozen with the notice, verified, beside the score and never in it."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from evaluations import actions
from evaluations.evidence import rules
from evaluations.evidence.computing import evidence_differences
from evaluations.models import AppraisalCase, RankingEntry
from portal.rules import HalfMonth
from tests import world


@pytest.fixture
def in_review(draft, people):
    actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    return draft


def test_a_draft_carries_none_and_submitting_takes_it(draft, people):
    digest = draft.digest
    assert draft.evidence is None
    actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    draft.refresh_from_db()
    assert draft.evidence["prior_from"] == []
    assert set(draft.evidence["prior"]) == {"old", "professional"}
    assert draft.digest == digest
    assert draft.entries.filter(evidence=None).count() == 0
    assert evidence_differences(draft) == []


def test_ranked_ones_have_a_span_around_their_rank_and_a_label_the_others_a_score_only(in_review):
    for entry in in_review.entries.all():
        evidence = entry.evidence
        if entry.eligible:
            best, worst = evidence["ranks"]
            assert 1 <= best <= worst <= in_review.eligible
            assert evidence["label"] in (rules.SUFFICIENT, rules.MODERATE, rules.INSUFFICIENT)
        else:
            assert (evidence["ranks"], evidence["label"]) == (None, None)
        assert 0 < float(evidence["score"]) < 100


def test_who_answers_for_the_cases_adds_up_to_the_six_counts(in_review):
    seen = set()
    for entry in in_review.entries.all():
        parties = entry.evidence["parties"]
        seen |= set(parties)
        total = [rules.from_list(values) for values in parties.values()]
        assert sum(total, rules.Counts(0, 0, 0, 0, 0, 0)) == entry.counts
    assert seen == set(rules.PARTIES)


def test_evidence_is_taken_for_all_in_a_few_statements(draft, people, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        actions.submit_for_review(draft, by=people.computer, now=timezone.now())


def test_a_published_ranking_keeps_its_evidence(published):
    entry = published.entries.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingEntry.objects.filter(pk=entry.pk).update(evidence={})
    with pytest.raises(DatabaseError), transaction.atomic():
        type(published).objects.filter(pk=published.pk).update(evidence={})


def test_computing_a_draft_again_drops_what_was_taken(in_review, people):
    actions.send_back(in_review, by=people.reviewer, reason="look again")
    AppraisalCase.objects.filter(pk=AppraisalCase.objects.filter(excluded="").first().pk).update(excluded="duplicate")
    again = actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now(), by=people.computer)
    assert again.is_new
    assert again.ranking.evidence is None
    assert again.ranking.entries.exclude(evidence=None).count() == 0


def test_the_next_ranking_takes_its_prior_from_the_published_one(published, people):
    before = HalfMonth.parse(world.PERIOD)
    later = actions.compute_ranking(before.shift(1), now=before.shift(1).end, by=people.computer).ranking
    actions.submit_for_review(later, by=people.computer, now=timezone.now())
    assert later.evidence["prior_from"] == [f"{world.PERIOD} r1"]
    assert later.evidence["prior"] == published.evidence["prior"]
    assert evidence_differences(later) == []


def test_verify_finds_changed_evidence(in_review):
    call_command("verify_rankings")
    entry = in_review.entries.filter(eligible=True).first()
    RankingEntry.objects.filter(pk=entry.pk).update(evidence=entry.evidence | {"label": "wishful"})
    with pytest.raises(CommandError):
        call_command("verify_rankings", stderr=io.StringIO())


def test_verify_finds_a_changed_prior_and_parties_that_do_not_add_up(in_review):
    entry = in_review.entries.filter(eligible=True).first()
    parties = {"enterprise": [1, 1, 1, 1, 1, "1"]}
    RankingEntry.objects.filter(pk=entry.pk).update(evidence=entry.evidence | {"parties": parties})
    assert any("add up" in line for line in evidence_differences(in_review))
    in_review.evidence["prior"]["old"]["ratings"]["mean"] = "0.100000"
    assert any("prior" in line for line in evidence_differences(in_review))


def test_cases_corrected_since_the_draft_leave_the_parties_out(draft, people):
    """Nothing on the page may contradict the counts; the reviewer cannot start the notice of such a ranking anyway."""
    case = AppraisalCase.objects.filter(excluded="", accept_counted_at__lt=draft.window_end).latest("accept_counted_at")
    AppraisalCase.objects.filter(pk=case.pk).update(excluded="duplicate")
    actions.submit_for_review(draft, by=people.computer, now=timezone.now())
    assert "parties" not in draft.entries.get(estate_code=case.estate.code).evidence
    with pytest.raises(actions.RankingRefused):
        actions.start_notice(draft, by=people.reviewer, now=timezone.now() + timedelta(hours=1))
