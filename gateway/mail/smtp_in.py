"""The SMTP dialogue (RFC 5321) as a state machine without sockets: lines in, steps out.

Whoever drives it hands over one line at a time and does what the step says. A `Reply` is written;
the other steps want an act and then a word back: `StartTls` → `tls_started`, `Authenticate` →
`authenticated`, `Receive` → `reset`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, cast

from gateway.mail import sasl
from gateway.mail.address import (
    MAIL_PARAMETERS,
    RCPT_PARAMETERS,
    Address,
    BadAddress,
    PathError,
    UnknownParameter,
    parse_path,
)
from gateway.mail.admission import TOO_MANY_MAILS, Admission
from gateway.mail.listener import Envelope, Recipient, Reply

MAX_LINE = 12288
"""Octets of any line, CRLF included: what RFC 4954 §4 asks for AUTH, the longest there is."""
_STRAY = re.compile(rb"[\0\r\n]")
_ODD = re.compile(r"[^A-Za-z0-9._:\[\]-]")
"""What no name of a host holds."""
_LINE = {"MAIL": 2048, "RCPT": 2048, "AUTH": MAX_LINE}
"""512 for all others; these carry parameters (SIZE, SMTPUTF8, DSN) or credentials."""
_MAX_ERRORS = 3
_COUNTED = frozenset({500, 501, 502, 504, 535, 538, 555})
"""Replies to what no sound client sends. Not the refusal of an address, nor 503: after a refused
MAIL, the recipients of a pipelined group get one each, and their sender must hear all of them."""
_ALONE = frozenset({"HELO", "EHLO", "DATA", "STARTTLS", "AUTH"})
"""Commands whose answer changes how the next octets are read: none may come before it."""
_HTTP = frozenset("GET POST PUT HEAD OPTIONS CONNECT DELETE PATCH TRACE PRI".split())

OK = Reply(250, "2.0.0", "Ok")
LATER = Reply(451, "4.3.0", "try again later")
GO_AHEAD = Reply(354, "", "end data with <CR><LF>.<CR><LF>")
BAD_LINE_ENDING = Reply(521, "5.5.2", "bare CR, bare LF or NUL: lines must end with CRLF", True)
TOO_LONG = Reply(500, "5.5.2", "line too long", True)
_OUT_OF_STEP = Reply(554, "5.5.0", "protocol synchronization: wait for the reply", True)
_TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors", True)
_SAY_HELLO = Reply(503, "5.5.1", "send EHLO or HELO first")
_NO_ARGUMENT = Reply(501, "5.5.4", "this command takes no argument")
_NO_COMMAND = Reply(502, "5.5.1", "command not implemented")
_NO_CHUNKS = Reply(502, "5.5.1", "CHUNKING is not offered", True)
_BAD_AUTH = Reply(501, "5.5.2", "cannot read this answer")


@dataclass(frozen=True, slots=True)
class StartTls:
    """Write the reply, let no octet through, then make the connection TLS."""

    reply: Reply = Reply(220, "2.0.0", "ready to start TLS")


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Ask the house whether these prove an account."""

    user: str
    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receive:
    """Write GO_AHEAD and read the data of this mail, or refuse it."""

    envelope: Envelope


Step = Reply | StartTls | Authenticate | Receive


@dataclass(slots=True)
class _Transaction:
    """One mail between MAIL and the end of DATA; recipients by key, so that none is doubled."""

    sender: Address | None
    parameters: dict[str, str]
    recipients: dict[str, Recipient] = field(default_factory=dict)


def _now() -> datetime:
    return datetime.now(UTC)


