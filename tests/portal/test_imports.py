"""Workbooks into a register and out again: dry run, errors, scope, undo, two people at once, a worker that dies."""

from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from enterprises.models import Enterprise, HeadcountReturn
from portal import registers
from portal.exchange import actions, exporting
from portal.exchange.columns import template_columns
from portal.exchange.models import ImportBatch, ImportedRow, RegisterExport
from portal.models import AuditEntry, JobRun, Region
from portal.spreadsheets.templates import template
from portal.workflow import LostRace, MoveRefused
from tests.world import EAST, WEST

S = ImportBatch.Status
HEADER = ["统一社会信用代码*", "名称", "来源", "注册区", "公益性", "状态", "联系电话"]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def codes():
    """Valid credit codes that no enterprise has."""
    from enterprises.rules import is_credit_code

    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return [next(f"91990000MA{n:07d}{s}" for s in signs if is_credit_code(f"91990000MA{n:07d}{s}")) for n in range(40)]


def workbook(*rows, header=("uscc", "name", "origin", "registered_district", "phone")) -> bytes:
    book, made = openpyxl.Workbook(), BytesIO()
    book.active.title = "企业信息"
    for row in (header, *rows):
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def uploaded(content: bytes, by, slug="enterprises", name="企业.xlsx") -> ImportBatch:
    batch = actions.upload(registers.register(slug), SimpleUploadedFile(name, content), by=by)
    return checked(batch)


def checked(batch: ImportBatch) -> ImportBatch:
    actions.claim(batch, S.CHECKING, by=batch.uploaded_by)
    actions.run(batch, S.CHECKING)
    batch.refresh_from_db()
    return batch


def applied(batch: ImportBatch) -> ImportBatch:
    actions.claim(batch, S.APPLYING, by=batch.uploaded_by)
    actions.run(batch, S.APPLYING)
    batch.refresh_from_db()
    return batch


def told(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(problem["cell"], problem["reason"]) for problem in batch.problems]


def exported(slug: str, user, form="xlsx") -> bytes:
    from django.http import QueryDict

    register = registers.register(slug)
    rows = exporting.rows_for(register, user, QueryDict())
    return b"".join(exporting.content(register, user, rows, form, rows.count()))


# --- what a check says ----------------------------------------------------------------------------------------------------


def test_a_dry_run_counts_and_changes_nothing(people, codes):
    batch = uploaded(
        workbook([codes[0], "新物业", "本地", EAST, "027-8888 1234"], [codes[1], "", "local", EAST, ""]),
        people.officer_east,
    )
    assert (batch.status, batch.new, batch.wrong) == (S.CHECKED, 1, 1)
    assert told(batch) == [("B3", "Empty, but required.")]
    assert not Enterprise.objects.filter(uscc__in=codes).exists()


def test_all_errors_are_told_at_once_with_cell_and_reason(people, codes):
    rows = [
        [codes[0], "甲", "火星", EAST, "x"],
        ["91990000MA0000000", "乙", "local", "000000", ""],
        [codes[2], "丙", "local", EAST, ""],
        [codes[2], "丁", "local", EAST, ""],
    ]
    batch = uploaded(workbook(*rows), people.officer_east)
    assert [cell for cell, _reason in told(batch)] == ["C2", "E2", "A3", "D3", "A5"]
    assert batch.problem_count == 5 and batch.wrong == 3
    assert "row 4" in told(batch)[-1][1]


def test_an_unknown_reference_is_told(people, codes):
    batch = uploaded(workbook([codes[0], "甲", "local", "000000", ""]), people.officer_east)
    assert told(batch)[0][0] == "D2" and "000000" in told(batch)[0][1]


def test_what_the_database_alone_can_judge_is_told_of_its_row(people, codes):
    header = ("uscc", "name", "origin", "registered_district", "founded_on", "status", "status_since")
    good = [codes[0], "甲", "local", EAST, "2001-01-01", "active", ""]
    bad = [codes[1], "乙", "local", EAST, "2001-01-01", "active", "1999-01-01"]
    batch = uploaded(workbook(good, bad, header=header), people.officer_east)
    assert batch.new == 1 and batch.wrong == 1 and batch.problems[0]["row"] == 3


