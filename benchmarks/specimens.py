"""What the inspection is timed with: mails and documents of an office, always the same."""

from __future__ import annotations

import base64
import io
import quopri
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import xlsxwriter
from fpdf import FPDF

from tests.samples import individual_number

SEED = 20261122
_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_WORDS = (
    "見積書 納品 請求書 打ち合わせ 資料 部品 在庫 確認 送付 来週 木曜日 午後 担当 変更 契約 更新"
    " 数量 単価 合計 株式会社 東京 大阪 営業部 経理 ご連絡 いたします よろしく お願い ください"
).split()
_HEAD = b"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="Generator" content="Microsoft Word 15 (filtered medium)"><style><!--
@font-face
\t{font-family:"Yu Gothic";
\tpanose-1:2 11 4 0 0 0 0 0 0 0;}
p.MsoNormal, li.MsoNormal
\t{margin:0mm;text-align:justify;font-size:10.5pt;}
--></style></head><body lang="JA" style="word-wrap:break-word"><div class="WordSection1">
""".replace(b"\n", b"\r\n")


def sentence(chance: random.Random) -> str:
    return "".join(chance.choices(_WORDS, k=chance.randint(4, 12))) + "。"


def prose(octets: int, numbers: int = 1) -> str:
    """Japanese text of about so many octets in UTF-8, with dates, prices and some numbers in it."""
    chance, length = random.Random(SEED), 0
    lines: list[str] = []
    while length < octets:
        line = sentence(chance)
        if not len(lines) % 5:
            day = f"2026年{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
            line = f"{day} {chance.randint(1, 99)},800円 {line}"
        lines.append(line)
        length += len(line.encode()) + 2
    step = len(lines) // (numbers + 1)
    for one in range(numbers, 0, -1):
        lines.insert(step * one, f"個人番号：{individual_number(one)}")
    return "\r\n".join(lines)


def listing(octets: int) -> str:
    """CSV of about so many octets in UTF-8: what a stock or sales system puts out."""
    chance, rows, length = random.Random(SEED), ["品番,品名,取引先,数量,単価,日付,備考"], 0
    while length < octets:
        row = (
            f"A-{chance.randrange(10**5):05},部品{chance.randrange(900)},{chance.choice(_WORDS)}商事,"
            f"{chance.randrange(500)},{chance.randrange(10**5)},2026/{chance.randint(1, 12)}/"
            f"{chance.randint(1, 28)},{chance.choice(_WORDS)}済み"
        )
        rows.append(row)
        length += len(row.encode()) + 2
    return "\r\n".join(rows)


def persons(rows: int, number: bool = False) -> str:
    """CSV of customers or, with their numbers, of employees."""
    chance = random.Random(SEED)
    found = ["氏名,住所,電話番号,生年月日,メール" + ",個人番号" * number]
    for row in range(rows):
        name = chance.choice("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村".split())
        given = chance.choice("太郎 花子 一郎 健 美咲 翔太".split())
        cells = [f"{name} {given}{row}", f"東京都千代田区丸の内{row % 9 + 1}-{row % 7 + 1}"]
        cells += [f"03-{chance.randint(1000, 9999)}-{chance.randint(1000, 9999)}"]
        cells += [f"19{chance.randint(50, 99)}/4/{chance.randint(1, 28)}", f"u{row}@example.jp"]
        found.append(",".join(cells + [individual_number(row)] * number))
    return "\r\n".join(found)


def log(octets: int) -> str:
    """ASCII with many digits: what a server writes."""
    chance, length = random.Random(SEED), 0
    lines: list[str] = []
    while length < octets:
        at = f"2026-11-{chance.randint(1, 28):02} 12:{chance.randint(0, 59):02}:07,123"
        asked = f"GET /orders/{chance.randrange(10**6)} 200 {chance.randrange(10**5)}b"
        line = f"{at} INFO web{chance.randint(1, 9)} {asked} {chance.randrange(900)}ms"
        lines.append(line)
        length += len(line) + 2
    return "\r\n".join(lines)


def html(text: str) -> bytes:
    """As Outlook writes it."""
    body = "".join(
        f'<p class="MsoNormal"><span style=\'font-size:10.5pt;font-family:"Yu Gothic"\'>{line}'
        '<span lang="EN-US"><o:p></o:p></span></span></p>\r\n'
        for line in text.split("\r\n")
    )
    return _HEAD + body.encode() + b"</div></body></html>\r\n"


def _part(kind: str, data: bytes, encoding: str, name: str = "") -> bytes:
    head = f"Content-Type: {kind}" + (f'; name="{name}"' if name else "")
    head += f"\r\nContent-Transfer-Encoding: {encoding}\r\n"
    head += f'Content-Disposition: attachment; filename="{name}"\r\n' if name else ""
    if encoding == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return head.encode() + b"\r\n" + data


def _multipart(kind: str, boundary: str, *parts: bytes) -> bytes:
    mark = boundary.encode()
    inside = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind};\r\n\tboundary="{boundary}"\r\n\r\n'.encode()
    return head + inside + b"--" + mark + b"--\r\n"


def mail(*attached: bytes, words: int = 1_500) -> bytes:
    """As Outlook sends it: a text in ISO-2022-JP, the same in HTML, what is attached."""
    text = prose(words, numbers=0)
    both = _multipart(
        "alternative", "----=_NextPart_001_0007_01DB3C5F.8A2B",
        _part('text/plain; charset="iso-2022-jp"', text.encode("iso-2022-jp"), "7bit"),
        _part('text/html; charset="utf-8"', html(text), "quoted-printable"),
    )  # fmt: skip
    return _TOP + _multipart("mixed", "----=_NextPart_000_0006_01DB3C5F.8A2B", both, *attached)


def plain(text: str, charset: str, encoding: str) -> bytes:
    """A mail that is one text, as mailers without HTML send it."""
    return _TOP + _part(f'text/plain; charset="{charset}"', text.encode(charset), encoding)


_TOP = (
    b"Received: from client.example.co.jp (client.example.co.jp [192.0.2.7])\r\n"
    b"\tby mail.example.co.jp with ESMTPS id 4Fz7; Sun, 22 Nov 2026 09:00:00 +0900\r\n"
    b"From: =?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <yamada@example.co.jp>\r\n"
    b"To: =?utf-8?B?5L2Q6Jek?= <sato@partner.example>, suzuki@partner.example\r\n"
    b"Subject: =?utf-8?B?6KaL56mN5pu444Gu5Lu2?=\r\n"
    b"Date: Sun, 22 Nov 2026 09:00:00 +0900\r\n"
    b"Message-ID: <000701db3c5f$8a2b@example.co.jp>\r\nMIME-Version: 1.0\r\n"
    b"X-Mailer: Microsoft Outlook 16.0\r\nThread-Index: AdsXl\r\nContent-Language: ja\r\n"
)


def _csv(text: str, charset: str = "utf-8-sig", encoding: str = "base64") -> bytes:
    return _part("text/csv", text.encode(charset), encoding, "list.csv")


def _text(octets: int, charset: str = "utf-8", encoding: str = "base64", numbers: int = 1) -> bytes:
    kind = f'text/plain; charset="{charset}"'
    return _part(kind, prose(octets, numbers).encode(charset), encoding, "memo.txt")


MAILS: dict[str, Callable[[], bytes]] = {
    "50 KB: one text, no number, 8bit": lambda: plain(prose(49_000, 0), "utf-8", "8bit"),
    "50 KB: one text, ISO-2022-JP": lambda: plain(prose(65_000), "iso-2022-jp", "7bit"),
    "50 KB: text and HTML": lambda: mail(words=8_000),
    "50 KB: text, base64, 3 My Numbers": lambda: mail(_text(28_000, numbers=3)),
    "50 KB: CSV, base64": lambda: mail(_csv(listing(28_000))),
    "50 KB: CSV of 300 persons": lambda: mail(_csv(persons(300))),
    "50 KB: CSV of 250 My Numbers": lambda: mail(_csv(persons(250, number=True))),
    "50 KB: text, quoted-printable": lambda: mail(_text(14_000, encoding="quoted-printable")),
    "1 MB: CSV, base64": lambda: mail(_csv(listing(750_000))),
    "1 MB: CSV in CP932, base64": lambda: mail(_csv(listing(900_000), "cp932")),
    "1 MB: CSV, quoted-printable": lambda: mail(
        _csv(listing(480_000), "utf-8", "quoted-printable")
    ),
    "1 MB: CSV of 8,500 persons": lambda: mail(_csv(persons(8_500))),
    "1 MB: CSV of 7,000 My Numbers": lambda: mail(_csv(persons(7_000, number=True))),
    "1 MB: text, CP932, base64": lambda: mail(_text(1_100_000, "cp932")),
    "1 MB: text, base64": lambda: mail(_text(750_000)),
    "1 MB: text, quoted-printable": lambda: mail(_text(350_000, encoding="quoted-printable")),
    "1 MB: text, ISO-2022-JP": lambda: mail(_text(1_500_000, "iso-2022-jp", "7bit")),
    "1 MB: log, base64": lambda: mail(
        _part("text/plain", log(750_000).encode(), "base64", "web.log")
    ),
}


HARD = ("HTML", "quoted-printable", "ISO-2022-JP", "log, base64", "8bit")
HARD += ("persons", "250 My Numbers", "7,000 My Numbers")
"""Measured, not promised: whose decoding alone takes nearly as long as is allowed, and what the
standard library has next to nothing to do with; or that is a list, each row of which is weighed."""


def sized(octets: int) -> bytes:
    """A mail of about so many octets, a CSV file in it from 4 KB on."""
    if octets < 4_096:
        return _part("text/plain; charset=utf-8", prose(octets).encode(), "8bit")
    return mail(_csv(listing(int(octets * 0.73) - 2_500)), words=500)


@cache
def workbook(rows: int = 30_000) -> bytes:
    chance, out = random.Random(SEED), io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("在庫")
        for row in range(rows):
            cells = [f"A-{row:06}", chance.choice(_WORDS), chance.randrange(500), row * 1.5]
            sheet.write_row(row, 0, [*cells, f"{chance.choice(_WORDS)}商事"])
    return out.getvalue()


@cache
def document(pages: int = 200) -> bytes:
    chance, pdf = random.Random(SEED), FPDF()
    pdf.add_font("noto", fname=str(_FONT))
    pdf.set_font("noto", size=10)
    for _ in range(pages):
        pdf.add_page()
        pdf.multi_cell(0, 6, "\n".join(sentence(chance) for _ in range(30)))
    return bytes(pdf.output())
