"""The same job and the same cache over a real Redis, as in production."""

import os

import pytest
from celery import Celery

from tests.e2e.conftest import Trial, wait_until
from tests.e2e.test_worker import stop
from tests.world import PERIOD

REDIS = os.environ.get("TEST_REDIS_URL")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL names no Redis; .ci/run starts one"),
]


@pytest.fixture
def on_redis(trial):
    """The trial with Redis for broker, cache and throttles."""
    trial.forget_rankings()
    other = Trial(trial.folder, trial.server)
    other.env |= {"REDIS_URL": REDIS}
    yield other
    trial.forget_rankings()


def test_a_worker_on_redis_computes_the_ranking(on_redis):
    words = ("worker", "-c", "1", "--without-mingle", "--without-gossip", "-l", "warning")
    worker = on_redis.start("-m", "celery", "-A", "portal", *words)
    try:
        with Celery("sender", broker=REDIS) as sender:
            for _ in range(2):
                sender.send_task("evaluations.tasks.compute_ranking", [PERIOD], ignore_result=True)
        done = "SELECT count(*) FROM portal_jobrun WHERE status = 'done'"
        wait_until(lambda: on_redis.query(done) == [(2,)], what="both runs")
    finally:
        stop(worker)
    assert on_redis.query("SELECT count(*) FROM evaluations_ranking WHERE status = 'draft'") == [(1,)]


def test_processes_share_one_cache(on_redis):
    on_redis.manage("shell", "-v0", "-c", "from django.core.cache import cache; cache.set('shared', 'yes', 60)")
    said = on_redis.manage("shell", "-v0", "-c", "from django.core.cache import cache; print(cache.get('shared'))")
    assert said.strip() == "yes"
