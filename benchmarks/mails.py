"""The mails that are sent: what an office sends, with nothing in it that would be held."""

from __future__ import annotations

import random
from functools import partial

from tests import samples

SEED = 20261121
SENDER, RECIPIENT = "hanako@example.co.jp", "sato@partner.example"
_SENTENCES = (
    "いつもお世話になっております。",
    "先日ご相談した件につきまして、見積書をお送りいたします。",
    "納期は来月の中旬を予定しております。",
    "ご不明な点がございましたら、お気軽にお知らせください。",
    "次回の打ち合わせは木曜日の午後でよろしいでしょうか。",
    "よろしくお願いいたします。",
)


def mail(size: str) -> bytes:
    """One mail of `size`, a key of MAILS; the same octets each time."""
    return MAILS[size](random.Random(SEED))


def _text(chance: random.Random, octets: int) -> str:
    lines: list[str] = []
    while sum(len(line.encode()) for line in lines) < octets:
        lines.append(chance.choice(_SENTENCES))
    return "\n".join(lines)


def _written(chance: random.Random) -> bytes:
    return _mail("見積の件", _text(chance, 1_200))


def _with_sheet(chance: random.Random) -> bytes:
    rows = [
        f"A-{chance.randrange(10**5):05},部品{chance.randrange(900)},{chance.randrange(500)},入荷済み"
        for _ in range(1_000)
    ]
    sheet = "\r\n".join(["品番,品名,数量,状況", *rows]).encode()
    return _mail("在庫表", _text(chance, 800), ("在庫表.csv", sheet[:35_000]))


def _with_film(chance: random.Random, octets: int = 740_000) -> bytes:
    """Octets that are decoded and recognised, and in which nothing is written."""
    film = b"\0\0\0\x18ftypmp42" + chance.randbytes(octets)
    return _mail("動画", _text(chance, 800), ("現場.mp4", film))


def _mail(subject: str, body: str, *files: tuple[str, bytes]) -> bytes:
    return samples.message(subject, body, files, sender=f"花子 <{SENDER}>", to=RECIPIENT)


MAILS = {
    "2 KB": _written,
    "50 KB": _with_sheet,
    "1 MB": _with_film,
    "20 MB": partial(_with_film, octets=14_600_000),
}
