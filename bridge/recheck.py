"""The last look at a mail of our own making, before it may leave.

An assertion, not a policy run: it does not ask whether the mail is good, only whether it is no
more than what was allowed to stay. It fails where a reader sees something that we did not mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from detectors import Wanted, inspect
from detectors.report import Confidence, Part, Place, Report

_Key = tuple[str, str]


class NotClean(Exception):
    """A rendition must not leave; `reason` is a code, free of the mail's content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def recheck(rendition: bytes, before: Report, taken: frozenset[str]) -> None:
    """Read the rendition strictly and `compare` it. Raises NotClean."""
    compare(inspect(rendition, Wanted()), before, taken)


def compare(
    after: Report,
    before: Report,
    taken: frozenset[str],
    said: Report | None = None,
    *,
    locked: str = "",
) -> None:
    """Whether `after` is no more than `before` without the parts `taken`, with what is `said` in
    a text of ours (a footer with a telephone number) once in each kind of text. `locked` is the
    SHA-256 of the one file that we have closed ourselves; its names are read all the same.

    "" in `taken` is the whole message: then nothing of medium confidence or higher is excused.
    Raises NotClean, reason `unreadable`, `structure`, `taken_part` or `finding`.
    """
    left = Report() if "" in taken else before.without(taken)
    # What could not be read to its end proves nothing.
    if after.has("scan_incomplete") and not left.has("scan_incomplete"):
        raise NotClean("unreadable")
    if not left.has("uninspectable") and not _as_locked_as(after, left, locked):
        raise NotClean("unreadable")
    # Nothing is excused by what was wrong before: an ambiguous mail is sealed as a whole.
    if any(defect.structural for defect in after.defects):
        raise NotClean("structure")
    if _digests(p for p in before.parts if _under(p.path, taken)) & _digests(after.parts):
        raise NotClean("taken_part")
    same = _digests(left.parts) & _digests(after.parts)
    allowed, found = _counts(left, same, Confidence.LOW), _counts(after, same, Confidence.MEDIUM)
    ours: Counter[str] = Counter()
    for (kind, _), count in _counts(said, set(), Confidence.LOW).items() if said else ():
        ours[kind] += count
    if any(count > allowed[key] + ours[key[0]] for key, count in found.items()):
        raise NotClean("finding")


def _as_locked_as(after: Report, left: Report, ours: str) -> bool:
    """Whether only files are closed that a password has opened and nobody has touched since, and
    our own one."""
    opened = _digests_of(left, "opened") | ({ours} if ours else set())
    return all(digest in opened for digest in _digests_of(after, "uninspectable"))


def _digests_of(report: Report, fact: str) -> set[str]:
    parts = {part.path: part.sha256 for part in report.parts}
    return {parts.get(f.part, "") for f in report.facts if f.name == fact}


def _under(path: str, taken: frozenset[str]) -> bool:
    return any(not t or path == t or path.startswith(t + ".") for t in taken)


def _digests(parts: Iterable[Part]) -> set[str]:
    """Empty parts are all alike and say nothing."""
    return {part.sha256 for part in parts if part.sha256 and part.size}


def _counts(report: Report, same: set[str], least: Confidence) -> Counter[_Key]:
    """Occurrences by (kind, carrier). Confidence is not compared above `least`: the words that we
    put above a text may make the very same number look surer."""
    parts = {part.path: part for part in report.parts}
    counts: Counter[_Key] = Counter()
    for finding in report.findings:
        if finding.confidence.rank >= least.rank:
            for place in finding.where:
                counts[finding.kind, _carrier(place, parts, same)] += place.count
    return counts


def _carrier(place: Place, parts: dict[str, Part], same: set[str]) -> str:
    """What a place stands in, named alike before and after: paths move when a part is taken.

    A part that nobody touched is known by its digest; a text that got the link part by its type.
    """
    prefix, _, path = place.part.rpartition(":")
    part = parts.get(path) if prefix in ("", "name") else None
    if part is None:
        return place.part
    return f"{prefix}:{part.sha256 if part.sha256 in same else part.media_type}"
