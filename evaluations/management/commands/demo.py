"""The portal with everything that belongs to it, for trying it out: ``manage.py demo``, ``make demo``."""

import errno
import fcntl
import http.client
import io
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from evaluations import tour
from evaluations.management import padded
from evaluations.models import AppraisalCase
from portal.celery import prepare_filesystem_broker
from portal.processes import ChildEnded, Children

DEFAULT_PASSWORD = "wuye-demo-2021"
ANY_ADDRESS = ("0.0.0.0", "::")
START_PATIENCE = 60.0
"""Seconds within which the web server answers."""


class Command(BaseCommand):
    help = (
        "Run the portal for trying it out: database, sample city, rankings, one account per role, worker, beat and web "
        "server, until Ctrl-C. HOST, PORT, PORTAL_DATA_DIR, DATABASE_URL, REDIS_URL and DEMO_PASSWORD are respected."
    )
    requires_system_checks: list[str] = []  # the web server's own start checks them
    requires_migrations_checks = False

    def handle(self, **options):
        self.began = time.monotonic()
        if settings.PRODUCTION:
            raise CommandError(
                _("The demo has accounts with a known password; it does not run with PORTAL_ENV=production.")
            )
        host, port = os.environ.get("HOST") or "127.0.0.1", _port(os.environ.get("PORT") or "8000")
        signal.signal(signal.SIGHUP, _leave)
        try:
            with _only_one(settings.DATA_DIR):
                _refuse_taken_port(host, port)
                self._prepare()
                self._serve(host, port)
        except ChildEnded as ended:
            raise CommandError(
                _(
                    "%(name)s ended by itself (status %(status)d), so everything was stopped. Its last words (%(log)s):\n%(lines)s"
                )
                % {"name": ended.name, "status": ended.status, "log": ended.log, "lines": ended.last_lines}
            ) from ended
        except (KeyboardInterrupt, SystemExit):
            self.stdout.write("\n" + _("Stopped; everything is kept in %(folder)s.") % {"folder": settings.DATA_DIR})

    # --- what must be there first ---------------------------------------------------------------------------------------

    def _prepare(self):
        with self._step(_("database")):
            self._migrate()
        if not AppraisalCase.objects.exists():
            with self._step(_("sample city")):
                call_command("sample_city", stdout=io.StringIO(), stderr=self.stderr)
        with self._step(_("accounts")):
            self.password = os.environ.get("DEMO_PASSWORD") or DEFAULT_PASSWORD
            self.accounts = tour.settle_accounts(self.password)
            self.token = tour.fresh_token("feed")
        now = timezone.now()
        for title, run in _steps_of_apps("demo_cases", now):  # before the rankings, which count them
            with self._step(title):
                run()
        periods = tour.periods_to_rank(now)
        if periods:
            with self._step(_("rankings")):
                self._rank(periods, now)
        for title, run in _steps_of_apps("demo_steps", now):
            with self._step(title):
                run()
        prepare_filesystem_broker()
        connections.close_all()

    def _migrate(self):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            with _bar(len(plan), _("database")) as bar:
                call_command("migrate", interactive=False, no_color=True, stdout=_Ticks(bar))

    def _rank(self, periods, now: datetime):
        with _bar(len(periods), _("rankings")) as bar:
            tour.rank(periods, now=now, done=bar.update)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.stdout.write(f"{time.monotonic() - began:5.1f} s  {name}")
        self.stdout.flush()

    # --- what runs then -------------------------------------------------------------------------------------------------

    def _serve(self, host: str, port: int):
        logs = settings.DATA_DIR / "logs"
        with Children(logs, _environment(host)) as children:
            with self._step(_("web server")):
                children.start("web", *_web(host, port))
                _wait_for_answer("127.0.0.1" if host in ANY_ADDRESS else host, port, children)
            # After the web server, so that they do not slow it down; jobs wait in the broker's folder meanwhile.
            children.start("worker", *_WORKER)
            children.start("beat", *_BEAT, "--schedule", str(settings.DATA_DIR / "beat-schedule"))
            self._say_ready(host, port, logs)
            while True:
                children.check()
                time.sleep(0.5)

    def _say_ready(self, host: str, port: int, logs: Path):
        rows = [
            (account.username, account.name, str(account.role.label), str(account.where)) for account in self.accounts
        ]
        self.stdout.write("\n" + _("Accounts, all with the password %(password)s:") % {"password": self.password})
        for row in rows:
            self.stdout.write(
                "  " + "  ".join(padded(cell, width) for cell, width in zip(row, (8, 14, 20, 0), strict=True))
            )
        self.stdout.write(_("API token of %(name)s: %(token)s") % {"name": "feed", "token": self.token})
        self.stdout.write(_("Logs: %(folder)s") % {"folder": logs})
        if host not in ("127.0.0.1", "localhost", "::1"):
            self.stdout.write(_("Others can reach this portal and its demo accounts at %(host)s.") % {"host": host})
        address = f"[{host}]" if ":" in host else host
        self.stdout.write(
            "\n"
            + _("Ready in %(seconds).0f s: %(url)s (Ctrl-C ends it)")
            % {"seconds": time.monotonic() - self.began, "url": f"http://{address}:{port}/"}
        )
        self.stdout.flush()


