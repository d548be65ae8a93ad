"""PDFs carry their fonts, and no sign vanishes from them silently."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.documents import fonts
from portal.documents.fonts import Face, GlyphsMissing, demand_glyphs
from portal.documents.pdf import Pdf

RARE = "硚汈𬭎"
"""Place names of one province: a bridge district, a lake, a person's name outside the basic plane."""


def drawn(text: str) -> bytes:
    pdf = Pdf(title="通报", dated=datetime(2021, 11, 10, tzinfo=UTC))
    pdf.add_page()
    pdf.use(Face.SERIF, 16)
    pdf.cell(0, 10, text)
    return pdf.made()


@pytest.mark.parametrize("face", Face)
def test_every_face_has_the_rare_signs_of_place_names(face):
    demand_glyphs(RARE + "〔2021〕11号 — 1 —", face)


def test_a_pdf_embeds_only_what_it_uses_and_is_the_same_each_time():
    made = drawn(f"{RARE}区 28,069 件")
    assert made.startswith(b"%PDF") and b"/FontFile2" in made
    assert len(made) < 40_000
    assert made == drawn(f"{RARE}区 28,069 件")


def test_a_sign_without_a_glyph_is_named_and_nothing_is_made():
    with pytest.raises(GlyphsMissing) as refused:
        drawn("街道😀与𰻝😀")
    assert refused.value.signs == ["😀", "𰻝"]
    assert "U+1F600" in str(refused.value)
    with pytest.raises(GlyphsMissing, match="1F600"):
        demand_glyphs("a\t😀\n")


def test_a_font_that_is_not_installed_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(ImproperlyConfigured, match="make setup"):
        Face.SERIF.path  # noqa: B018
