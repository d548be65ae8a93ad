"""Child processes of a command that supervises them: each in a group of its own, and none outlives the command."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from portal.trial import BASE_DIR

PATIENCE = 15.0
"""Seconds that children have to end by themselves (the worker finishes its task) before they are killed."""

_PR_SET_PDEATHSIG = 1


class ChildEnded(Exception):
    """A child ended although nobody asked it to: its name, its exit status and the last lines of its log."""

    def __init__(self, name: str, status: int, log: Path) -> None:
        super().__init__(name)
        self.name, self.status, self.log = name, status, log

    @property
    def last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])


@dataclass
class _Child:
    name: str
    process: subprocess.Popen
    log: Path


class Children:
    """A context: what was started in it is gone when it is left, however it is left."""

    def __init__(self, logs: Path, environment: Mapping[str, str]) -> None:
        self._logs, self._environment = logs, {**os.environ, **environment}
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not cut the stopping short
        self._stop()

    def start(self, name: str, *words: str) -> None:
        """Start Python with ``words`` as the child ``name``; what it says goes to its log, which begins anew."""
        log = self._logs / f"{name}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=BASE_DIR,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._children.append(_Child(name, process, log))

    def check(self) -> None:
        """Look after the children.

        Raises:
            ChildEnded: one is not there any more.
        """
        for child in self._children:
            status = child.process.poll()
            if status is not None:
                raise ChildEnded(child.name, status, child.log)

    def _stop(self) -> None:
        for child in self._children:
            _signal_group(child.process, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            _signal_group(child.process, signal.SIGKILL)  # its own children, too
            child.process.wait()


def _signal_group(process: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _end_with_parent() -> None:
    """Where the kernel can (Linux), a child is told to end when this process is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
