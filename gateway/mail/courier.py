"""Delivery: what was claimed is handed over, each recipient settled with the peer's reply.

What came of it does not wait for the disk, nor does the claim; `gateway.memory.outage` says what
a power failure then costs.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import RowMapping, bindparam, update

from gateway.mail import route
from gateway.mail.claim import MOST, Claims, Load
from gateway.mail.content import Content
from gateway.mail.dkim import Signer
from gateway.mail.hop import Parcel, Pool, Result
from gateway.mail.loops import Marks
from gateway.mail.names import Names
from gateway.mail.outbox import Outbox
from gateway.mail.pieces import SMALL
from gateway.mail.places import Place, Places
from gateway.mail.reporter import Reporter
from gateway.mail.sts import Policies
from gateway.memory.committer import Committer
from gateway.memory.letters import Letters
from gateway.memory.measures import DELIVERY_SECONDS
from gateway.memory.nudge import Bell
from gateway.memory.opening import Memory
from gateway.memory.stage import at_last, unless_stuck
from gateway.memory.standing import Statement
from gateway.memory.states import (
    SYSTEM,
    Event,
    Overtaken,
    State,
    move,
    put_back,
)
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, Recipient, table
from gateway.memory.vault import Opened

log = logging.getLogger("sekisho.courier")
T = TypeVar("T")

RECIPIENT, ATTEMPT = table(Recipient), table(Attempt)
_END = Statement(update(ATTEMPT).where(ATTEMPT.c.id == bindparam("known")))
_SET_RECIPIENT = Statement(update(RECIPIENT).where(RECIPIENT.c.id == bindparam("known")))
FINAL = ("delivered", "failed")
LONGEST = 15 * 60
"""Seconds one hand-over may take; well within the lease, so that nobody else tries meanwhile."""
PATIENCE = 4 * 60.0
"""Seconds for what the peer said to be written down: else the mail goes out again."""
ASIDE = 500
"""Mails that may wait for slow servers, beside those that are being handed over."""
SLOWEST = timedelta(hours=1)
LONGEST_PAUSE = 30.0
"""Seconds for which a server that could not be reached is left alone, for all mails."""

Hook = Callable[[Tx, RowMapping, RowMapping, Result], None]
"""Called in the settling transaction with letter, recipient and result: what a code's clock
starts on, and what a notice that bounces is noticed by. Only for our own mails, by purpose."""


@dataclass
class Courier:
    memory: Memory
    committer: Committer
    outbox: Outbox
    marks: Marks
    bell: Bell
    name: str
    hooks: Mapping[str, Hook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        smtp, delivery = self.memory.config.smtp, self.memory.config.delivery
        pause = min(delivery.first_retry.clock.total_seconds(), LONGEST_PAUSE)
        self._pool = Pool(smtp.hostname, delivery.connections, pause)
        names = Names(self.memory.config.dns.server)
        self._ways = route.Ways(self.memory.config, names, Policies(names, self.memory.store))
        self._signer = Signer(self.memory.config.dkim)
        self._reporter = Reporter.of(self.memory.config, self.outbox)
        self._running: set[asyncio.Task[None]] = set()
        self._places = Places(4 * delivery.connections, ASIDE)
        self.claims = Claims(self.memory.content, self.name, lambda: not self._places.full)

    async def run(self) -> None:
        nothing: list[Load] = []
        room, claims, committer = State.QUEUED.value, self.claims, self.committer
        committer.followers[room], committer.takers[room] = claims.follow, claims.take
        try:
            while True:
                await self._places.free()
                begun = self._begin(claims.taken()) or self._begin(
                    await unless_stuck(lambda: committer.commit(claims.due, durable=False), nothing)
                )
                if begun < MOST:
                    await self.bell.wait(room, 2.0)
        finally:
            del committer.followers[room], committer.takers[room]
            await self._finish()

    def _begin(self, loads: Sequence[Load]) -> int:
        for load in loads:
            task = asyncio.create_task(self._carry(load))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(loads)

    async def _finish(self) -> None:
        """What is on its way is brought to its end before the connections close."""
        self._begin(self.claims.taken())
        self._pool.turn_away()
        if self._running:
            await asyncio.wait(self._running, timeout=20)
        await self._pool.close()

    # -- carry

    async def _carry(self, load: Load) -> None:
        """What a recipient's peer has said stays said, whatever becomes of the others."""
        results: dict[str, Result] = {}
        rest = Result("deferred", "451 4.3.0 internal error")
        async with self._places.one() as place:
            try:
                async with asyncio.timeout(LONGEST):
                    with DELIVERY_SECONDS.time():
                        await self._hand_over(load, results, place)
            except TimeoutError:
                rest = Result("unknown", "451 4.4.2 the hand-over took too long")
            except Exception:
                log.exception("delivery of %s failed", load.ref.id)
        results = {row["address"]: results.get(row["address"], rest) for row in load.recipients}

        def settled(tx: Tx) -> None:
            self._settle(tx, load, results)

        try:
            await at_last(lambda: self.committer.commit(settled, durable=False), PATIENCE)
        except Overtaken:
            log.warning("%s was taken over while it was delivered", load.ref.id)
        except Exception:
            log.exception("the result of %s could not be recorded", load.ref.id)

    async def _hand_over(self, load: Load, results: dict[str, Result], place: Place) -> None:
        data = await self._content(load)
        hops = await self._sorted(load, results)

        signed = data
        if any(hop.sign for hop in hops):
            signed = await asyncio.to_thread(self._signed, data)

        async def send(hop: route.Hop, rows: Sequence[RowMapping]) -> None:
            parcel = self._parcel(load, rows, signed if hop.sign else data)
            results.update(await self._pool.send(hop, parcel, place))

        await _together([send(hop, rows) for hop, rows in hops.items()])

    async def _sorted(
        self, load: Load, results: dict[str, Result]
    ) -> dict[route.Hop, list[RowMapping]]:
        """Recipients by hop; who has none gets a result."""
        domains: dict[str, list[RowMapping]] = {}
        for row in load.recipients:
            domains.setdefault(row["address"].rpartition("@")[2].lower(), []).append(row)
        chosen = load.consignment["next_hop"]
        ways = await _together([self._way(domain, chosen) for domain in domains])
        hops: dict[route.Hop, list[RowMapping]] = {}
        for way, rows in zip(ways, domains.values(), strict=True):
            if isinstance(way, route.NoRoute):
                results.update((row["address"], _no_way(way)) for row in rows)
            else:
                hops.setdefault(way, []).extend(rows)
        return hops

    async def _way(self, domain: str, chosen: str) -> route.Hop | route.NoRoute:
        try:
            return await self._ways.to(domain, chosen)
        except route.NoRoute as none:
            return none

    def _parcel(self, load: Load, rows: Sequence[RowMapping], data: bytes | Content) -> Parcel:
        letter, override = load.letter, load.consignment["mail_from"]
        mail_from = letter["mail_from"] if override is None else override
        recipients = tuple(row["address"] for row in rows)
        pairs = (("RET", letter["ret"]), ("ENVID", letter["envid"]))
        return Parcel(
            mail_from=mail_from,
            recipients=recipients,
            data=data,
            # a DSN to who sent with SMTPUTF8 needs it too
            smtputf8=letter["smtputf8"] or not "".join((mail_from, *recipients)).isascii(),
            options=tuple(f"{name}={value}" for name, value in pairs if value),
            rcpt_options=tuple(_rcpt_options(row) for row in rows),
        )

    async def _content(self, load: Load) -> bytes | Content:
        """What leaves, behind our Received. What was claimed with its bytes has 64 KiB at most,
        which are opened in less time than a thread takes to begin."""
        received, clear = self._received(load), load.clear
        if clear:
            small = len(clear) <= SMALL
            return b"".join((received, *clear)) if small else Content.at_hand(received, clear)
        if isinstance(load.source, bytes):
            return received + self._opened(load).whole()
        return await asyncio.to_thread(lambda: Content.of(received, self._opened(load)))

    def _signed(self, data: bytes | Content) -> bytes | Content:
        """The one step that needs a large mail in one piece, where a key is configured."""
        now = self.memory.store.clock()
        if isinstance(data, bytes):
            return self._signer.sign(data, now)
        return data.below(self._signer.signatures(b"".join(data.blocks()), now))

    def _opened(self, load: Load) -> Opened:
        """The rendition if there is one, else the letter."""
        letter, row, source = load.letter, load.consignment, load.source
        if source is None:
            raise LookupError(f"the bytes of {row['id']} are gone")
        if not row["rendition"]:
            return self._letters.opened(source, letter)
        key = self._letters.ring.unwrap(row["rendition_key"], row["rendition_kek"], row["id"])
        return Opened(source, key, f"rendition {row['id']}")

    def _received(self, load: Load) -> bytes:
        letter, by = load.letter, self.memory.config.smtp.hostname
        if letter["origin"] == "own":
            return self.marks.written(load.ref.id, by=by, at=letter["received_at"])
        protocol = "ESMTP" + ("S" if letter["tls"] else "") + ("A" if letter["auth_user"] else "")
        return self.marks.received(
            load.ref.id,
            helo=letter["helo"],
            client_ip=letter["client_ip"],
            by=by,
            protocol=("UTF8SMTP" + protocol[5:]) if letter["smtputf8"] else protocol,
            at=letter["received_at"],
            tls=letter["tls"],
        )

    # -- settle

    def _settle(self, tx: Tx, load: Load, results: Mapping[str, Result]) -> None:
        results = {row["address"]: results[row["address"]] for row in load.recipients}
        if tx.now > self._until(load):
            results = {a: _given_up(r) for a, r in results.items()}
        told = [(row, results[row["address"]]) for row in load.recipients]
        for row, result in told:
            self._note(tx, load, row, result)
            hook = self.hooks.get(load.letter["purpose"])
            if hook and result.outcome in ("delivered", "failed", "unknown"):
                with _alone(tx, f"what follows on {load.ref.id}"):
                    hook(tx, load.letter, row, result)
        self._close_attempt(tx, load, results)
        if any(row["notify"] or result.outcome != "delivered" for row, result in told):
            with _alone(tx, f"the report on {load.ref.id}"):
                self._reporter.settled(tx, load.letter, load.consignment, told, self._until(load))
        if all(r.outcome in FINAL for r in results.values()):
            failed = sum(r.outcome == "failed" for r in results.values())
            move(tx, load.ref, Event.SETTLE, SYSTEM, failed=failed)
        else:
            put_back(tx, load.ref, wait=self._wait(load.consignment["attempts"]))

    def _note(self, tx: Tx, load: Load, row: RowMapping, result: Result) -> None:
        final = result.outcome in FINAL
        told = {
            "status": result.outcome if final else "waiting",
            "reply": result.reply,
            "mx": result.mx,
            "tls": result.tls,
            "settled_at": tx.now if final else None,
        }
        _SET_RECIPIENT.run(tx.conn, {"known": row["id"], **told})
        tx.record(
            {"failed": "bounced"}.get(result.outcome, result.outcome),
            SYSTEM,
            letter=load.letter["id"],
            consignment=load.ref.id,
            recipient=row["address"],
            reply=result.reply,
            mx=result.mx,
            tls=result.tls,
        )

    @staticmethod
    def _close_attempt(tx: Tx, load: Load, results: Mapping[str, Result]) -> None:
        outcomes = sorted({result.outcome for result in results.values()})
        hops = sorted({result.mx for result in results.values() if result.mx})
        ended = {"ended_at": tx.now, "outcome": " ".join(outcomes), "hop": " ".join(hops)}
        _END.run(tx.conn, {"known": load.attempt, **ended})

    def _until(self, load: Load) -> datetime:
        queued_at: datetime = load.consignment["changed_at"]
        return queued_at + self.memory.config.delivery.give_up_after.clock

    def _wait(self, attempts: int) -> timedelta:
        """Doubling up to an hour, with jitter so that a peer that comes back is not run over."""
        first = self.memory.config.delivery.first_retry.clock
        wait: timedelta = min(first * 2 ** min(attempts, 12), SLOWEST)
        return wait * random.uniform(0.8, 1.2)

    @property
    def _letters(self) -> Letters:
        return self.memory.content


async def _together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """All at once; a single one without a task, which is a turn of the loop more."""
    return [await work[0]] if len(work) == 1 else await asyncio.gather(*work)


@contextmanager
def _alone(tx: Tx, what: str) -> Iterator[None]:
    """A step whose failure must not undo what the peer has said: the mail would go out again."""
    try:
        with tx.apart():
            yield
    except Exception:
        if not tx.alive:
            raise
        log.exception("%s failed", what)


def _rcpt_options(row: RowMapping) -> tuple[str, ...]:
    pairs = (("NOTIFY", row["notify"]), ("ORCPT", row["orcpt"]))
    return tuple(f"{name}={value}" for name, value in pairs if value)


def _no_way(none: route.NoRoute) -> Result:
    if none.permanent:
        return Result("failed", f"550 {none.status} {none.text}")
    return Result("deferred", f"451 {none.status} {none.text}")


def _given_up(result: Result) -> Result:
    if result.outcome in FINAL:
        return result
    return Result("failed", f"550 5.4.7 given up, last answer: {result.reply}"[:500], result.mx)