def _steps_of_apps(hook: str, now: datetime) -> Iterator[tuple[str, Callable[[], None]]]:
    """What the apps above have to show that is not there yet: name and deed, in their order.

    ``hook`` is ``demo_cases`` (``AppConfig.demo_cases(now)``, cases that rankings count) or ``demo_steps``, whatever else.
    """
    for config in apps.get_app_configs():
        if hasattr(config, hook):
            yield from getattr(config, hook)(now)


# One process each: a trial has few people, and every process costs a second of starting.
_WORKER = (
    *("-m", "celery", "-A", "portal", "worker", "--concurrency", "1", "--pool", "solo"),
    *("--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel", "INFO"),
)
_BEAT = ("-m", "celery", "-A", "portal", "beat", "--pidfile", "", "--loglevel", "INFO")


def _web(host: str, port: int) -> tuple[str, ...]:
    return (
        *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"),
        # Granian waits for ever for a worker that was told to end while it was starting.
        *("--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "3"),
        *("--log-level", "warning", "portal.wsgi:application"),
    )


def _environment(host: str) -> dict[str, str]:
    environment = {"PORTAL_DATA_DIR": str(settings.DATA_DIR), "PYTHONUNBUFFERED": "1"}
    if "ALLOWED_HOSTS" not in os.environ:
        environment["ALLOWED_HOSTS"] = "*" if host in ANY_ADDRESS else ",".join([*settings.ALLOWED_HOSTS, host])
    return environment


def _leave(signum, frame):
    sys.exit(128 + signum)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise CommandError(_("PORT is “%(text)s”; it must be a number from 1 to 65535.") % {"text": text[:30]})
    return int(text)


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = _("Port %(port)d on %(host)s is in use; set another one: PORT=%(other)d make demo")
        else:
            text = _("%(host)s:%(port)d cannot be opened (%(reason)s); set HOST and PORT.")
        reason = error.strerror or str(error)
        raise CommandError(text % {"host": host, "port": port, "other": port % 65_535 + 1, "reason": reason}) from error


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that no second worker and beat serve the same data."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "demo.lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                _("A demo is running in %(folder)s already; set PORTAL_DATA_DIR for a second one.") % {"folder": folder}
            ) from error
        yield


def _wait_for_answer(host: str, port: int, children: Children) -> None:
    """Wait until the web server answers, whatever it says."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        children.check()
        asking = http.client.HTTPConnection(host, port, timeout=5)
        try:
            asking.request("GET", "/")
            asking.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            asking.close()
    raise CommandError(_("The web server does not answer on %(host)s:%(port)d.") % {"host": host, "port": port})


def _bar(total: int, name: str) -> tqdm:
    """A progress bar, on a terminal only, gone when done."""
    return tqdm(total=total, desc=name, leave=False, disable=None, file=sys.stderr)


class _Ticks(io.StringIO):
    """What ``migrate`` says, heard only for the migrations it has applied."""

    def __init__(self, bar: tqdm) -> None:
        super().__init__()
        self._bar = bar

    def write(self, text: str) -> int:
        self._bar.update(text.count(" OK"))
        return len(text)
