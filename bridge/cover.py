"""The treatment `whole`: a neutral mail that goes outside, and the mail itself made readable.

Nothing of the original text stands in the cover letter; the readable page lies in the parcel, for
those whose computer does not open an .eml.
"""

from __future__ import annotations

import html as markup
import re
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from bridge.fields import field_line, mailboxes, unstructured
from bridge.inlay import base64_lines, wire
from bridge.link_part import LinkNotice, html, text
from detectors.budget import Limits
from detectors.headers import text as decode_header
from detectors.report import Mailbox, Report

# Neither base64 nor a header field of ours can hold "=_" at the start of a line.
_BOUNDARY = b"=_sekisho_cover_letter"
_ID = re.compile(r"<[!-;=?A-Z^-~]+@[!-;=?A-Z^-~\[\]]+>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SUBJECT = "件名 / Subject"
_SHOWN = {
    "差出人 / From": b"From",
    "宛先 / To": b"To",
    "Cc": b"Cc",
    "日時 / Date": b"Date",
    _SUBJECT: b"Subject",
}
_STYLE = (
    "body{font-family:sans-serif;max-width:50em;margin:1em auto;padding:0 1em}"
    "th{text-align:left;vertical-align:top;white-space:nowrap;padding-right:1em}"
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}"
)


def cover_letter(
    report: Report,
    notice: LinkNotice,
    from_header: Mailbox,
    to: tuple[Mailbox, ...],
    subject: str,
    *,
    cc: tuple[Mailbox, ...] = (),
    message_id: str,
    now: datetime,
) -> bytes:
    """The neutral mail of a whole mail that was sealed.

    `subject` is what may be read outside: masked, or typed anew by the sender. The date and the
    thread are those of `report`, as far as they are well formed and not masked; `now` (aware) is
    the date of a mail without one. `message_id` is new, "<…@…>".

    Raises ValueError when a field cannot be written.
    """
    if not _ID.fullmatch(message_id):
        raise ValueError("Message-ID: not of the form <left@right>")
    heads = report.headers
    lines = [
        field_line("From", mailboxes("From", (from_header,))),
        *(field_line(name, mailboxes(name, who)) for name, who in (("To", to), ("Cc", cc)) if who),
        field_line("Subject", unstructured("Subject", subject)),
        field_line("Date", format_datetime(_date(heads.date) or now).encode("ascii")),
        field_line("Message-ID", message_id.encode("ascii")),
    ]
    for name, ids in (("In-Reply-To", (heads.in_reply_to,)), ("References", heads.references)):
        if known := [i.encode("ascii") for i in ids if _ID.fullmatch(i)]:
            lines.append(field_line(name, b"\r\n ".join(known)))
    return b"".join(lines) + _body(notice)


def readable(raw: bytes, report: Report, body: str) -> bytes:
    """One HTML page with the mail as escaped text: no link, no picture, no script to run.

    The header fields are those of `raw`, decoded and *not* masked: this goes into a parcel only.
    `body` is text; an HTML mail is turned into text by whoever read it.
    """
    shown = {name: _shown(raw, report, field) for name, field in _SHOWN.items()}
    names = "、".join(part.name for part in report.attachments)
    rows = [*shown.items(), ("添付 / Attachments", names)]
    table = "\n".join(f"<tr><th>{name}</th><td>{_safe(is_)}</td></tr>" for name, is_ in rows if is_)
    page = (
        '<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_safe(shown[_SUBJECT]) or '（件名なし）'}</title>\n<style>{_STYLE}</style>\n"
        f"</head>\n<body>\n<table>\n{table}\n</table>\n<hr>\n<pre>\n{_safe(body)}</pre>\n"
        "</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace")


def _shown(raw: bytes, report: Report, name: bytes) -> str:
    """All fields of this name: an ambiguous mail may have two, and hides none of them here."""
    root = report.parts[0]
    field = re.compile(rb"(?im)^" + name + rb"[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
    found = field.findall(raw[root.header.start : root.body.start])
    return " / ".join(decode_header(value, Limits()) for value in found)


def _safe(value: str) -> str:
    # Bidirectional overrides would let a text be read in another order than it is stored in.
    return markup.escape(_CONTROLS.sub("\ufffd", value.replace("\r\n", "\n")))


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _body(notice: LinkNotice) -> bytes:
    page = f"<!DOCTYPE html>\n<html><body>\n{html(notice)}\n</body></html>\n"
    parts = ((b"text/plain", text(notice)), (b"text/html", page))
    out = [
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n'
    ]
    for media_type, words in parts:
        out.append(
            b"\r\n--" + _BOUNDARY + b"\r\nContent-Type: " + media_type + b"; charset=utf-8\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(wire(words))
        )
    return b"".join(out) + b"\r\n--" + _BOUNDARY + b"--\r\n"