class Dialogue:
    """One session. `tls` is "" or names protocol and cipher; `offer_tls`: STARTTLS can be done."""

    def __init__(
        self,
        admission: Admission,
        client_ip: str,
        *,
        tls: str = "",
        offer_tls: bool = False,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._admission = admission
        self.client_ip = client_ip
        self._tls = tls
        self._offer_tls = offer_tls
        self._clock = clock
        self._helo = ""
        self._extended = False
        self._user: str | None = None
        self._mail: _Transaction | None = None
        self._exchange: sasl.Exchange | None = None
        self._errors = 0

    def greet(self) -> Reply:
        return Reply(220, "", f"{self._admission.hostname} ESMTP")

    def line(self, raw: bytes, *, more: bool = False) -> Step:
        """One line with its ending; `more` tells that octets after it have already arrived."""
        step = self._answer(raw, more)
        return self._counted(step) if isinstance(step, Reply) else step

    def tls_started(self, tls: str) -> None:
        """Forgets all that was said in the clear (RFC 3207 §4.2)."""
        self._tls, self._helo, self._extended, self._user = tls, "", False, None
        self.reset()

    def authenticated(self, user: str | None) -> Reply:
        self._user = user
        if user is not None:
            return Reply(235, "2.7.0", "authentication successful")
        return self._counted(Reply(535, "5.7.8", "authentication credentials invalid"))

    def reset(self) -> None:
        """The mail at hand is over, taken or not."""
        self._mail = None

    def _counted(self, reply: Reply) -> Reply:
        self._errors += reply.code in _COUNTED
        return _TOO_MANY_ERRORS if self._errors >= _MAX_ERRORS and not reply.close else reply

    def _answer(self, raw: bytes, more: bool) -> Step:
        if len(raw) > MAX_LINE:
            return TOO_LONG
        text = raw.removesuffix(b"\r\n")
        if len(text) != len(raw) - 2 or _STRAY.search(text):
            return Reply(500, "5.5.2", "bare CR, bare LF or NUL in a command")
        if self._exchange:
            return self._continue(self._exchange, text)
        try:
            verb, _, argument = text.decode().partition(" ")
        except UnicodeDecodeError:
            return Reply(500, "5.5.2", "not UTF-8")
        verb = verb.upper()
        if len(raw) > _LINE.get(verb, 512):
            return Reply(500, "5.5.2", "line too long")
        if verb in _HTTP:  # a browser made to speak to us (ALPACA): its body would be commands
            return Reply(502, "5.7.0", "this is not a web server", True)
        if more and verb in _ALONE:
            return _OUT_OF_STEP
        command = _COMMANDS.get(verb)
        if command:
            return command(self, argument.strip(" "))
        # who says BDAT sends content without waiting, and no line of that is a command
        return _NO_CHUNKS if verb == "BDAT" else _NO_COMMAND

    def _helo_command(self, argument: str) -> Step:
        return self._hello(argument, extended=False) or self._welcome()

    def _ehlo(self, argument: str) -> Step:
        return self._hello(argument, extended=True) or self._welcome(*self._extensions())

    def _hello(self, name: str, *, extended: bool) -> Reply | None:
        if not name or len(name) > 255:
            return Reply(501, "5.5.4", "say who you are: EHLO host.name")
        # Office machines send odd names, which is no reason to lose their mail.
        self._helo = _ODD.sub("?", name)
        self._extended = extended
        self.reset()
        return None

    def _welcome(self, *extensions: str) -> Reply:
        return Reply(250, "", "\n".join([self._admission.hostname, *extensions]))

    def _extensions(self) -> list[str]:
        words = ["PIPELINING", f"SIZE {self._admission.max_size}", "8BITMIME", "SMTPUTF8", "DSN"]
        if self._offer_tls and not self._tls:
            words.append("STARTTLS")
        if self._may_sign_in and not self._auth_needs_tls:
            words.append("AUTH " + " ".join(sasl.MECHANISMS))
        return [*words, "ENHANCEDSTATUSCODES"]

    @property
    def _may_sign_in(self) -> bool:
        return self._admission.kind != "tap"

    @property
    def _auth_needs_tls(self) -> bool:
        return self._admission.require_tls_for_auth and not self._tls

    def _starttls(self, argument: str) -> Step:
        if argument:
            return _NO_ARGUMENT
        if self._tls:
            return Reply(503, "5.5.1", "TLS is on already")
        return StartTls() if self._offer_tls else _NO_COMMAND

    def _auth(self, argument: str) -> Step:
        name, _, initial = argument.partition(" ")
        mechanism = sasl.MECHANISMS.get(name.upper())
        if not self._may_sign_in:
            return _NO_COMMAND
        if not self._extended:
            return _SAY_HELLO
        if self._auth_needs_tls:
            return Reply(538, "5.7.11", "encryption required: STARTTLS first")
        if self._user is not None or self._mail:
            return Reply(503, "5.5.1", "not now: signed in already, or within a mail")
        if not mechanism:
            return Reply(504, "5.5.4", "mechanism not offered")
        try:
            exchange = mechanism(sasl.decode(initial) if initial else None)
        except ValueError:
            return _BAD_AUTH
        return self._advance(exchange, None)

    def _continue(self, exchange: sasl.Exchange, answer: bytes) -> Step:
        self._exchange = None
        if answer == b"*":
            return Reply(501, "5.7.0", "authentication cancelled")
        try:
            return self._advance(exchange, sasl.decode(answer.decode("ascii")))
        except ValueError:
            return _BAD_AUTH

    def _advance(self, exchange: sasl.Exchange, answer: bytes | None) -> Step:
        try:
            challenge = next(exchange) if answer is None else exchange.send(answer)
        except StopIteration as proven:
            return Authenticate(*proven.value)
        except ValueError:
            return _BAD_AUTH
        self._exchange = exchange
        return Reply(334, "", sasl.encode(challenge))

    def _mail_from(self, argument: str) -> Step:
        if not self._helo:
            return _SAY_HELLO
        if self._admission.kind == "submission" and self._user is None:
            return Reply(530, "5.7.0", "authentication required")
        if self._mail:
            return Reply(503, "5.5.1", "nested MAIL")
        parsed = self._path(argument, "FROM:", "5.1.7", MAIL_PARAMETERS)
        if isinstance(parsed, Reply):
            return parsed
        sender, parameters = parsed
        if sender and not sender.domain:
            return Reply(553, "5.1.7", "sender address: no domain")
        if int(parameters.get("SIZE", 0)) > self._admission.max_size:
            return too_large(self._admission.max_size)
        if not self._admission.rates.mails.take(self.client_ip):
            return TOO_MANY_MAILS
        self._mail = _Transaction(sender, parameters)
        return Reply(250, "2.1.0", "Ok")

    def _rcpt_to(self, argument: str) -> Step:
        if not self._mail:
            return Reply(503, "5.5.1", "need MAIL before RCPT")
        parsed = self._path(argument, "TO:", "5.1.3", RCPT_PARAMETERS)
        if isinstance(parsed, Reply):
            return parsed
        recipient, parameters = parsed
        if not recipient:
            return Reply(553, "5.1.3", "recipient address: <> is nobody")
        recipient = self._admission.mailbox(recipient)
        refusal = self._admission.refusal(self.client_ip, self._user, self._mail.sender, recipient)
        if refusal:
            return refusal
        if len(self._mail.recipients) >= self._admission.max_recipients:
            return Reply(452, "4.5.3", "too many recipients in one mail")
        if late := self._admission.too_fast(self._user, self._mail.sender):
            return late
        notify = parameters.get("NOTIFY", "").upper()
        named = Recipient(recipient, notify, parameters.get("ORCPT", ""))
        self._mail.recipients.setdefault(recipient.key, named)
        return Reply(250, "2.1.5", "Ok")

    def _path(
        self, argument: str, keyword: str, status: str, known: dict[str, str]
    ) -> tuple[Address | None, dict[str, str]] | Reply:
        if argument[: len(keyword)].upper() != keyword:
            return Reply(501, "5.5.4", f"syntax: {keyword}<address>")
        utf8 = bool(self._mail and "SMTPUTF8" in self._mail.parameters)
        try:
            return parse_path(
                argument[len(keyword) :],
                known if self._extended else {},
                utf8=utf8,
                literals=self._admission.literals,
            )
        except PathError as error:
            return _refused_path(error, status)

    def _data(self, argument: str) -> Step:
        if argument:
            return _NO_ARGUMENT
        if not self._mail:
            return Reply(503, "5.5.1", "need MAIL and RCPT before DATA")
        if not self._mail.recipients:
            return Reply(554, "5.5.1", "no valid recipients")
        return Receive(self._envelope(self._mail))

    def _envelope(self, mail: _Transaction) -> Envelope:
        asked = mail.parameters
        return Envelope(
            client_ip=self.client_ip,
            helo=self._helo,
            tls=self._tls,
            auth_user=self._user,
            mail_from=mail.sender,
            rcpt_to=tuple(mail.recipients.values()),
            body=cast("Literal['7BIT', '8BITMIME']", asked.get("BODY", "7BIT").upper()),
            smtputf8="SMTPUTF8" in asked,
            size_declared=int(asked["SIZE"]) if "SIZE" in asked else None,
            envid=asked.get("ENVID", ""),
            ret=cast("Literal['', 'FULL', 'HDRS']", asked.get("RET", "").upper()),
            kind=self._admission.kind,
            received_at=self._clock(),
        )

    def _rset(self, argument: str) -> Step:
        if argument:
            return _NO_ARGUMENT
        self.reset()
        return OK

    def _noop(self, argument: str) -> Step:
        return OK

    def _vrfy(self, argument: str) -> Step:
        return Reply(252, "2.0.0", "not verified; send the mail and see")

    def _help(self, argument: str) -> Step:
        return Reply(214, "2.0.0", "Commands: " + " ".join(_COMMANDS))

    def _quit(self, argument: str) -> Step:
        return _NO_ARGUMENT if argument else Reply(221, "2.0.0", "Bye", True)


def too_large(limit: int) -> Reply:
    return Reply(552, "5.3.4", f"mail larger than {limit} octets")


def _refused_path(error: PathError, status: str) -> Reply:
    if isinstance(error, BadAddress):
        return Reply(553, status, str(error))
    return Reply(555 if isinstance(error, UnknownParameter) else 501, "5.5.4", str(error))


_COMMANDS: dict[str, Callable[[Dialogue, str], Step]] = {
    "HELO": Dialogue._helo_command,
    "EHLO": Dialogue._ehlo,
    "STARTTLS": Dialogue._starttls,
    "AUTH": Dialogue._auth,
    "MAIL": Dialogue._mail_from,
    "RCPT": Dialogue._rcpt_to,
    "DATA": Dialogue._data,
    "RSET": Dialogue._rset,
    "NOOP": Dialogue._noop,
    "VRFY": Dialogue._vrfy,
    "HELP": Dialogue._help,
    "QUIT": Dialogue._quit,
}
