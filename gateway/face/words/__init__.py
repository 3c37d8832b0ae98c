"""Codes become sentences here, in both languages, and nowhere else.

The floors below emit codes with parameters and never prose. A code that has no sentence yet is
shown inside a general one: a reader must never be left alone with `xml_doctype`.
"""

from gateway.face.words.findings import (
    Article,
    article_of_facts,
    article_of_finding,
    articles,
    confidence,
    defect,
    fact,
    kind,
    reason,
    reason_asked,
)
from gateway.face.words.lookalike import Lookalike, compare
from gateway.face.words.missend import MISSENT
from gateway.face.words.places import pieces, place
from gateway.face.words.record import (
    actor,
    addressee,
    delivery,
    demand,
    demand_state,
    role,
    state,
    tone,
    verb,
)
from gateway.face.words.replies import reply

__all__ = [
    "MISSENT",
    "Article",
    "Lookalike",
    "actor",
    "addressee",
    "article_of_facts",
    "article_of_finding",
    "articles",
    "compare",
    "confidence",
    "defect",
    "delivery",
    "demand",
    "demand_state",
    "fact",
    "kind",
    "pieces",
    "place",
    "reason",
    "reason_asked",
    "reply",
    "role",
    "state",
    "tone",
    "verb",
]
