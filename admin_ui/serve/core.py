"""The core process: SMTP, scanning, sealing, delivery and sweep in one loop, one committer beside.

Started before any thread: the nursery of the scan workers, which is exec'ed and holds no key.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from admin_ui.serve.listen import Certificate, Listen
from admin_ui.serve.sockets import Inherited
from bridge.codes import CodeStage, code_delivered
from bridge.seal import Sealing
from bridge.sweep import Sweep
from gateway.judgement import policies, undelivered
from gateway.judgement.acquaintance.learner import Learner
from gateway.judgement.ahead import Ahead
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.own import Watched
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.sandbox import Sandbox
from gateway.judgement.scanner import Scanner
from gateway.mail.admission import Admission
from gateway.mail.courier import Courier, Hook
from gateway.mail.driver import listen, settled
from gateway.mail.intake import Intake
from gateway.mail.loops import Marks
from gateway.mail.rates import Bucket, Rates
from gateway.memory import measures, nudge, outage, recovery
from gateway.memory.committer import Committer
from gateway.memory.config import Config
from gateway.memory.keys import read_secret
from gateway.memory.opening import Memory, alone, folders, open_memory
from gateway.memory.stage import kept
from gateway.memory.states import SYSTEM, State, free
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.core")

Room = Callable[[], Awaitable[None]]


async def run(config: Config, stop: asyncio.Event, sockets: Inherited) -> None:
    """Until `stop` is set; then no new mail, what was begun is finished."""
    sandbox = await Sandbox.start(config.scan.width + 1, Watched(config).current)
    try:
        with alone(config):
            memory = open_memory(config)
            try:
                memory.store.sole = True
                begin(memory)
                with measures.serving(config.metrics.listen):
                    await _serve(memory, sandbox, stop, sockets)
                with memory.store.write() as tx:
                    tx.record("stopped", SYSTEM)
                    outage.ended(tx)
            finally:
                memory.close()
    finally:
        await sandbox.stop()


def begin(memory: Memory) -> None:
    """The ledger is opened (or refuses), a policy is in force (or we do not start), and what a
    core before us was at when it was killed is free again."""
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
        freed = free(tx, keep=recovery.OWNER)
        doubtful = outage.begun(tx)
        tx.record("started", SYSTEM, host=socket.gethostname(), freed=freed, doubtful=doubtful)
    ensure_policy(memory)


def ensure_policy(memory: Memory) -> None:
    """A policy file that was never published becomes the policy in force, if its tests pass; one
    that fails leaves the old policy in force and is said loudly."""
    file = memory.config.policy.file
    text = file.read_text("utf-8") if file else policies.default_text()
    with memory.store.read() as session:
        conn = session.connection()
        active, known = policies.active_version(conn), policies.known(conn, text)
    if active is not None and (known or not file):
        return
    try:
        origin, config = str(file or "default policy"), memory.config
        version = policies.publish(memory.store, text, origin, SYSTEM, config=config)
        waits = config.policy.second_person and active is not None
        log.info("policy version %s %s", version, "waits for a person" if waits else "is in force")
    except PolicyError as error:
        if active is None:
            raise
        log.error("the policy file is refused, version %s stays in force:\n%s", active, error)


async def _serve(memory: Memory, sandbox: Sandbox, stop: asyncio.Event, sockets: Inherited) -> None:
    config, loop = memory.config, asyncio.get_running_loop()
    bell = nudge.Bell(loop)
    memory.store.listeners[:] = [bell.ring]  # rooms are here: no need to call through the socket
    ear = await nudge.listen(folders(config)["run"] / "core.sock", bell)
    committer = Committer(memory.store)
    committer.start()
    checkpoint = Checkpoint.of(memory)
    marks = Marks(read_secret(folders(config)["keys"] / "marks"))
    name = f"{socket.gethostname()}:{os.getpid()}"
    hooks: dict[str, Hook] = {"code": code_delivered(memory), **undelivered.hooks(checkpoint)}
    ahead = Ahead(checkpoint, sandbox)
    intake = Intake(memory, committer, marks, ahead)
    certificate = Certificate(config)
    rooms: dict[str, tuple[Room, tuple[State, ...]]] = {
        "scanner": (
            lambda: Scanner(memory, committer, checkpoint, sandbox, ahead, bell, name).run(),
            (State.RECEIVED, State.TAPPED),
        ),
        "sealing": (
            lambda: Sealing(memory, committer, checkpoint, sandbox, bell, name).run(),
            (State.RELEASED,),
        ),
        "codes": (CodeStage(memory, committer, checkpoint, bell).run, ()),
        "courier": (
            lambda: Courier(memory, committer, checkpoint.outbox, marks, bell, name, hooks).run(),
            (State.QUEUED,),
        ),
        "sweep": (Sweep(memory, committer, checkpoint).run, ()),
        "intake": (intake.count, ()),
        "certificate": (certificate.watch, ()),
        "learner": (Learner(committer, checkpoint.keyed, bell, config.acquaintance.kept).run, ()),
    }
    servers = await _listen(config, intake, certificate.context, sockets)
    # What was loaded by now stays: the collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    log.info("ready")
    tasks = [
        asyncio.create_task(kept(what, room, partial(committer.commit, partial(_free, states))))
        for what, (room, states) in rooms.items()
    ]
    failed = await _worked(tasks, stop, servers)
    ear.close()
    await asyncio.to_thread(committer.stop)
    for error in failed:
        raise error  # the supervisor starts us again


async def _worked(
    tasks: Sequence[asyncio.Task[None]], stop: asyncio.Event, servers: Sequence[asyncio.Server]
) -> list[Exception]:
    """Until we are to stop, or a room cannot go on; what was begun is finished. Why they failed."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.close()
    await settled()
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [result for result in results if isinstance(result, Exception)]


def _free(states: tuple[State, ...], tx: Tx) -> int:
    return free(tx, keep=recovery.OWNER, states=states)


async def _listen(
    config: Config, intake: Intake, context: ssl.SSLContext | None, sockets: Inherited
) -> list[asyncio.Server]:
    smtp, servers, rates = config.smtp, [], _rates(config)
    # Admitted like the others, but the intake asks for their proof.
    trusted = smtp.trusted_networks + smtp.tenant.networks
    for text in smtp.listen:
        entry = Listen.parse(text)
        admission = Admission(
            hostname=smtp.hostname,
            kind=entry.kind,
            trusted_networks=trusted if entry.kind != "submission" else (),
            own_domains=smtp.own_domains,
            postmaster=config.delivery.postmaster,
            max_size=smtp.max_message_size,
            max_recipients=smtp.max_recipients,
            max_connections=smtp.max_connections,
            max_per_client=smtp.limits.connections_per_client,
            normalize=text in smtp.legacy_line_ends,
            proxies=smtp.proxies,
            rates=rates,
            session=smtp.limits.session.clock.total_seconds(),
            timeout=smtp.limits.silence.clock.total_seconds(),
        )
        servers.append(await listen(admission, intake, sockets.take(entry.place), context))
        log.info("SMTP on %s %s", entry.place, entry.kind)
    return servers


def _rates(config: Config) -> Rates:
    limits = config.smtp.limits
    return Rates(
        Bucket(limits.client_connections),
        Bucket(limits.client_mails),
        Bucket(limits.sender_recipients),
        Bucket(limits.user_recipients),
        Bucket(limits.wrong_passwords),
    )


async def main(config: Config, stop: asyncio.Event, sockets: Inherited) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await run(config, stop, sockets)
