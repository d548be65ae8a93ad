"""A resident with a telephone: finds the neighbourhood, reports with photos, follows by code; with and without scripts."""

import os
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import BASE, CHROMIUM, FLAGS, served, wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="no chromium; .ci/run installs it"),
]

AXE = (BASE / "node_modules/axe-core/axe.min.js").read_text()
SHOTS = os.environ.get("SHOTS")
"""A folder for screenshots; none are kept without it."""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "en-US"}

SETTLE = """
import datetime
from casedesk.models import CatalogueItem, CatalogueVersion
version, _ = CatalogueVersion.objects.get_or_create(document="clients", effective_from=datetime.date(2021, 1, 1))
for place, code in enumerate(["lifts", "cleaning", "dogs", "parking", "leaks_repair", "noise"]):
    CatalogueItem.objects.get_or_create(version=version, category=code, defaults={"position": place})
"""


@pytest.fixture(scope="module")
def site(trial):
    trial.manage("shell", "-c", SETTLE)
    with served(trial) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def phone(browser, site):
    """A telephone with scripts; whatever its console complains about fails the test."""
    context = browser.new_context(base_url=site, bypass_csp=False, **PHONE)
    page, complaints = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    yield page
    context.close()
    assert [told for told in complaints if "422" not in told and "ERR_INTERNET" not in told] == []


def photo(folder, name: str, size=(3000, 2000)) -> str:
    """A photo as a telephone takes it: lying on its side, with time and place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2021:11:08 09:12:30"
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 35.0, 24.0), 3: "E", 4: (114.0, 17.0, 60.0)})
    data = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(data, "JPEG", exif=exif, quality=95)
    (folder / name).write_bytes(data.getvalue())
    return str(folder / name)


def check(page: Page, name: str) -> None:
    """No sideways scrolling, no serious violation of WCAG."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})"
        ".then(result => result.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join(' | ')))"
    )
    assert found == [], name


def test_a_resident_reports_with_photos_and_follows_the_case(phone, trial, tmp_path):
    phone.goto("/report/")
    phone.get_by_label("Which neighbourhood").press_sequentially("E00003")
    phone.locator("#found a").first.click()
    check(phone, "report-form")
    phone.locator("textarea").fill("3 栋电梯从昨晚起停运，老人下不了楼。")
    phone.get_by_text("Lifts").click()
    phone.get_by_label("Telephone").fill("138 0000 1234")
    phone.get_by_label("Photos").set_input_files([photo(tmp_path, "a.jpg"), photo(tmp_path, "b.jpg")])
    expect(phone.locator("[data-photo-list] img")).to_have_count(2)
    phone.get_by_role("button", name="Remove this photo: b.jpg").click()
    expect(phone.locator("[data-photo-list] img")).to_have_count(1)
    phone.wait_for_timeout(3000)  # the quickest that a person is
    check(phone, "report-filled")
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.get_by_role("heading", name="Your report was taken")).to_be_visible()
    check(phone, "report-done")
    code = phone.locator(".tracking-code").inner_text()
    ((pk, category),) = trial.query(
        "SELECT case_id, category FROM casedesk_casefile JOIN evaluations_appraisalcase c ON c.id = case_id WHERE tracking_code = %s", code,
    )  # fmt: skip
    assert category == "lifts"
    ((width, height, taken, latitude),) = trial.query(
        "SELECT width, height, taken_at IS NOT NULL, latitude FROM casedesk_casephoto WHERE case_id = %s", pk
    )
    assert (width, height, taken, float(latitude)) == (1333, 2000, True, 30.59)
    assert phone.context.cookies() == []
    phone.goto("/report/status/")
    check(phone, "report-status")
    phone.get_by_label("Tracking code").fill(code.lower())
    phone.get_by_label("Last four digits").fill("1234")
    phone.get_by_role("button", name="Show it").click()
    expect(phone.locator(".photo-list img")).to_be_visible()
    check(phone, "report-case")


def test_a_lost_connection_loses_nothing_and_sending_again_makes_one_case(phone, trial):
    phone.goto("/report/?n=E00004")
    phone.locator("textarea").fill("垃圾三天没有清运，气味很大。")
    phone.wait_for_timeout(3000)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.get_by_text("No connection.")).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.get_by_role("heading", name="Your report was taken")).to_be_visible()
    assert trial.query("SELECT count(*) FROM casedesk_casefile WHERE text LIKE %s", "垃圾三天%") == [(1,)]


def test_what_is_wrong_is_said_in_place_and_the_draft_outlives_a_reload(phone):
    phone.goto("/report/?n=E00005")
    phone.locator("textarea").fill("走道灯坏了两周没人管")
    phone.get_by_label("Telephone").fill("nobody")
    phone.get_by_role("button", name="Send the report").click()
    expect(phone.locator("#report-errors [role=alert]")).to_contain_text("Not a telephone number")
    phone.reload()
    expect(phone.locator("textarea")).to_have_value("走道灯坏了两周没人管")


def test_without_scripts_it_is_a_plain_form(browser, site, trial, tmp_path):
    context = browser.new_context(base_url=site, java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.goto("/report/?q=E00006")
    page.locator("#found a").first.click()
    page.locator("textarea").fill("绿化带被占用停车，多次反映")
    page.get_by_label("Photos").set_input_files(photo(tmp_path, "c.jpg", (800, 600)))
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("heading", name="Your report was taken")).to_be_visible()
    counted = "SELECT count(*) FROM casedesk_casephoto JOIN casedesk_casefile USING (case_id) WHERE text LIKE %s"
    wait_until(lambda: trial.query(counted, "绿化带%") == [(1,)], 5, "the photo")
    context.close()
