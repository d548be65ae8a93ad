"""Peers of the public API: Datasette and PostGraphile, on the same rows in the same run, installed where they are missing.

Directus was measured too and was the slowest of the three, so it sets no bar and is left out.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from bench.generator import Request
from bench.servers import free_port, running
from evaluations.api.rankings import ENTRY_COLUMNS

DATASETTE, POSTGRAPHILE = "datasette==0.65.5", "postgraphile@5.1.5"
RANKING_COLUMNS = (
    "id", "period", "revision", "status", "digest", "published_at", "window_start", "window_end", "eligible", "not_ranked",
)  # fmt: skip
LATEST, DISTRICT, HISTORY = "latest", "entries of a district", "history of one"

_ENTRIES = ", ".join(f"e.{name}" for name in ENTRY_COLUMNS)
_HEADER = ", ".join(f"r.{name}" for name in RANKING_COLUMNS)
QUERIES = {
    LATEST: f"""SELECT {_HEADER}, {_ENTRIES} FROM entry e JOIN ranking r ON r.id = e.ranking_id
                WHERE r.id = (SELECT id FROM ranking ORDER BY period DESC LIMIT 1) AND e.list <> '' ORDER BY e.rank, e.estate_code""",
    DISTRICT: f"""SELECT {_ENTRIES} FROM entry e JOIN ranking r ON r.id = e.ranking_id
                  WHERE r.period = :period AND e.district_code = :district ORDER BY e.rank IS NULL, e.rank, e.estate_code LIMIT 50""",
    HISTORY: f"""SELECT r.period, r.revision, r.digest, {_ENTRIES} FROM entry e JOIN ranking r ON r.id = e.ranking_id
                 WHERE e.estate_code = :estate ORDER BY r.period DESC""",
}
_INDEXES = (
    "CREATE INDEX {schema}entry_of_ranking ON {on}entry (ranking_id, district_code, rank)",
    "CREATE INDEX {schema}entry_of_estate ON {on}entry (estate_code, ranking_id)",
    "CREATE INDEX {schema}ranking_period ON {on}ranking (period)",
)


class Missing(Exception):
    """The peer cannot be had on this machine; the message says why."""


def _folder() -> Path:
    folder = settings.DATA_DIR / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _install(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=180)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise Missing(f"cannot be installed ({said[-1][:80] if said else error})") from error


# --- Datasette ----------------------------------------------------------------------------------------------------------


@contextmanager
def datasette(asked: dict[str, str]) -> Iterator[dict[str, Request]]:
    """Datasette over an immutable SQLite file with one canned query for each question.

    Raises:
        Missing: it cannot be installed.
    """
    python = _folder() / "python"
    if not (python / "bin" / "datasette").exists():
        _install([sys.executable, "-m", "venv", str(python)])
        pip = [str(python / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        _install([*pip, DATASETTE])
    _export(_folder() / "rankings.db")
    names = {LATEST: "latest", DISTRICT: "district", HISTORY: "history"}
    metadata = {"databases": {"rankings": {"queries": {names[name]: {"sql": sql} for name, sql in QUERIES.items()}}}}
    (_folder() / "metadata.json").write_text(json.dumps(metadata))
    port = free_port()
    program = str(python / "bin" / "datasette")
    command = [program, *"-i rankings.db -m metadata.json -h 127.0.0.1 -p".split(), str(port)]
    with running(command, port, name="datasette", cwd=_folder()) as url:
        yield {
            LATEST: Request(f"{url}/rankings/latest.json?_shape=array"),
            DISTRICT: Request(f"{url}/rankings/district.json?_shape=array&{urlencode(asked)}"),
            HISTORY: Request(f"{url}/rankings/history.json?_shape=array&{urlencode(asked)}"),
        }


def _export(path: Path) -> None:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as file, connection.cursor() as cursor:
        for table, columns, source in _tables():
            cursor.execute(source)
            rows = [[str(value) if isinstance(value, Decimal | datetime) else value for value in row] for row in cursor]
            file.execute(f"CREATE TABLE {table} ({', '.join(columns)}, PRIMARY KEY (id))")
            file.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
        for index in _INDEXES:
            file.execute(index.format(schema="", on=""))


def _tables() -> list[tuple[str, tuple[str, ...], str]]:
    published = "FROM evaluations_ranking WHERE status = 'published'"
    ranking = f"SELECT {', '.join(RANKING_COLUMNS)} {published}"
    columns = ("id", "ranking_id", *ENTRY_COLUMNS)
    entry = f"SELECT {', '.join(columns)} FROM evaluations_rankingentry WHERE ranking_id IN (SELECT id {published})"
    return [("ranking", RANKING_COLUMNS, ranking), ("entry", columns, entry)]


# --- PostGraphile -------------------------------------------------------------------------------------------------------

_CONFIG = """
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
// Debian's node is older than PostGraphile wishes; this is all that it misses.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.PEER_DATABASE, schemas: ["peer"] })],
  grafserv: { host: "127.0.0.1", port: Number(process.env.PEER_PORT), graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
};
"""


@contextmanager
def postgraphile(asked: dict[str, str]) -> Iterator[dict[str, Request]]:
    """PostGraphile over a schema that holds nothing but the published rows, with the indexes the questions want.

    Raises:
        Missing: there is no npm, or it cannot be installed.
    """
    folder = _folder() / "node"
    if not shutil.which("npm") or not shutil.which("node"):
        raise Missing("node and npm are not installed")
    if not (folder / "node_modules" / ".bin" / "postgraphile").exists():
        npm = "npm install --silent --no-audit --no-fund --ignore-scripts --prefix".split()
        _install([*npm, str(folder), POSTGRAPHILE])
    (folder / "graphile.config.mjs").write_text(_CONFIG)
    _copy_to_schema()
    port = free_port()
    command = ["node", "node_modules/.bin/postgraphile", "-C", "graphile.config.mjs"]
    production = {"GRAPHILE_ENV": "production", "NODE_ENV": "production"}
    environment = {"PEER_DATABASE": _address(), "PEER_PORT": str(port)} | production
    with running(command, port, name="postgraphile", cwd=folder, **environment) as url:
        yield {name: _graphql(url, query) for name, query in _graphql_queries(asked).items()}


def _copy_to_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer")
        for table, _, source in _tables():
            cursor.execute(f"CREATE TABLE peer.{table} AS {source}; ALTER TABLE peer.{table} ADD PRIMARY KEY (id)")
        cursor.execute("ALTER TABLE peer.entry ADD FOREIGN KEY (ranking_id) REFERENCES peer.ranking")
        for index in _INDEXES:
            cursor.execute(index.format(schema="", on="peer."))
        cursor.execute("CREATE INDEX ON peer.entry (rank); CREATE INDEX ON peer.entry (list); ANALYZE peer.entry")


def _address() -> str:
    at = settings.DATABASES["default"]
    host, port = at["HOST"] or "localhost", at.get("PORT") or 5432
    password = f":{at['PASSWORD']}" if at.get("PASSWORD") else ""
    if host.startswith("/"):
        return f"postgres://{at['USER']}@localhost/{at['NAME']}?host={host}"
    return f"postgres://{at['USER']}{password}@{host}:{port}/{at['NAME']}"


def _graphql_queries(asked: dict[str, str]) -> dict[str, str]:
    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(part.capitalize() for part in rest)

    entry = " ".join(camel(name) for name in ENTRY_COLUMNS)
    head = " ".join(camel(name) for name in RANKING_COLUMNS if name != "id")
    ranked = "orderBy: [RANK_ASC]"
    return {
        LATEST: f"""{{ allRankings(orderBy: [PERIOD_DESC], first: 1) {{ nodes {{ {head}
            top: entriesByRankingId(condition: {{list: "top"}}, {ranked}) {{ nodes {{ {entry} }} }}
            bottom: entriesByRankingId(condition: {{list: "bottom"}}, {ranked}) {{ nodes {{ {entry} }} }} }} }} }}""",
        DISTRICT: f"""{{ allRankings(condition: {{period: "{asked["period"]}"}}) {{ nodes {{
            entriesByRankingId(condition: {{districtCode: "{asked["district"]}"}}, {ranked}, first: 50) {{ nodes {{ {entry} }} }} }} }} }}""",
        HISTORY: f"""{{ allEntries(condition: {{estateCode: "{asked["estate"]}"}}) {{ nodes {{
            rankingByRankingId {{ period revision digest }} {entry} }} }} }}""",
    }


def _graphql(url: str, query: str) -> Request:
    body = json.dumps({"query": " ".join(query.split())}).encode()
    return Request(f"{url}/graphql", {"Content-Type": "application/json", "Accept": "application/json"}, body)
