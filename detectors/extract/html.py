"""HTML: the text as its reader sees it, and apart from it what he does not see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from detectors import charset
from detectors.budget import Budget
from detectors.extract import attributes
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.extract.tagless import text_without_numbers
from detectors.folding import run
from detectors.surface import Nested, Source, Spot, Surface, Table, Text

_META = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q "
    "rb ruby s samp small span strike strong sub sup time tspan tt u var wbr".split()
)
_SILENT = frozenset(("style", "template"))
_FLAT = _INLINE | _SILENT | {"td", "th", "input", "button", "img"}
_UNSEEN = frozenset(("script", "noscript", "title", "rt", "rp", "datalist"))
_LETTERS = 6
"""Of the text that stands for a picture, at most, where it is part of the line: a digit, a group,
an emoji; longer ones describe what is seen."""
_FILLED = frozenset(("input", "button", "img"))
_NOT_SEEN = frozenset(("hidden", "checkbox", "radio", "image", "file"))
"""Types of fields whose value is not shown."""
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])"
    r"|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
# White on white, a pixel high, far off to the side: hidden from some readers, or on some grounds.
_FAINT = re.compile(
    r"(?<![-\w])color\s*[:=]\s*[\"']?\s*(?:white|transparent|#fff(?:fff)?\b|rgba?\(\s*255,\s*255,\s*255)"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt)|text-indent\s*:\s*-\d{3}|left\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
_RULES = 500
_SLOW = re.compile("[:~+]")
_SPACE = re.compile(run(r" \t\r\n\f"))
_TAG = re.compile("<[^>]*>")
# Elements that stay open until they are closed; the others cannot nest in themselves.
_OPEN = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|source|t[dhr]|"
    r"track|wbr)\b)([a-z][^\s/>]{0,20})",
    re.IGNORECASE,
)
_NESTING = 2_000
"""Browsers stop at 512; the parser's time grows with the square and more."""
_CELL = 300
"""Letters; longer cells are a layout and not a table of data."""
_CELLS = 2_000_000
_FILES = 1_000
_CONTEXT = 200


@dataclass(slots=True)
class _Page:
    """What the walk collects: `blocks` are text, tables in between."""

    blocks: list[str | list[list[str]]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)
    """Elements that a style sheet hides."""
    faint: bool = False
    """What is faint is taken for hidden as well."""
    keeps: bool = False
    """Some cells keep more than they show."""
    cells: int = 0
    """Of all tables."""

    def take(self, cells: int) -> None:
        """Twenty octets of a `colspan` make a thousand cells."""
        self.cells += cells
        if self.cells > _CELLS:
            raise Refused("over_budget", limit="cells")

    def hear(self, node: LexborNode) -> None:
        for one in attributes.said(node):
            if isinstance(one, str):
                self.attributes.append(one)
                continue
            self.files.append(one)
            if len(self.files) > _FILES:
                raise Refused("over_budget", limit="parts")


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    for text, octets in _readings(source):
        budget.take(len(text))
        if (known := text_without_numbers(text, octets)) is not None:
            words, short = known
            yield Text(source.spot, _tidy(words), source.context, short)
            continue
        if text.count("<") > _NESTING and _nesting(text) > _NESTING:
            raise Refused("over_budget", limit="nesting")
        surfaces = list(_surfaces(_walk(text, budget), source))
        yield from surfaces
        if _FAINT.search(text):  # both with it and without
            without = _surfaces(_walk(text, budget, faint=True), source)
            yield from (one for one in without if one not in surfaces)


def _readings(source: Source) -> list[tuple[str, bytes]]:
    """By the label of the part and, where the page says otherwise, by its own; and in UTF-8."""
    if (text := charset.utf8(source.data, source.charset)) is not None:
        return [(text, source.data)]
    meta = _META.search(source.data[:2_048])
    own = meta[1].decode("ascii") if meta else ""
    readings = charset.decode(source.data, source.charset or own)
    if own and own.lower() != source.charset.lower():
        readings += charset.decode(source.data, own)
    return [(text, text.encode("utf-8", "replace")) for text in dict.fromkeys(readings)]


def _nesting(text: str) -> int:
    """How deep elements are nested, at most."""
    opened: Counter[str] = Counter()
    depth = deepest = 0
    for tag in _OPEN.finditer(text):
        name = tag[2].lower()
        if not tag[1]:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return deepest


def _surfaces(page: _Page, source: Source) -> Iterator[Surface]:
    lines: list[str] = []
    for block in page.blocks:
        if isinstance(block, str):
            lines.append(block)
            continue
        text = _tidy("".join(lines))
        yield from texts(source.spot, [text], source.context)
        over = [line[:_CONTEXT] for line in text.split("\n") if line.strip()][-2:]
        yield Table(source.spot, block, context=(*source.context, *over))
        lines = []
    yield from texts(source.spot, [_tidy("".join(lines))], source.context)
    unseen = Spot(source.spot.part, source.spot.path, True, "")
    yield from texts(unseen, [_tidy("".join(page.hidden))], source.context)
    spoken = "\n\n".join(dict.fromkeys(page.attributes))
    yield from texts(unseen, [spoken], source.context)
    for number, data in enumerate(page.files, start=1):
        name = f"data-{number}"
        yield Nested(within(source.spot, name), name, data)


