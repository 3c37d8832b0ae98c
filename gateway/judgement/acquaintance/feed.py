"""The first day's memory: mail logs of Postfix, mbox files and CSV, read as mail that has passed.

What cannot be understood is passed over and counted; headers and addresses only are read.
"""

from __future__ import annotations

import csv
import email.utils
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal

from detectors.budget import Limits
from detectors.headers import Field, mailboxes, unfold
from detectors.report import Mailbox
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import learn
from gateway.judgement.acquaintance.passed import Passed, circle
from gateway.judgement.acquaintance.recall import FAMILIAR
from gateway.judgement.identity import owned
from gateway.memory.faults import Refused
from gateway.memory.states import Actor
from gateway.memory.store import Tx

Form = Literal["postfix", "mbox", "csv"]

_QUEUED = re.compile(r"postfix\S*/(?:\w+/)*\w+\[\d+\]: (\w{6,20}): (.*)")
_FROM = re.compile(r"from=<([^>]*)>, size=")
_TO = re.compile(r"to=<([^>]*)>,.* status=sent ")
_ID = re.compile(r"message-id=(<[^>]+>)")
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) ")
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,998}>")
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*)")
_LONGEST_HEADER = 65_536
_OPEN = 100_000
"""Queue ids that are remembered at once."""
_COLUMNS = {
    "from": ("from", "sender", "差出人", "送信者", "送信元", "from: (アドレス)"),
    "to": ("to", "recipient", "recipients", "宛先", "受信者", "送信先", "mail", "email", "e-mail")
    + ("メールアドレス", "アドレス", "宛先: (アドレス)"),
    "cc": ("cc", "cc: (アドレス)"),
    "date": ("date", "sent", "日時", "送信日時", "日付"),
    "name": ("name", "氏名", "名前", "表示名"),
}

_SHOWN = ("to", "宛先", "送信先", "宛先: (アドレス)")
"""Headings of what stands in To."""


@dataclass
class Fed:
    """What was read so far."""

    mails: int = 0
    skipped: int = 0
    """not ours, to nobody outside, or not understood"""
    last: datetime | None = None
    domains: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Feed:
    keyed: Keyed
    own_domains: frozenset[str]
    now: datetime

    def read(self, path: Path, form: Form | None = None) -> Iterator[Passed]:
        """Mail from us to the outside, in the order of the file. Raises Refused where it is in no
        form that can be read, or a CSV without a column of recipients."""
        readers: dict[Form, Callable[[Path], Iterator[Passed]]] = {
            "postfix": self._postfix,
            "mbox": self._mbox,
            "csv": self._csv,
        }
        return readers[form or recognised(path)](path)

    def _passed(
        self,
        sender: str,
        to: Iterable[Mailbox],
        at: datetime | None,
        id: str = "",
        before: Iterable[str] = (),
        shown: Iterable[Mailbox] = (),
    ) -> Passed:
        """An empty one where it is not from us or not to the outside."""
        outside = {
            box.address.lower(): box.name
            for box in to
            if "@" in box.address and not owned(box.address, self.own_domains)
        }
        if not owned(sender, self.own_domains):
            outside = {}
        return Passed(
            sender.lower(),
            tuple(outside.items()),
            min(at or self.now, self.now),
            self.keyed.message(id) if id else b"",
            tuple(map(self.keyed.message, before)),
            circle=circle(self.keyed, (box.address for box in shown), self.own_domains),
        )

    # -- Postfix

    def _postfix(self, path: Path) -> Iterator[Passed]:
        waiting: dict[str, dict[str, list[str]]] = {}
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = _QUEUED.search(line)
                if not found:
                    continue
                mail = waiting.setdefault(found[1], {"from": [], "to": [], "id": [], "at": []})
                for key, pattern in (("from", _FROM), ("to", _TO), ("id", _ID)):
                    mail[key] += pattern.findall(found[2])
                mail["at"] = [line[:40]]
                if found[2].startswith("removed"):
                    yield self._logged(waiting.pop(found[1]))
                elif len(waiting) > _OPEN:
                    waiting.pop(next(iter(waiting)))
        yield from (self._logged(mail) for mail in waiting.values() if mail["to"])

    def _logged(self, mail: dict[str, list[str]]) -> Passed:
        boxes = [Mailbox("", address) for address in mail["to"]]
        at = _log_time(mail["at"][0] if mail["at"] else "", self.now)
        id = mail["id"][0] if mail["id"] else ""
        return self._passed(mail["from"][0] if mail["from"] else "", boxes, at, id)

    # -- mbox

    def _mbox(self, path: Path) -> Iterator[Passed]:
        for header in _headers(path):
            fields = _fields(header)
            limits = Limits()
            shown: list[Mailbox] = []
            to: list[Mailbox] = []
            for field_ in (f for f in fields if f.name in (b"to", b"cc", b"bcc")):
                boxes = mailboxes(field_.value, limits)
                to += boxes
                shown += boxes if field_.name != b"bcc" else []
            texts = {f.name: unfold(f.value).decode("latin-1") for f in fields}
            sender = next(
                (
                    b.address
                    for f in fields
                    if f.name == b"from"
                    for b in mailboxes(f.value, limits)
                ),
                "",
            )
            before = _MESSAGE_ID.findall(
                texts.get(b"references", "") + " " + texts.get(b"in-reply-to", "")
            )
            id = "".join(_MESSAGE_ID.findall(texts.get(b"message-id", ""))[:1])
            at = _mail_time(texts.get(b"date", ""))
            yield self._passed(sender, to, at, id, before, shown)

    # -- CSV

    def _csv(self, path: Path) -> Iterator[Passed]:
        """With a column of senders: sent mail; without: addresses that are known to the company."""
        with path.open(encoding=_charset(path), newline="") as file:
            rows = csv.reader(file)
            heading = next(rows, [])
            columns = _columns(heading)
            # a column of recipients, as tracking logs have it, holds Bcc as well
            seen = heading[columns["to"]].strip().lower() in _SHOWN
            for row in rows:
                cell = {key: row[at] for key, at in columns.items() if at < len(row)}
                both = f"{cell.get('to', '')};{cell.get('cc', '')}"
                to = [
                    Mailbox(box.name or cell.get("name", ""), box.address)
                    for box in mailboxes(both.replace(";", ",").encode(), Limits())
                ]
                if "from" in columns:
                    (sender, *_) = [
                        box.address for box in mailboxes(cell.get("from", "").encode(), Limits())
                    ] or [""]
                    at = _csv_time(cell.get("date", ""))
                    yield self._passed(sender, to, at, shown=to if seen else ())
                else:
                    yield self._known(to)

    def _known(self, to: Iterable[Mailbox]) -> Passed:
        outside = {b.address.lower(): b.name for b in to if "@" in b.address}
        theirs = {a: n for a, n in outside.items() if not owned(a, self.own_domains)}
        return Passed("", tuple(theirs.items()), self.now, times=FAMILIAR)


