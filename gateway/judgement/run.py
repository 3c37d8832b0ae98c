"""A run: held mails of one sender that are alike, which the sender confirms by one list of them.

Three hundred invoices held for one reason are one piece of work, and who has to open each of them
learns to press without reading. A list with a line for each mail shows what no single page does:
which one is not like the others. So a run is narrow, and all else is confirmed by itself:

1. Nothing is asked but the sender's own confirmation, without anything to be typed, told or chosen,
   and neither a number of high confidence nor one recipient alone is the reason (`_plain`).
2. Its mails are held by the same rules, leave in the same way, and their subjects share most of
   their words (`found`).
3. What differs from the others is shown first, and stands apart: it is not confirmed with them
   (`_odd`).
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select

from detectors.report import Confidence
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DECISION, DEMAND, Dossier, dossier
from gateway.judgement.earlier import earlier
from gateway.judgement.grounds import noted_of
from gateway.judgement.identity import domain_of
from gateway.judgement.policy.rules import Treatment
from gateway.judgement.policy.verdict import Reason, from_json
from gateway.judgement.shown import digest
from gateway.memory.ids import new_id
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx

LEAST = 5
"""Mails below which there is no telling what is common and what is odd."""
SHARED = 0.75
"""Of the mails, from which on what they share is what is usual."""
FAR = 10
"""Times the median, from which on a number is out of the ordinary."""
_LOOKED = 500
"""Mails of which runs are made; what came after them follows when these are decided."""
_NUMBER = "jp.individual_number:high"
_WORDS = re.compile(r"[a-z]+|[ぁ-ゖ]+|[ァ-ヺー]+|[^\W\da-zぁ-ゖァ-ヺー_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Mails that may be a run, the oldest first: ids, and the subject of the first."""

    ids: tuple[str, ...]
    subject: str
    apart: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """by id, why one stands apart whatever it is like"""


@dataclass(frozen=True)
class Run:
    mails: tuple[Dossier, ...]
    apart: tuple[tuple[Dossier, tuple[str, ...]], ...]
    """what is not like them, and in what"""
    left: int
    """mails of the same kind that came after these"""

    @cached_property
    def seen(self) -> str:
        """Of exactly what is shown."""
        shown = [[held.id, held.seen] for held in self.mails]
        return digest(shown)

    @property
    def addresses(self) -> list[str]:
        return [row["address"] for held in self.mails for row in held.outside]

    @property
    def domains(self) -> int:
        return len({domain_of(address) for address in self.addresses})

    @property
    def files(self) -> int:
        return sum(len(held.attachments) for held in self.mails)


# -- which


def found(conn: Connection, ck: Checkpoint, person: str, among: ColumnElement[bool]) -> list[Found]:
    """Runs of this sender's mails; `among` over CONSIGNMENT joined to LETTER."""
    groups: list[tuple[Hashable, frozenset[str], list[RowMapping]]] = []
    for row in _candidates(conn, person, among):
        rules = _plain(conn, ck, row)
        if not rules:
            continue
        same, words = (rules, str(row["treatment"])), words_of(row["subject"])
        for key, usual, rows in groups:
            if key == same and 2 * len(words & usual) >= max(len(words), len(usual)):
                rows.append(row)
                break
        else:
            groups.append((same, words, [row]))
    runs = (rows for _, _, rows in groups if len(rows) >= LEAST)
    return [Found(tuple(row["id"] for row in rows), rows[0]["subject"]) for rows in runs]


def _candidates(conn: Connection, person: str, among: ColumnElement[bool]) -> Sequence[RowMapping]:
    """What waits for its sender's confirmation and for nothing else."""
    other = DEMAND.alias()
    more = and_(other.c.consignment_id == CONSIGNMENT.c.id, other.c.state.in_(("open", "waiting")))
    asked = and_(
        DEMAND.c.consignment_id == CONSIGNMENT.c.id,
        *(DEMAND.c.state == "open", DEMAND.c.kind == "confirm", DEMAND.c.person_id == person),
    )
    columns = (CONSIGNMENT.c.id, CONSIGNMENT.c.treatment, LETTER.c.subject, LETTER.c.summary)
    query = (
        select(*columns, DECISION.c.verdicts, DECISION.c.policy_version, DEMAND.c.params)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .join(DECISION, DECISION.c.id == CONSIGNMENT.c.decision_id)
        .join(DEMAND, asked)
        .where(among, CONSIGNMENT.c.state == State.HELD.value)
        .where(CONSIGNMENT.c.headline == "confirm", LETTER.c.sender_id == person)
        .where(~select(other.c.id).where(more, other.c.id != DEMAND.c.id).exists())
        .order_by(LETTER.c.received_at, CONSIGNMENT.c.id)
        .limit(_LOOKED)
    )
    return conn.execute(query).mappings().all()


def _plain(conn: Connection, ck: Checkpoint, row: RowMapping) -> frozenset[str]:
    """The rules that hold it, where one look may be enough for them; else none."""
    if any(row["params"].values()) or row["summary"].get("findings", {}).get(_NUMBER):
        return frozenset()
    treatment = Treatment.model_validate(row["treatment"]) if row["treatment"] else Treatment()
    verdicts = from_json(row["verdicts"], traced=False)
    if treatment.told_word or treatment.zip or any(verdict.offer for verdict in verdicts):
        return frozenset()
    reasons = [r for v in verdicts for r in v.reasons if r.action != "pass"]
    if reads_two_ways(reasons):
        return frozenset()
    rules = {r.rule for r in reasons}
    written = ck.policies.version(conn, row["policy_version"]).policy.rules
    one = {rule.name for rule in written if rule.when.singles_out}
    return frozenset() if rules & one else frozenset(rules)


