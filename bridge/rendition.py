"""What leaves instead of the letter, and what lies in the parcel instead.

Made from the raw bytes and the report that was judged; read again in the sandbox before it is
handed on. Nothing here touches a row.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, RowMapping

from bridge import (
    letterhead,
    link_part,
    locked_zip,
    mails,
    packing,
    password,
    recheck,
    splice,
    zip_part,
)
from bridge.cover import cover_letter, readable
from bridge.heading import broken, without
from bridge.inlay import CannotSplice, decoded
from bridge.letterhead import Names
from bridge.link_part import LinkNotice
from bridge.packing import Content, Packed
from bridge.parcel import Manifest, Terms
from bridge.zip_part import ZipNotice
from detectors.clear import Clear
from detectors.headers import TO_US
from detectors.report import Mailbox, Part, Report
from detectors.transfer import undo
from gateway.judgement import people
from gateway.judgement.policy.checks.password import closed
from gateway.judgement.policy.rules import Bridge, Form, Treatment
from gateway.judgement.sandbox import Sandbox
from gateway.mail.outbox import one_line
from gateway.memory.ids import new_id
from gateway.memory.opening import Memory

MESSAGE, PAGE = "メール原本.eml", "メール本文.html"
_CUT = "\n\n（以下は長いため省いています。全文は「メール原本.eml」をご覧ください。）\n"


@dataclass(frozen=True)
class Job:
    id: str
    """of the consignment"""
    raw: bytes = field(repr=False)
    report: Report = field(repr=False)
    """of `raw`, as it was judged"""
    dropped: frozenset[str]
    """paths of the attachments that the sender took out"""
    treatment: Treatment | None
    """None: whoever is left is inside, or nothing but dropped parts is to be done"""
    recipient: str
    """the one outside recipient, where there is one"""
    terms: Terms
    blank: Manifest
    sender: str
    """address for the From of a cover letter where the mail itself has none"""
    names: Names


@dataclass(frozen=True)
class Rendition:
    data: bytes = field(repr=False)
    form: Form | None
    taken: frozenset[str]
    packed: Packed | None = None
    password: str = field(default="", repr=False)
    """of the ZIP that the files went into"""
    unwritten: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """domains whose signature it no longer fits"""


class NoZip(Exception):
    """A ZIP cannot be made of this mail, or would protect nothing; nothing was done. The caller
    takes the bridge, where each recipient has a link of their own."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def make(sandbox: Sandbox, memory: Memory, job: Job) -> Rendition | None:
    """The rendition, or None where the letter leaves as it is.

    Raises splice.CannotSplice, recheck.NotClean, ValueError, sandbox.ScanIncomplete; nothing that
    was packed is left behind then. NoZip where the treatment asks for one that cannot be.
    """
    made = await _form(sandbox, memory, job)
    try:
        if job.treatment and letterhead.writes(job.treatment):
            made = await _written(sandbox, job, made)
        made = await _unsaid(sandbox, job, made)
    except BaseException:
        if made and made.packed:
            await asyncio.to_thread(packing.discard, memory, made.packed)
        raise
    return replace(made, broken=broken(job.raw, made.data)) if made else None


async def _form(sandbox: Sandbox, memory: Memory, job: Job) -> Rendition | None:
    """What leaves before anything is written into it."""
    form = job.treatment.form if job.treatment else None
    if form is None:
        return await _only_dropped(sandbox, job) if job.dropped else None
    if form == "zip":
        return await _zipped(sandbox, memory, job)
    if form == "attachments":
        try:
            return await _packed(sandbox, memory, job, "attachments")
        except (CannotSplice, recheck.NotClean):
            pass  # the stronger form is always allowed
    return await _packed(sandbox, memory, job, "whole")


def blank(conn: Connection, memory: Memory, letter: RowMapping) -> Manifest:
    """The manifest without files: who sends it, in words that may be read outside."""
    who = people.person(conn, letter["sender_id"] or letter["owner_id"])
    return Manifest(
        files=(),
        form="attachments",
        company=memory.config.bridge.company,
        sender_name=who["name"] if who else letter["sender_address"],
        sender_department=who["department"] if who else "",
        language=who["language"] if who else memory.config.language,
        subject=letter["subject"],
    )


# -- the three forms


async def _packed(sandbox: Sandbox, memory: Memory, job: Job, form: Bridge) -> Rendition:
    """Pack, write what points at the parcel, and read that again. Whatever fails on the way takes
    the parcel's key with it."""
    files = await (_attachments if form == "attachments" else _whole)(sandbox, job)
    packed = await _pack(memory, job, form, files)
    try:
        notice = _notice(memory, job, packed)
        if form == "attachments":
            taken = job.dropped | {part.path for part in _files(job)}
            data = splice.take_out(job.raw, job.report, taken, link_part.words(notice))
        else:
            taken, data = frozenset({""}), _cover(memory, job, notice)
        await _read_again(sandbox, job, data, taken)
    except BaseException:
        await asyncio.to_thread(packing.discard, memory, packed)
        raise
    return Rendition(data, form, taken, packed)


async def _zipped(sandbox: Sandbox, memory: Memory, job: Job) -> Rendition:
    """One ZIP in the place of the files; what is a ZIP with a password already stays beside it."""
    parts = [part for part in _files(job) if part.path not in closed(job.report)]
    if not parts:
        raise NoZip("no_files")
    taken, secret = job.dropped | {part.path for part in parts}, password.new()
    try:
        files = await _contents(sandbox, job, parts)
        data, digest = await asyncio.to_thread(_with_zip, memory, job, files, taken, secret)
        await _read_again(sandbox, job, data, taken, digest)
    except (CannotSplice, recheck.NotClean) as error:
        raise NoZip(error.reason) from None
    return Rendition(data, "zip", taken, password=secret)


