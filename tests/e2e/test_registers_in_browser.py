"""In a real browser, as the official of one district on the sample city: every register is searched, exported, imported,
edited, and a row of it removed and entered again.
"""

import json
import os

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import CHROMIUM, FLAGS, Trial, held_open, served
from tests.world import PASSWORD, SAMPLE_DAY

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="no chromium; .ci/run installs it"),
]

PLAN = """
import json
from django.contrib.auth.hashers import make_password
from portal.models import Grant, Region, User
from portal.registers import Kind, registers
from tests.portal.test_registers_of_a_city import DISTRICT, keeps, only_there, removable, settle_officials
settle_officials(password=make_password({password!r}))
official = User.objects.get(username=f"official_{{DISTRICT}}")
for one in registers():
    leaf = removable(one, official)
    if leaf is not None and one.obstacle_to_removal(leaf):
        leaf = None
    row = leaf or keeps(one, official).order_by("-pk").first()
    if row is None:
        continue
    references = [field for field in one.all_fields if field.kind is Kind.REFERENCE and field.target is not Region]
    reference = next((field for field in references if field.value(row)), None)
    name, value = (reference.name, reference.value(row)) if reference else ("q", one.key_fields[0].value(row))
    other = only_there(one, official).first()
    print("PLAN", json.dumps(dict(slug=one.slug, pk=row.pk, url=one.list_url(), name=name, value=str(value),
          other=other.pk if other else None, is_leaf=leaf is not None)))
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A web server on a trial of its own with the sample city, and the plan: which row of which register."""
    folder = tmp_path_factory.mktemp("city")
    with held_open(folder) as server:
        trial = Trial(folder, server)
        trial.manage("migrate", "-v0")
        trial.manage("sample_city", "--as-of", str(SAMPLE_DAY), "--cases", "20")
        told = trial.manage("shell", "-c", PLAN.format(password=PASSWORD))
        plan = [json.loads(line.removeprefix("PLAN ")) for line in told.splitlines() if line.startswith("PLAN ")]
        with served(trial) as address:
            yield address, plan


@pytest.fixture(scope="module")
def page(city):
    address, _plan = city
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(base_url=address, locale="en-US", accept_downloads=True).new_page()
        page.set_default_timeout(20_000)
        page.goto("/sign-in/")
        page.get_by_label("Username").fill("official_420105")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{address}/home/")
        yield page
        browser.close()


def entries(page: Page) -> dict:
    """What the form on the page holds: name → value, or the values of ticked boxes."""
    return page.evaluate(
        """() => {
            const found = {};
            for (const field of document.querySelector('form.register-form').elements) {
                if (!field.name || ['csrfmiddlewaretoken', 'seen'].includes(field.name)) continue;
                if (field.type === 'checkbox') { if (field.checked) (found[field.name] ??= []).push(field.value); }
                else if (field.value) found[field.name] = field.value;
            }
            return found;
        }"""
    )


def enter(page: Page, values: dict) -> None:
    for name, value in values.items():
        if isinstance(value, list):
            for one in value:
                page.locator(f'[name="{name}"]' + (f'[value="{one}"]' if one != "on" else "")).check()
        elif "*" not in value:  # a masked telephone number
            field = page.locator(f'form.register-form [name="{name}"]')
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)


def test_every_register_is_worked_in_a_browser(city, page, tmp_path):
    _address, plan = city
    assert len(plan) > 35 and sum(step["is_leaf"] for step in plan) > 25
    failed = {}
    for step in plan:
        try:
            work_through(page, step, tmp_path)
        except Exception as error:  # all registers are tried before the test fails
            failed[step["slug"]] = f"{type(error).__name__}: {error}"[:700]
    assert failed == {}


def work_through(page: Page, step: dict, folder) -> None:
    slug = step["slug"]
    listed = f"{step['url']}?{step['name']}={step['value']}"
    page.goto(listed)
    assert page.locator("table.table-list tbody tr").count() > 0, slug
    if step["other"]:
        assert page.request.get(f"/registers/{slug}/{step['other']}/").status == 404, slug
    unchanged_by_import(page, slug, folder)
    page.goto(f"/registers/{slug}/{step['pk']}/edit/")
    values = entries(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved:"), slug).to_be_visible()
    if not step["is_leaf"]:  # others refer to it
        return
    page.goto(f"/registers/{slug}/{step['pk']}/remove/")
    page.get_by_label("Reason").fill("entered again by hand")
    page.get_by_role("button", name="Remove this record").click()
    expect(page.get_by_text("Removed:"), slug).to_be_visible()
    page.goto(f"/registers/{slug}/new/")
    enter(page, values)
    page.locator("form.register-form button[type=submit]").click()
    expect(page.get_by_text("Entered:"), slug).to_be_visible()


def unchanged_by_import(page: Page, slug: str, folder) -> None:
    """What the list shows is exported, uploaded again, and found unchanged."""
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel workbook").click()
    file = folder / f"{slug}.xlsx"
    waiting.value.save_as(file)
    page.goto(f"/registers/{slug}/import/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("dl.metrics"), slug).to_be_visible()
    counts = page.locator("dl.metrics dd:not(.m-note)").all_inner_texts()
    rows, new, changed, unchanged, wrong = (int(count.replace(",", "")) for count in counts)
    assert (new, changed) == (0, 0) and rows == unchanged + wrong > 0, (slug, counts)
