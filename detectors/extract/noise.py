"""Octets without any order, as encryption leaves them: a container that says nothing of itself."""

from __future__ import annotations

from collections import Counter

_LEAST = 512
"""Octets: shorter ones are keys, signatures and checks, and too few to tell."""
_HEAD = 256
"""Left out where there is more: containers begin with a header of their own."""
_SAMPLE = 1 << 16
_CHI = range(120, 400)
"""Square with 255 degrees of freedom: that of noise lies outside of it once in 10^8 files."""


def is_noise(data: bytes, least: int = _LEAST) -> bool:
    """
    >>> import hashlib
    >>> noise = b"".join(hashlib.sha256(bytes((n,))).digest() for n in range(99))
    >>> is_noise(noise), is_noise(noise[:99]), is_noise(b"A text. " * 99)
    (True, False, False)
    """
    sample = data[_HEAD:][:_SAMPLE] if len(data) >= _HEAD + _LEAST else data
    if len(sample) < least:
        return False
    expected = len(sample) / 256
    counts = Counter(sample)
    chi = sum((counts[octet] - expected) ** 2 for octet in range(256)) / expected
    return _CHI.start < chi < _CHI.stop
