"""Cases from another system: 500 in each request, four at a time, against the running portal."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from django.urls import reverse

from bench.published import person
from bench.report import Line, Report
from estates.models import Estate
from portal.models import ApiToken
from portal.roles import Permission, Role
from portal.rules import HalfMonth

PER_REQUEST, AT_ONCE = 500, 4


def measure(report: Report, base: str, period: HalfMonth, cases: int) -> None:
    """New cases, and then the same ones again."""
    client = person("hotline", Role.API_CLIENT)
    _, token = ApiToken.objects.create(user=client, expiry=timedelta(days=1), permissions=[Permission.SUBMIT_CASES])
    bodies = _bodies(period, cases)
    created = cases / _post(base, token, bodies, "created")
    report.add(Line("POST cases, 500 per request, new", created, "cases/s", bar=3000, at_least=True))
    unchanged = cases / _post(base, token, bodies, "unchanged")
    report.add(Line("POST cases, 500 per request, the same again", unchanged, "cases/s"))


def _bodies(period: HalfMonth, cases: int) -> list[bytes]:
    codes = list(Estate.objects.residential().order_by("code").values_list("code", flat=True))
    made = []
    for number in range(cases):
        reported = period.start + timedelta(seconds=number)
        made.append(
            {
                "source": "hotline", "case_no": f"A{number:08d}", "estate_code": codes[number % len(codes)], "category": "lift",
                "responsible": "enterprise", "reported_at": reported.isoformat(),
                "accept_due_at": (reported + timedelta(days=1)).isoformat(),
                "accepted_at": (reported + timedelta(hours=3)).isoformat(),
                "handle_due_at": (reported + timedelta(days=7)).isoformat(),
                "handled_at": (reported + timedelta(days=2)).isoformat(),
                "rating": 5, "resolved": "yes", "rated_at": (reported + timedelta(days=3)).isoformat(),
            }
        )  # fmt: skip
    return [json.dumps(made[start : start + PER_REQUEST]).encode() for start in range(0, cases, PER_REQUEST)]


def _post(base: str, token: str, bodies: list[bytes], wanted: str) -> float:
    """Seconds until every request was answered, each case as ``wanted``: created or unchanged."""
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    path = reverse("api-cases")

    def client(share: list[bytes]) -> None:
        link = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        for body in share:
            link.request("POST", path, body, headers)
            answer = link.getresponse()
            said = json.loads(answer.read())
            if answer.status >= 300 or said[wanted] != PER_REQUEST:
                raise RuntimeError(f"POST {path}: {answer.status} {str(said)[:300]}")
        link.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(client, [bodies[first::AT_ONCE] for first in range(AT_ONCE)]))
    return time.perf_counter() - begun
