"""OLE compound files that are no Office document: what their streams say they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from detectors.report import Reason
from detectors.surface import Unread, Unreadable

_OBJECT = frozenset(
    "\x01ole \x01ole10native \x01compobj \x01ole10itemname \x01ole10fmtprogid \x02olepres000 "
    "\x02olepres001 \x03objinfo \x03linkinfo \x03print \x03eprint \x03ocxname \x03ocxdata \x03pic "
    "\x03meta \x03accelerator \x03vbframe \x05summaryinformation \x05documentsummaryinformation "
    "package contents embeddedodf package_stream ole10native properties_stream equation_native "
    "mathtype current_user project projectwm projectlk f o "
    "workbook book worddocument powerpoint_document 0table 1table data pictures".split(" ")
)
"""Streams of objects that Office embeds and of their macros: their files and texts are read."""
_MACROS = frozenset(("VBA", "_VBA_PROJECT_CUR", "Macros"))
_BY_NATURE = {
    "RSeDb": "inventor", "SwDocContentMgr": "solidworks", "BasicFileInfo": "revit",
    "ClassDirectory3": "3dsmax", "CatalystFileInfo": "catia", "Catalog": "thumbnails",
}  # fmt: skip
"""Drawings of machines and houses, and the pictures of a folder: without text."""
_INSTALLER = re.compile("[\u3800-\u4840]+")
"""The streams of a Windows Installer package have their names packed into these letters."""


@dataclass(frozen=True, slots=True)
class Strange:
    surface: type[Unreadable] | type[Unread]
    reason: Reason


def strange(entries: Iterable[list[str]]) -> Strange | None:
    """What is to be said of a file with streams at these paths; None where all were read.

    Nobody reads a stream of a program that nobody knows (Project, Publisher, Visio, 花子): its
    letters may be packed, and finding none in it proves nothing.
    """
    unknown = [entry for entry in entries if not _is_known(entry)]
    if not unknown:
        return None
    names = {name for entry in unknown for name in entry}
    if nature := next((kind for name, kind in _BY_NATURE.items() if name in names), ""):
        return Strange(Unread, Reason("no_text", {"type": nature}))
    if all(_INSTALLER.match(entry[-1]) for entry in unknown):
        return Strange(Unread, Reason("no_text", {"type": "msi"}))
    return Strange(Unreadable, Reason("format_not_supported", {"type": "ole"}))


def _is_known(entry: list[str]) -> bool:
    name = entry[-1].lower().replace(" ", "_")
    return name in _OBJECT or not _MACROS.isdisjoint(entry)