def _tidy(text: str) -> str:
    lines = (line.strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _walk(text: str, budget: Budget, *, faint: bool = False) -> _Page:
    """Depth first without recursion: a thousand nested elements are a common trick."""
    tree = LexborHTMLParser(text)
    unseen_by_style = _hidden_by_sheets(tree, faint, budget)
    page = _Page(unseen=unseen_by_style, faint=faint, keeps=attributes.has_cells(text))
    node = tree.root
    while node is not None and node.prev is not None:
        node = node.prev  # comments stand before the root and behind it
    depth, unseen = 0, -1  # the depth at which the hidden subtree began
    while node is not None:
        budget.time()
        if unseen < 0 and depth and _is_hidden(node, page):
            unseen = depth
        into: list[Any] = page.blocks if unseen < 0 else page.hidden
        if _enter(node, into, page) and node.child is not None:
            node, depth = node.child, depth + 1
            continue
        while node is not None:
            _leave(node, into)
            if unseen == depth:
                unseen, into = -1, page.blocks
            if node.next is not None:
                node = node.next
                break
            if depth == 0:
                return page
            node, depth = node.parent, depth - 1
    return page


def _enter(node: LexborNode, into: list[Any], page: _Page) -> bool:
    """Takes what this node says; False where its children are not to be walked."""
    if node.is_text_node:
        into.append(_SPACE.sub(" ", node.text_content or ""))
        return False
    if node.is_comment_node:
        page.hidden.append(f"{node.comment_content or ''}\n")
        return False
    tag = node.tag or ""
    page.hear(node)
    if tag in _SILENT:
        page.hidden.append(_TAG.sub(" ", node.html or "") + "\n")
        return False
    if tag == "table" and (rows := _table(node, page)):
        for inner in node.traverse(include_text=False):
            page.hear(inner)
        into.append(rows if into is page.blocks else "\n".join("\t".join(row) for row in rows))
        return False
    if tag in _FILLED:
        into.append(_filled_in(node))
    elif tag not in _INLINE:
        into.append("\t" if tag in ("td", "th") else "\n")
    return True


def _filled_in(node: LexborNode) -> str:
    """What a reader sees in a field of a form: beside its label, one digit a field or all; and
    what he sees of a picture where that is a digit or an emoji, else a line's end."""
    if node.tag == "img":
        spoken = node.attributes.get("alt") or ""
        return spoken if 0 < len(spoken) <= _LETTERS else "\n\n"
    kind = (node.attributes.get("type") or "").lower()
    return "" if kind in _NOT_SEEN else f" {node.attributes.get('value') or ''} "


def _leave(node: LexborNode, into: list[Any]) -> None:
    if node.is_element_node and node.tag not in _FLAT:
        into.append("\n")


def _is_hidden(node: LexborNode, page: _Page) -> bool:
    if not node.is_element_node:
        return False
    if node.tag in _UNSEEN or (page.unseen and node.mem_id in page.unseen):
        return True
    own = node.attributes
    style = own.get("style") or ""
    if "hidden" in own or _HIDING.search(style):
        return True
    return page.faint and bool(_FAINT.search(f"{style};color={own.get('color')}"))


def _hidden_by_sheets(tree: LexborHTMLParser, faint: bool, budget: Budget) -> set[int]:
    """What the page's own style sheets hide: `.x { display: none }`.

    Siblings and counted children are left alone: 20,000 of them take seconds, and their square.
    """
    found: set[int] = set()
    sheets = "\n".join(sheet.text() for sheet in tree.css("style"))
    for rule in islice(_RULE.finditer(sheets), _RULES):
        budget.time()
        if _SLOW.search(rule[1]):
            continue
        if _HIDING.search(rule[2]) or (faint and _FAINT.search(rule[2])):
            with suppress(SelectolaxError):  # a selector that it does not know
                found.update(node.mem_id for node in tree.css(rule[1].strip()))
    return found


def _table(table: LexborNode, page: _Page) -> list[list[str]]:
    """Rows of a table of data, [] for a layout: tables in tables, one column, long cells."""
    if len(table.css("table")) > 1:
        return []
    rows: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}
    for row in table.css("tr"):
        cells: list[str] = []
        for cell in (child for child in row.iter() if child.tag in ("td", "th")):
            text = _cell(cell, page)
            if len(text) > _CELL:
                return []
            _carry(cells, spans)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            page.take(wide)
            if high > 1:
                spans.update({len(cells) + n: (high - 1, "") for n in range(wide)})
            cells += [text] + [""] * (wide - 1)
        _carry(cells, spans)
        page.take(len(cells))
        rows.append(cells)
    return rows if max(map(len, rows), default=0) > 1 else []


def _carry(cells: list[str], spans: dict[int, tuple[int, str]]) -> None:
    """Cells that reach down from the rows above."""
    while (at := len(cells)) in spans:
        left, text = spans.pop(at)
        cells.append(text)
        if left > 1:
            spans[at] = (left - 1, text)


def _span(cell: LexborNode, name: str) -> int:
    text = (cell.attributes.get(name) or "")[:4]
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1


def _cell(cell: LexborNode, page: _Page) -> str:
    """What is seen of a cell; what is hidden in it goes where hidden text goes."""
    pieces: list[str] = []
    skipped: set[int] = set()
    for node in cell.traverse(include_text=True):
        if skipped and node.parent is not None and node.parent.mem_id in skipped:
            skipped.add(node.mem_id)
            if node.is_text_node:
                page.hidden.append(f"{node.text_content or ''}\n")
        elif node.is_text_node:
            pieces.append(_SPACE.sub(" ", node.text_content or ""))
        elif node.mem_id != cell.mem_id and _is_hidden(node, page):
            skipped.add(node.mem_id)
        elif node.tag in _FILLED:
            pieces.append(_filled_in(node))
        elif node.is_element_node and node.tag not in _INLINE and node.tag not in ("td", "th"):
            pieces.append("\n")
    text = _tidy("".join(pieces))
    return "\n".join([text, *attributes.kept(cell, text)]) if page.keeps else text
