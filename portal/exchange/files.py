"""Where uploaded and exported files lie: ``PORTAL_DATA_DIR/imports`` and ``/exports``, outside of what the web serves.

With several machines, web processes and workers share this directory.
"""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from django.conf import settings


def new_folder(kind: str) -> str:
    """Make a folder with a name that nobody can guess; the name."""
    name = uuid4().hex
    folder_of(kind, name).mkdir(parents=True, mode=0o700)
    return name


def folder_of(kind: str, name: str) -> Path:
    return Path(settings.DATA_DIR) / kind / name


def forget(kind: str, name: str) -> None:
    shutil.rmtree(folder_of(kind, name), ignore_errors=True)


def store(path: Path, chunks: Iterable[bytes]) -> str:
    """Write ``chunks`` to ``path``; their SHA-256."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
