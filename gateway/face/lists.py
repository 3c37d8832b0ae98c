"""Lists as work tools: what the address asks for, and the links that ask for something else.

Everything is in the address, so that a view can be kept as a bookmark, sent to a colleague and
exported as the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from starlette.requests import Request

SIZE = 50
DEEPEST = 10_000
"""Pages: nobody turns so many, and an OFFSET beyond it only warms the disk."""
LONGEST = 200
"""Characters of one filter."""


@dataclass(frozen=True)
class View:
    """Filter, order and page of one list."""

    path: str
    filters: Mapping[str, str]
    """Only the named ones, only those that are not empty."""
    sort: str
    """Name of a column; ascending unless `descending`."""
    descending: bool
    page: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * SIZE

    def url(self, **changes: str | int) -> str:
        """This list with something changed; other filters stay, the page does not unless given.

        `path` names another page with the same filters, such as the CSV of what is shown.
        """
        path = str(changes.pop("path", self.path))
        order = ("-" if self.descending else "") + self.sort
        asked = {**self.filters, "sort": order, **changes}
        kept = {name: value for name, value in asked.items() if value not in ("", 1)}
        return f"{path}?{urlencode(kept)}"

    def sort_url(self, column: str) -> str:
        """A click on a heading: sort by it, or turn the order around."""
        turned = column == self.sort and not self.descending
        return self.url(sort=("-" if turned else "") + column)

    def aria_sort(self, column: str) -> Literal["ascending", "descending", "none"]:
        if column != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"


def view(request: Request, *, sorts: Collection[str], filters: Collection[str] = ()) -> View:
    """Read the address; what is unknown or out of range falls back to the default.

    The first of `sorts` is the default order, "-at" meaning newest first. Others are allowed.
    """
    asked = request.query_params
    columns = [name.removeprefix("-") for name in sorts]
    order = asked.get("sort", "")
    if order.removeprefix("-") not in columns:
        order = next(iter(sorts))
    given = {name: asked.get(name, "").strip()[:LONGEST] for name in filters}
    page = asked.get("page", "1")
    return View(
        path=request.url.path,
        filters={name: value for name, value in given.items() if value},
        sort=order.removeprefix("-"),
        descending=order.startswith("-"),
        page=min(max(int(page), 1), DEEPEST) if page.isascii() and page.isdigit() else 1,
    )


@dataclass(frozen=True)
class Pager:
    """Where we are in how many."""

    view: View
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // SIZE))

    @property
    def first(self) -> int:
        return min(self.view.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.view.offset + SIZE, self.total)

    @property
    def before(self) -> str:
        """Address of the page before, "" on the first."""
        return self.view.url(page=min(self.view.page - 1, self.pages)) if self.view.page > 1 else ""

    @property
    def after(self) -> str:
        return self.view.url(page=self.view.page + 1) if self.view.page < self.pages else ""
