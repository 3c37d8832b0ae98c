"""The manual in Japanese holds what the English one holds, section by section.

That its links lead somewhere is looked at with all others, in `test_tree`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs" / "ja"
PAGES = sorted(page.name for page in MANUAL.glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
COMMENT = re.compile(r"(?:^|\s+)#.*$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAME = re.compile(r"`([^`]+)`")


def pair(name: str) -> tuple[str, str]:
    """The English page and the Japanese one, without the links from each to the other."""
    theirs, ours = ((folder / name).read_text("utf-8") for folder in (ROOT / "docs", MANUAL))
    there, here = f"[日本語](ja/{name})", f"[English](../{name})"
    assert there in theirs and here in ours
    return theirs.replace(there, "", 1), ours.replace(here, "", 1)


def sections(text: str) -> list[str]:
    """Each with its heading; without blocks, whose comments look like headings."""
    return re.split(r"^(?=#+ )", FENCE.sub("", text), flags=re.M)


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Language and lines without comments; a drawing is made of words, so its height alone."""
    found = []
    for language, block in FENCE.findall(text):
        lines = [COMMENT.sub("", line).rstrip() for line in block.splitlines()]
        if "─" in block:
            lines = ["drawn"] * len(lines)
        found.append((language, [line for line in lines if line]))
    return found


def names(text: str) -> set[str]:
    """What stands as code: keys, commands, codes, paths. Which, and not how often."""
    return {" ".join(name.split()) for name in NAME.findall(text)}


def links(text: str) -> set[str]:
    """File names, whichever folder: the anchors are of another language."""
    return {Path(target.partition("#")[0]).name for target in LINK.findall(text)}


def numbers(text: str) -> set[str]:
    """Those in digits, in the words alone."""
    return set(re.findall(r"\d[\d.,]*(?<=\d)", LINK.sub("]", NAME.sub("", text))))


def tables(text: str) -> list[list[tuple[int, set[str]]]]:
    """Of each table each row: its bars, and the names in it."""
    found = re.findall(r"(?:^\|.*\|\n)+", FENCE.sub("", text), re.M)
    return [[(row.count("|"), names(row)) for row in table.splitlines()] for table in found]


def test_there_is_a_manual_in_japanese() -> None:
    assert {"connect.md", "microsoft365.md", "operations.md", "refusals.md"} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_the_blocks_are_the_same_but_for_their_comments(name: str) -> None:
    theirs, ours = map(blocks, pair(name))
    assert ours == theirs


@pytest.mark.parametrize("name", PAGES)
def test_each_section_has_the_same_level_names_and_links(name: str) -> None:
    theirs, ours = (
        [(len(each) - len(each.lstrip("#")), names(each), links(each)) for each in sections(text)]
        for text in pair(name)
    )
    assert ours == theirs


@pytest.mark.parametrize("name", PAGES)
def test_no_number_of_a_section_is_lost(name: str) -> None:
    """Japanese writes in digits what English has in words: more of them are no defect."""
    theirs, ours = map(sections, pair(name))
    lost = [numbers(there) - numbers(here) for there, here in zip(theirs, ours, strict=True)]
    assert [each for each in lost if each] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_tables_have_the_same_rows(name: str) -> None:
    theirs, ours = map(tables, pair(name))
    assert ours == theirs


@pytest.mark.parametrize("name", ["README.ja.md", *(f"docs/ja/{name}" for name in PAGES)])
def test_a_japanese_page_leads_to_japanese_ones(name: str) -> None:
    """But for the link to its own English one."""
    page = ROOT / name
    text = page.read_text("utf-8").replace("[English](", "")
    english = {ROOT / "docs" / name for name in PAGES}
    led = {(page.parent / target.partition("#")[0]).resolve() for target in LINK.findall(text)}
    assert sorted(led & english) == []
