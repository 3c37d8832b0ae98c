"""The form of a mail in the clear: what its recipient reads, nothing masked.

For the parcel that its recipient opens after the proof, and for nothing else: it is sealed at
once, and never logged, stored open or shown inside. `detectors.body` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Clear:
    body: str = field(default="", repr=False)
    cut: bool = False
    """The body is longer than this."""
    names: dict[str, str] = field(default_factory=dict, repr=False)
    """File names by `Part.path`."""


_adapter: TypeAdapter[Clear] = TypeAdapter(Clear)


def to_json(clear: Clear) -> bytes:
    return _adapter.dump_json(clear)


def from_json(data: bytes) -> Clear:
    """
    >>> from_json(to_json(Clear("お世話に", names={"2": "一覧.xlsx"}))).names
    {'2': '一覧.xlsx'}

    Raises ValueError for anything of another form.
    """
    return _adapter.validate_json(data)
