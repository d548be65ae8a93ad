"""The API against its own description, over HTTP, on a running server: what is generated from the schema finds no failure."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import BASE, Trial, free_port, wait_until

pytestmark = pytest.mark.e2e

PUBLISHED = """
from datetime import timedelta
from django.utils import timezone
from evaluations import actions
from evaluations.models import Ranking
from portal.models import User
from portal.rules import HalfMonth
from tests import world
if not User.objects.filter(username="api_client").exists():
    world.settle_people()
def person(name):
    return User.objects.get(username=name)
if not Ranking.objects.published().exists():
    now = timezone.now()
    ranking = actions.compute_ranking(HalfMonth.parse(world.PERIOD), now=now, by=person("computer")).ranking
    if ranking.status == Ranking.Status.DRAFT:
        ranking.computed_by = person("computer")
        actions.submit_for_review(ranking, by=person("computer"), now=now)
        actions.start_notice(ranking, by=person("reviewer"), now=now - timedelta(days=30))
        actions.publish(ranking, by=person("signer"), now=now)
"""

# A case that is well formed may still name an estate that does not exist: 422 is then the right answer.
CONFIG = """
[[operations]]
include-name = "POST /api/v1/cases/"
[operations.checks]
positive_data_acceptance.enabled = false
"""


@pytest.fixture
def server(trial: Trial):
    """Address of a running server with the golden ranking published."""
    trial.manage("shell", "-v0", "-c", PUBLISHED)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
         "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "portal.wsgi:application"],
        cwd=BASE, env=trial.env | {"THROTTLE_ANON": "1000000/min", "THROTTLE_USER": "1000000/min"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/api/v1/"

    def answers() -> bool:
        try:
            return urllib.request.urlopen(address, timeout=5).status == 200
        except OSError:
            return False

    try:
        wait_until(answers, what="the server")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def test_generated_requests_find_no_failure(trial, server, tmp_path):
    token = trial.manage(
        "create_token", "api_client",
        "--may", "cases.submit", "--may", "cases.view", "--may", "estates.view", "--may", "enterprises.view",
    ).strip()  # fmt: skip
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    done = subprocess.run(
        [Path(sys.executable).parent / "schemathesis", "--config-file", str(tmp_path / "schemathesis.toml"), "run",
         f"{server}schema/", "--header", f"Authorization: Token {token}", "--max-examples", "8", "--seed", "20211031",
         "--generation-deterministic", "--no-color"],
        cwd=tmp_path, env=trial.env, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    _before, _head, failures = done.stdout.partition("= FAILURES =")  # hints about links between operations follow them
    assert done.returncode == 0, (failures or done.stdout)[:8000] + done.stderr[-2000:]
