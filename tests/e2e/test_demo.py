"""``manage.py demo``: it starts everything, says who may sign in, and leaves nothing running, however it ends."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.roles import Role
from tests.e2e.conftest import BASE, environment, free_port, wait_until
from tests.world import GOLDEN

pytestmark = pytest.mark.e2e


class Demo:
    """A demo on the golden city, in a folder and on a port of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.env = environment(folder) | {"PORT": str(port), "HOST": "127.0.0.1"}
        self.output = folder.parent / f"{folder.name}.out"

    def manage(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=BASE, env=self.env, capture_output=True, text=True, timeout=120
        )

    def start(self) -> subprocess.Popen:
        """Start it and wait until it says that it is ready."""
        with open(self.output, "w") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"], cwd=BASE, env=self.env, stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(lambda: "Ready in" in self.said or process.poll() is not None, seconds=120, what="the demo")
        assert process.poll() is None, self.said
        return process

    @property
    def said(self) -> str:
        return self.output.read_text()

    def processes(self) -> dict[int, str]:
        """Command lines of all processes that work in the folder, by process id."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line, env = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
                except OSError:
                    continue
                if os.fsencode(str(self.folder)) in line + env and line:
                    found[int(entry.name)] = line.replace(b"\0", b" ").decode()
        return found

    def stop(self, process: subprocess.Popen, number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        return process.wait(timeout=60)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    demo = Demo(tmp_path_factory.mktemp("demo"), free_port())
    assert demo.manage("migrate", "-v0").returncode == 0
    assert demo.manage("load_city", str(GOLDEN), "--quiet").returncode == 0
    return demo


def test_it_serves_and_ends_without_a_trace_and_a_second_start_finds_all_as_it_was(demo):
    process = demo.start()
    try:
        running = " ".join(demo.processes().values())
        for part in ("granian", " worker ", " beat ", "postgres"):
            assert part in running
        asking = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=20)
        asking.request("GET", "/")
        assert asking.getresponse().status < 500
        for role in Role:
            assert str(role.label) in demo.said
        assert "API token" in demo.said
        refused = Demo(demo.folder, free_port()).manage("demo")
        assert (refused.returncode, "A demo is running in" in refused.stderr) == (1, True)
    finally:
        status = demo.stop(process)
    assert status == 0, demo.said
    assert demo.processes() == {}
    verified = demo.manage("verify_rankings").stdout
    assert "rankings verified" in verified

    process = demo.start()
    beat = next(number for number, line in demo.processes().items() if " beat " in line)
    os.kill(beat, signal.SIGKILL)
    assert process.wait(timeout=60) == 1
    assert "beat ended by itself" in demo.said
    assert demo.processes() == {}
    assert demo.manage("verify_rankings").stdout == verified


def test_two_demos_in_two_folders_run_side_by_side(demo, tmp_path):
    other = Demo(tmp_path / "other", free_port())
    assert other.manage("migrate", "-v0").returncode == 0
    assert other.manage("load_city", str(GOLDEN), "--quiet").returncode == 0
    first, second = demo.start(), other.start()
    assert demo.stop(first, signal.SIGINT) == 0
    assert demo.processes() == {}
    assert second.poll() is None
    assert other.stop(second) == 0
    assert other.processes() == {}


def test_a_port_in_use_is_one_clear_sentence(demo):
    with socket.create_server(("127.0.0.1", demo.port)):
        done = demo.manage("demo")
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"CommandError: Port {demo.port} on 127.0.0.1 is in use; set another one: PORT={demo.port + 1} make demo"
    ]
    assert demo.processes() == {}


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(demo, port):
    done = Demo(demo.folder, port).manage("demo")
    assert done.returncode == 1
    assert "PORT is" in done.stderr
