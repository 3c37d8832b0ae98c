"""Drawings in SVG: what is written in them, and how it is seen."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract import html, plain
from detectors.surface import Source, Surface


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """All of it as it is written, and its letters as a browser would show them.

    A program that draws gives every letter a place and an element of its own.
    """
    yield from plain.read(source, budget)
    yield from html.read(source, budget)
