"""Finds the texts of the screen in code and templates, keeps the Chinese catalogue, and compiles it. No gettext needed."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
FOLDERS = (
    "portal",
    "enterprises",
    "estates",
    "partybuilding",
    "inspections",
    "evaluations",
    "casedesk",
    "bulletins",
    "templates",
)
# Babel's own header would carry its version and the time of the run: a difference in every commit.
HEADER = r"""# Chinese texts of the portal; `manage.py translations --update` keeps this file.
msgid ""
msgstr ""
"Language: zh_Hans\n"
"Plural-Forms: nplurals=1; plural=0;\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def catalogue_path() -> Path:
    return settings.BASE_DIR / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def texts() -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    """File, line, message (singular and plural where it has both) and context of every text of the screen."""
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                source = path.read_bytes()
            elif path.suffix in (".html", ".txt", ".xml") and "templates" in path.parts:
                # as Python, the markup between the texts is indented at random
                lines = templatize(path.read_text(), origin=str(path)).splitlines()
                source = "\n".join(line.strip() for line in lines).encode()
            else:
                continue
            name = str(path.relative_to(settings.BASE_DIR))
            for line, message, _comments, context in extract(
                "python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}
            ):
                yield name, line, message, context


def read_catalogue() -> Catalog:
    with open(catalogue_path(), "rb") as file:
        return read_po(file, locale="zh_Hans")


def update() -> Catalog:
    """The catalogue with every text of the screen in it: known translations kept, new ones empty, unused ones dropped."""
    path = catalogue_path()
    template = Catalog()
    for name, _line, message, context in texts():
        if message:
            template.add(message, locations=[(name, 0)], context=context)
    catalogue = read_catalogue() if path.exists() else Catalog(locale="zh_Hans")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_catalogue(catalogue)
    return catalogue


def write_catalogue(catalogue: Catalog) -> None:
    """Write the text catalogue; the same messages give the same bytes, whenever and by whatever Babel they are written."""
    with open(catalogue_path(), "wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalogue, width=118, sort_output=True, omit_header=True, include_lineno=False)


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a Chinese text."""
    return [str(message.id) for message in catalogue if message.id and not all(_strings(message))]


def _strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def missing(catalogue: Catalog) -> list[str]:
    """Texts of the screen that the catalogue does not know."""
    return sorted(
        {
            f"{name}: {message}"
            for name, _line, message, context in texts()
            if message and not catalogue.get(message, context)
        }
    )


def compile_catalogue() -> None:
    """Write the binary catalogue that Django reads, beside the text one."""
    with open(catalogue_path().with_suffix(".mo"), "wb") as file:
        write_mo(file, read_catalogue())
