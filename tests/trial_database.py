"""A pytest plugin, loaded before pytest-django: the tests' own PostgreSQL runs while pytest runs."""

import os
from contextlib import ExitStack
from pathlib import Path

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("PORTAL_DATA_DIR", str(Path(__file__).resolve().parent.parent / ".data" / "test"))
    os.environ.setdefault("PORTAL_THROWAWAY", "1")
os.environ.setdefault("LANG", "en")

from portal import trial

_running = ExitStack()


def pytest_unconfigure() -> None:
    _running.close()


_running.enter_context(trial.database())
