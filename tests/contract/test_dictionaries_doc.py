"""docs/dictionaries.md: its configuration is one, its policy passes its own tests with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from detectors.facts.confidential import CONFIDENTIAL
from detectors.facts.dictionary import key
from detectors.register import FEWEST, TAGS, VALID_NUMBERS
from gateway.judgement import policies
from gateway.judgement.own import configured
from gateway.memory import wordlists
from gateway.memory.config import read

PAGE = Path(__file__).parents[2] / "docs" / "dictionaries.md"
TEXT = PAGE.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.S)


def test_its_configuration_and_its_policy_work_together(tmp_path: Path) -> None:
    settings = {name: tables for text in blocks("toml") for name, tables in parsed(text)}
    folder = tmp_path / "dictionaries"
    folder.mkdir()
    (folder / "projects.csv").write_text(blocks("csv")[0], "utf-8")
    given = {name: settings[name] for name in ("dictionary", "pattern")}
    config = read(given, "sekisho.toml", tmp_path)
    assert configured(config).kinds == {
        "dictionary.案件名",
        "dictionary.秘密区分",
        "pattern.社員番号",
    }
    rules = next(text for text in blocks("toml") if "[[rule]]" in text)
    assert policies.accept(rules, "policy.toml", config).tests


def parsed(text: str) -> list[tuple[str, object]]:
    return list(tomllib.loads(text).items())


def test_both_forms_of_a_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(blocks("csv")[0], "utf-8")
    words = next(text for text in blocks("toml") if "[words]" in text)
    (tmp_path / "a.toml").write_text(words, "utf-8")
    assert set(wordlists.read(tmp_path / "a.toml")) <= set(wordlists.read(tmp_path / "a.csv"))


def test_the_shipped_words_it_names_are_shipped_with_those_points() -> None:
    section = TEXT[TEXT.index("### The shipped marks") : TEXT.index("## Patterns")]
    told = re.search(r'"confidential"` has (.*?), all of\s+them as marks', section, re.S)
    assert told
    for group, points in re.findall(r"(.*?) \((\d+)(?: points)?\)", told[1], re.S):
        for word in re.split(r",\s|\band\b|\n", group):
            if (name := word.strip(" ,\n")) and name != "their kin":
                assert CONFIDENTIAL.points[key(name)][1] == int(points), name


def test_the_arithmetic_of_the_register() -> None:
    assert f"{VALID_NUMBERS // TAGS:,}" in TEXT and f"{FEWEST:,}" in TEXT
    for size in (1_024, 16_384, 131_072):
        assert f"{size / TAGS * 100:.1f} % with up to {size:,}" in " ".join(TEXT.split())
