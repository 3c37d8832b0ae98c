"""What an Office file carries along besides its pages: comments, links to other files, authors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from detectors.report import Reason
from detectors.surface import Note, Spot

_SIGNS = (
    ("comments", r"(?i:comment)[^/]*\.xml$", rb"<(?:\w+:)?(?:comment|cm|threadedComment)[\s>]"),
    ("external_links", r"externalLinks/[^/]+\.xml$", rb"<(?:\w+:)?externalBook[\s/>]"),
    ("author", r"docProps/core\.xml$", rb"<(?:\w+:)?(?:creator|lastModifiedBy)(?:\s[^>]*)?>[^<\s]"),
    ("author", r"^meta\.xml$", rb"<(?:\w+:)?(?:initial-creator|creator|printed-by)>[^<\s]"),
    ("folder_path", r"(?:^|/)workbook\.xml$", rb"absPath\s[^<>]*url=\"[^\"<>]*[\\/]"),
    ("folder_path", r"^meta\.xml$", rb"<meta:template\s[^<>]*href=\"(?:file:|/|\.\./)"),
    *(
        (fact, r"\.rels$", rb"<Relationship\s(?=[^<>]*\"External\")(?=[^<>]*/%s\")" % kinds)
        for fact, kinds in (
            ("folder_path", rb"attachedTemplate"),
            ("external_links", rb"(?:oleObject|subDocument|mailMergeSource|linkedFile)"),
        )
    ),
    ("external_links", r"\.rels$", rb"<Relationship\s[^<>]*\sTarget=\"file:"),
)
"""Fact, the parts that it may stand in, and the sign in one of them: programs write empty ones."""
_KNOWN = tuple((fact, re.compile(name), re.compile(sign)) for fact, name, sign in _SIGNS)


def noted(names: Iterable[str], octets: Callable[[str], bytes], spot: Spot) -> Iterator[Note]:
    parts = list(names)
    for fact, where, sign in _KNOWN:
        if any(sign.search(octets(name)) for name in parts if where.search(name)):
            yield Note(spot, fact, Reason(fact))