def test_rows_of_another_district_are_refused_without_a_word_more(people, codes):
    west = Region.objects.get(code=WEST)
    theirs = Enterprise.objects.create(uscc=codes[0], name="西区物业", origin="local", registered_district=west)
    batch = uploaded(
        workbook([codes[0], "夺来", "local", EAST, ""], [codes[1], "新", "local", WEST, ""]), people.officer_east
    )
    assert batch.wrong == 2 and batch.to_write == 0
    assert len({reason for _cell, reason in told(batch)}) == 1
    theirs.refresh_from_db()
    assert theirs.name == "西区物业"


@pytest.mark.parametrize(
    ("content", "name", "part"),
    [
        (b"", "a.xlsx", "empty"),
        (b"PK\x03\x04 rubbish", "a.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "password"),
        ("uscc,name\n".encode("utf-16"), "a.csv", "UTF-16"),
        (b"%PDF-1.4 \x00\x01", "a.csv", "neither"),
        ("一,二\n1,2\n".encode(), "a.csv", "header"),
        (b"name,origin\n1,2\n", "a.csv", "missing"),
        (b"uscc,name,name\n1,2,3\n", "a.csv", "twice"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_one_message(people, content, name, part):
    batch = uploaded(content, people.officer_east, name=name)
    assert batch.status == S.FAILED and part in batch.failure


def test_chinese_headers_full_width_digits_and_gb18030_are_understood(people, codes):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in codes[0])
    text = f"统一社会信用代码,名称,来源,注册地,成立日期\r\n{wide},　甲物业 ,本地,{EAST},2021年3月5日\r\n,,,,\r\n"
    with translation.override("zh-hans"):
        columns = {
            column.name: column.title for column in template_columns(registers.register("enterprises"), people.computer)
        }
    header = ",".join(columns[name] for name in ("uscc", "name", "origin", "registered_district", "founded_on"))
    text = text.replace("统一社会信用代码,名称,来源,注册地,成立日期", header)
    batch = uploaded(text.encode("gb18030"), people.officer_east, name="a.csv")
    assert told(batch) == [] and batch.new == 1 and batch.rows_blank == 0
    row = applied(batch) and Enterprise.objects.get(uscc=codes[0])
    assert (row.name, row.origin, str(row.founded_on)) == ("甲物业", "local", "2021-03-05")


# --- writing and undoing --------------------------------------------------------------------------------------------------


def test_applying_writes_once_and_is_one_deed(people, codes):
    batch = applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, "13812345678"]), people.officer_east))
    row = Enterprise.objects.get(uscc=codes[0])
    assert (batch.status, row.initials, row.phone) == (S.APPLIED, "jwy", "13812345678")
    assert AuditEntry.objects.filter(verb="import").count() == 1
    with pytest.raises(LostRace):
        actions.claim(batch, S.APPLYING, by=people.officer_east)


def test_the_same_file_again_changes_nothing(people, codes):
    content = workbook([codes[0], "甲物业", "local", EAST, "13812345678"])
    applied(uploaded(content, people.officer_east))
    again = uploaded(content, people.officer_east)
    assert (again.new, again.changed, again.unchanged, again.wrong) == (0, 0, 1, 0)


def test_a_masked_telephone_stays_as_it_is(people, codes):
    applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, "13812345678"]), people.officer_east))
    batch = uploaded(workbook([codes[0], "乙物业", "local", EAST, "138****5678"]), people.officer_east)
    assert batch.preview["changes"] == [["企业信息", "2", "乙物业", "name", "甲物业", "乙物业"]]
    applied(batch)
    assert Enterprise.objects.get(uscc=codes[0]).phone == "13812345678"
    wrong = uploaded(workbook([codes[0], "乙物业", "local", EAST, "138****9999"]), people.officer_east)
    assert told(wrong)[0][0] == "E2"


def test_undo_takes_back_new_and_changed_rows(people, codes):
    applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, "13812345678"]), people.officer_east))
    before = Enterprise.objects.filter(uscc=codes[0]).values().get()
    rows = [[codes[0], "乙物业", "out_of_town", EAST, ""], [codes[1], "丙物业", "local", EAST, ""]]
    batch = applied(uploaded(workbook(*rows), people.officer_east))
    assert (batch.new, batch.changed) == (1, 1) and ImportedRow.objects.filter(batch=batch).count() == 2
    actions.undo(batch, by=people.officer_east)
    assert Enterprise.objects.filter(uscc=codes[0]).values().get() == before
    assert not Enterprise.objects.filter(uscc=codes[1]).exists()
    assert batch.status == S.UNDONE


