"""Both catalogues are complete, keep every placeholder, and have glyphs in the shipped face."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

import tvclient
from tvclient.core.state import Language
from tvclient.ui.fonts import BOLD, REGULAR
from tvclient.ui.texts import TRANSLATIONS

ROOT = Path(tvclient.__file__).parent
PLACEHOLDER = re.compile(r"\{\w+\}|\[/?\w+(?:=\w+)?\]")
MARKUP = re.compile(r"\{\w+\}|\[[^\]]*\]")


def catalogue(language: Language) -> Catalog:
    with (TRANSLATIONS / language.value / "LC_MESSAGES" / "tvclient.po").open("rb") as file:
        return read_po(file)


def strings(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def messages(language: Language) -> list[tuple[list[str], list[str]]]:
    return [(strings(message.id), strings(message.string)) for message in catalogue(language) if message.id]


@pytest.mark.parametrize("language", list(Language))
def test_catalogue_has_exactly_what_the_screens_say(language: Language) -> None:
    keywords = {"_": None, "_n": (1, 2)}
    found = extract_from_dir(ROOT / "ui", keywords=keywords)
    said = {strings(message)[0] for _file, _line, message, _comments, _context in found}
    assert len(said) > 60
    assert {ids[0] for ids, _strings in messages(language)} == said


@pytest.mark.parametrize("language", list(Language))
def test_every_message_is_translated_with_its_placeholders(language: Language) -> None:
    for ids, translated in messages(language):
        assert all(translated), ids
        for text in translated:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(ids[-1])), ids


@pytest.mark.parametrize("face", [REGULAR, BOLD])
def test_every_character_has_a_glyph(face: Path) -> None:
    with TTFont(face, lazy=True) as font:
        known = set(font.getBestCmap())
    for language in Language:
        for _ids, translated in messages(language):
            for text in translated:
                missing = {char for char in MARKUP.sub("", text) if ord(char) not in known}
                assert not missing, text