def batches(passed: Iterable[Passed], fed: Fed, size: int = 500) -> Iterator[list[Passed]]:
    """Those that acquaint somebody, so many at a time; `fed` counts along."""
    going = iter(passed)
    while some := list(islice(going, size)):
        good = [mail for mail in some if mail.recipients]
        fed.mails += len(good)
        fed.skipped += len(some) - len(good)
        for mail in good:
            fed.last = max(filter(None, (fed.last, mail.at)))
            fed.domains.update(address.rpartition("@")[2] for address, _ in mail.recipients)
        yield good


def take_in(
    changing: Callable[[], AbstractContextManager[Tx]],
    feed: Feed,
    file: Path,
    actor: Actor,
    form: Form | None = None,
) -> Fed:
    """Learn from a file, some at a time so that other writers come in between, and say so in the
    ledger. Raises Refused as `Feed.read` does."""
    fed = Fed()
    for some in batches(feed.read(file, form), fed):
        with changing() as tx:
            learn(tx.conn, feed.keyed, some)
    with changing() as tx:
        tx.record("acquaintance.fed", actor, file=file.name, mails=fed.mails)
    return fed


def recognised(path: Path) -> Form:
    with path.open("rb") as file:
        head = file.read(65_536)
    if head.startswith(b"From "):
        return "mbox"
    if b"postfix" in head and b"]: " in head:
        return "postfix"
    if b"," in head.partition(b"\n")[0] or b"@" in head:
        return "csv"
    raise Refused("no_mail_record")


def _headers(path: Path) -> Iterator[bytes]:
    """The header of each message."""
    header, inside = bytearray(), False
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"From ") and not inside:
                if header:
                    yield bytes(header)
                header, inside = bytearray(), True
            elif inside and not line.strip():
                inside = False
            elif inside and len(header) < _LONGEST_HEADER:
                header += line.replace(b"\r", b"")
    if header:
        yield bytes(header)


def _fields(header: bytes) -> list[Field]:
    return [Field(found[1].lower(), found[2]) for found in _HEADER.finditer(header)]


def _charset(path: Path) -> str:
    """As Excel of Japan writes it, or UTF-8 with or without a mark."""
    try:
        path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


def _columns(heading: list[str]) -> dict[str, int]:
    plain = [cell.strip().lower() for cell in heading]
    found = {
        key: plain.index(name)
        for key, names in _COLUMNS.items()
        for name in reversed(names)
        if name in plain
    }
    if "to" not in found:
        raise Refused("no_recipients")
    return found


def _log_time(line: str, now: datetime) -> datetime | None:
    if iso := _ISO.match(line):
        return _aware(datetime.fromisoformat(iso[1] + (iso[2] or "").replace("Z", "+00:00")))
    if found := _SYSLOG.match(line):
        local = now.astimezone()
        text = f"{local.year} {found[1]} {found[2]} {found[3]}"
        try:
            at = datetime.strptime(text, "%Y %b %d %H:%M:%S").astimezone()
        except ValueError:  # the 29th of February
            return None
        return at.replace(year=at.year - 1) if at > now + timedelta(days=1) else at
    return None


def _mail_time(text: str) -> datetime | None:
    try:
        return _aware(email.utils.parsedate_to_datetime(text))
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def _csv_time(text: str) -> datetime | None:
    try:
        return _aware(datetime.fromisoformat(text.strip().replace("/", "-")))
    except ValueError:
        return _mail_time(text)


def _aware(at: datetime) -> datetime:
    return (at if at.tzinfo else at.astimezone()).astimezone(UTC)
