"""Text as it comes, cell by cell and row by row where it is a table."""

from __future__ import annotations

from collections.abc import Iterator


class Flow:
    """One run of text of a document: its body, a header, a note. `blocks` gives what was said."""

    def __init__(self, *, hidden: bool = False) -> None:
        self.hidden = hidden
        self.in_table = False
        self._blocks: list[str | list[list[str]]] = []
        self._pieces: list[str] = []
        self._rows: list[list[str]] = []
        self._row: list[str] = []

    def say(self, text: str) -> None:
        if self._rows and not (self.in_table or self._row) and text.strip():
            self._end_table()
        self._pieces.append(text)

    def cell(self) -> None:
        if not self._row and not self._rows:
            self._begin_table()
        self._row.append("".join(self._pieces).strip("\n"))
        self._pieces.clear()

    def row(self) -> None:
        if self._row:
            self._rows.append(self._row)
            self._row = []

    def blocks(self) -> Iterator[str | list[list[str]]]:
        self._end_table()
        self._end_text()
        for block in self._blocks:
            yield _whole(block) if isinstance(block, str) else [[*map(_whole, r)] for r in block]

    def _begin_table(self) -> None:
        """What stands in the last line belongs to the first cell."""
        text = "".join(self._pieces)
        before, _, own = text.rpartition("\n")
        self._pieces = [before]
        self._end_text()
        self._pieces = [own]

    def _end_table(self) -> None:
        self.row()
        if self._rows:
            self._blocks.append(self._rows)
            self._rows = []

    def _end_text(self) -> None:
        if text := "".join(self._pieces):
            self._blocks.append(text)
        self._pieces = []


def _whole(text: str) -> str:
    """Letters that were given as two surrogates, joined: mathematical digits are."""
    if any("\ud800" <= letter < "\ue000" for letter in text):
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
