"""Builders of real files and mails for tests. Every number is synthetic and computed here."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import docx
import pptx
import pyzipper
import xlsxwriter
from fpdf import FPDF

from tests import fonts

Rows = Sequence[Sequence[Any]]

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def individual_number(seed: int) -> str:
    """A valid 12-digit My Number (総務省令第85号 第5条), the same for the same seed."""
    body = f"{random.Random(seed).randrange(10**10, 10**11)}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return f"{body}{-total % 11 % 10}"


def individual_numbers(n: int, seed: int = 0) -> list[str]:
    """n different ones."""
    return [individual_number(seed * 1_000_003 + index) for index in range(n)]


def workbook(
    sheets: Mapping[str, Rows],
    hidden: Collection[str] = (),
    very_hidden: Collection[str] = (),
    formats: Mapping[str, str] = {},
    comments: Mapping[tuple[str, str], str] = {},
    hidden_columns: Mapping[str, str] = {},
    header: str = "",
    letters: str = "",
) -> bytes:
    """An xlsx; ints become numbers, text stays text. `formats`: sheet → number format of all its
    cells; `comments`: (sheet, cell) → text; `hidden_columns`: sheet → "C:D"; `letters`: their
    colour."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            look = {"num_format": formats[name]} if name in formats else {}
            look |= {"font_color": letters} if letters else {}
            cells = book.add_format(look) if look else None
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, cells)
            for (owner, cell), text in comments.items():
                if owner == name:
                    sheet.write_comment(cell, text)
            if name in hidden_columns:
                sheet.set_column(hidden_columns[name], None, None, {"hidden": True})
            if header:
                sheet.set_header(header)
            if name in very_hidden:
                sheet.very_hidden()
            elif name in hidden:
                sheet.hide()
    return out.getvalue()


