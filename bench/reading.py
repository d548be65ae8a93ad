"""What everybody reads: the API of published rankings against its peers, and the public page."""

import gzip
import json
import re
from contextlib import ExitStack
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from bench import peers
from bench.generator import Request, fetch, hammer
from bench.report import Line, Report
from evaluations.models import RankingEntry
from portal.rules import HalfMonth

SECONDS, ROUNDS = 2, 3
EQUAL = 0.9
"""Two runs of the same thing differ by as much: a 304 counts as dearer than its 200 only below this."""
PORTAL, UNCHANGED = "portal", "its 304"


def questions(period: HalfMonth) -> dict[str, str]:
    """What the API and its peers are asked: a period, a district with many rows, a neighbourhood."""
    ranked = RankingEntry.objects.filter(ranking__period=str(period), ranking__status="published", eligible=True)
    row = ranked.earliest("estate_code")
    return {"period": str(period), "district": row.district_code, "estate": row.estate_code}


def measure_api(report: Report, base: str, period: HalfMonth) -> None:
    """Three questions, each as 200, as 304, and to every peer that can be had; in turns, so that noise meets all alike."""
    asked = questions(period)
    paths = {
        peers.LATEST: reverse("api-ranking-latest"),
        peers.DISTRICT: f"{reverse('api-ranking-entries', args=[period])}?district={asked['district']}",
        peers.HISTORY: reverse("api-estate-rankings", args=[asked["estate"]]),
    }
    with ExitStack() as stack:
        contenders = {name: _ours(base + path) for name, path in paths.items()}
        for title, peer in (("Datasette", peers.datasette), ("PostGraphile", peers.postgraphile)):
            try:
                requests = stack.enter_context(peer(asked))
                for name, request in requests.items():
                    _same_rows(base + paths[name], request)
            except (peers.Missing, RuntimeError) as error:
                report.skip(f"API against {title}", str(error))
            else:
                for name, request in requests.items():
                    contenders[name][title] = request
        report.skip("API against Directus", "the slowest of the peers when measured; it sets no bar")
        for name, requests in contenders.items():
            _report(report, name, _in_turns(requests))


def _ours(url: str) -> dict[str, Request]:
    known = {"If-None-Match": fetch(Request(url))[1]["etag"]}
    return {PORTAL: Request(url), UNCHANGED: Request(url, known, status=304)}


def _in_turns(requests: dict[str, Request]) -> dict[str, float]:
    """Requests per second of each, the best of a few rounds: whatever else the machine does only ever slows."""
    for request in requests.values():
        hammer(request, 1, settings.DATA_DIR)
    speeds = dict.fromkeys(requests, 0.0)
    for _ in range(ROUNDS):
        for title, request in requests.items():
            speeds[title] = max(speeds[title], hammer(request, SECONDS, settings.DATA_DIR).per_second)
    return speeds


def _report(report: Report, name: str, speeds: dict[str, float]) -> None:
    ours, unchanged = speeds.pop(PORTAL), speeds.pop(UNCHANGED)
    for title, speed in sorted(speeds.items(), key=lambda rival: rival[1]):
        bar = 4 if speed == max(speeds.values()) else None
        report.add(Line(f"API, {name}", ours, "req/s", bar=bar, at_least=True, peer=speed, peer_name=title))
    report.add(Line(f"API, {name}, 304", unchanged, "req/s", bar=EQUAL, at_least=True, peer=ours, peer_name="its 200"))


def _same_rows(url: str, request: Request) -> None:
    """The peer answers with the neighbourhoods that the portal answers with, or the comparison is worth nothing."""
    ours, theirs = (sorted(_codes(fetch(one)[2])) for one in (Request(url), request))
    if ours != theirs:
        raise RuntimeError(f"answers with {len(theirs)} rows where the portal has {len(ours)}")


def _codes(body: bytes) -> list[str]:
    return re.findall(r'"estate_?[cC]ode": ?"([^"]+)", ?"estate_?[nN]ame"', json.dumps(json.loads(body)))


def measure_page(report: Report, base: str) -> None:
    """The public ranking page for a visitor nobody knows: how many, how late, how heavy."""
    url = base + reverse("public-ranking")
    request = Request(url, {"Accept-Encoding": "gzip"})
    hammer(request, 1, settings.DATA_DIR)
    rounds = [hammer(request, SECONDS, settings.DATA_DIR) for _ in range(ROUNDS)]
    best = max(answered.per_second for answered in rounds)
    report.add(Line("public ranking page, anonymous", best, "req/s", bar=2500, at_least=True))
    soonest = min(answered.p99_ms for answered in rounds)
    report.add(Line("public ranking page, p99 at 32 connections", soonest, "ms", bar=40))
    report.add(Line("public ranking page, first load compressed", _weight(url) / 1024, "KB", bar=350))


def _weight(url: str) -> int:
    """Compressed bytes of the page with the style sheets and scripts that it names; what a script fetches later is not in."""
    _, headers, body = fetch(Request(url, {"Accept-Encoding": "gzip"}))
    page = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
    total = _compressed(headers, body)
    sources = re.findall(r'<link[^>]+rel="?(?:stylesheet|icon|modulepreload|preload)[^>]*>', page.decode())
    sources += re.findall(r"<script[^>]+src=[^>]*>", page.decode())
    for address in {match[1] for tag in sources if (match := re.search(r'(?:href|src)="([^"]+)"', tag))}:
        status, headers, body = fetch(Request(urljoin(url, address), {"Accept-Encoding": "gzip"}))
        if status != 200:
            raise RuntimeError(f"{address}: {status}")
        total += _compressed(headers, body)
    return total


def _compressed(headers: dict[str, str], body: bytes) -> int:
    """Static files are compressed once ``make setup`` has collected them; until then we do it here."""
    return len(body) if "content-encoding" in headers else len(gzip.compress(body))
