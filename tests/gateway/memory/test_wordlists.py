"""Files of words as administrators have them: TOML and CSV, in the charsets of Japan."""

from __future__ import annotations

from pathlib import Path

import pytest

from detectors.facts.dictionary import Entry
from gateway.memory.faults import Refused
from gateway.memory.wordlists import read

CSV = "語,点数,場所\n機密,5\n社外秘,１０,mark\n\n# 覚え書き\n極秘,0,any\n"
TOML = '[words]\n"機密" = 5\n"極秘" = 0\n[marks]\n"社外秘" = 10\n'
ENTRIES = {Entry("機密", 5), Entry("社外秘", 10, mark=True), Entry("極秘", 0)}


def file(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("a.toml", TOML)])
def test_it_works(tmp_path: Path, charset: str, name: str, text: str) -> None:
    assert set(read(file(tmp_path, name, text.encode(charset)))) == ENTRIES


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "", "holds no words"),
        ("a.csv", "語,点数\n", "holds no words"),
        ("a.csv", "機密\n", "line 1: points are a whole number from 0 to 100"),
        ("a.csv", "機密,5\n極秘,101\n", "line 2: points are a whole number from 0 to 100"),
        ("a.csv", "機密,-1\n", "line 1: points are a whole number from 0 to 100"),
        ("a.csv", "機密,5,top\n", 'line 1: where is "any" or "mark"'),
        ("a.csv", "　,5\n", "line 1: no word"),
        ("a.csv", f"{'あ' * 101},5\n", "line 1: the word is longer than 100 letters"),
        ("a.csv", "あ,1\n" * 10_001, "holds 10001 words, and 10000 are the most"),
        ("a.toml", "[words]\nx = 1.5\n", "words.x: points are a whole number from 0 to 100"),
        ("a.toml", "[words]\nx = true\n", "words.x: points are a whole number from 0 to 100"),
        ("a.toml", "[word]\nx = 1\n", '"word" is not a table of words'),
        ("a.toml", "x", "not to be read as TOML"),
    ],
)
def test_each_mistake_is_named_by_its_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(file(tmp_path, name, text.encode()))
    assert said in str(refused.value)


def test_another_charset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="neither UTF-8 nor CP932"):
        read(file(tmp_path, "a.csv", b"\x81\xff,1"))
