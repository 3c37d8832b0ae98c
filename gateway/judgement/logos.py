"""Pictures that told nothing, remembered so that the logo in every signature is read once.

A keyed hash of the octets is kept, in the memory of one worker, under a key drawn when it started;
never the picture or a text, and never of one that told anything.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.own import NOTHING, Own
from detectors.surface import Source, Surface, Text
from detectors.wanted import Confine, Reader

_MOST = 4_096
_LETTERS, _DIGITS = 200, 8
"""Fewer than these in all: a name and a slogan, no number."""


@dataclass(slots=True)
class Logos:
    own: Own = NOTHING
    """What the administrator looks for: what told nothing may tell something after a change."""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _dull: OrderedDict[bytes, None] = field(default_factory=OrderedDict, repr=False)

    def spared(self, confine: Confine) -> Confine:
        """As `confine`, which is not asked again about a picture that told nothing."""

        from detectors import extract  # with every reader: not before the worker loads them

        def read(reader: Reader, source: Source) -> list[Surface]:
            if not extract.is_picture(source):
                return confine(reader, source)
            tag = hashlib.blake2b(source.data, key=self._key, digest_size=16).digest()
            if tag in self._dull:
                self._dull.move_to_end(tag)
                return []
            found = confine(reader, source)
            if _tells_nothing(found, self.own):
                self._remember(tag)
            return found

        return read

    def _remember(self, tag: bytes) -> None:
        self._dull[tag] = None
        if len(self._dull) > _MOST:
            self._dull.popitem(last=False)


def _tells_nothing(found: Sequence[Surface], own: Own) -> bool:
    from detectors import own as owned
    from detectors.facts.mentions import mentions

    texts = [surface for surface in found if isinstance(surface, Text)]
    letters = "".join(text.text for text in texts)
    if len(texts) < len(found) or len(letters) >= _LETTERS:
        return False
    if sum(letter.isdigit() for letter in letters) >= _DIGITS or any(mentions(texts)):
        return False
    return not any(owned.look(own, texts))
