"""Pages of one signed-in official on a busy city: the lists, deep in them, and the home page."""

import http.client
import statistics
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bench.published import person
from bench.report import Line, Report
from portal.models import Region
from portal.roles import Role
from portal.rules import HalfMonth

TIMES = 40


def measure(report: Report, base: str, period: HalfMonth) -> None:
    """The median of each page over HTTP, one visitor, one page after another."""
    city = _cookie(person("official", Role.CITY_OFFICIAL))
    district = _cookie(person("district", Role.DISTRICT_OFFICIAL, Region.objects.districts().earliest("code")))
    pages = [
        ("official list: 25 of 7,180 neighbourhoods, filtered", "estate-list", "?kind=professional", city, 30),
        ("official list: the same, page 60", "estate-list", "?kind=professional&page=60", city, 30),
        ("official list: 25 of all cases, newest", "case-list", "", city, 30),
        ("official list: 25 of all cases, a half month", "case-list", f"?period={period}&stage=handled", city, 30),
        ("official list: 25 of all cases, overdue", "case-list", "?stage=overdue", city, 30),
        ("official list: 25 cases of a district", "case-list", f"?period={period}", district, 30),
        ("home page of a district official", "home", "", district, 60),
        ("home page of a city official", "home", "", city, 60),
    ]
    for what, name, query, cookie, bar in pages:
        try:
            path = reverse(name) + query
        except NoReverseMatch:
            report.skip(what, f"no page “{name}” yet")
            continue
        try:
            report.add(Line(f"{what}, p50", _median(base, path, cookie), "ms", bar=bar))
        except RuntimeError as error:
            report.skip(what, str(error))


def _cookie(user) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _median(base: str, path: str, cookie: str) -> float:
    link = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        link.request("GET", path, headers={"Cookie": cookie})
        answer = link.getresponse()
        answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    link.close()
    return statistics.median(taken[5:])
