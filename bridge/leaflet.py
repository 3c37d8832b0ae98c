"""What a recipient outside reads in the place of what was taken out of a mail.

Both languages always stand in the one part, because nobody knows which of them the person reads;
so these are whole texts here and not catalogue entries.
"""

from __future__ import annotations

import html as markup
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaflet:
    """In one language."""

    title: str
    lead: str
    rows: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    signed: str


def text(leaflets: Iterable[Leaflet]) -> str:
    """Plain text, lines ended by "\\n"; none begins with "--", as boundaries do."""
    return "\n".join(map(_plain, leaflets))


def html(leaflets: Iterable[Leaflet], url: str = "") -> str:
    """The same as one `<div>`, ASCII only, so that it fits a document of any charset; `url`, where
    it stands in a row, can be clicked."""
    inner = "\n<hr>\n".join(_marked(each, url) for each in leaflets)
    style = "border:1px solid #888;padding:0 1em;margin:0 0 1.5em"
    shown = f'<div style="{style}">\n{inner}\n</div>'
    return shown.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _plain(leaflet: Leaflet) -> str:
    lines = [leaflet.title, leaflet.lead]
    lines += [f"　{label}{value}" for label, value in leaflet.rows]
    lines += [f"{n}. {step}" for n, step in enumerate(leaflet.steps, 1)]
    lines += [*leaflet.notes, "　" * 18 + leaflet.signed]
    return "".join(line + "\n" for line in lines)


def _marked(leaflet: Leaflet, url: str) -> str:
    def shown(value: str) -> str:
        safe = markup.escape(value)
        return f'<a href="{safe}">{safe}</a>' if url and value == url else safe

    rows = "<br>\n".join(f"{shown(label)}{shown(value)}" for label, value in leaflet.rows)
    steps = "\n".join(f"<li>{shown(step)}</li>" for step in leaflet.steps)
    notes = "<br>\n".join(shown(note) for note in leaflet.notes)
    return (
        f"<p><b>{shown(leaflet.title)}</b><br>\n{shown(leaflet.lead)}</p>\n<p>{rows}</p>\n"
        f"<ol>\n{steps}\n</ol>\n<p>{notes}</p>\n<p>{shown(leaflet.signed)}</p>"
    )
