"""The core process: SMTP, scanning, sealing, delivery and sweep in one loop, one committer beside.

Started before any thread: the scan workers, which are exec'ed and hold no key.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Coroutine
from typing import Any

from admin_ui.serve.listen import Listen, tls_context
from bridge.codes import CodeStage, code_delivered
from bridge.seal import Sealing
from bridge.sweep import Sweep
from gateway.judgement import policies, undelivered
from gateway.judgement.acquaintance.learner import Learner
from gateway.judgement.ahead import Ahead
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.own import Watched, configured
from gateway.judgement.policy.load import PolicyError
from gateway.judgement.sandbox import Sandbox
from gateway.judgement.scanner import Scanner
from gateway.mail.admission import Admission
from gateway.mail.aiosmtpd_driver import listen, settled
from gateway.mail.courier import Courier, Hook
from gateway.mail.intake import Intake
from gateway.mail.loops import Marks
from gateway.memory import nudge, recovery
from gateway.memory.committer import Committer
from gateway.memory.config import Config
from gateway.memory.keys import read_secret
from gateway.memory.opening import Memory, alone, folders, open_memory
from gateway.memory.states import SYSTEM, free

log = logging.getLogger("sekisho.core")


async def run(config: Config, stop: asyncio.Event) -> None:
    """Until `stop` is set; then no new mail, what was begun is finished."""
    sandbox = await Sandbox.start(config.scan.workers, Watched(config).current)
    try:
        with alone(config):
            memory = open_memory(config)
            try:
                begin(memory)
                await _serve(memory, sandbox, stop)
                with memory.store.write() as tx:
                    tx.record("stopped", SYSTEM)
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
        tx.record("started", SYSTEM, host=socket.gethostname(), freed=freed)
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
        origin, own = str(file or "default policy"), configured(memory.config)
        version = policies.publish(memory.store, text, origin, SYSTEM, own=own)
        log.info("policy version %s is in force", version)
    except PolicyError as error:
        if active is None:
            raise
        log.error("the policy file is refused, version %s stays in force:\n%s", active, error)


async def _serve(memory: Memory, sandbox: Sandbox, stop: asyncio.Event) -> None:
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
    rooms: list[Coroutine[Any, Any, None]] = [
        Scanner(memory, committer, checkpoint, sandbox, bell, name).run(),
        Sealing(memory, committer, checkpoint, sandbox, bell, name).run(),
        CodeStage(memory, committer, checkpoint, bell).run(),
        Courier(memory, committer, checkpoint.outbox, marks, bell, name, hooks).run(),
        Sweep(memory, committer, checkpoint).run(),
        Learner(committer, checkpoint.keyed, bell, config.acquaintance.kept).run(),
    ]
    intake = Intake(memory, committer, marks, Ahead(checkpoint, sandbox))
    servers = await _listen(config, intake)
    log.info("ready")
    tasks = [asyncio.create_task(room) for room in rooms]
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.close()
    await settled()
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    ear.close()
    await asyncio.to_thread(committer.stop)
    for result in results:
        if isinstance(result, Exception):
            raise result  # the supervisor starts us again


async def _listen(config: Config, intake: Intake) -> list[asyncio.Server]:
    smtp, servers = config.smtp, []
    context = tls_context(config)
    for entry in map(Listen.parse, smtp.listen):
        admission = Admission(
            hostname=smtp.hostname,
            kind=entry.kind,
            trusted_networks=smtp.trusted_networks if entry.kind != "submission" else (),
            own_domains=smtp.own_domains,
            max_size=smtp.max_message_size,
            max_recipients=smtp.max_recipients,
            max_connections=smtp.max_connections,
        )
        servers.append(await listen(admission, intake, entry.host, entry.port, context))
        log.info("SMTP on %s:%s %s", entry.host, entry.port, entry.kind)
    return servers


async def main(config: Config, stop: asyncio.Event) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await run(config, stop)
