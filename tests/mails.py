"""Mails with numbers in them, as many tests hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from tests import samples

SATO = "jiro.sato@sr-office.example.jp"
WRONG = "wrong@partner.example"
FREE = "taro@gmail.com"


def numbers(count: int, seed: int = 1) -> list[str]:
    return samples.individual_numbers(count, seed)


def payroll(
    count: int,
    *,
    sender: str = "alice@example.co.jp",
    to: Sequence[str] = (SATO,),
    cc: Sequence[str] = (),
    subject: str = "11月分 給与資料の送付",
    hidden: bool = False,
    second: bool = False,
) -> bytes:
    """`count` numbers in a sheet of an attachment; with `second` another, harmless attachment."""
    rows: list[list[object]] = [["社員番号", "氏名", "個人番号"]]
    rows += [[i, f"社員{i}", n] for i, n in enumerate(numbers(count), 1)]
    book = samples.workbook(
        {"一覧": [["月", "人数"], ["11月", count]], "内訳": rows}, hidden=["内訳"] if hidden else []
    )
    files = [("扶養控除申告_2026.xlsx", book)]
    if second:
        files.append(("送付状.txt", "よろしくお願いします。".encode()))
    body = "佐藤様\n\nお世話になっております。資料をお送りします。"
    return samples.message(subject, body, files, sender=sender, to=list(to), cc=list(cc))


def in_body(count: int = 1, *, sender: str = "alice@example.co.jp", to: str = SATO) -> bytes:
    lines = "\n".join(f"個人番号は {n} です。" for n in numbers(count))
    return samples.message("ご連絡", f"お世話になっております。\n{lines}", sender=sender, to=to)


def plain(*, sender: str = "alice@example.co.jp", to: str = SATO) -> bytes:
    return samples.message("見積の件", "よろしくお願いします。", sender=sender, to=to)


def digits_of(page: str) -> str:
    """All digits of a page, folded and joined: a number cannot hide behind a separator."""
    text = unicodedata.normalize("NFKC", re.sub(r'(?:seen"|href|action|src)[^>]*', "", page))
    return re.sub(r"\D", "", text)


def holds_none_of(page: str, secret: Iterable[str]) -> bool:
    folded = digits_of(page)
    return not any(number in folded for number in secret)
