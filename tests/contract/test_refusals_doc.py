from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from detectors.budget import Limits
from detectors.defects import HARMLESS, LIMITS, STRUCTURAL
from detectors.extract.formats import FORMATS, Verdict
from detectors.surface import Unread, Unreadable

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "refusals.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def explained(section: str) -> set[str]:
    """Codes in the tables under a heading."""
    text = next(text for title, text in SECTIONS.items() if title.startswith(section))
    return set(re.findall(r"^\| `(\w+)` \| .{10,} \|$", text, re.M))


@cache
def calls(floor: str) -> Mapping[str, Sequence[ast.Call]]:
    """By the name of what is called."""
    found: dict[str, list[ast.Call]] = {}
    for path in (ROOT / floor).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                found.setdefault(name, []).append(node)
    return found


def codes(floor: str, name: str, position: int = 0) -> set[str]:
    """Literals in calls of `name`: `Refused("corrupt")`, `Unreadable(spot, Reason("corrupt"))`."""
    found: set[str] = set()
    for call in calls(floor).get(name, ()):
        if len(call.args) > position:
            given = call.args[position]
            if isinstance(given, ast.Call) and given.args:
                given = given.args[0]
            both = (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,)
            found |= {
                one.value
                for one in both
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found


def unreadable() -> set[str]:
    told = codes("detectors", "Refused") | codes("detectors", "Unreadable", 1)
    return told | codes("detectors", "unreadable", 1) | verdicts(Unreadable)


def unfinished() -> set[str]:
    told = codes("gateway/judgement", "ScanIncomplete")
    return told | codes("gateway/judgement", "_fail")


def unread() -> set[str]:
    return codes("detectors", "Unread", 1) | verdicts(Unread)


def verdicts(surface: type[Unreadable] | type[Unread]) -> set[str]:
    given = (each.read for each in FORMATS if isinstance(each.read, Verdict))
    return {verdict.code for verdict in given if verdict.surface is surface}


def test_the_codes_are_found_in_the_source() -> None:
    assert {"corrupt", "encrypted_zip", "picture_page", "opaque_signed", "reader_died"} < (
        unreadable()
    )
    assert "worker_died" in codes("gateway/judgement", "ScanIncomplete")


@pytest.mark.parametrize(
    ("section", "known"),
    [
        ("Reads two ways", lambda: STRUCTURAL),
        ("Read alike", lambda: HARMLESS),
        ("Limits of a mail", lambda: LIMITS),
        ("Files that should be readable", unreadable),
        ("By nature without text", unread),
        ("The inspection did not finish", unfinished),
    ],
)
def test_every_code_has_its_line_and_no_line_is_of_yesterday(
    section: str, known: Callable[[], Collection[str]]
) -> None:
    assert explained(section) == known()


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("nesting", "20 levels"),
        ("parts", "1,000 parts"),
        ("header_block", "1,024 KiB"),
        ("headers", "1,000 header fields"),
        ("header", "256 KiB"),
        ("params", "50 parameters"),
        ("encoded_words", "4,000 encoded words"),
    ],
)
def test_the_limits_are_the_ones_in_force(limit: str, words: str) -> None:
    value = getattr(Limits(), limit)
    number = f"{value >> 10:,} KiB" if "KiB" in words else f"{value:,}"
    assert words.startswith(number)
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{limit}_limit` |"))
    assert words in line


def test_answers_at_the_door_are_ones_that_are_given() -> None:
    given = {
        tuple(argument.value for argument in call.args[:2] if isinstance(argument, ast.Constant))
        for call in calls("gateway/mail").get("Reply", ())
    }
    told = re.findall(r"`(\d{3}) (\d\.\d\.\d)`", SECTIONS["At the door (SMTP)"])
    assert len(told) >= 10
    # one call answers with either, so that its code is no literal
    given |= {(501, "5.5.4"), (555, "5.5.4")}
    assert [answer for answer in told if (int(answer[0]), answer[1]) not in given] == []
