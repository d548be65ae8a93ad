"""Workbooks and CSV files as people and others make them: read, written, given back with errors, refused."""

import csv
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.rules import CHINA
from portal.spreadsheets import cells, files, templates, writing
from portal.spreadsheets.columns import Column, Form, letters
from portal.spreadsheets.files import BadFile
from portal.spreadsheets.marking import Wrong, column_of_errors, marked
from portal.spreadsheets.reading import Table

COLUMNS = [
    Column("code", "编码", cells.code(40), ("Code",), is_key=True, required=True),
    Column("name", "名称", cells.text(500), ("Name",), form=Form.LONG_TEXT),
    Column("area", "面积", cells.decimal(12, 2), ("Area",), form=Form.DECIMAL, places=2),
    Column("built", "建成日期", cells.day(), ("Built on",), form=Form.DAY),
    Column("seen", "时间", cells.moment(), ("Seen",), form=Form.MOMENT),
]


def read(path, columns=COLUMNS):
    """Sheets and values of every row, read by the columns."""
    table, rows = Table(path, path.name, columns), []
    for sheet, batch in table:
        for number, row in batch:
            rows.append(
                (number, {column.name: column.read(row[index]) for index, column in sheet.places if column.read})
            )
    return table, rows


def saved(path, *rows, merge=(), **cells_):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merge:
        book.active.merge_cells(area)
    for place, value in cells_.items():
        book.active[place] = value
    book.save(path)
    return path


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp", "Cf", "Co")),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text("AB0=+-@12", min_size=1, max_size=12),
            st.one_of(TEXT, st.sampled_from(["=1+1", "@SUM(A1)", "_x0041_", "<&>\"'", "第一行\n第二行"])),
            st.decimals(-(10**6), 10**6, places=2),
            st.dates(date(1901, 1, 1), date(2099, 1, 1)),
            st.datetimes(datetime(1930, 1, 1), datetime(2099, 1, 1)).map(
                lambda at: at.replace(microsecond=0, tzinfo=CHINA)
            ),
        ),
        max_size=8,
    )
)
@pytest.mark.parametrize("form", ["xlsx", "csv", "gb18030"])
def test_what_is_written_is_read_again(tmp_path_factory, form, rows):
    path = tmp_path_factory.mktemp("t") / f"a.{form}"
    if form == "xlsx":
        pieces = writing.workbook(COLUMNS, rows, title="表", count=len(rows))
    else:
        pieces = writing.comma_separated(COLUMNS, rows, encoding="utf-8-sig" if form == "csv" else form)
    path.write_bytes(b"".join(pieces))
    _table, found = read(path)
    assert [tuple(values.values()) for _number, values in found] == [tuple(row) for row in rows]


def test_text_is_never_a_formula(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"".join(writing.workbook(COLUMNS, [["=1+1", "+86", Decimal(1), None, None]], title="a/b[c]")))
    sheet = openpyxl.load_workbook(path).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["B2"].data_type) == ("=1+1", "s", "s")
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref
    line = b"".join(writing.comma_separated(COLUMNS, [["=1+1", "+86", Decimal(-1), None, None]])).decode("utf-8-sig")
    assert next(csv.reader(StringIO(line.splitlines()[1]))) == ["'=1+1", "'+86", "-1", "", ""]


def test_a_header_under_merged_titles_and_over_two_rows(tmp_path):
    path = saved(
        tmp_path / "a.xlsx", ["某区登记表", None, None], ["制表：某某"], ["＊编码 ", "基本情况", None], [None, "Name", "面积 *"],
        ["A1", "甲", "1,200.5"], [" ", "　", None], [None, None, None], ["A2", "乙", 3], merge=("A1:C1", "A3:A4", "B3:C3"),
    )  # fmt: skip
    table, rows = read(path)
    assert [number for number, _values in rows] == [5, 8]
    assert rows[0][1] == {"code": "A1", "name": "甲", "area": Decimal("1200.50")}
    assert table.sheets[0].header_row == 4 and table.sheets[0].cell("area", 8) == "C8"


def test_columns_begin_where_the_sheet_begins(tmp_path):
    table, rows = read(saved(tmp_path / "a.xlsx", C3="编码", D3="别的", E3="名称", C4="A1", E4="甲"))
    assert rows == [(4, {"code": "A1", "name": "甲"})]
    assert table.sheets[0].cell("name", 4) == "E4" and table.sheets[0].ignored == ["别的"]


