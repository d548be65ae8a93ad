"""The Chinese catalogue: complete, with the placeholders of its texts, plain in tone, and readable for Django."""

import gettext
import re
from collections import Counter

import pytest

from portal import translations

PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0]*[\d.]*[a-z]|%%|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")


@pytest.fixture(scope="module")
def catalogue():
    return translations.read_catalogue()


@pytest.fixture(scope="module")
def messages(catalogue):
    return [message for message in catalogue if message.id]


def singular_and_plural(message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else message.id


def chinese(message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else message.string


def test_every_text_has_chinese(catalogue):
    assert translations.missing(catalogue) == []
    assert translations.untranslated(catalogue) == []


def test_no_text_is_left_over(catalogue, messages):
    """What no code asks for any more is dropped by ``--update``; here it was forgotten."""
    asked = {(message, context) for _name, _line, message, context in translations.texts()}
    ids = {message if isinstance(message, str) else message[0] for message, _context in asked}
    assert [message.id for message in messages if singular_and_plural(message)[0] not in ids] == []


def test_placeholders_and_tags_are_those_of_the_text(messages):
    """A plural text may name its number in one form only, so Chinese has all that either form has, and nothing else."""
    wrong = []
    for message in messages:
        for pattern in (PLACEHOLDER, TAG):
            forms = [Counter(pattern.findall(form)) for form in singular_and_plural(message)]
            wanted = forms[0] if len(forms) == 1 else forms[0] | forms[1]
            wrong += [(message.id, text) for text in chinese(message) if Counter(pattern.findall(text)) != wanted]
    assert wrong == []


def test_plain_official_tone(messages):
    unwanted = re.compile(r"[!！]|请您|亲(?!属)")
    assert [message.id for message in messages if any(unwanted.search(text) for text in chinese(message))] == []


def test_chinese_punctuation(messages):
    """No half-width comma, semicolon, colon or bracket stands next to a Chinese character."""
    mixed = re.compile(r"[\u4e00-\u9fff][,;:?()]|[,;:?)(][\u4e00-\u9fff]")
    assert [message.id for message in messages if any(mixed.search(text) for text in chinese(message))] == []


def test_same_messages_give_the_same_bytes(catalogue, tmp_path, monkeypatch):
    """No date and no version of a tool stands in the file, so an update changes only what changed."""
    kept = translations.catalogue_path().read_bytes()
    monkeypatch.setattr(translations, "catalogue_path", lambda: tmp_path / "django.po")
    translations.write_catalogue(catalogue)
    assert (tmp_path / "django.po").read_bytes() == kept
    assert b"fuzzy" not in kept


def test_compiled_catalogue_loads(catalogue, tmp_path, monkeypatch):
    po = tmp_path / "django.po"
    po.write_bytes(translations.catalogue_path().read_bytes())
    monkeypatch.setattr(translations, "catalogue_path", lambda: po)
    translations.compile_catalogue()
    with open(po.with_suffix(".mo"), "rb") as file:
        texts = gettext.GNUTranslations(file)
    assert texts.gettext("Neighbourhood") == "小区"
    assert texts.pgettext("status", "Public notice") == "公示中"
    for count in (1, 2):
        assert texts.ngettext("%(count)s household", "%(count)s households", count) == "%(count)s 户"
