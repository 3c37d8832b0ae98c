"""A name server for tests, on a port of its own: records, signed or not, and names that fail."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zone:
    """`records[name, kind]` as in a zone file. What is under a name of `signed` is answered with
    the AD bit, as a validating resolver does; what is `bogus` with SERVFAIL, as it does too."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    bogus: set[tuple[str, str]] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Question)
        self._server.zone = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def server(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Zone:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, name: str, kind: str, *values: str) -> None:
        self.records[name, kind] = list(values)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        question = query.question[0]
        name, kind = str(question.name).rstrip(".").lower(), question.rdtype.name
        self.asked.append((name, kind))
        if (name, kind) in self.bogus:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply
        passed = [name]
        while (name, kind) not in self.records and (alias := self.records.get((name, "CNAME"))):
            reply.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0].rstrip(".")
            passed.append(name)
        if found := self.records.get((name, kind)):
            reply.answer.append(_rrset(name, kind, found))
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if all(self._is_signed(each) for each in passed):
            reply.flags |= dns.flags.AD
        return reply

    def _is_signed(self, name: str) -> bool:
        return any(name == each or f".{name}".endswith(f".{each}") for each in self.signed)


def _rrset(name: str, kind: str, values: Iterable[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text(name + ".", 60, "IN", kind, *values)


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True
    zone: Zone


class _Question(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire, socket = self.request
        reply = self.server.zone.answer(dns.message.from_wire(wire))
        socket.sendto(reply.to_wire(), self.client_address)
