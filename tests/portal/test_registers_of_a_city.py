"""Every register on a whole city: as the official of one district enters, edits, searches, exports and imports it again.

The sample city fills all registers. It is loaded once, in a transaction that is rolled back.
"""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.exchange.models import ImportBatch
from portal.models import Grant, Region, User
from portal.registers import Kind, Register, register, registers
from portal.registers.forms import RegisterForm

pytestmark = pytest.mark.city

DISTRICT, OTHER = "420105", "420102"
SLUGS = [one.slug for one in registers()]
OF_THE_CITY = {
    "award-rounds", "disclosure-categories", "service-standards", "service-grades", "standard-items",
    "programme-milestones", "satisfaction-indices", "evaluation-rounds", "service-campaigns", "dispatch-catalogues",
    "catalogue-items", "reply-templates", "calendar-years", "calendar-days",
}  # fmt: skip
"""Registers whose rows belong to the whole city: a district reads them, the city keeps them."""


@pytest.fixture(scope="module")
def city(sample_city, django_db_blocker):
    with django_db_blocker.unblock():
        settle_officials()


def settle_officials(**values: str) -> None:
    """The officials of two districts, ``official_<code>``."""
    for code in (DISTRICT, OTHER):
        user = User.objects.create(username=f"official_{code}", **values)
        Grant.objects.create(user=user, role="district_official", region=Region.objects.get(code=code))


@pytest.fixture
def official(city, db) -> User:
    return User.objects.get(username=f"official_{DISTRICT}")


@pytest.fixture
def client(official) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(official)
    return client


def keeps(declared: Register, user: User):
    return declared.scoped(user, declared.keep)


def only_there(declared: Register, user: User):
    """Rows that the official of the other district keeps and ``user`` does not see."""
    other = User.objects.get(username=f"official_{OTHER}")
    seen = declared.scoped(user).values("pk")
    return keeps(declared, other).exclude(pk__in=seen)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_register_is_filled_and_kept_by_its_district(official, slug):
    declared = register(slug)
    assert declared.rows(official).exists()
    assert keeps(declared, official).exists() == (slug not in OF_THE_CITY)


@pytest.mark.parametrize("slug", SLUGS)
def test_another_districts_row_is_on_no_page_and_in_no_count(client, official, slug):
    declared = register(slug)
    row = only_there(declared, official).first()
    if row is None:
        assert slug in OF_THE_CITY
        return
    code = str(declared.key_fields[0].value(row))
    for name in ("register-row", "register-edit", "register-history", "register-remove"):
        assert client.get(reverse(name, args=[slug, row.pk])).status_code == 404, name
    own = declared.scoped(official)
    assert client.get(declared.list_url()).context["page"].paginator.count == own.count()
    assert client.get(f"/api/v1/{slug}/").json()["count"] == own.count()
    if slug not in ("estates", "enterprises"):
        assert client.get(f"/api/v1/{slug}/{row.pk}/").status_code == 404
    found = client.get(declared.list_url(q=code)).context["page"]
    assert row.pk not in {one.pk for one in found.object_list}


@pytest.mark.parametrize("slug", SLUGS)
def test_list_costs_the_same_queries_for_few_and_for_25_rows(client, official, slug):
    declared = register(slug)

    def queries(**query) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(declared.list_url(**query))
        return len(captured)

    full = queries()
    count = declared.rows(official).count()
    last = queries(page=str((count - 1) // 25 + 1))
    assert last <= full <= last + 1
    assert full <= 15


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in OF_THE_CITY])
def test_what_is_removed_can_be_entered_again_by_hand_and_edited(client, official, slug):
    """A row's own values, read from its form, are taken by the form for a new row: entering and editing agree."""
    declared = register(slug)
    row = removable(declared, official)
    if row is None:
        pytest.skip("every row is referred to by others")
    values = form_values(declared, row, official)
    row.delete()
    response = client.post(reverse("register-enter", args=[slug]), values)
    assert response.status_code == 302, response.context["form"].errors
    entered = keeps(declared, official).order_by("-pk")[0]
    again = form_values(declared, entered, official)
    assert {name: again[name] for name in values if name != "seen"} == {
        name: value for name, value in values.items() if name != "seen"
    }
    assert client.post(reverse("register-edit", args=[slug, entered.pk]), again).status_code == 302


def removable(declared: Register, user: User):
    """A row that nothing refers to, whose removal frees its place."""
    for row in keeps(declared, user).order_by("-pk")[:400]:
        if declared.obstacle_to_change(row):
            continue
        relations = [one for one in row._meta.get_fields(include_hidden=True) if one.one_to_many or one.one_to_one]
        holders = [one for one in relations if one.auto_created and not one.related_model.__name__.endswith("Event")]
        if not any(one.related_model._base_manager.filter(**{one.field.name: row}).exists() for one in holders):
            return declared.with_references(declared.model._default_manager.all()).get(pk=row.pk)
    return None


def form_values(declared: Register, row, user: User) -> dict:
    """What a browser would send back from the row's form."""
    form = RegisterForm(register=declared, user=user, row=row)
    sent = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if value in (None, "", False) or (name == "phone" and "*" in str(value)):
            continue
        sent[name] = "on" if value is True else value
    return sent


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in OF_THE_CITY])
def test_what_is_exported_is_imported_again_as_unchanged(client, official, slug):
    declared = register(slug)
    first = keeps(declared, official).order_by("pk").first()
    query = {}
    if keeps(declared, official).count() > 300:  # a part is enough
        reference = next((one for one in declared.all_fields if one.kind is Kind.REFERENCE), None)
        row = declared.with_references(declared.model._default_manager.all()).get(pk=first.pk)
        query = {reference.name: str(reference.value(row))} if reference and reference.value(row) else {}
    response = client.get(reverse("register-export", args=[slug], query={**query, "format": "xlsx"}))
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    upload = SimpleUploadedFile(f"{slug}.xlsx", content)
    sent = client.post(reverse("import-upload", args=[slug]), {"file": upload})
    assert sent.status_code == 302, sent.context and sent.context["form"].errors
    batch = ImportBatch.objects.latest("pk")
    assert batch.status == ImportBatch.Status.CHECKED, batch.failure
    assert (batch.new, batch.changed) == (0, 0), (batch.new, batch.changed, batch.problems[:3])
    assert batch.unchanged + batch.wrong > 0
    kept = keeps(declared, official)
    if kept.count() == declared.rows(official).count():
        assert batch.wrong == 0, [problem["reason"] for problem in batch.problems[:5]]


def test_a_workbook_is_read_back_whole(client, official):
    """The export of one register, cell by cell against the API."""
    from openpyxl import load_workbook

    response = client.get(reverse("register-export", args=["owners-committees"], query={"format": "xlsx"}))
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    answer = client.get("/api/v1/owners-committees/?page_size=1000").json()
    assert len(rows) - 1 == answer["count"]
    codes = {row["code"] for row in answer["results"]}
    assert {cell for row in rows for cell in row if cell in codes} == codes
