"""Files of weighted words, as administrators keep them: TOML, or CSV in UTF-8 or CP932.

    word,points,where          [words]          [marks]
    機密,5                      "機密" = 5        "社外秘" = 10
    社外秘,10,mark

`where` is "any", or "mark" for a word that counts only where a mark stands.
"""

from __future__ import annotations

import csv
import io
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from detectors.facts.dictionary import LONGEST_WORD, MOST_POINTS, Entry, key
from gateway.memory.exported import text_of
from gateway.memory.faults import Refused

MOST_WORDS = 10_000
_HEADINGS = {"word", "語", "言葉", "単語", "キーワード", "文言"}
_WHERE = {"": False, "any": False, "mark": True}


def read(path: Path) -> tuple[Entry, ...]:
    """Raises Refused, OSError."""
    text = text_of(path.read_bytes())
    entries = tuple(_from_toml(text) if path.suffix.lower() == ".toml" else _from_csv(text))
    if not entries:
        raise Refused("no_words")
    if len(entries) > MOST_WORDS:
        raise Refused("too_many_words", count=len(entries), most=MOST_WORDS)
    return entries


def _from_toml(text: str) -> Iterator[Entry]:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("toml", detail=error) from None
    for table, words in said.items():
        if table not in ("words", "marks") or not isinstance(words, dict):
            raise Refused("no_word_table", name=table[:40])
        for word, points in words.items():
            yield _entry(
                f"{table}.{word[:40]}", word, points, "mark" if table == "marks" else "any"
            )


def _from_csv(text: str) -> Iterator[Entry]:
    rows = csv.reader(io.StringIO(text, newline=""))
    for line, row in _filled(rows):
        if line == 1 and row[0].lower() in _HEADINGS:
            continue
        points = row[1] if len(row) > 1 else ""
        written = unicodedata.normalize("NFKC", points)
        number = int(written) if written.isascii() and written.isdigit() else points
        where = row[2].lower() if len(row) > 2 else ""
        yield _entry(f"line {line}", row[0], number, where)


def _filled(rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are neither empty nor a remark, with their line."""
    for line, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if any(cells) and not cells[0].startswith("#"):
            yield line, cells


def _entry(place: str, word: str, points: object, where: str) -> Entry:
    if not key(word):
        raise Refused("word_empty", where=place)
    if len(word) > LONGEST_WORD:
        raise Refused("word_too_long", where=place, most=LONGEST_WORD)
    if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= MOST_POINTS:
        raise Refused("word_points", where=place, most=MOST_POINTS)
    if where not in _WHERE:
        raise Refused("word_where", where=place)
    return Entry(word, points, _WHERE[where])