def _with_zip(
    memory: Memory, job: Job, files: list[Content], taken: frozenset[str], secret: str
) -> tuple[bytes, str]:
    """The mail with the ZIP, and the ZIP's SHA-256. Seconds of work for large files."""
    assert job.treatment
    name, at = zip_part.name_of(job.id), memory.store.clock().astimezone(memory.config.zone)
    locked = locked_zip.lock(files, secret, at, cp932=job.treatment.zip_names == "cp932")
    octets, sender = sum(len(file.data) for file in files), one_line(job.blank.sender)
    words = zip_part.words(ZipNotice(name, len(files), octets, job.blank.company, sender))
    data = splice.take_out(job.raw, job.report, taken, words, zip_part.part(name, locked))
    return data, hashlib.sha256(locked).hexdigest()


async def _read_again(
    sandbox: Sandbox, job: Job, data: bytes, taken: frozenset[str], locked: str = ""
) -> None:
    after = await sandbox.inspect(data)
    recheck.compare(after, job.report, taken, locked=locked)
    _same_people(after, job)


async def _attachments(sandbox: Sandbox, job: Job) -> list[Content]:
    return await _contents(sandbox, job, _files(job))


async def _contents(sandbox: Sandbox, job: Job, parts: list[Part]) -> list[Content]:
    clear = await sandbox.clear(job.raw)
    return [
        _content(part, clear, decoded(job.raw[part.body.start : part.body.end], part.encoding))
        for part in parts
    ]


async def _whole(sandbox: Sandbox, job: Job) -> list[Content]:
    raw, report = job.raw, job.report
    if job.dropped:
        raw = splice.drop(raw, report, job.dropped)
        report = await sandbox.inspect(raw)
    clear = await sandbox.clear(raw)
    page = readable(raw, report, clear.body + (_CUT if clear.cut else ""))
    return [
        Content(PAGE, "text/html", page),
        Content(MESSAGE, "message/rfc822", raw),
        *(
            _content(part, clear, undo(raw[part.body.start : part.body.end], part.encoding).data)
            for part in report.attachments
        ),
    ]


async def _only_dropped(sandbox: Sandbox, job: Job) -> Rendition:
    data = splice.drop(job.raw, job.report, job.dropped)
    recheck.compare(await sandbox.inspect(data), job.report, job.dropped)
    return Rendition(data, None, job.dropped)


async def _written(sandbox: Sandbox, job: Job, made: Rendition | None) -> Rendition:
    assert job.treatment
    made = made or Rendition(job.raw, None, frozenset())
    changed = made.data is not job.raw
    before = await sandbox.inspect(made.data) if changed else job.report
    cover = made.form == "whole"
    done = await letterhead.write(sandbox, made.data, before, job.treatment, job.names, ours=cover)
    return replace(made, data=done.data, unwritten=done.unwritten)


async def _unsaid(sandbox: Sandbox, job: Job, made: Rendition | None) -> Rendition | None:
    """Without what was said to us alone; a rendition of its own where there is no other. It is no
    secret, and not worth a mail that waits: where a line cannot be taken out for sure it stays."""
    whole = made.data if made else job.raw
    data = without(whole, TO_US)
    if data is whole:
        return made
    before = await sandbox.inspect(whole) if made else job.report
    try:
        recheck.compare(await sandbox.inspect(data), before, frozenset())
    except recheck.NotClean:
        return made
    return replace(made or Rendition(data, None, frozenset()), data=data)


# -- steps


def _content(part: Part, clear: Clear, data: bytes) -> Content:
    return Content(clear.names.get(part.path, part.name), part.media_type, data)


async def _pack(memory: Memory, job: Job, form: Bridge, files: list[Content]) -> Packed:
    told = bool(job.treatment and job.treatment.told_word)
    manifest = replace(job.blank, form=form)
    return await asyncio.to_thread(packing.pack, memory, manifest, files, told_word=told)


def _notice(memory: Memory, job: Job, packed: Packed) -> LinkNotice:
    return mails.notice(
        memory.config,
        packed.manifest,
        id=packed.id,
        token=packed.token,
        closes_at=job.terms.closes_at,
        downloads=job.terms.downloads,
        recipient=job.recipient,
        told_word=bool(packed.word),
    )


def _cover(memory: Memory, job: Job, notice: LinkNotice) -> bytes:
    heads, domain = job.report.headers, job.sender.rpartition("@")[2] or "localhost"
    sender = heads.sender[0] if heads.sender else Mailbox("", job.sender)
    message_id = f"<{new_id()}.{new_id()}@{domain}>"
    now = memory.store.clock()
    try:
        return cover_letter(
            job.report, notice, sender, heads.to, heads.subject,
            cc=heads.cc, message_id=message_id, now=now,
        )  # fmt: skip
    except ValueError:  # an address or a name of theirs that we would not write
        return cover_letter(
            job.report, notice, Mailbox("", sender.address), (Mailbox("", job.recipient),),
            " ".join(heads.subject.split()), message_id=message_id, now=now,
        )  # fmt: skip


def _same_people(after: Report, job: Job) -> None:
    """Nobody stands in the head of what leaves who did not stand in the letter's."""
    before = {m.address for m in job.report.headers.shown}
    if {m.address for m in after.headers.shown} - before - {job.recipient}:
        raise recheck.NotClean("recipients")


def _files(job: Job) -> list[Part]:
    return [part for part in job.report.attachments if part.path not in job.dropped]
