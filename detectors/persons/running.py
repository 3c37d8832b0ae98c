"""Persons in running text: one a line (氏名 住所 電話), one a block (氏名：… 住所：…), or vCards.

Most mails have a telephone number and an address in their signature. So a cheap expression counts
traces first, and only the lines that have one are read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from detectors.folding import unified
from detectors.persons import people
from detectors.persons.roster import Row, why
from detectors.surface import Text
from detectors.words import fold

_FEWEST = 5
# One class first: the search then skips all other characters in C.
_TRACE = re.compile(
    r"[0０@＠都道府県市区昭平大SHTＳＨＴ9〒](?:(?<=[0０])[\d０-９]{1,3}[-‐－ー()（]\s?[\d０-９]"
    r"|(?<=[0０])[789７８９][0０][\d０-９]{8}|(?<=[@＠])[A-Za-z]|(?<=[都道府県])[^\s\d]{1,4}[市区郡町村]"
    r"|(?<=[市区])[^\s\d]{0,8}[\d０-９]|(?<=[昭平大])[和成正]?[\s\u3000]?[\d０-９元]|(?<=[SHTＳＨＴ])[\d０-９]{1,2}[./年]"
    r"|(?<=19)[3-9]\d[-/.年]|(?<=〒))"
)
_HEADER = re.compile(
    r"[\s>|]*(?:from|to|cc|bcc|sender|reply-to|差出人|宛先|送信者|送信元|返信先|日時|件名|sent|date)\s*[:：]",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_LEAD = re.compile(
    r"[\s>|・●○◯■□◆◇▪*+＊※-]*(?:No\.?|№)?\s?(?:[（(\[]?\d{1,6}[)）\].、:]?)?[\s・,\t|:]*"
    r"(?:(?:氏名|お名前|名前)\s?[:：]?\s*)?"
)
_NAME = re.compile(
    rf"(?P<name>{people.NAME})\s?(?:様|さん|殿|氏|くん|君|先生)?(?=[\s,、:;/|(（\[「・]|$)"
)
_RUN_GAP = 4
"""Lines between two entries of one list, at most."""
_RUN = 3
_LONGEST = 300
"""Characters of a line with one person."""

_LABELS = ("氏名", "氏 名", "氏　名", "名前", "名 前", "姓名", "芳名", "ame:", "ame：", "ame :")
_LABEL = re.compile(
    r"^[ \t\u3000>・●■□◆*]*(?:氏\s?名|お?名\s?前|姓名|ご芳名|name)\s?[:：]\s?(\S.{0,40})$",
    re.M | re.I,
)
_FIELD = re.compile(
    r"^[ \t\u3000>・●■□◆*]*(ご?住\s?所|電話(?:番号)?|tel|携帯(?:電話)?(?:番号)?|生年月日"
    r"|誕生日|連絡先|e-?mail|メール(?:アドレス)?|address|phone|mobile|birth(?:day|date)?)\s?[:：]\s?\S",
    re.M | re.I,
)
_BLOCK = 400
_LONGEST_CARD = 8_000
"""A photo may follow; name and numbers stand before it."""
_CARD = re.compile(r"^BEGIN: ?VCARD\b", re.M | re.I)
_CARD_NAME = re.compile(r"^(?:item\d+\.)?(?:FN|N)[;:].*?([^:;\s].*)$", re.M | re.I)
_CARD_DETAIL = re.compile(r"^(?:item\d+\.)?(TEL|EMAIL|ADR|BDAY)[;:].*[^;:\s].*$", re.M | re.I)
_CARD_WORDS = {"tel": "電話", "email": "メール", "adr": "住所", "bday": "生年月日"}


def rows(text: Text) -> Sequence[Row]:
    """One for each person of a list; of several ways to write one, the first that gives a list."""
    if text.telling is not None and not text.telling.persons:
        return ()
    for may_hold, read in _WAYS:
        found = list(read(text.text)) if may_hold(text.text) else ()
        if len(found) >= _FEWEST and len({row.key for row in found}) >= _FEWEST:
            return found
    return ()


# -- one person a line


def _has_traces(text: str) -> bool:
    return next(islice(_TRACE.finditer(text), _FEWEST - 1, None), None) is not None


def _lines(text: str) -> Iterator[Row]:
    found: list[tuple[Row, str]] = []
    traced = [(number, line) for number, line in _traced(text) if len(line) <= _LONGEST]
    for (number, line), plain in zip(traced, unified([line for _, line in traced]), strict=True):
        if (person := _person(line, plain)) is not None:
            name, detail = person
            found.append(
                (Row(f"{fold(name)}/{fold(detail[1])}", why([detail[0]]), line=number), name)
            )
    entries = _in_runs(found)
    known = sum(people.is_known(name) for _, name in entries)
    if 10 * known >= 3 * len(entries):
        yield from (row for row, _ in entries)


def _traced(text: str) -> Iterator[tuple[int, str]]:
    """Each line with a trace once, with its number."""
    end, number, counted = -1, 1, 0
    for found in _TRACE.finditer(text):
        if found.start() < end:
            continue
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.start())
        end = len(text) if end < 0 else end
        number += text.count("\n", counted, start)
        counted = start
        yield number, text[start:end].removesuffix("\r")


def _person(line: str, plain: str) -> tuple[str, tuple[str, str]] | None:
    """The name at the head of a line, and unified, and the first detail behind it."""
    if _HEADER.match(line):
        return None
    plain = _MAILBOX.sub(" ", plain) if "<" in plain else plain
    lead = _LEAD.match(plain)
    named = _NAME.match(plain, lead.end() if lead else 0)
    if not named or not people.is_name(named["name"]):
        return None
    detail = _detail(plain[named.end() :])
    return (named["name"], detail) if detail else None


def _detail(rest: str) -> tuple[str, str] | None:
    if found := people.MAIL.search(rest):
        return "メール", found[0]
    if people.has_phone(rest) and (found := people.PHONE.search(rest)):
        return "電話", found[0]
    if people.has_birthday(rest) and (found := people.BIRTHDAY.search(rest)):
        return "生年月日", found[0]
    found = people.ADDRESS.search(rest)
    return ("住所", found[0]) if found else None


def _in_runs(found: list[tuple[Row, str]]) -> list[tuple[Row, str]]:
    """Those that stand in a list, and not alone under a mail of a long thread."""
    runs: list[list[tuple[Row, str]]] = []
    for entry in found:
        if not runs or entry[0].line - runs[-1][-1][0].line > _RUN_GAP:
            runs.append([])
        runs[-1].append(entry)
    return [entry for run in runs if len(run) >= _RUN for entry in run]


# -- one person a block


def _has_labels(text: str) -> bool:
    few = text.count("名") + text.count("ame") < _FEWEST
    return not few and sum(map(text.count, _LABELS)) >= _FEWEST


def _blocks(text: str) -> Iterator[Row]:
    counted, number = 0, 1
    for named in _LABEL.finditer(text):
        field = _FIELD.search(text, named.end(), named.end() + _BLOCK)
        following = _LABEL.search(text, named.end(), named.end() + _BLOCK)
        if field and not (following and following.start() < field.start()):
            number += text.count("\n", counted, named.start())
            counted = named.start()
            yield Row(fold(named[1]), why([fold(field[1])]), line=number)


# -- vCards (RFC 6350, and the older 2.1 that telephones write)


def _has_cards(text: str) -> bool:
    return "VCARD" in text or "vcard" in text


def _cards(text: str) -> Iterator[Row]:
    begins = [found.start() for found in _CARD.finditer(text)]
    line, counted = 1, 0
    for start, end in pairwise([*begins, len(text)]):
        line, counted = line + text.count("\n", counted, start), start
        card = text[start : min(end, start + _LONGEST_CARD)]
        name, detail = _CARD_NAME.search(card), _CARD_DETAIL.search(card)
        if name and detail:
            yield Row(f"{name[1]}/{detail[0]}", why([_CARD_WORDS[detail[1].lower()]]), line=line)


_WAYS = ((_has_cards, _cards), (_has_traces, _lines), (_has_labels, _blocks))
