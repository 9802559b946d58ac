"""Dutch is the source; the English catalogue is complete, and says the same placeholders."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from backend import language
from backend.config import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@cache
def messages() -> dict[str, str]:
    """Every message of the source with the file that says it."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: dict[str, str] = {}
    for folder in ("backend", "templates"):
        mine = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in methods
            if pattern.startswith(folder)
        ]
        settings = {pattern.removeprefix(f"{folder}/"): values for pattern, values in options.items()}
        keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
        for name, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), mine, settings, keywords=keywords
        ):
            found[message[0] if isinstance(message, tuple) else message] = name
    return found


@cache
def english() -> Catalog:
    with (ROOT / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="en")


def test_every_message_has_an_english_text() -> None:
    missing = [
        f"{name}: {text}"
        for text, name in messages().items()
        if text not in english() or not english()[text].string
    ]
    assert not missing, (
        f"{len(missing)} messages have no English text (make messages), such as {missing[:10]}"
    )


def test_the_catalogue_has_no_guesses_and_no_leftovers() -> None:
    fuzzy = [message.id for message in english() if message.id and message.fuzzy]
    left = [
        message.id
        for message in english()
        if message.id and (message.id[0] if isinstance(message.id, tuple) else message.id) not in messages()
    ]
    assert not fuzzy, fuzzy
    assert not left, left


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in english():
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        wanted = set(PLACEHOLDER.findall(sources[-1]))
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) <= wanted | {"%(num)s", "%(num)d"}, message.id
        assert set(PLACEHOLDER.findall(texts[-1])) >= wanted - {"%(num)s", "%(num)d"}, message.id


@pytest.mark.parametrize(("count", "said"), [(1, "1 dag"), (6, "6 dagen")])
def test_dutch_needs_no_catalogue(count: int, said: str) -> None:
    assert language.ngettext("%(n)d dag", "%(n)d dagen", count) % {"n": count} == said