def document(paragraphs: Iterable[str], table: Rows | None = None, comment: str = "") -> bytes:
    """A docx: the paragraphs, then the table; the comment is on the last paragraph."""
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    if comment:
        made.add_comment(made.paragraphs[-1].add_run("。"), text=comment, author="山田")
    if table:
        grid = made.add_table(len(table), max(map(len, table)))
        for number, row in enumerate(table):
            for column, text in enumerate(row):
                grid.cell(number, column).text = str(text)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def slides(
    texts: Iterable[str], notes: Mapping[int, str] = {}, hidden: Collection[int] = ()
) -> bytes:
    """A pptx with a slide for each text; `notes` and `hidden` by slide number from 1."""
    deck = pptx.Presentation()
    for number, text in enumerate(texts, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        box = slide.shapes.add_textbox(0, 0, 5_000_000, 1_000_000)
        box.text_frame.text = text
        if number in notes:
            slide.notes_slide.notes_text_frame.text = notes[number]
        if number in hidden:
            slide._element.set("show", "0")
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def pdf(text_lines: Iterable[str], password: str = "") -> bytes:
    """A PDF with these lines on one page; Japanese where the machine has a font for it."""
    made = FPDF()
    made.add_page()
    font = fonts.small()
    lines = list(text_lines)
    if font and not all(line.isascii() for line in lines):
        made.add_font("cjk", fname=font)
        made.set_font("cjk", size=12)
    else:
        made.set_font("Helvetica", size=12)
        lines = [line.encode("ascii", "ignore").decode() for line in lines]
    for line in lines:
        made.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    if password:
        made.set_encryption(owner_password="owner", user_password=password)
    return bytes(made.output())


def zipped(files: Mapping[str, bytes], cp932: bool = False) -> bytes:
    """A ZIP; with `cp932` names are written as Windows Explorer in Japan writes them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = _Cp932Name(name) if cp932 else zipfile.ZipInfo(name)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _Cp932Name(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp932"), self.flag_bits


def encrypted_zip(files: Mapping[str, bytes], password: str, *, aes: bool = False) -> bytes:
    """A ZIP with a password: ZipCrypto as PPAP uses it, or AES-256 (WinZip)."""
    if aes:
        out = io.BytesIO()
        with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
            archive.setpassword(password.encode())
            for name, data in files.items():
                archive.writestr(name, data)
        return out.getvalue()
    return _zip_crypto(zipped(files), password.encode())


def _zip_crypto(data: bytes, password: bytes) -> bytes:
    """Encrypts the members of a ZIP (APPNOTE 6.1); no library writes this weak cipher any more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
    written: list[tuple[zipfile.ZipInfo, int]] = []
    for info in infos:
        start = info.header_offset + 30 + len(info._encodeFilenameFlags()[0])  # type: ignore[attr-defined]
        body = data[start : start + info.compress_size]
        head = bytes(11) + bytes((info.CRC >> 24,))
        written.append((info, out.tell()))
        info.flag_bits |= 1
        info.compress_size += 12
        out.write(info.FileHeader(zip64=False) + _encrypt(head + body, password))
    shell = zipfile.ZipFile(out, "a")
    for info, offset in written:
        info.header_offset = offset
        shell.filelist.append(info)
    shell.start_dir = out.tell()
    shell._didModify = True  # type: ignore[attr-defined]
    shell.close()
    return out.getvalue()


def _encrypt(plain: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]
    table = [_crc_entry(octet) for octet in range(256)]

    def update(octet: int) -> None:
        keys[0] = table[(keys[0] ^ octet) & 255] ^ (keys[0] >> 8)
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = table[(keys[2] ^ (keys[1] >> 24)) & 255] ^ (keys[2] >> 8)

    for octet in password:
        update(octet)
    out = bytearray()
    for octet in plain:
        mask = (keys[2] | 2) & 0xFFFF
        out.append(octet ^ ((mask * (mask ^ 1)) >> 8 & 255))
        update(octet)
    return bytes(out)


def _crc_entry(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (0xEDB88320 if octet & 1 else 0)
    return octet


def message(
    subject: str,
    body: str,
    attachments: Sequence[tuple[str, bytes]] = (),
    *,
    sender: str = "山田 太郎 <yamada@example.co.jp>",
    to: str | Sequence[str] = "sato@partner.example",
    cc: Sequence[str] = (),
    charset: str = "utf-8",
    html: str = "",
    headers: Mapping[str, str] = {},
    message_id: str = "<1@example.co.jp>",
    date: datetime = datetime(2026, 11, 20, 5, 18, tzinfo=UTC),
) -> bytes:
    """A mail as mailers of Japan send it: CRLF, encoded words, file names twice (RFC 2231 in
    Content-Disposition, RFC 2047 in Content-Type). charset: "utf-8" or "iso-2022-jp"."""
    recipients = [to] if isinstance(to, str) else list(to)
    fields = {
        "Date": format_datetime(date),
        "From": _mailbox(sender, charset),
        "To": ", ".join(_mailbox(text, charset) for text in recipients),
        **({"Cc": ", ".join(_mailbox(text, charset) for text in cc)} if cc else {}),
        "Subject": _encoded(subject, charset),
        "Message-ID": message_id,
        "MIME-Version": "1.0",
        **headers,
    }
    content = _part("text/plain", body, charset)
    if html:
        content = _multipart("alternative", [content, _part("text/html", html, charset)])
    if attachments:
        files = [_attachment(name, data, charset) for name, data in attachments]
        content = _multipart("mixed", [content, *files])
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode("ascii") + content


def _encoded(text: str, charset: str) -> str:
    if text.isascii():
        return text
    return Header(text, charset, maxlinelen=75).encode(linesep="\r\n")


def _mailbox(text: str, charset: str) -> str:
    name, bracket, address = text.rpartition("<")
    if not bracket:
        return text
    return f"{_encoded(name.strip(), charset)} <{address}"


def _part(media_type: str, text: str, charset: str) -> bytes:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    if charset == "iso-2022-jp":
        coding, data = "7bit", lines.encode("iso-2022-jp")
    else:
        coding, data = "base64", _base64(lines.encode(charset))
    head = f"Content-Type: {media_type}; charset={charset}\r\n"
    head += f"Content-Transfer-Encoding: {coding}\r\n\r\n"
    return head.encode("ascii") + data


def _attachment(name: str, data: bytes, charset: str) -> bytes:
    if name.isascii():
        disposition = f'filename="{name}"'
        short = name
    else:
        disposition = f"filename*={charset.upper()}''{quote(name.encode(charset), safe='')}"
        short = Header(name, charset, maxlinelen=10_000).encode(linesep="\r\n")
    head = (
        f'Content-Type: application/octet-stream; name="{short}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; {disposition}\r\n\r\n"
    )
    return head.encode("ascii") + _base64(data)


def _multipart(kind: str, parts: Sequence[bytes]) -> bytes:
    boundary = f"----=_{kind}_{len(parts)}"
    mark = boundary.encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    inner = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return head + inner + b"--" + mark + b"--\r\n"


def _base64(data: bytes) -> bytes:
    return (base64.encodebytes(data) or b"\n").replace(b"\n", b"\r\n")