def reads_two_ways(reasons: Iterable[Reason]) -> bool:
    """Its reader may see another mail than a list shows."""
    return any(each.name == "ambiguous" for r in reasons for each in r.evidence)


def words_of(text: str) -> frozenset[str]:
    """Without digits: a month or the number of an invoice makes no other subject."""
    return frozenset(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))


# -- what is done with it


def record(tx: Tx, verb: str, actor: Actor, ids: Sequence[str], **facts: Any) -> dict[str, Any]:
    """Name all of them in one entry, under a number of its own; what the record of each tells."""
    number = new_id()
    tx.record(verb, actor, subject=number, together=len(ids), ids=list(ids), **facts)
    return {"run": number, "together": len(ids)}


# -- what is alike in it


def read(conn: Connection, ck: Checkpoint, run: Found, most: int) -> Run:
    """The first of them as they stand now, `most` at a time: what a person can look through."""
    read = (dossier(conn, ck.letters, id) for id in run.ids[:most])
    mails = [held for held in read if held and held.state is State.HELD]
    odd = {id: (*run.apart.get(id, ()), *unlike) for id, unlike in _odd(conn, ck, mails).items()}
    return Run(
        tuple(held for held in mails if not odd[held.id]),
        tuple((held, odd[held.id]) for held in mails if odd[held.id]),
        len(run.ids) - len(mails),
    )


def _odd(conn: Connection, ck: Checkpoint, mails: Sequence[Dossier]) -> dict[str, tuple[str, ...]]:
    """In what each of them is unlike most; by id."""
    traits = {held.id: traits for held, traits in zip(mails, _traits(conn, ck, mails), strict=True)}
    usual = {name: _usual(each[name] for each in traits.values()) for name in _names(traits)}
    odd = {}
    for held in mails:
        mine = traits[held.id]
        unlike = [n for n, said in usual.items() if said and mine[n] not in (*said, None)]
        if any(noted_of(held, row["address"]) for row in held.outside):
            unlike.insert(0, "noted")
        odd[held.id] = tuple(unlike)
    for name, texts in (("subject", _subject), ("names", _file_names)):
        for id in _lacking({held.id: texts(held) for held in mails}):
            odd[id] += (name,)
    return odd


def _names(traits: Mapping[str, Mapping[str, Hashable]]) -> list[str]:
    return list(next(iter(traits.values()), {}))


def _traits(
    conn: Connection, ck: Checkpoint, mails: Sequence[Dossier]
) -> Iterator[dict[str, Hashable]]:
    """What can be said of a mail so that the odd one is seen, the most telling first; None is never
    odd."""
    to = {held.id: sorted({row["address"].lower() for row in held.outside}) for held in mails}
    addressed = Counter(address for addresses in to.values() for address in addresses)
    files = Counter(part.sha256 for held in mails for part in held.attachments)
    known = earlier(conn, ck.keyed, list(addressed), "")
    numbers = [_numbers(held) for held in mails]
    sizes = [sum(part.size for part in held.attachments) for held in mails]
    much, large = _far(numbers), _far(sizes)
    for held, number, size in zip(mails, numbers, sizes, strict=True):
        parts = held.attachments
        yield {
            "domain": tuple(sorted({domain_of(address) for address in to[held.id]})),
            "outside": len(to[held.id]),
            "inside": len(held.recipients) - len(held.outside),
            "repeated": any(addressed[address] > 1 for address in to[held.id]) or None,
            "new": None if known.keys() >= set(to[held.id]) else True,
            "files": len(parts),
            "types": tuple(sorted(PurePath(part.name).suffix.lower() for part in parts)),
            "content": tuple(sorted(part.sha256 for part in parts)),
            "same_file": any(files[part.sha256] > 1 for part in parts) or None,
            "kinds": _kinds(held),
            "much": number > much or None,
            "large": size > large or None,
        }


def _usual(values: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """What most share; nothing where there is no such thing."""
    counted = Counter(values)
    (value, number), *_ = counted.most_common(1)
    return (value,) if number >= SHARED * counted.total() else ()


def _lacking(texts: Mapping[str, frozenset[str]]) -> list[str]:
    """Those that lack a word which most have."""
    counted = Counter(word for words in texts.values() for word in words)
    usual = {word for word, number in counted.items() if number >= SHARED * len(texts)}
    return [id for id, words in texts.items() if not usual <= words]


def _far(numbers: Sequence[int]) -> float:
    return FAR * statistics.median(numbers) if numbers else 0


def _subject(held: Dossier) -> frozenset[str]:
    return words_of(held.letter["subject"])


def _file_names(held: Dossier) -> frozenset[str]:
    return words_of(" ".join(part.name for part in held.attachments))


def _kinds(held: Dossier) -> tuple[str, ...]:
    kinds = {f.kind for f in held.report.findings if f.confidence is not Confidence.LOW}
    return tuple(sorted(kinds | {defect.code for defect in held.report.defects}))


def _numbers(held: Dossier) -> int:
    return sum(f.unique for f in held.report.findings if f.confidence is not Confidence.LOW)
