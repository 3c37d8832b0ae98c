"""`sekisho demo`: start the house with a mailbox beside it, say what to do."""

from __future__ import annotations

import asyncio
import signal
import smtplib
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import click
import uvicorn
from starlette.types import ASGIApp

from admin_ui.app import MODULES, create_app
from admin_ui.cli import ground
from admin_ui.cli.manual import Verb
from admin_ui.demo import mailbox as mailboxes
from admin_ui.demo import office, past, welcome
from admin_ui.demo.house import Ports, build, links, populate
from admin_ui.reading import Reader
from admin_ui.serve.core import ensure_policy
from admin_ui.serve.sockets import Held
from admin_ui.serve.supervisor import keep
from admin_ui.serve.web import Server
from gateway.judgement.sandbox import Sandbox
from gateway.memory import config as configuration
from gateway.memory.faults import at
from gateway.memory.opening import Memory, open_memory


def send(ports: Ports, sample: office.Sample) -> None:
    with smtplib.SMTP("127.0.0.1", ports.relay, timeout=30) as client:
        client.sendmail(sample.sender, list(sample.to), sample.data)


async def run(file: Path, ports: Ports, once: bool) -> int:
    config = configuration.load(file)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        sandbox = await Sandbox.start(1)
        stack.push_async_callback(sandbox.stop)
        memory = open_memory(config)
        stack.callback(memory.close)
        ensure_policy(memory)
        populate(memory)
        past.bring(memory, file.parent)
        box = mailboxes.Mailbox()
        server = await box.listen("127.0.0.1", ports.hop)
        stack.callback(server.close)
        samples = tuple(office.samples(datetime.now(UTC)))
        demo = welcome.Demo(
            ports.url("mailbox"),
            f"127.0.0.1:{ports.relay}",
            samples,
            sandbox,
            lambda number: send(ports, samples[number]),
        )
        inside = create_app(
            memory,
            secure_cookies=False,
            modules=[welcome.routes(demo), *MODULES],
            reader=Reader(config.scan.seconds, sandbox),
        )
        mails = mailboxes.create_app(box, ports.url("mailbox"))
        keepers = [
            asyncio.create_task(keep(file, role, stop, asyncio.Event(), Held()))
            for role in ("core", "door")
        ]
        webs = [_web(inside, ports.web), _web(mails, ports.mailbox)]
        serving = [asyncio.create_task(web.serve()) for web in webs]
        try:
            await _reachable([ports.relay, ports.web, ports.bridge, ports.mailbox])
            return await _play(memory, ports, box, samples, stop, once)
        finally:
            stop.set()
            for web in webs:
                web.should_exit = True
            await asyncio.gather(*serving, *keepers)


async def _play(
    memory: Memory,
    ports: Ports,
    box: mailboxes.Mailbox,
    samples: Sequence[office.Sample],
    stop: asyncio.Event,
    once: bool,
) -> int:
    if once:
        from admin_ui.demo.story import tell

        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(tell, memory, ports, box, loop)
    for sample in (*past.morning(datetime.now(UTC)), *samples):
        await asyncio.to_thread(send, ports, sample)
    _say(ports, links(memory, ports))
    await stop.wait()
    return 0


def _say(ports: Ports, people: Sequence[tuple[office.Member, str]]) -> None:
    print(
        f"""
関所の体験を始めました（止めるには Ctrl+C）。Sekisho is running (Ctrl+C stops it).

  最初のページ  First page   {ports.url("web")}/
  届いたメール  Mailbox      {ports.url("mailbox")}/
  受け取りページ Bridge       {ports.url("bridge")}/
  送信サーバー  Relay        127.0.0.1:{ports.relay}

一度だけ使えるサインイン用リンク  One-time sign-in links
"""
    )
    for member, link in people:
        print(f"  {member.name}（{member.department}）  {link}")
    sys.stdout.flush()


def _web(app: ASGIApp, port: int) -> Server:
    return Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=3,
        )
    )


async def _reachable(ports: Sequence[int]) -> None:
    """Raises TimeoutError where one of them does not answer within a minute."""
    async with asyncio.timeout(60):
        for port in ports:
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                writer.close()
                break


@click.command(cls=Verb)
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="keep the demo's files here")
@click.option("--port-base", default=2500, show_default=True, help="relay +25, web +80, bridge +81")
@click.option("--once", is_flag=True, help="play the story without a human and say how it went")
def demo(folder: Path | None, port_base: int, once: bool) -> int:
    """A company of six, a mailbox for everybody, and mails that are held, confirmed, approved,
    sealed, fetched, recalled and audited.

    \b
    Example:
      sekisho demo
      sekisho demo --once
    """
    return play(folder, Ports(port_base), once)


def play(folder: Path | None, ports: Ports, once: bool) -> int:
    """0 when all went well; in `once` also 1 when a step of the story failed."""
    if taken := [port for port in ports.all() if not _free(port)]:
        raise ground.NotDone(at("", "port_taken", port=taken[0]))
    if folder is not None:
        return asyncio.run(run(build(folder.resolve(), ports), ports, once))
    with tempfile.TemporaryDirectory(prefix="sekisho-demo-") as temporary:
        return asyncio.run(run(build(Path(temporary), ports), ports, once))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
