"""A long import across processes: progress that others see, and a worker killed in the middle of writing."""

import os
import signal

import pytest

from tests.e2e.conftest import wait_until
from tests.e2e.test_worker import start_worker, stop

pytestmark = pytest.mark.e2e

ROWS = 6000
UPLOAD = f"""
from io import BytesIO
from django.core.files.uploadedfile import SimpleUploadedFile
from portal.exchange import actions
from portal.exchange.columns import columns_of
from portal.models import User
from portal.registers import register
from portal.spreadsheets.writing import workbook
from tests.world import EAST, settle_people
if not User.objects.filter(username="officer_east").exists():
    settle_people()
by, estates = User.objects.get(username="officer_east"), register("estates")
from portal.models import Region
place = Region.objects.filter(level="community", path__contains=f"/{{EAST}}/").first().code
columns = columns_of(estates, by, export=True)
def rows():
    for n in range({ROWS}):
        known = dict(code=f"K{{n:05d}}", name=f"导入小区{{n}}", kind="old", use_class="residential", community=place,
                     households=300 + n, floor_area_m2=20000 + 7 * n, address=f"某路{{n * 7919 % 99991}}号", has_fire_equipment="no")
        yield [known.get(column.name) for column in columns]
batch = actions.upload(estates, SimpleUploadedFile("a.xlsx", b"".join(workbook(columns, rows(), title="a"))), by=by)
assert not actions.is_small(batch)
print("BATCH", batch.pk)
"""
STEP = """
from portal.exchange import actions
from portal.exchange.models import ImportBatch
batch = ImportBatch.objects.get(pk={pk})
actions.start(batch, ImportBatch.Status("{to}"), by=batch.uploaded_by)
"""
LOOK = """
from datetime import timedelta
from portal.exchange import actions
from portal.exchange.models import ImportBatch
actions.LOST_AFTER = timedelta(0)
print("STATUS", actions.look(ImportBatch.objects.get(pk={pk})).status)
"""


def test_a_worker_killed_while_it_writes_leaves_nothing_and_the_import_runs_again(trial):
    told = trial.manage("shell", "-c", UPLOAD)
    pk = int(told.split("BATCH ")[1].split()[0])

    def status() -> tuple:
        return trial.query(
            "SELECT status, new, wrong, rows_done, rows_total, failure FROM portal_importbatch WHERE id = %s", pk
        )[0]

    def written() -> int:
        return trial.query("SELECT count(*) FROM estates_estate WHERE code ~ '^K0'")[0][0]

    worker = start_worker(trial)
    blocker = trial.connect()
    blocker.autocommit = False
    try:
        trial.manage("shell", "-c", STEP.format(pk=pk, to="checking"))
        wait_until(lambda: status()[0] == "checked", 60, "the check")
        assert status()[1:3] == (ROWS, 0) and written() == 0

        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE portal_importedrow IN ACCESS EXCLUSIVE MODE")
        trial.manage("shell", "-c", STEP.format(pk=pk, to="applying"))
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
        wait_until(
            lambda: trial.query(waiting, "%INTO portal_importedrow%") == [(1,)], 60, "the worker with all rows written"
        )
        assert status()[0] == "applying" and status()[3] > 0, "others see how far it is"
        assert "STATUS applying" in trial.manage("shell", "-c", LOOK.format(pk=pk)), "it is alive"
        os.killpg(worker.pid, signal.SIGKILL)
        worker.communicate(timeout=30)
    finally:
        blocker.rollback()
        blocker.close()
    wait_until(lambda: trial.query(waiting, "%INTO portal_importedrow%") == [(0,)], what="the end of its connection")
    assert written() == 0
    assert "STATUS failed" in trial.manage("shell", "-c", LOOK.format(pk=pk))

    worker = start_worker(trial)
    try:
        trial.manage("shell", "-c", STEP.format(pk=pk, to="checking"))
        wait_until(lambda: status()[0] == "checked", 60, "the second check")
        trial.manage("shell", "-c", STEP.format(pk=pk, to="applying"))
        wait_until(lambda: status()[0] == "applied", 60, "the writing")
    finally:
        stop(worker)
    assert written() == ROWS
    trial.query("DELETE FROM estates_estate WHERE code ~ '^K0'")
