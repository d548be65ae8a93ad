"""The trial's database says in one sentence why it cannot run."""

import errno
import shutil
from collections import namedtuple

import pytest

from portal import trial

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path))
    return tmp_path


def refusal() -> str:
    with pytest.raises(trial.TrialError) as refused, trial.database():
        pass
    return str(refused.value)


def test_too_little_room_is_refused_before_anything_is_made(folder, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**9, 10**9 - 2**20, 2**20))
    assert refusal() == f"{folder}: only 1 MB free, the trial needs 500; free some space or set PORTAL_DATA_DIR."
    assert not (folder / "postgres").exists()


def test_a_half_made_database_is_named(folder):
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("18\n")
    assert "a half-made database" in refusal()
    assert str(folder / "postgres") in refusal()


def test_a_folder_that_cannot_be_made_is_named(folder, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setenv("PORTAL_DATA_DIR", str(folder / "file" / "data"))
    assert "the data directory cannot be written" in refusal()


@pytest.mark.skipif(not trial.wanted(), reason="the tests run on a server")
def test_a_disk_that_fills_up_on_the_way_is_said():
    with pytest.raises(trial.TrialError, match="the disk is full"), trial.database():
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.skipif(not trial.wanted(), reason="the tests run on a server")
def test_another_error_stays_what_it_is():
    with pytest.raises(OSError, match="Permission"), trial.database():
        raise OSError(errno.EACCES, "Permission denied")
