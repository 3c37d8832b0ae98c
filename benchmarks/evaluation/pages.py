"""Numbers in HTML: as its reader sees it, and as it is hidden."""

# ruff: noqa: E501  (tables are read as tables)

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from benchmarks.evaluation.scene import Rows, Scene
from tests.detectors.corpus import FULL, grouped

Build = Callable[[Scene], bytes]
Markup = Callable[[str, str], str]
"""Label and number → HTML."""


def _sent(scene: Scene, inside: str, plain: str = "HTMLメールです。") -> bytes:
    before, after = (escape(scene.cover()).replace("\n", "<br>\r\n") for _ in range(2))
    page = f"<html><body><div>{before}</div>\r\n{inside}\r\n<div>{after}</div></body></html>"
    return scene.mail(plain, html=page)


def _marked(markup: Markup) -> Build:
    def build(scene: Scene) -> bytes:
        return _sent(scene, markup(scene.label(), scene.facts.number()))

    return build


def _sentence(write: Callable[[str], str]) -> Build:
    """A sentence whose number is written in markup."""

    def build(scene: Scene) -> bytes:
        number = scene.facts.number()
        scene.facts["n"] = "\0"
        text = escape(scene.fill(scene.rng.choice(scene.wording.sentences)))
        return _sent(scene, f"<p>{text}</p>".replace("\n", "<br>").replace("\0", write(number)))

    return build


def _row(cells: list[str], kind: str = "td") -> str:
    return "<tr>" + "".join(f"<{kind}>{cell}</{kind}>" for cell in cells) + "</tr>"


def _table(rows: Rows, head: str = "th") -> str:
    inside = _row(rows[0], head) + "".join(_row(row) for row in rows[1:])
    return f'<table border="1">{inside}</table>'


def _listed(scene: Scene) -> bytes:
    return _sent(scene, _table(scene.table(scene.rng.randint(1, 8))))


def _headed_by_cells(scene: Scene) -> bytes:
    return _sent(scene, _table(scene.table(3), "td"))


def _transposed(scene: Scene) -> bytes:
    columns = list(map(list, zip(*scene.table(3), strict=True)))
    return _sent(scene, "<table>" + "".join(_row(row) for row in columns) + "</table>")


def _in_layout(scene: Scene) -> bytes:
    """A table in a table, as newsletters and signatures are laid out."""
    inner = _table([["氏名", scene.label()], [scene.fill("{name}"), scene.facts.number()]])
    return _sent(scene, f"<table><tr><td>{inner}</td><td>&nbsp;</td></tr></table>")


def _alone(scene: Scene) -> bytes:
    page = f"<html><body><p>{scene.label()}: {scene.facts.number()}</p></body></html>"
    return scene.send(scene.file("html"), page.encode())


def _style(style: str) -> Markup:
    return lambda label, n: f'<p style="{style}">{label}　{n}</p>'


_MARKUPS: dict[str, Markup] = {
    "paragraph": lambda label, n: f"<p>{label}：{n}</p>",
    "label in bold": lambda label, n: f"<p><b>{label}</b>&nbsp;{grouped(n)}</p>",
    "definition list": lambda label, n: f"<dl><dt>{label}</dt><dd>{n}</dd></dl>",
    "cells beside each other": lambda label, n: f"<table>{_row(['氏名', '山田'])}{_row([label, n])}</table>",
    "a cell for each digit": lambda label, n: f"<table>{_row([label, *n])}</table>",
    "a cell for each group": lambda label, n: f"<table>{_row([label, n[:4], n[4:8], n[8:]])}</table>",
    "value of a field": lambda label, n: f'<label>{label}<input type="text" value="{n}"></label>',
    "field in a cell": lambda label, n: f"<table><tr><td>{label}</td><td><input value='{n}'></td></tr></table>",
    "alternative text": lambda label, n: f'<img src="cid:a" alt="{label} {n}">',
    "title": lambda label, n: f'<span title="{label}: {n}">詳細</span>',
    "address of a link": lambda label, n: f'<a href="https://example.jp/reg?mynumber={n}">登録</a>',
    "display:none": _style("display:none"),
    "white on white": _style("color:#ffffff"),
    "size nought": _style("font-size:0"),
    "outside of the page": _style("position:absolute;left:-9999px"),
    "comment": lambda label, n: f"<!-- {label} {n} --><p>内容はありません。</p>",
    "preformatted": lambda label, n: f"<pre>{label}  {grouped(n, ' ')}</pre>",
    "style sheet and script around it": lambda label, n: f"<style>p{{margin:0}}</style><script>var a=1</script><p>{label} {n}</p>",
}  # fmt: skip
_WRITTEN: dict[str, Callable[[str], str]] = {
    "decimal references": lambda n: "".join(f"&#{ord(digit)};" for digit in n),
    "hexadecimal references": lambda n: "".join(f"&#x{ord(d):X};" for d in n.translate(FULL)),
    "a span for each digit": lambda n: "".join(f"<span>{digit}</span>" for digit in n),
    "comments in the number": lambda n: f"{n[:4]}<!-- -->{n[4:8]}<!--x-->{n[8:]}",
    "wbr": lambda n: "<wbr>".join((n[:4], n[4:8], n[8:])),
    "&shy; and &zwnj;": lambda n: f"{n[:4]}&shy;{n[4:8]}&zwnj;{n[8:]}",
    "br between groups": lambda n: "<br>".join((n[:4], n[4:8], n[8:])),
    "nbsp between groups": lambda n: grouped(n, "&nbsp;"),
    "bold groups": lambda n: f"<b>{n[:4]}</b>-<i>{n[4:8]}</i>-<u>{n[8:]}</u>",
    "fonts as Word writes them": lambda n: f"<span lang=EN-US style='mso-x:y'>{n[:6]}<o:p></o:p></span><span>{n[6:]}</span>",
}  # fmt: skip


def techniques() -> Iterator[tuple[str, Build]]:
    for name, markup in _MARKUPS.items():
        yield f"HTML: {name}", _marked(markup)
    for name, write in _WRITTEN.items():
        yield f"HTML: {name}", _sentence(write)
    yield "HTML: table with headings", _listed
    yield "HTML: headings in common cells", _headed_by_cells
    yield "HTML: headings at the left", _transposed
    yield "HTML: table in a table", _in_layout
    yield "HTML: attached file", _alone
