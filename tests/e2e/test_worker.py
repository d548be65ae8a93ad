"""The half-monthly job across processes: twice, at once, and killed in the middle."""

import os
import signal

import pytest
from celery import Celery

from tests.e2e.conftest import wait_until
from tests.world import PERIOD

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def no_rankings(trial):
    trial.forget_rankings()
    yield
    trial.forget_rankings()


def rankings(trial):
    return trial.query("SELECT period, revision, digest FROM evaluations_ranking ORDER BY 1, 2")


def broker(trial) -> dict:
    """Celery settings of the trial's broker, as ``portal/settings.py`` makes them of its folder."""
    folders = {"data_folder_in": "broker", "data_folder_out": "broker", "control_folder": "broker-control"}
    for folder in folders.values():
        (trial.folder / folder).mkdir(exist_ok=True)
    options = {name: str(trial.folder / folder) for name, folder in folders.items()}
    return {"broker_url": "filesystem://", "broker_transport_options": options}


def start_worker(trial):
    broker(trial)
    return trial.start(
        "-m", "celery", "-A", "portal", "worker", "-c", "1", "--without-mingle", "--without-gossip", "-l", "warning"
    )


def send(trial, period=PERIOD):
    """Send the task as beat does, from another process's point of view: by name, over the broker."""
    with Celery("sender") as sender:
        sender.conf.update(broker(trial), task_ignore_result=True)
        sender.send_task("evaluations.tasks.compute_ranking", [period])


def stop(process):
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=30)


def test_two_computations_at_once_give_one_draft(trial):
    runs = [trial.start("manage.py", "compute_ranking", PERIOD) for _ in range(3)]
    answers = {run.communicate(timeout=60)[0] for run in runs}
    assert len(answers) == 1
    assert PERIOD in answers.pop()
    assert len(rankings(trial)) == 1
    assert trial.query("SELECT count(*), count(DISTINCT estate_code) FROM evaluations_rankingentry") == [(56, 56)]


def test_the_worker_given_the_same_task_twice_makes_one_draft(trial):
    worker = start_worker(trial)
    try:
        send(trial)
        send(trial)
        finished = "SELECT count(*) FROM portal_jobrun WHERE status = 'done'"
        wait_until(lambda: trial.query(finished) == [(2,)], what="both runs")
    finally:
        stop(worker)
    assert len(rankings(trial)) == 1


def test_a_worker_killed_in_the_middle_leaves_the_old_state_and_the_next_run_finishes(trial):
    """The worker is held at the entries, after its header is written, by a lock; there it is killed."""
    blocker = trial.connect()
    blocker.autocommit = False
    with blocker.cursor() as cursor:
        cursor.execute("LOCK TABLE evaluations_rankingentry IN ACCESS EXCLUSIVE MODE")
    worker = start_worker(trial)
    send(trial)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
    wait_until(lambda: trial.query(waiting, "%rankingentry%") == [(1,)], what="the worker waiting in the middle")
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate(timeout=30)
    blocker.rollback()
    blocker.close()
    assert rankings(trial) == []

    worker = start_worker(trial)
    try:
        send(trial)
        wait_until(lambda: len(rankings(trial)) == 1, what="the ranking")
    finally:
        stop(worker)
    assert trial.query("SELECT count(*) FROM evaluations_rankingentry") == [(56,)]
    assert "1 rankings verified" in trial.manage("verify_rankings")
