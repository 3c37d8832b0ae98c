"""What is wrong with a policy: where it stands, and in whose words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gateway.face.i18n import words_in
from gateway.face.words.faults import FAULTS, fault
from gateway.judgement import policies
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.memory.written import Written

ROOT = Path(__file__).parents[3]
BAD = sorted(Path(__file__).with_name("bad_policies").glob("*.toml"))
JA, EN = words_in("ja"), words_in("en")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_is_said_in_both_languages(path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        load(path.read_text(), path.name)
    for each in refused.value.problems:
        assert each.code in FAULTS
        ja, en = fault(JA, each), fault(EN, each)
        told = en.removeprefix(f"{path.name}: ").replace(each.place, "")
        assert ja != en and not set("（）：「」、") & set(told)
        assert each.line and f"{path.name}: {each.line}行目" in ja


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a = b", "toml_value"),
        ("名前 = 1", "toml_statement"),
        ("a.名前 = 1", "toml_key"),
        ("a 1", "toml_equals"),
        ("a = [1 2]", "toml_bracket"),
        ("[a", "toml_heading"),
        ("a = 1 b = 2", "toml_line"),
        ('a = "\\w"', "toml_backslash"),
        ('a = "x\n', "toml_string"),
        ("a = 1\na = 2", "toml_twice"),
        ("a = 2027-02-30", "not_a_day"),
        ("a = " + "[" * 100_000, "toml_depth"),
    ],
)
def test_what_is_no_toml_is_said_in_our_own_words(text: str, code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load(text, "policy.toml")
    (found,) = refused.value.problems
    assert found.code == code and fault(JA, found) != fault(EN, found)


def test_a_line_is_where_a_key_stands() -> None:
    """Every value that stands on one line of the shipped policy is found on it again."""
    text = policies.default_text()
    written, lines = Written(text, "default"), text.split("\n")
    seen = 0
    for number, rule in enumerate(tomllib.loads(text)["rule"]):
        for path in (("rule", number, "name"), ("rule", rule["name"], "name")):
            line = written.line(path)
            assert lines[line - 1] == f'name = "{rule["name"]}"'
            seen += 1
    assert seen > 20


TEXT = '''# above
[settings]
own_names = [
  "関所",
]

[[rule]]
name = "first"
[rule.when]
subject_starts = """
[[rule]]
"""
[[rule.exception]]
until = 2030-01-01
[[rule.exception]]
until = 2031-01-01
[[rule]]
name = "second"
why.ja = "x"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("settings", "own_names"), 3),
        (("rule", 0, "when", "subject_starts"), 10),
        (("rule", "first", "exception", 1, "until"), 16),
        (("rule", 1), 17),
        (("rule", "second", "why", "ja"), 19),
        (("rule", "second", "why", "en"), 19),
        (("rule", "second", "when"), 17),
        (("nothing",), 0),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_tables_and_of_what_stands_in_several(path, line: int, end: str) -> None:
    assert Written(TEXT.replace("\n", end), "policy.toml").line(path) == line
