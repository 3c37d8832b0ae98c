"""A mail server for tests that keeps what it was given and can be told to be difficult."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from tests.e2e.house import until

EXTENSIONS = ("PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")
HANG = "hang"
"""As an answer: none, until the client has had enough."""
BREAK = "break"
"""As an answer: the connection is closed."""
RESET = "reset"
"""As an answer: the connection is reset."""
MIDST = "(in the middle of the data)"
"""As a command: the first line of the data was read."""


@dataclass(frozen=True)
class Delivery:
    """One mail whose final dot was read. `answered`: whether its client was told 250."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    data: bytes
    """dots unstuffed"""
    options: str
    tls: str
    answered: bool


@dataclass
class Sink:
    """Answers by the rules in `answers`: the first key that a command starts with wins; "." is the
    end of the data. An answer given `once` is used up."""

    all: ClassVar[list[Sink]] = []
    """Of this session."""
    extensions: Sequence[str] = EXTENSIONS
    tls: ssl.SSLContext | None = None
    answers: dict[str, str] = field(default_factory=dict)
    once: list[tuple[str, str]] = field(default_factory=list)
    delivered: list[Delivery] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.all.append(self)
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.sink = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def hop(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, command: str) -> str | None:
        for number, (start, said) in enumerate(self.once):
            if command.upper().startswith(start.upper()):
                del self.once[number]
                return said
        for start, said in self.answers.items():
            if command.upper().startswith(start.upper()):
                return said
        return None

    def to(self, address: str) -> list[Delivery]:
        return [mail for mail in list(self.delivered) if address in mail.rcpt_to]

    def wait(self, address: str, count: int = 1, seconds: float = 10.0) -> list[Delivery]:
        """The mails to `address`, once there are `count`."""
        until(lambda: len(self.to(address)) >= count, seconds, saying=f"{count} to {address}")
        return self.to(address)

    def quiet(self, address: str, seconds: float = 0.5) -> bool:
        """Whether nothing for `address` comes for a while."""
        time.sleep(seconds)
        return not self.to(address)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sink: Sink

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed while it spoke is what these tests are about."""


class _Session(socketserver.StreamRequestHandler):
    timeout = 60
    server: _Server

    def handle(self) -> None:
        self.sink, self.tls = self.server.sink, ""
        self.sink.connections += 1
        self._reset()
        self._say("220 peer.example ESMTP")
        while line := self.rfile.readline(5000):
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            if not self._command(command):
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the one under TLS is another than the one that was accepted

    def _command(self, command: str) -> bool:
        verb = command.split(" ")[0].upper()
        if said := self.sink.answer(command):
            return self._difficult(said)
        match verb:
            case "EHLO":
                self._hello()
            case "STARTTLS":
                self._start_tls()
            case "MAIL":
                self.mail_from, self.options = _path(command)
                self._say("250 2.1.0 ok")
            case "RCPT":
                self.rcpt_to.append(_path(command)[0])
                self._say("250 2.1.5 ok")
            case "DATA":
                self._say("354 go on")
                return self._data()
            case "QUIT":
                self._say("221 2.0.0 bye")
                return False
            case _:
                if verb == "RSET":
                    self._reset()
                self._say("250 2.0.0 ok")
        return True

    def _data(self) -> bool:
        body = bytearray()
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            if not body and (said := self.sink.answer(MIDST)):
                return self._difficult(said)
            body += line[1:] if line.startswith(b"..") else line
        said = self.sink.answer(".")
        taken = said is None or said.startswith("250") or said in (BREAK, HANG, RESET)
        if taken:
            self.sink.delivered.append(
                Delivery(
                    self.mail_from,
                    tuple(self.rcpt_to),
                    bytes(body),
                    self.options,
                    self.tls,
                    answered=said not in (BREAK, HANG, RESET),
                )
            )
        self._reset()
        return self._difficult(said or "250 2.0.0 taken as 0A1B2C")

    def _difficult(self, said: str) -> bool:
        if said == BREAK:
            return False
        if said == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return False
        if said == HANG:
            return bool(self.rfile.readline(1))
        self._say(said)
        return not said.startswith("421")

    def _hello(self) -> None:
        words = ["peer.example", *self.sink.extensions]
        if self.sink.tls and not self.tls:
            words.append("STARTTLS")
        for word in words[:-1]:
            self._say(f"250-{word}")
        self._say(f"250 {words[-1]}")

    def _start_tls(self) -> None:
        assert self.sink.tls
        self._say("220 2.0.0 go ahead")
        self.connection = self.sink.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.tls = str(self.connection.version())

    def _say(self, line: str) -> None:
        self.connection.sendall(f"{line}\r\n".encode())

    def _reset(self) -> None:
        self.mail_from, self.options = "", ""
        self.rcpt_to: list[str] = []


def _path(command: str) -> tuple[str, str]:
    inner, _, options = command.partition("<")[2].partition(">")
    return inner, options.strip()
