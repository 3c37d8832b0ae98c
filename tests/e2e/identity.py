"""Mails poured through a real house, and what became of each: the same octets, or a reason.

What reached the peer must be our one Received and then what the client sent, octet for octet.
What the rules of line ends refuse, and what is held, is counted apart and named.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import re
import smtplib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests import samples
from tests.e2e.house import House, hand_over, until
from tests.e2e.sink import Sink
from tests.fuzz.composed import composed
from tests.fuzz.grammar import mutated

REAL = Path(os.environ.get("SEKISHO_MAIL", Path(__file__).parents[3] / "shared" / "mail"))
"""A folder of real mail from public collections; none of it is part of the project."""
CLIENTS = 12
WELL_FORMED = 0.8
"""Share of the generated mails that nothing is wrong with; the others read two ways."""
CLEAN = 0.8
"""Share of the generated mails whose line ends are made whole, so that they may pass."""
SIGNED = 10
"""One in so many is signed by its sender."""
_RECEIVED = re.compile(rb"Received: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = _KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)


@dataclass(frozen=True)
class Sample:
    name: str
    raw: bytes
    signed: bool = False

    @property
    def whole(self) -> bool:
        """No bare CR, no bare LF, no NUL: else it must be refused."""
        pairs = self.raw.count(b"\r\n")
        lines = self.raw.count(b"\n") == pairs == self.raw.count(b"\r")
        return lines and b"\0" not in self.raw


@dataclass
class Outcome:
    samples: int = 0
    passed: int = 0
    signatures: int = 0
    """of the sender, still valid behind us"""
    refused: dict[str, list[str]] = field(default_factory=dict)
    """reply → names"""
    held: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """signatures"""
    wrong: list[str] = field(default_factory=list)
    """refused although whole, or taken although not"""

    def add(self, other: Outcome) -> None:
        self.samples += other.samples
        self.passed += other.passed
        self.signatures += other.signatures
        for mine, theirs in (
            (self.held, other.held),
            (self.changed, other.changed),
            (self.broken, other.broken),
            (self.wrong, other.wrong),
        ):
            mine += theirs
        for reply, names in other.refused.items():
            self.refused.setdefault(reply, []).extend(names)

    @property
    def figures(self) -> dict[str, object]:
        return {
            "samples": self.samples,
            "passed unchanged": self.passed,
            "signatures still valid": self.signatures,
            "refused": {reply: len(names) for reply, names in self.refused.items()},
            "held": len(self.held),
            "changed": self.changed,
            "signatures broken": self.broken,
            "wrongly judged": self.wrong,
        }


def real() -> list[Sample]:
    """As a mail client sends what lies there: lines end with CRLF. Where a file mixes line ends
    that is its content, and it goes as it is."""
    found = []
    for path in sorted(path for path in REAL.glob("*/*") if path.is_file()):
        raw = path.read_bytes()
        if b"\r" not in raw:
            raw = raw.replace(b"\n", b"\r\n")
        found.append(_sample(f"{path.parent.name}/{path.name}", raw, len(found)))
    return found


def generated(count: int, seed: int) -> Iterator[Sample]:
    grown = [sample.raw for sample in real() if len(sample.raw) < 30_000] + list(_own())
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        good = chance.random() < WELL_FORMED
        raw = composed(chance) if good else mutated(chance, chance.choice(grown), 6)
        if chance.random() < CLEAN:
            raw = re.sub(rb"\r\n|\r|\n", b"\r\n", raw).replace(b"\0", b"")
        yield _sample(f"generated {seed}/{number}", raw, number)


def _own() -> Iterator[bytes]:
    book = samples.workbook({"一覧": [["月", "人数"], ["11月", 3]]})
    yield samples.message("資料", "..\n.\nお世話になっております。\n.a\n", [("一覧.xlsx", book)])
    yield samples.message("長い行", "あ" * 3000 + "\n" + "." * 2000 + "\n", charset="utf-8")
    yield b"Subject: 8 bit\r\n\r\n" + bytes(range(1, 10)) + bytes(range(14, 256)) + b"\r\n"
    yield b"From: a@example.co.jp\r\n\r\n" + b".\r\n..\r\n...\r\n\r\n.\r\n.x\r\n" * 50


def _sample(name: str, raw: bytes, number: int) -> Sample:
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"  # DATA cannot end otherwise (RFC 5321 §4.1.1.4)
    if number % SIGNED == 0 and (signed := _signed(raw)):
        return Sample(name, signed, signed=True)
    return Sample(name, raw)


def _signed(raw: bytes) -> bytes:
    """Under the strictest canonicalization; b"" where dkimpy cannot read it."""
    try:
        head = dkim.sign(raw, b"s1", b"example.co.jp", _PEM, canonicalize=(b"simple", b"simple"))
        return head + raw if verified(head + raw) else b""
    except Exception:  # it raises whatever its parser comes across
        return b""


@cache
def _record() -> bytes:
    public = _KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def verified(raw: bytes) -> bool:
    return bool(dkim.verify(raw, dnsfunc=lambda *_, **__: _record()))


class Pouring:
    def __init__(self, house: House, sink: Sink, batch: Sequence[Sample]) -> None:
        self.house, self.sink, self.batch = house, sink, batch
        self.taken: dict[str, tuple[Sample, str]] = {}
        """recipient → what was sent, and the id in the 250"""
        self.outcome = Outcome(len(batch))
        self._next = iter(enumerate(batch))
        self._lock = threading.Lock()

    def pour(self) -> Outcome:
        clients = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self._settled()
        for to, (sample, id) in self.taken.items():
            self._compare(sample, to, id)
        return self.outcome

    def _send(self) -> None:
        client: smtplib.SMTP | None = None
        while True:
            with self._lock:
                number, sample = next(self._next, (-1, None))
            if sample is None:
                break
            client = client or self._connected()
            to = f"i{number}@partner.example"
            options = () if sample.raw.isascii() else ("BODY=8BITMIME",)
            try:
                id = hand_over(client, sample.raw, to, options=options)
                self._taken(sample, to, id)
            except smtplib.SMTPResponseException as error:
                self._refused(sample, f"{error.smtp_code} {error.smtp_error.decode()}")
                client.close()
                client = None
        if client:
            client.close()

    def _connected(self) -> smtplib.SMTP:
        client = smtplib.SMTP("127.0.0.1", self.house.port, "pc1.example.co.jp", 120)
        client.ehlo()
        return client

    def _taken(self, sample: Sample, to: str, id: str) -> None:
        with self._lock:
            self.taken[to] = sample, id
            if not sample.whole:
                self.outcome.wrong.append(sample.name)

    def _refused(self, sample: Sample, reply: str) -> None:
        with self._lock:
            self.outcome.refused.setdefault(reply, []).append(sample.name)
            if sample.whole:
                self.outcome.wrong.append(sample.name)

    def _settled(self) -> None:
        moving = ("received", "delayed", "released", "queued")
        until(
            lambda: not any(c["state"] in moving for c in self.house.consignments()),
            300,
            saying="all settled",
        )

    def _compare(self, sample: Sample, to: str, id: str) -> None:
        outcome, came = self.outcome, self.sink.to(to)
        if not came:
            outcome.held.append(sample.name)
            return
        start = len(came[0].data) - len(sample.raw)
        ours, rest = came[0].data[:start], came[0].data[start:]
        same = hashlib.sha256(rest).digest() == hashlib.sha256(sample.raw).digest()
        if len(came) == 1 and same and _RECEIVED.fullmatch(ours):
            outcome.passed += 1
        else:
            outcome.changed.append(sample.name)
        if sample.signed:
            valid = verified(came[0].data)
            outcome.signatures += valid
            if not valid:
                outcome.broken.append(sample.name)


def pour(house: House, sink: Sink, batch: Sequence[Sample]) -> Outcome:
    return Pouring(house, sink, batch).pour()
