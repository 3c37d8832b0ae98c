"""What an administrator has looked for beside the usual, as it stands in the configuration.

Everything is tried when the file is read: a dictionary is opened, a pattern is compiled and run
over its own examples. A pattern that silently matches nothing is found out by an incident only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gateway.memory.faults import Refused, about
from gateway.memory.fields import Place

# What reads words and patterns is loaded by those installations only that have some.
if TYPE_CHECKING:
    from detectors.facts.dictionary import Dictionary
    from detectors.patterns import Pattern


def _name(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[\w-]{1,40}", value):
        return value
    raise Refused("no_name")


Name = Annotated[str, BeforeValidator(_name)]
"""Letters of any script, digits, "_" and "-": it stands in policies, records and on pages."""
Words = tuple[Annotated[str, Field(min_length=1, max_length=200)], ...]


class DictionarySection(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    file: Place | None = None
    builtin: Literal["confidential"] | None = None
    hold_at: Annotated[int, Field(ge=1, le=10_000)] = 10
    """points of a mail from which on the finding is one that policy acts on"""

    @field_validator("file")
    @classmethod
    def _readable(cls, file: Path | None) -> Path | None:
        from gateway.memory import wordlists

        if file is not None:
            with about(file):
                wordlists.read(file)
        return file

    @model_validator(mode="after")
    def _one_source(self) -> DictionarySection:
        if (self.file is None) == (self.builtin is None):
            raise Refused("dictionary_empty")
        return self

    def opened(self) -> Dictionary:
        from detectors.facts.confidential import CONFIDENTIAL
        from detectors.facts.dictionary import Dictionary
        from gateway.memory import wordlists

        entries = wordlists.read(self.file) if self.file else CONFIDENTIAL.entries
        return Dictionary(self.name, entries, self.hold_at)


class PatternSection(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    ignore_case: bool = False
    regex: Annotated[str, Field(min_length=1, max_length=1_000)]
    exclude: Annotated[str, Field(max_length=1_000)] = ""
    labels: Words = ()
    """words of which one must stand near, or the finding is recorded only"""
    must_match: Words = ()
    must_not_match: Words = ()

    @field_validator("regex", "exclude")
    @classmethod
    def _compiles(cls, regex: str) -> str:
        from detectors.patterns import BadPattern, compiled

        try:
            if regex:
                compiled(regex)
        except BadPattern as error:
            raise Refused("pattern_unusable", detail=str(error)) from None
        return regex

    @field_validator("must_match", "must_not_match")
    @classmethod
    def _as_its_examples_say(
        cls, examples: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        from detectors.patterns import matches

        if not {"regex", "exclude", "ignore_case"} <= set(info.data):
            return examples  # what is wrong there is told there
        wanted = info.field_name == "must_match"
        for number, example in enumerate(examples, 1):
            if matches(_pattern(info.data), example) != wanted:
                raise Refused("example_misses" if wanted else "example_matches", number=number)
        return examples

    def opened(self) -> Pattern:
        return _pattern(self.model_dump())


def _pattern(said: Mapping[str, Any]) -> Pattern:
    from detectors.patterns import Pattern

    return Pattern(
        said.get("name", ""),
        said["regex"],
        tuple(said.get("labels", ())),
        said["exclude"],
        said["ignore_case"],
    )
