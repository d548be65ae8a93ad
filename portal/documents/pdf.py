"""PDFs with their fonts inside. fpdf2 keeps of each font only the glyphs that were used: some ten kilobytes a document.

``Pdf`` is an ``fpdf.FPDF`` on A4 with the faces of :mod:`portal.documents.fonts`: ``use(Face.SERIF, 16)`` chooses one (points), and
``made()`` gives the bytes or raises :class:`~portal.documents.fonts.GlyphsMissing`. The same input gives the same bytes.
"""

from datetime import UTC, datetime

from fpdf import FPDF

from portal.documents.fonts import Face, GlyphsMissing

CONTENT_TYPE = "application/pdf"
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for "now" in the file's own data, so that making it again gives the same bytes."""


class Pdf(FPDF):
    """An A4 document in millimetres. Fonts are read when they are first used: about a quarter of a second each, a tenth where
    ``signs``, all that will be drawn, are known before.
    """

    def __init__(
        self,
        *,
        title: str,
        author: str = "",
        language: str = "zh-CN",
        dated: datetime | None = None,
        landscape=False,
        signs: str = "",
    ) -> None:
        super().__init__(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
        self.set_title(title)
        self.set_author(author)
        self.set_lang(language)
        self.set_creation_date(dated or _UNDATED)
        self.c_margin = 0
        self._signs = {ord(sign) for sign in signs} or None
        self._used: tuple[Face, float] | None = None

    def use(self, face: Face, points: float) -> None:
        """Draw with ``face`` from now on."""
        if (face, points) == self._used and self.page:
            return
        if f"{face.family}{face.style}" not in self.fonts:
            self.add_font(face.family, face.style, face.path, unicode_range=self._signs)
        self.set_font(face.family, face.style, points)
        self._used = (face, points)

    def add_page(self, *args, **kwargs) -> None:
        self._used = None
        super().add_page(*args, **kwargs)

    def made(self) -> bytes:
        """The file.

        Raises:
            GlyphsMissing: a sign was drawn that its font does not have; all of them are named.
        """
        lacking = {chr(sign) for font in self.fonts.values() for sign in font.missing_glyphs}
        if lacking:
            raise GlyphsMissing(lacking)
        return bytes(self.output())
