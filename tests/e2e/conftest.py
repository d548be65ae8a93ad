"""A trial of its own for tests that cross processes: real PostgreSQL, real worker, real server, own folder and port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.world import GOLDEN

BASE = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip


class Trial:
    """A data directory with a migrated database and the golden city in it."""

    def __init__(self, folder: Path, server: subprocess.Popen) -> None:
        self.folder = folder
        self.server = server
        self.env = environment(folder)

    def manage(self, *words: str) -> str:
        """Run a management command; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=BASE, env=self.env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *words: str) -> subprocess.Popen:
        """Start a command in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, *words], cwd=BASE, env=self.env, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def connect(self):
        """A connection of its own, autocommitting."""
        lines = (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()
        connection = psycopg2.connect(host=lines[4], user="postgres", dbname="portal")
        connection.autocommit = True
        return connection

    def query(self, sql: str, *parameters):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def forget_rankings(self) -> None:
        """Delete every ranking, published ones too: the guards in the database are switched off for this one session."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET session_replication_role = replica")
                for table in ("evaluations_rankingentry", "evaluations_ranking", "portal_jobrun"):
                    cursor.execute(f"DELETE FROM {table}")
        finally:
            connection.close()


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_THROWAWAY": "1",
        "LANG": "en_US.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def held_open(folder: Path) -> Iterator[subprocess.Popen]:
    """Keep the trial's database running while the body runs."""
    holder = subprocess.Popen(
        [sys.executable, "-c", "from portal import trial\nwith trial.database():\n print('up', flush=True)\n input()"],
        cwd=BASE, env=environment(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "up"
    try:
        yield holder
    finally:
        holder.communicate("\n", timeout=30)


@pytest.fixture(scope="session")
def trial(tmp_path_factory) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("trial")
    with held_open(folder) as server:
        made = Trial(folder, server)
        made.manage("migrate", "-v0")
        made.manage("load_city", str(GOLDEN), "--quiet")
        yield made


@contextmanager
def served(trial: Trial) -> Iterator[str]:
    """A web server on ``trial`` while the body runs; its address."""
    port = free_port()
    server = trial.start(
        "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1", "portal.wsgi:application"
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return urllib.request.urlopen(f"{address}/sign-in/", timeout=5).status == 200
        except OSError:
            return False

    try:
        wait_until(answers, 60, "the web server's answer")
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds, seconds: float = 30, what: str = "condition") -> None:
    """Poll ``holds`` until it is true.

    Raises:
        AssertionError: it is not, after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come about in {seconds} s")
