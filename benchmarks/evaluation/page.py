"""The tables, as text for the terminal and for the docs."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from benchmarks.evaluation.rules import RULES
from benchmarks.evaluation.tally import Outcome

Halves = Mapping[str, Outcome]


def totals(halves: Halves) -> str:
    """Precision and recall of every rule in either half, and what Sekisho held and recognised."""
    lines = [f"{'':<16}" + "".join(f"{half:>34}" for half in halves)]
    lines.append(f"{'':<16}" + f"{'precision  recall  whole   wrong':>34}" * len(halves))
    for rule in RULES:
        lines.append(f"{rule:<16}" + "".join(_rule(found, rule) for found in halves.values()))
    lines.append("")
    for half, found in halves.items():
        lines.append(f"{half}: {_said(found)}")
    return "\n".join([*lines, ""])


def _rule(found: Outcome, rule: str) -> str:
    tally = found.rules[rule]
    whole = tally.whole / max(tally.mails, 1)
    wrong = tally.wrong.total()
    return f"{tally.precision:>11.3f}{tally.recall:>8.3f}{whole:>7.3f}{wrong:>8}"


def _said(found: Outcome) -> str:
    mails, numbers = found.mails.total(), found.rules["sekisho"].asked.total()
    sealed = found.sealed.total()
    return (
        f"{mails} mails, {numbers} numbers; of {found.innocent.total()} mails without one "
        f"{found.held.total()} held ({found.needless:.1%}); "
        f"{sealed - found.passed.total()} of {sealed} that nobody can read recognised"
    )


def techniques(halves: Halves) -> str:
    """Recall by technique: Sekisho in either half, the others in both together."""
    names = list(dict.fromkeys(t for found in halves.values() for t in _asked(found)))
    columns = [(half, _recalls(names, [found], "sekisho")) for half, found in halves.items()]
    others = [rule for rule in RULES if rule != "sekisho"]
    columns += [(rule, _recalls(names, halves.values(), rule)) for rule in others]
    return _table("technique", names, columns)


def false_alarms(halves: Halves) -> str:
    """Values wrongly taken for one, by what they are, and mails held for nothing."""
    names = list(dict.fromkeys(t for found in halves.values() for t in found.innocent))

    def summed(counters: Iterable[Counter[str]]) -> dict[str, str]:
        whole = sum(counters, Counter[str]())
        return {name: str(whole[name] or "") for name in names}

    rules = [(r, summed(found.rules[r].wrong for found in halves.values())) for r in RULES]
    mails = ("mails", summed(found.innocent for found in halves.values()))
    held = ("held", summed(found.held for found in halves.values()))
    return _table("what it is", names, [mails, *rules, held])


def unreadable(halves: Halves) -> str:
    names = list(dict.fromkeys(t for found in halves.values() for t in found.sealed))
    asked = {t: sum(found.sealed[t] for found in halves.values()) for t in names}
    passed = {t: sum(found.passed[t] for found in halves.values()) for t in names}
    said = {t: f"{asked[t] - passed[t]} of {asked[t]}" for t in names}
    return _table("what nobody can read", names, [("recognised", said)])


def _asked(found: Outcome) -> list[str]:
    return [name for name, count in found.rules["sekisho"].asked.items() if count]


def _recalls(names: list[str], some: Collection[Outcome], rule: str) -> dict[str, str]:
    tallies = [found.rules[rule] for found in some]
    asked = {t: sum(tally.asked[t] for tally in tallies) for t in names}
    missed = {t: sum(tally.missed[t] for tally in tallies) for t in names}
    return {t: f"{1 - missed[t] / asked[t]:.2f}" if asked[t] else "" for t in names}


def _table(head: str, names: list[str], columns: list[tuple[str, dict[str, str]]]) -> str:
    wide = max(map(_width, [head, *names])) + 2
    lines = [_padded(head, wide) + "".join(f"{name:>15}" for name, _ in columns)]
    for name in names:
        lines.append(_padded(name, wide) + "".join(f"{cells[name]:>15}" for _, cells in columns))
    return "\n".join([*lines, ""])


def _padded(text: str, wide: int) -> str:
    return text + " " * (wide - _width(text))


def _width(text: str) -> int:
    """In a font of two widths, where a Japanese letter takes two places."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
