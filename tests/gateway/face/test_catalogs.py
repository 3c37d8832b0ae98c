"""Every Japanese sentence has its English, with the same placeholders, on every floor."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
LOCALES = {
    "gateway": ROOT / "gateway/face/locale/en.po",
    "bridge": ROOT / "bridge/locale/en.po",
    "admin_ui": ROOT / "admin_ui/locale/en.po",
}
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "say": None,
    "N_": None,
    "many": (1, 1),
    "NN_": (1, 1),
}
METHODS = {".py": "python", ".html": "jinja2", ".txt": "jinja2"}
OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uff65]")
"""Brackets, colons and blanks as wide as a Japanese letter."""
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%(.)")


def _sources(floor: str) -> Iterator[Path]:
    for path in sorted((ROOT / floor).rglob("*")):
        if path.suffix == ".py" or (path.suffix in METHODS and "templates" in path.parts):
            yield path


@cache
def said_on(floor: str) -> dict[str, tuple[bool, str]]:
    """Each sentence of the floor: whether it counts, and where it stands first."""
    said: dict[str, tuple[bool, str]] = {}
    for path in _sources(floor):
        method = METHODS[path.suffix]
        options = OPTIONS if method == "jinja2" else {}
        for line, message, *_ in extract_from_file(method, path, KEYWORDS, options=options):
            many = isinstance(message, tuple)
            said.setdefault(message[0] if many else message, (many, f"{path.name}:{line}"))
    return said


@cache
def catalog(floor: str) -> Catalog:
    if not LOCALES[floor].exists():
        return Catalog(locale="en")
    with LOCALES[floor].open("rb") as po:
        return read_po(po, locale="en")


def _heard_by(floor: str) -> list[Catalog]:
    """A floor hears its own words and the shared ones: what the outside door says in its own way
    (期限, "Available") is no word for the pages inside."""
    return [catalog(each) for each in {"gateway": None, floor: None}]


def _english(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _stanza(sentence: str, many: bool, where: str) -> str:
    """Ready to be pasted into the en.po and filled."""
    quoted = '"' + sentence.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if many:
        return f'#: {where}\nmsgid {quoted}\nmsgid_plural {quoted}\nmsgstr[0] ""\nmsgstr[1] ""\n'
    return f'#: {where}\nmsgid {quoted}\nmsgstr ""\n'


@pytest.mark.parametrize("floor", LOCALES)
def test_it_works(floor: str) -> None:
    """Nothing is said on this floor that has no English."""
    missing = []
    for sentence, (many, where) in said_on(floor).items():
        found = [each.get(sentence) for each in _heard_by(floor)]
        if not any(message and all(_english(message)) and not message.fuzzy for message in found):
            missing.append(_stanza(sentence, many, where))
    assert not missing, f"add to {LOCALES[floor].relative_to(ROOT)}:\n\n" + "\n".join(missing)


@pytest.mark.parametrize("floor", LOCALES)
def test_english_fills_the_same_places(floor: str) -> None:
    for message in catalog(floor):
        if not message.id:
            continue
        sentence = message.id if isinstance(message.id, str) else message.id[0]
        wanted = set(PLACEHOLDER.findall(sentence))
        for english in _english(message):
            given = set(PLACEHOLDER.findall(english))
            # "1 item" may leave its number out
            assert given <= wanted and wanted - given <= {("num", "")}, f"{sentence} → {english}"


@pytest.mark.parametrize("floor", LOCALES)
def test_nothing_is_kept_that_nobody_says(floor: str) -> None:
    said = said_on(floor).keys()
    kept = [m.id if isinstance(m.id, str) else m.id[0] for m in catalog(floor) if m.id]
    assert [sentence for sentence in kept if sentence not in said] == []


@pytest.mark.parametrize("floor", LOCALES)
def test_a_sentence_is_translated_once(floor: str) -> None:
    """Of two translations the last one would hold for both places, unsaid."""
    text = LOCALES[floor].read_text("utf-8") if LOCALES[floor].exists() else ""
    count = Counter(re.findall(r'^msgid ((?:".*"\n)+)', text, re.M))
    assert [id for id, times in count.items() if times > 1] == []


@pytest.mark.parametrize("floor", LOCALES)
def test_a_sentence_counts_everywhere_or_nowhere(floor: str) -> None:
    """gettext looks up plural and single forms in different places."""
    for message in catalog(floor):
        if message.id and not isinstance(message.id, str):
            assert said_on(floor)[message.id[0]][0], message.id[0]


@pytest.mark.parametrize("floor", LOCALES)
def test_templates_say_nothing_unmarked(floor: str) -> None:
    """Japanese outside of `_()`, comments and language names would stay Japanese in English."""
    marked = re.compile(
        r"""\{\#.*?\#\} | n?gettext\(\s*(["']).*?\1(\s*,\s*(["']).*?\3)? | _\(\s*(["']).*?\4
        | 日本語</a> | ●""",
        re.S | re.X,
    )
    for path in (ROOT / floor).rglob("templates/*.html"):
        left = marked.sub("", path.read_text())
        assert not re.search(r"[\u3041-\u30ff\u4e00-\u9fff]", left), path
        assert not FULL_WIDTH.search(left), path


@pytest.mark.parametrize("floor", LOCALES)
def test_english_has_no_full_width_punctuation(floor: str) -> None:
    for message in catalog(floor):
        for english in _english(message) if message.id else ():
            assert not FULL_WIDTH.search(english), english
    for path in (ROOT / floor).rglob("templates/*.en.txt"):
        assert not FULL_WIDTH.search(path.read_text()), path