def test_undo_is_refused_once_somebody_touched_a_row(people, codes):
    batch = applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, ""]), people.officer_east))
    Enterprise.objects.filter(uscc=codes[0]).update(legal_representative="何文")
    with pytest.raises(MoveRefused, match="甲物业"):
        actions.undo(batch, by=people.officer_east)
    assert Enterprise.objects.get(uscc=codes[0]).legal_representative == "何文"


def test_undo_is_refused_while_others_refer_to_a_row(people, codes):
    batch = applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, ""]), people.officer_east))
    HeadcountReturn.objects.create(enterprise=Enterprise.objects.get(uscc=codes[0]), year=2020, headcount=5)
    with pytest.raises(MoveRefused):
        actions.undo(batch, by=people.officer_east)
    assert Enterprise.objects.filter(uscc=codes[0]).exists()


def test_what_changed_since_the_check_has_to_be_checked_again(people, codes):
    applied(uploaded(workbook([codes[0], "甲物业", "local", EAST, ""]), people.officer_east))
    one = uploaded(workbook([codes[0], "乙物业", "local", EAST, ""]), people.officer_east)
    other = uploaded(workbook([codes[0], "丙物业", "local", EAST, ""]), people.computer)
    applied(other)
    assert applied(one).status == S.UPLOADED and "changed" in one.failure
    assert Enterprise.objects.get(uscc=codes[0]).name == "丙物业"
    assert checked(one).changed == 1 and applied(one).status == S.APPLIED


def test_two_checked_files_with_the_same_new_record_make_one(people, codes):
    content = workbook([codes[0], "甲物业", "local", EAST, ""])
    one, other = uploaded(content, people.officer_east), uploaded(content, people.computer)
    applied(one)
    assert applied(other).status == S.UPLOADED
    assert Enterprise.objects.filter(uscc=codes[0]).count() == 1


def test_a_batch_left_by_a_dead_worker_fails_and_can_be_run_again(people, codes, monkeypatch):
    batch = uploaded(workbook([codes[0], "甲物业", "local", EAST, ""]), people.officer_east)
    actions.claim(batch, S.APPLYING, by=people.officer_east)
    JobRun.objects.create(job="imports.applying", subject=str(batch.pk))
    assert actions.look(batch).status == S.APPLYING
    ImportBatch.objects.filter(pk=batch.pk).update(status_changed_at=timezone.now() - timedelta(minutes=1))
    batch.refresh_from_db()
    assert actions.look(batch).status == S.APPLYING  # this process holds it still
    monkeypatch.setattr(actions, "is_held", lambda number: False)
    assert actions.look(batch).status == S.FAILED
    assert not Enterprise.objects.filter(uscc=codes[0]).exists()
    assert applied(checked(batch)).status == S.APPLIED


# --- round trip -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv", "csv-gb18030"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_export_comes_back_unchanged(people, form, language):
    for slug in ("enterprises", "estates"):
        with translation.override(language):
            content = exported(slug, people.computer, form)
        batch = uploaded(content, people.computer, slug=slug, name=f"a.{form[:4].rstrip('-')}")
        assert told(batch) == [] and (batch.new, batch.changed) == (0, 0), batch.preview["changes"][:5]
        assert batch.unchanged == registers.register(slug).model.objects.count()


@pytest.mark.parametrize("declared", registers.registers(), ids=lambda one: one.slug)
def test_every_register_has_a_template_and_reads_its_own_export(people, declared):
    content = template(template_columns(declared, people.computer), title=str(declared.title))
    batch = uploaded(content, people.computer, slug=declared.slug)
    assert batch.status == S.CHECKED and batch.problem_count == 0 and batch.rows_total == 0, (
        batch.failure,
        told(batch),
    )
    batch = uploaded(exported(declared.slug, people.computer), people.computer, slug=declared.slug)
    assert batch.status == S.CHECKED and batch.to_write == 0 and batch.problem_count == 0, (batch.failure, told(batch))


