"""In a real browser: two officials take a ranking to publication, and the public page changes; every page at two widths
and in two languages without a serious violation of WCAG.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import BASE, CHROMIUM, FLAGS, served, wait_until
from tests.world import PASSWORD, PERIOD

pytestmark = pytest.mark.e2e

AXE = (BASE / "node_modules/axe-core/axe.min.js").read_text()
WIDTHS = {"desktop": (1440, 900), "phone": (390, 844)}
SHOTS = os.environ.get("SHOTS")
"""A folder for screenshots; none are kept without it."""

SETTLE_PEOPLE = """
from tests.world import settle_people
from portal.models import User
from evaluations.models import RankingPolicy
if not User.objects.exists():
    settle_people()
RankingPolicy.objects.update(notice_days=0)
"""


@pytest.fixture(scope="module")
def site(trial):
    """The address of a running web server on the trial, whose policy has no days of notice."""
    trial.manage("shell", "-c", SETTLE_PEOPLE)
    trial.forget_rankings()
    with served(trial) as address:
        yield address


PUBLISH = """
from django.utils import timezone
from evaluations import actions
from evaluations.models import Ranking
from portal.models import User
from portal.rules import HalfMonth
person, now = User.objects.in_bulk(field_name="username"), timezone.now()
if not Ranking.objects.published().exists():
    ranking = actions.compute_ranking(HalfMonth.parse("{period}"), now=now, by=person["computer"]).ranking
    actions.submit_for_review(ranking, by=person["computer"], now=now)
    actions.start_notice(ranking, by=person["reviewer"], now=now)
    actions.publish(ranking, by=person["signer"], now=now)
"""


@pytest.fixture
def published(trial, site):
    """The golden ranking is published, by the test above or here."""
    if trial.query("SELECT count(*) FROM evaluations_ranking WHERE status = 'published'") == [(0,)]:
        trial.forget_rankings()
        trial.manage("shell", "-c", PUBLISH.format(period=PERIOD))


@pytest.fixture(scope="module")
def chromium():
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium on this machine; .ci/run installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def visitor(chromium, site: str, language: str = "en-US", width: str = "desktop") -> Page:
    """A fresh browser session; an error in its console fails the test that caused it."""
    across, down = WIDTHS[width]
    context = chromium.new_context(base_url=site, locale=language, viewport={"width": across, "height": down})
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"{page.url}: {error}"))
    return page


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(f"{page.url.split('/home')[0].rstrip('/')}/home/")


def do(page: Page, verb: str, reason: str = "") -> None:
    """Take one step on the desk: open its confirmation, confirm it."""
    page.goto(f"/rankings-desk/{PERIOD}/1/{verb}/")
    if reason:
        page.fill("[name=reason]", reason)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**/rankings-desk/{PERIOD}/1/")


def test_two_officials_publish_and_the_public_page_changes(chromium, site):
    public = visitor(chromium, site)
    public.goto("/")
    expect(public.locator("main")).not_to_contain_text("16–31 October 2021")
    assert public.goto(f"/rankings/{PERIOD}/").status == 404

    computer = visitor(chromium, site)
    sign_in(computer, "computer")
    computer.goto("/rankings-desk/")
    missed = computer.locator("form", has=computer.locator(f"[name=period][value='{PERIOD}']"))
    missed.locator("button[type=submit]").click()
    expect(computer.locator("h1")).to_contain_text("16–31 October 2021")
    do(computer, "submit")
    assert public.goto(f"/rankings/{PERIOD}/").status == 404

    reviewer = visitor(chromium, site)
    sign_in(reviewer, "reviewer")
    do(reviewer, "start-notice")
    assert public.goto(f"/rankings/{PERIOD}/").status == 200
    expect(public.locator("main")).to_contain_text("notice")

    computer.goto(f"/rankings-desk/{PERIOD}/1/publish/")
    expect(computer.locator("main form button[type=submit]")).to_be_disabled()

    signer = visitor(chromium, site)
    sign_in(signer, "signer")
    do(signer, "publish")

    def published() -> bool:
        public.goto("/")
        return "16–31 October 2021" in public.inner_text("h1")

    wait_until(published, 10, "the public page")
    expect(public.locator("main")).to_contain_text("96.76")
    first = public.locator("table.table-rank tbody tr").first
    expect(first.locator(".sc")).to_have_text("96.76")
    last = public.locator("table.table-rank").nth(1).locator("tbody tr").first
    expect(last.locator(".sc")).to_have_text("63.41")


PUBLIC_PAGES = (
    "/",
    f"/rankings/{PERIOD}/entries/",
    f"/rankings/{PERIOD}/not-ranked/",
    "/neighbourhoods/E00010/",
    "/sign-in/",
)
OFFICIAL_PAGES = (
    "/home/", "/rankings-desk/", f"/rankings-desk/{PERIOD}/1/", "/estates/", "/estates/E00010/", "/enterprises/", "/cases/",
    "/search/?q=E0001", "/password/", f"/rankings-desk/{PERIOD}/1/withdraw/",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_are_accessible_and_fit(chromium, site, published, language, width):
    page = visitor(chromium, site, language, width)
    problems = []
    for path in PUBLIC_PAGES:
        problems += look_at(page, path, language, width)
    sign_in(page, "computer")
    for path in OFFICIAL_PAGES:
        problems += look_at(page, path, language, width)
    assert problems == []


def look_at(page: Page, path: str, language: str, width: str) -> list[str]:
    """What is wrong with a page: its status, sideways scrolling, serious violations that axe-core finds."""
    response = page.goto(path)
    problems = [] if response.status == 200 else [f"{path}: {response.status}"]
    page.wait_for_load_state("networkidle")
    if page.evaluate("document.documentElement.scrollWidth") > WIDTHS[width][0]:
        problems.append(f"{path}: scrolls sideways at {width}")
    page.evaluate(AXE)
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    problems += [
        f"{path}: {violation['id']} at {violation['nodes'][0]['target']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    if SHOTS:
        name = path.strip("/").replace("/", "_").split("?")[0] or "root"
        page.screenshot(path=f"{SHOTS}/{name}-{language}-{width}.png", full_page=True)
    return problems


def test_the_phone_list_reads_without_javascript(chromium, site, published):
    context = chromium.new_context(
        base_url=site, locale="en-US", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/")
    expect(page.locator("table.table-rank tbody tr").first).to_be_visible()
    expect(page.locator("table.table-rank .nm a").first).to_be_visible()
