"""Every figure of the 2021 report against the sample city, which is made so that all of them agree or are explained."""

import io
import time

import pytest
from django.core.management import call_command

from enterprises.models import Enterprise
from estates.models import Estate
from evaluations.models import AppraisalCase, RankingPolicy
from evaluations.overview.lines import REPORT_DAY, overview
from evaluations.overview.rules import Verdict
from evaluations.samplecity import package
from portal.models import Region

pytestmark = pytest.mark.city


@pytest.fixture(scope="module")
def only_the_sample_city(sample_city, django_db_blocker):
    """The sample city without the golden city, which stands beside it."""
    with django_db_blocker.unblock():
        golden = Estate.objects.exclude(code__startswith="E420")
        AppraisalCase.objects.filter(estate__in=golden).delete()
        golden.delete()
        Enterprise.objects.exclude(uscc__startswith="91420100XY").delete()
        RankingPolicy.objects.exclude(document=package.POLICY["document"]).delete()


@pytest.fixture
def city(only_the_sample_city, db):
    return Region.objects.get(level="city")


def test_every_figure_of_the_report_agrees_or_is_explained(city, django_assert_max_num_queries):
    began = time.perf_counter()
    with django_assert_max_num_queries(26):
        found = overview(city, REPORT_DAY)
    assert time.perf_counter() - began < 1
    assert len(found.lines) == 113
    differing = {
        line.key: (line.reported.value, line.counted) for line in found.lines if line.verdict is Verdict.DIFFERS
    }
    assert differing == {}
    assert found.verdicts == {
        Verdict.AGREES: 93, Verdict.DIFFERS: 0, Verdict.CONTRADICTS_ITSELF: 4, Verdict.NOT_DERIVABLE: 16,
    }  # fmt: skip
    contradicting = {line.key: line.counted for line in found.lines if line.verdict is Verdict.CONTRADICTS_ITSELF}
    assert contradicting == {
        "mode.ever_taken_by_public_benefit": 382, "mode.professional_or_paired": 1692,
        "mode.market_or_paired_effects_section": 1692, "programme.years_running": 4,
    }  # fmt: skip
    assert all(line.explanation for line in found.lines if line.key in contradicting)
    assert all(line.definition.text for line in found.lines)


def test_the_districts_of_the_sample_city_add_up(city):
    whole = {line.key: line.counted for line in overview(city, REPORT_DAY).lines}
    parts = [{line.key: line.counted for line in overview(one, REPORT_DAY).lines} for one in city.children.all()]
    for key in ("enterprise.total", "project.professional.count", "old.area", "mode.shared", "graduate.recruited"):
        assert sum(part[key] for part in parts) == whole[key], key


def test_the_command_is_content_with_the_sample_city(city):
    call_command("report_2021", strict=True, stdout=io.StringIO())
