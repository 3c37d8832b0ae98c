"""Letters of a PDF that stand in the appearance of an annotation alone: stamps, typed remarks.

The text of a page is without its annotations. Most say in `Contents` what they show (`pdf.notes`);
what the others show is read off the page once they are made a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import pypdfium2.raw as pdfium

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.surface import Source, Text


def read(document: Any, pages: Mapping[int, str], source: Source, budget: Budget) -> Iterator[Text]:
    """What stands on these pages beyond their text. Changes the pages."""
    for index, text in pages.items():
        budget.time()
        with closing(document[index]) as page:
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        known = set(text.splitlines())
        with closing(document[index]) as page, closing(page.get_textpage()) as textpage:
            shown = str(textpage.get_text_range())
        budget.take(len(shown))
        lines = [line for line in shown.splitlines() if line not in known]
        yield from texts(replace(source.spot, unit=f"page:{index + 1}"), lines, source.context)