def test_the_same_workbook_comes_back_with_its_errors(people, codes):
    batch = uploaded(
        workbook([codes[0], "甲", "火星", EAST, ""], [codes[1], "乙", "local", EAST, ""]), people.officer_east
    )
    sheet = openpyxl.load_workbook(BytesIO(b"".join(actions.marked_file(batch))))["企业信息"]
    assert sheet["F1"].value == "Errors" and sheet["F2"].value.startswith("Origin: ") and sheet["F3"].value is None
    assert sheet["C2"].fill.fgColor.rgb == "FFFBD9CB" and sheet["C3"].fill.fill_type is None


# --- pages ----------------------------------------------------------------------------------------------------------------


def test_upload_preview_write_and_undo_in_pages(client, people, codes):
    client.force_login(people.officer_east)
    client.cookies["language"] = "en"
    page = client.get("/registers/enterprises/import/")
    assert page.status_code == 200
    assert client.get("/registers/enterprises/template/").status_code == 200
    content = workbook([codes[0], "甲物业", "local", EAST, ""], [codes[1], "乙", "火星", EAST, ""])
    answer = client.post(
        "/registers/enterprises/import/", {"file": SimpleUploadedFile("企业.xlsx", content)}, follow=True
    )
    address = answer.redirect_chain[-1][0]
    assert b"C3" in answer.content and b"Write 1 row" in answer.content
    assert "with%20errors" in client.get(f"{address}errors/").headers["Content-Disposition"]
    assert b"Undo this import" in client.post(f"{address}apply/", follow=True).content
    assert "甲物业" in client.get(f"{address}?show=entered").content.decode()
    assert b"Undone" in client.post(f"{address}undo/", follow=True).content
    assert client.get("/imports/").status_code == 200
    client.force_login(people.officer_west)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}undo/").status_code == 404


def test_who_keeps_nothing_imports_nothing(client, people):
    client.force_login(people.inspector_east)
    assert client.get("/registers/enterprises/import/").status_code == 403
    assert client.get("/registers/enterprises/template/").status_code == 403
    assert client.get("/registers/enterprises/export/").status_code == 200


def test_an_export_holds_the_persons_own_rows_only(client, people, codes):
    west = Region.objects.get(code=WEST)
    Enterprise.objects.create(uscc=codes[0], name="西区物业", origin="local", registered_district=west)
    client.force_login(people.officer_east)
    content = b"".join(client.get("/registers/enterprises/export/?format=csv"))
    assert codes[0] not in content.decode("utf-8-sig")
    assert AuditEntry.objects.filter(verb="export", by=people.officer_east).exists()


def test_a_long_export_is_made_as_a_job_for_whoever_asked(client, people, monkeypatch):
    monkeypatch.setattr(exporting, "LONG", 5)
    client.force_login(people.officer_east)
    client.cookies["language"] = "en"
    answer = client.get("/registers/estates/export/?format=csv", follow=True)
    address = answer.redirect_chain[-1][0]
    assert b"data-poll" in answer.content and client.get(f"{address}file/").status_code == 404
    export = RegisterExport.objects.get()
    exporting.make(export)
    assert b"Download" in client.get(address).content
    assert client.get(address, headers={"X-Fragment": "1"}).headers["X-Done"] == "1"
    lines = b"".join(client.get(f"{address}file/")).decode("utf-8-sig").splitlines()
    assert len(lines) == export.rows_total + 1
    client.force_login(people.officer_west)
    assert client.get(address).status_code == client.get(f"{address}file/").status_code == 404
    exporting.forget_old(timezone.now() + timedelta(days=8))
    assert not exporting.path_of(export).exists()


def test_unconfirmed_uploads_are_discarded_after_a_week(people, codes):
    batch = uploaded(workbook([codes[0], "甲物业", "local", EAST, ""]), people.officer_east)
    actions.forget_old(timezone.now() + timedelta(days=6))
    batch.refresh_from_db()
    assert batch.status == S.CHECKED
    actions.forget_old(timezone.now() + timedelta(days=8))
    batch.refresh_from_db()
    assert batch.status == S.DISCARDED and not actions.path_of(batch).exists()
