"""Servers on a free loopback port, up for the length of a ``with``: the portal as ``make demo`` runs it, and its peers."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

HOST = "127.0.0.1"
PATIENCE = 60


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return server.getsockname()[1]


@contextmanager
def running(command: Sequence[str], port: int, *, name: str, cwd: Path, **environment: str) -> Iterator[str]:
    """Run ``command`` until the body is done; the address, once ``port`` answers. Its log stands in the data directory.

    Raises:
        RuntimeError: it ended, or did not open the port within a minute.
    """
    log = settings.DATA_DIR / f"{name}.log"
    with open(log, "w") as output:
        both = {"stdout": output, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=cwd, env=os.environ | environment, start_new_session=True, **both)
    try:
        _wait(process, port, f"{name} does not start; see {log}")
        yield f"http://{HOST}:{port}"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: subprocess.Popen, port: int, complaint: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(complaint)


@contextmanager
def portal() -> Iterator[str]:
    """The portal under granian with two workers."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"),
        *("--workers", "2", "--blocking-threads", "4", "--log-level", "warning", "portal.wsgi:application"),
    )
    with running(command, port, name="portal", cwd=settings.BASE_DIR) as url:
        yield url
