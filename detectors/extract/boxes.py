"""Where things stand on a page or a slide."""

from __future__ import annotations

Box = tuple[float, float, float, float]
"""The two lesser edges, then the two greater ones, each pair in the same order."""


def meet(one: Box | None, other: Box | None) -> bool:
    """Whether they share some ground; what has no place may be anywhere.

    >>> meet((0, 0, 2, 2), (1, 1, 3, 3)), meet((0, 0, 1, 1), (1, 1, 2, 2)), meet(None, (0, 0, 1, 1))
    (True, False, True)
    """
    if one is None or other is None:
        return True
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]
