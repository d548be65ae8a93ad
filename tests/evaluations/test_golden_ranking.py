"""The golden city: the ranking comes out to the last digit, whatever the order of the input."""

import csv
import io
import random
import shutil

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from evaluations import actions, exports, snapshots
from evaluations.models import AppraisalCase, Ranking, RankingEntry
from portal import citypackage
from portal.rules import HalfMonth
from tests import world

EXPECTED = (world.GOLDEN / f"expected-{world.PERIOD}.csv").read_text()


def exported(ranking) -> str:
    file = io.StringIO()
    exports.write_csv(ranking, file, exports.FIRST_COLUMNS)
    return file.getvalue()


def test_golden_ranking_is_exact(draft):
    assert exported(draft) == EXPECTED


def test_commands_compute_export_and_verify(db, tmp_path, capsys):
    call_command("compute_ranking", world.PERIOD)
    period, _, revision, _, eligible, digest = capsys.readouterr().out.split()
    assert (period, revision, eligible, len(digest)) == (world.PERIOD, "1", "50", 64)
    call_command("export_ranking", world.PERIOD, output=tmp_path / "ranking.csv")
    assert (tmp_path / "ranking.csv").read_text() == EXPECTED
    call_command("verify_rankings")
    assert "1" in capsys.readouterr().out


def test_computing_again_changes_nothing(draft, people):
    again = actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now(), by=people.reviewer)
    assert not again.is_new
    assert (again.ranking.pk, again.ranking.digest) == (draft.pk, draft.digest)
    assert again.ranking.computed_by == people.computer


def test_order_of_input_and_case_numbers_and_names_never_change_a_rank(draft, tmp_path, people):
    """Shuffled cases under other numbers, loaded into the same registers, give the same six counts and ranks."""
    before = exported(draft)
    shutil.copy(world.GOLDEN / "cases.csv", tmp_path / "cases.csv")
    with open(tmp_path / "cases.csv", newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(7).shuffle(rows)
    for number, row in enumerate(rows):
        row[0] = f"X{number:06d}"
    with open(tmp_path / "cases.csv", "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    AppraisalCase.objects.all().delete()
    citypackage.load(citypackage.Loading(tmp_path, say=print))
    again = actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now(), by=people.computer)
    assert exported(again.ranking) == before
    assert again.ranking.digest == draft.digest


def test_facts_at_or_after_the_cut_off_are_ignored(draft, people):
    """A handling, rating or acceptance dated after the cut-off leaves the ranking as it was."""
    end = HalfMonth.parse(world.PERIOD).end
    open_at_cut = AppraisalCase.objects.filter(excluded="", accepted_at__lt=end, handled_at=None)
    assert open_at_cut.update(handled_at=end) > 0
    unrated = AppraisalCase.objects.filter(excluded="", rated_at=None, resolved="")
    assert unrated.update(rating=1, resolved="no", rated_at=end) > 0
    assert not actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now()).is_new


def test_an_excluded_case_counts_nowhere(draft):
    entry = draft.entries.filter(eligible=True).first()
    AppraisalCase.objects.filter(estate__code=entry.estate_code).update(excluded="duplicate")
    actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=timezone.now())
    now = RankingEntry.objects.get(ranking=draft, estate_code=entry.estate_code)
    assert tuple(now.counts) == (0, 0, 0, 0, 0, 0)
    assert not now.eligible


def test_verify_finds_a_changed_score(draft):
    entry = draft.entries.filter(rank=5).get()
    RankingEntry.objects.filter(pk=entry.pk).update(score="99.9999")
    assert any(entry.estate_code in line for line in snapshots.differences(draft))
    with pytest.raises(CommandError):
        call_command("verify_rankings", stderr=io.StringIO())


def test_verify_finds_a_changed_name(draft):
    RankingEntry.objects.filter(ranking=draft, rank=5).update(estate_name="别的小区")
    assert any("digest" in line for line in snapshots.differences(draft))


@pytest.mark.parametrize(
    ("period", "options", "words"),
    [
        ("2021-10-H3", {}, "not a half month"),
        ("2999-01-H1", {}, "has not ended"),
        ("1999-01-H1", {}, "No policy record"),
        ("2005-01-H1", {}, "no cases before"),
        (world.PERIOD, {"policy": "unheard of"}, "no policy record “unheard of”"),
    ],
)
def test_bad_requests_get_one_clear_message_and_write_nothing(db, period, options, words):
    with pytest.raises(CommandError, match=words):
        call_command("compute_ranking", period, **options)
    assert not Ranking.objects.exists()
