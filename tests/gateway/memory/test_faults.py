"""What is wrong with what somebody wrote: each code has its sentence, in the reader's language."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from gateway.face.i18n import words_in
from gateway.face.words.faults import FAULTS
from gateway.memory.config import ConfigError, load
from gateway.memory.faults import Refused, about, at

ROOT = Path(__file__).parents[3]
BAD = sorted(Path(__file__).with_name("bad_configs").glob("*.toml"))
CODE = {"Fault": 1, "at": 1, "Refused": 0, "_formed": 1}
"""Which argument of a call is one."""


def written() -> tuple[set[str], set[str], set[tuple[str, str]]]:
    """Codes, all strings, and what is written around a part of a code, in the sources."""
    codes, strings, around = set(), set(), set()
    for floor in ("gateway", "bridge", "admin_ui"):
        for path in (ROOT / floor).rglob("*.py"):
            if path.name.startswith("faults_of_") or path.parent.name == "words":
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    strings.add(node.value)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    place = CODE.get(node.func.id, len(node.args))
                    match node.args[place : place + 1]:
                        case [ast.Constant(value=str(code))]:
                            codes.add(code)
                        case [ast.JoinedStr(values=[ast.Constant(value=str(head)), _])]:
                            around.add((head, ""))
                        case [ast.JoinedStr(values=[_, ast.Constant(value=str(tail))])]:
                            around.add(("", tail))
    return codes, strings, around


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    codes, strings, around = written()
    composed = {head + part + tail for head, tail in around for part in strings}
    parts = {c.removeprefix(h).removesuffix(t) for c in FAULTS for h, t in around}
    hops = {"deferred", "failed"}  # how a next hop refuses
    assert len(codes) > 150 and codes - FAULTS.keys() <= parts | hops
    assert FAULTS.keys() - strings - composed - set(get_args(ErrorType)) == set()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_is_said_in_both_languages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(ConfigError) as refused:
        load(Path(path.name))
    for each in refused.value.problems:
        error = ConfigError(each)
        ja, en = (error.said(words_in(language)) for language in ("ja", "en"))
        assert each.code in FAULTS and ja.startswith(f"{path.name}: ")
        assert ja != en and not set("（）：「」、") & set(en)


def test_an_error_of_the_configuration_knows_the_language_of_its_file(tmp_path: Path) -> None:
    said = {'language = "en"\nx = 1': "en", "x = 1": "ja", "language = 1": "ja"}
    for text, language in said.items():
        (tmp_path / "sekisho.toml").write_text(text)
        with pytest.raises(ConfigError) as refused:
            load(tmp_path / "sekisho.toml")
        assert refused.value.language == language


def test_what_is_wrong_with_a_file_that_is_named_says_which(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused, about(tmp_path / "feed.csv"):
        raise Refused("no_domain_age", line=3)
    found = refused.value.at("sekisho.toml")
    assert (found.file, found.values) == ("feed.csv", {"line": 3})
    with pytest.raises(Refused, match=r"^gone\.csv: is not there$"), about(tmp_path / "gone.csv"):
        (tmp_path / "gone.csv").read_text()


def test_nothing_in_it_breaks_the_line() -> None:
    error = ConfigError(at("a\nb.toml", "no_variable", name="x\x1b[2J"))
    assert str(error).isprintable()
