"""What a page showed, so that an act which names it is done on nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

from gateway.memory.ledger.chain import canonical


def digest(shown: Any) -> str:
    """Of anything that JSON can hold; 32 hexadecimal digits.

    >>> digest(["7Q3F-K2MD"]) == digest(["7Q3F-K2ME"])
    False
    """
    return hashlib.sha256(canonical(shown)).hexdigest()[:32]
