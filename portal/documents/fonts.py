"""The open fonts that are set inside a PDF, and the proof that they hold every sign of a document.

The fonts that an official document names (方正小标宋, 仿宋_GB2312, 黑体, 楷体) may not be passed on, so a PDF carries Noto Serif SC and
Noto Sans SC (SIL Open Font License), installed with the front-end packages. A program that lacks a glyph draws nothing and says
nothing: rare signs of place names (硚, 汈, 𬭎) would vanish from print. Hence :func:`demand_glyphs`.
"""

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont

FOLDER = Path(settings.BASE_DIR) / "node_modules" / "@expo-google-fonts"


class Face(Enum):
    """A font file: ``family`` and ``style`` as fpdf2 knows it."""

    SERIF = ("serif", "", "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf")
    SERIF_BOLD = ("serif", "B", "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf")
    SANS = ("sans", "", "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf")
    SANS_BOLD = ("sans", "B", "noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf")

    def __init__(self, family: str, style: str, file: str) -> None:
        self.family, self.style, self.file = family, style, file

    @property
    def path(self) -> Path:
        """Where the file lies.

        Raises:
            ImproperlyConfigured: it is not installed; the message says what to do.
        """
        path = FOLDER / self.file
        if not path.is_file():
            raise ImproperlyConfigured(
                _("The font %(file)s is not installed; run “make setup” (it comes with the npm packages).")
                % {"file": path}
            )
        return path


class GlyphsMissing(ValueError):
    """Signs that no font here can draw; ``signs`` names them."""

    def __init__(self, signs: Iterable[str]) -> None:
        self.signs = sorted(set(signs))
        named = _(", ").join(f"{sign} (U+{ord(sign):04X})" for sign in self.signs)
        super().__init__(_("The fonts have no glyph for: %(signs)s. The document was not made.") % {"signs": named})


@lru_cache(maxsize=len(Face))
def covered(face: Face) -> frozenset[int]:
    """Code points for which ``face`` has a glyph."""
    with TTFont(face.path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def demand_glyphs(text: str, face: Face = Face.SERIF) -> None:
    """Make sure that ``face`` can draw all of ``text``; line ends and tabs are no glyphs.

    Raises:
        GlyphsMissing: it lacks some; all of them are named.
    """
    lacking = {ord(sign) for sign in text} - covered(face) - {9, 10, 13}
    if lacking:
        raise GlyphsMissing(map(chr, lacking))