def test_every_sheet_with_a_header_is_read_and_the_others_are_named(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name in ("东", "西"):
        sheet = book.create_sheet(name)
        sheet.append(["编码", "名称"])
        sheet.append([name, name])
    book.create_sheet("藏").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    table, rows = read(tmp_path / "a.xlsx")
    assert [values["code"] for _number, values in rows] == ["东", "西"] and table.skipped == ["Sheet"]


def test_the_template_explains_itself_and_its_sample_is_left_out(tmp_path):
    columns = [
        Column("code", "编码", cells.code(9), sample="A-1", is_key=True, required=True, help="说明文字"),
        Column("kind", "类别", cells.choice({"甲": "a", "乙": "b"}, ["甲", "乙"]), words=["甲", "乙"], sample="甲"),
        Column("place", "地点", cells.text(99), words=[f"地点{n}" for n in range(90)]),
        Column("built", "日期", cells.day(), form=Form.DAY, sample="2021-03-05"),
    ]
    path = tmp_path / "t.xlsx"
    path.write_bytes(templates.template(columns, title="表"))
    book = openpyxl.load_workbook(path)
    assert {rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation} == {
        '"甲,乙"',
        "_lists!$C$1:$C$90",
    }
    assert "说明文字" in [cell.value for row in book.worksheets[1] for cell in row]
    assert book["_lists"].sheet_state == "hidden"
    table = Table(path, "t.xlsx", columns, ["Instructions"])
    assert list(table) == [] and table.blank == 1


# --- errors given back ----------------------------------------------------------------------------------------------------


def test_the_workbook_comes_back_as_it_was_with_its_errors(tmp_path):
    path = saved(tmp_path / "a.xlsx", ["编码", "名称"], ["A1", "甲"], [None, "乙"], ["A3", "丙"], D3="=1+1", D4="备注")
    book = openpyxl.load_workbook(path)
    book.active["B2"].font = openpyxl.styles.Font(bold=True)
    book.create_sheet("另一张")["A1"] = "留着"
    book.save(path)
    columns = [*COLUMNS, column_of_errors("错误")]
    table, _rows = read(path, columns)
    problems = [Wrong("Sheet", 2, "name", "<坏>"), Wrong("Sheet", 3, "code", "空"), Wrong("Sheet", 3, "", "整行")]
    out = tmp_path / "b.xlsx"
    out.write_bytes(b"".join(marked(path, "a.xlsx", table.sheets, problems, "错误")))
    book = openpyxl.load_workbook(out)
    sheet = book["Sheet"]
    assert (sheet["E1"].value, sheet["E2"].value, sheet["E3"].value) == ("错误", "名称: <坏>", "编码: 空\n整行")
    assert (
        sheet["E4"].value is None
        and sheet["D3"].value == "=1+1"
        and sheet["D4"].value == "备注"
        and book["另一张"]["A1"].value == "留着"
    )
    assert sheet["B2"].font.bold and sheet["B2"].fill.fgColor.rgb == "FFFBD9CB" == sheet["A3"].fill.fgColor.rgb
    table, _rows = read(out, columns)
    assert table.sheets[0].ignored == []
    again = tmp_path / "c.xlsx"
    again.write_bytes(b"".join(marked(out, "b.xlsx", table.sheets, [Wrong("Sheet", 4, "name", "新")], "错误")))
    sheet = openpyxl.load_workbook(again)["Sheet"]
    assert [sheet[f"E{row}"].value for row in (1, 2, 3, 4)] == ["错误", None, None, "名称: 新"] and sheet[
        "F1"
    ].value is None


def test_a_csv_comes_back_with_its_errors(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("编码,名称\r\nA1,甲\r\nA2,乙\r\n".encode("gb18030"))
    table, _rows = read(path)
    content = b"".join(marked(path, "a.csv", table.sheets, [Wrong("a.csv", 3, "name", "坏")], "错误")).decode(
        "utf-8-sig"
    )
    assert content.splitlines() == ["编码,名称,错误", "A1,甲,", "A2,乙,名称: 坏"]


# --- hostile and broken ---------------------------------------------------------------------------------------------------


def refused(path) -> str:
    with pytest.raises(BadFile) as bad:
        list(Table(path, path.name, COLUMNS))
    return bad.value.reason


def packed(path, **parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return path


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_UNPACKED", 60 * 2**20)
    path = packed(
        tmp_path / "a.xlsx", **{"xl__workbook.xml": "<workbook/>", "xl__worksheets__sheet1.xml": b" " * (70 * 2**20)}
    )
    assert path.stat().st_size < 2**20 and "unpacks" in refused(path)


def test_a_bomb_that_lies_about_its_size_stays_in_its_process(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MEMORY_MB", 250)
    path = saved(tmp_path / "a.xlsx", ["编码", "名称"], ["A1", "甲"])
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    big = b"<row r='9'>" + b"<c r='A9' t='inlineStr'><is><t>" + b"x" * (150 * 2**20) + b"</t></is></c></row>"
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", big + b"</sheetData>"
    )
    size = len(parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    content = path.read_bytes()
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert refused(path)


def test_one_cell_in_the_last_corner_is_told_and_hurts_nobody(tmp_path):
    assert "too much memory" in refused(saved(tmp_path / "a.xlsx", A1="编码", B1="名称", XFD1048576="x"))


def test_too_many_columns(tmp_path):
    assert "200 columns" in refused(saved(tmp_path / "a.xlsx", ["编码", "名称"], ["A1", *["x"] * 250]))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b"PK\x05\x06" + b"\0" * 18, "not an Excel workbook"),
        (b"PK\x03\x04" + b"\0" * 99, "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, ".xls"),
        ("编码,名称".encode("utf-16"), "UTF-16"),
        (b"\xff\xd8\xff\xe0 not text \x81", "neither"),
        (b"\x7fELF\x00\x00", "neither"),
        ("甲,乙\n1,2\n".encode(), "No header"),
    ],
)
def test_what_is_no_table_is_refused_with_one_sentence(tmp_path, content, part):
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    assert part in refused(path)


def test_other_packed_documents_are_no_workbooks(tmp_path):
    assert "not an Excel workbook" in refused(packed(tmp_path / "a.docx", word__document="x"))
    assert "binary" in refused(packed(tmp_path / "a.xlsb", **{"xl__workbook.bin": "x"}))
    broken = packed(tmp_path / "b.xlsx", **{"xl__workbook.xml": "<workbook"})
    assert "damaged" in refused(broken)


def test_letters_over_columns():
    assert [letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_a_message_of_the_reader_holds_nothing_but_cells():
    import pickle

    with pytest.raises(KeyError):
        files._CellsOnly(BytesIO(pickle.dumps(eval))).load()
