"""HTML, Word, PDF, CSV and API say the same numbers; the files have the form of an official document."""

import csv
import io
import json
import re
import zlib

import pytest
from django.test import Client
from docx import Document
from docx.oxml.ns import qn

from bulletins.official import official
from portal.documents.official import OfficialDocument

pytestmark = pytest.mark.django_db

NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


def fetched(address: str) -> bytes:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content
    return answer.content


def numbers(text: str) -> set[str]:
    return {number.rstrip(",").replace(",", "") for number in NUMBER.findall(text)}


def known_numbers(content) -> set[str]:
    """Every number in the API's answer, whatever it stands in."""
    return numbers(json.dumps(content, ensure_ascii=False))


def docx_text(content: bytes) -> list[str]:
    word = Document(io.BytesIO(content))
    texts = [paragraph.text for paragraph in word.paragraphs]
    return texts + [cell.text for table in word.tables for row in table.rows for cell in row.cells]


def pdf_text(content: bytes) -> str:
    """What is drawn in a PDF, by its own tables of glyphs."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", content, re.DOTALL))
    fonts = {name: _signs_of(objects, number) for name, number in re.findall(rb"/F(\d+) (\d+) 0 R", content)}
    drawn = []
    for number in re.findall(rb"/Contents (\d+) 0 R", content):
        font: dict[bytes, str] = {}
        for chosen, text in re.findall(
            rb"/F(\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj", _stream(objects[number]), re.DOTALL
        ):
            if chosen:
                font = fonts[chosen]
            else:
                raw = re.sub(
                    rb"\\(.)", lambda found: {b"r": b"\r", b"n": b"\n"}.get(found[1], found[1]), text, flags=re.DOTALL
                )
                drawn.append("".join(font[raw[place : place + 2]] for place in range(0, len(raw), 2)))
    return "\n".join(drawn)


def _stream(body: bytes) -> bytes:
    data = body[body.index(b"stream\n") + 7 : body.rindex(b"\nendstream")]
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _signs_of(objects: dict[bytes, bytes], number: bytes) -> dict[bytes, str]:
    """The sign of each glyph of a font, from its table for copying."""
    table = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
    assert table is not None
    pairs = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", _stream(objects[table[1]]))
    return {bytes.fromhex(glyph.decode()): bytes.fromhex(sign.decode()).decode("utf-16-be") for glyph, sign in pairs}


@pytest.fixture
def api(issued) -> dict:
    return json.loads(fetched("/api/v1/bulletins/2021-10/"))


@pytest.fixture
def document(issued) -> OfficialDocument:
    return official(issued)


STANDING = {"1", "2", "3", "4", "2021", "10", "11", "95", "75"}
"""Of the form, not of the tables: numbers of tables, annexes and pages, the date, the bands that the text names."""


def test_every_number_of_the_word_file_is_the_apis(api):
    found = numbers("\n".join(docx_text(fetched("/bulletins/2021-10.docx"))))
    assert len(found) > 100
    assert found - known_numbers(api) <= STANDING


def test_every_text_of_the_document_is_in_the_word_file_the_pdf_and_the_page(document):
    word = bare("".join(docx_text(fetched("/bulletins/2021-10.docx"))))
    page = bare(re.sub(r"<[^>]*>", "", fetched("/bulletins/2021-10/").decode()))
    pdf = bare(pdf_text(fetched("/bulletins/2021-10.pdf")))
    for text in map(bare, document.texts()):
        assert text in word, text
        assert text in page, text
        assert text in pdf or len(text) > 12, text  # a long one may be broken by the foot of a page


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_pdf_has_every_number_of_the_document_and_no_other(document):
    drawn = pdf_text(fetched("/bulletins/2021-10.pdf"))
    whole = "\n".join(document.texts())
    assert numbers(whole) - {"-"} <= numbers(re.sub(r"\n", "", drawn)) | numbers(drawn)
    pages = {str(page) for page in range(1, 30)}
    assert {number for number in numbers(drawn) if "." in number} <= numbers(whole)
    assert {number for number in numbers(drawn) if "." not in number and len(number) > 2} <= numbers(whole) | pages


def test_csv_and_api_have_the_same_tables(api):
    rows = list(csv.DictReader(io.StringIO(fetched("/bulletins/2021-10.csv").decode())))
    districts = [row for row in rows if row["table"] == "districts"]
    for row, expected in zip(districts, api["tables"]["districts"], strict=True):
        for name in ("received", "accept_due", "acceptance", "score", "score_exact", "rank", "satisfied_weight"):
            assert row[name] == str(expected[name]), name
    assert rows[0]["table"] == "city" and rows[0]["received"] == str(api["tables"]["city"]["received"])
    over_api = Client().get("/api/v1/bulletins/2021-10/", headers={"accept": "text/csv"}).content
    assert over_api == fetched("/bulletins/2021-10.csv")


def test_the_word_file_has_the_form_of_the_standard(document):
    word = Document(io.BytesIO(fetched("/bulletins/2021-10.docx")))
    section = word.sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height)] == [210, 297]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:linePitch")) == "579" and grid.get(qn("w:charSpace")) == "-849"
    fonts = {fonts.get(qn("w:eastAsia")) for fonts in word.element.body.iter(qn("w:rFonts"))}
    assert {"方正小标宋_GBK", "仿宋_GB2312", "黑体", "楷体_GB2312"} <= fonts
    title = next(paragraph for paragraph in word.paragraphs if paragraph.text == document.title[0])
    assert title.runs[0].font.size.pt == 22
    assert "— " in section.footer.paragraphs[0].text and word.settings.odd_and_even_pages_header_footer


def test_a_draft_says_on_its_face_that_it_is_one(bulletin):
    assert official(bulletin).marks == ("（草稿，未签发）",)


def test_a_published_one_has_an_etag_and_is_not_sent_twice(issued):
    for address in (
        "/bulletins/2021-10/",
        "/bulletins/2021-10.csv",
        "/api/v1/bulletins/",
        "/api/v1/bulletins/2021-10/",
    ):
        first = Client().get(address)
        again = Client().get(address, headers={"if-none-match": first["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304), address


def test_the_api_refuses_what_it_does_not_know_and_says_what_was_withdrawn(issued, people):
    from bulletins import actions
    from tests.bulletins.conftest import NOW

    client = Client(headers={"accept-language": "en"})
    assert client.get("/api/v1/bulletins/2021-10/?revision=x").status_code == 400
    assert client.get("/api/v1/bulletins/2021-10/?revision=7").status_code == 404
    assert client.get("/api/v1/bulletins/2021-09/").status_code == 404
    assert client.get("/api/v1/bulletins/?mont=1").status_code == 400
    assert "immutable" in client.get("/api/v1/bulletins/2021-10/?revision=1")["Cache-Control"]
    listed = json.loads(client.get("/api/v1/bulletins/").content)["results"]
    assert [row["month"] for row in listed] == ["2021-10"]
    actions.withdraw_bulletin(issued, by=people.signer, now=NOW, reason="来源有误")
    from portal.documents import published as documents

    documents.forget_all()
    gone = client.get("/api/v1/bulletins/2021-10/")
    assert gone.status_code == 410 and "来源有误" in json.loads(gone.content)["detail"]
