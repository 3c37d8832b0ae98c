"""What a sender has written himself: the body without what is quoted and without the signature.

Every check of words stands on this: the 「添付」 of the mail that is answered, and the company in
one's own signature, say nothing about the mail that is sent.
"""

from __future__ import annotations

import re

LONGEST = 20_000
"""Characters; a salutation or a word of an attachment stands before."""
_SIGNATURE_LINES = 15

_QUOTED = re.compile(r"^[ \t]{0,3}[>＞|｜]")
# Where the mail that is answered begins: what Outlook, Gmail, Apple Mail, Thunderbird, Becky! and
# the webmails of providers write above it.
_BEGINS = re.compile(
    r"^[ \t]*(?:-{2,}[ \t]*(?:original message|original appointment|元のメッセージ"
    r"|forwarded message"
    r"|転送メッセージ|forwarded by)\b.*"
    r"|begin forwarded message:.*"
    r"|on .{5,150}(?:wrote|writes):"
    r"|.{0,150}@.{0,150}(?:wrote|さんは?書きました|が書きました|のメール)[:：]?"
    r"|\d{4}[年/-].{3,150}[<＜][^<>＜＞]{3,100}@[^<>＜＞]{3,100}[>＞][:：]"
    r"|_{20,})[ \t]*$",
    re.I,
)
_FIELD = re.compile(
    r"^[ \t*]*(from|sent|date|to|cc|subject|差出人|送信者|送信日時|日時|宛先|件名)[ \t*]*[:：]",
    re.I,
)
# Where a line begins that one of the expressions above may take; those with an address begin
# anyhow.
# The first sign is a plain one: the search then skips all others in C.
_MAY_TELL = re.compile(
    r"\n(?=[ \t*>＞|｜_bBoOfFsSdDtTcC差送日宛件-])"
    r"(?=[ \t*>＞|｜_-]|[bB][eE]|[oO][nN]|[fF][rR]|[sS][eEuU]|[dD][aA]|[tT][oO]|[cC][cC]"
    r"|差出|送信|日時|宛先|件名)"
)
_OR_ADDRESS = re.compile(f"{_MAY_TELL.pattern}|@")
_RULE = re.compile(
    r"\n[ \t]*(?:--[ \t]?|([-=_*#+~ー─━―＝－＿…‥・◆◇□■☆★\u2500-\u257f])(?:[ \t]?\1){7,}.*)(?=\n|\Z)"
)
_CONTACT = re.compile(r"@|tel|電話|fax|〒|https?://|℡|\d{2,4}-\d{2,4}-\d{3,4}", re.I)


def own(text: str) -> str:
    """The sender's own words in a body.

    >>> own("佐藤様\\n承知しました。\\n\\n-- \\n山田 03-0000-0000\\n\\n> 添付をご確認ください")
    '佐藤様\\n承知しました。'
    """
    return _unsigned(_unquoted(text[:LONGEST].replace("\r", ""))).strip()


def _unquoted(text: str) -> str:
    """Up to where the mail that is answered begins, without the lines that are quoted."""
    text, kept, at, end = f"\n{text}", list[str](), 1, 0
    for telling in (_OR_ADDRESS if "@" in text else _MAY_TELL).finditer(text):
        if telling.end() <= end:
            continue
        start = text.rfind("\n", 0, telling.end()) + 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if _BEGINS.match(line) or _is_header_block(text, start, line):
            return "".join((*kept, text[at:start]))
        if _QUOTED.match(line):
            kept.append(text[at:start])
            at = end + 1
    return "".join((*kept, text[at:]))


def _is_header_block(text: str, start: int, line: str) -> bool:
    """Outlook repeats the header of what it quotes: three of its fields in the next lines."""
    if not _FIELD.match(line):
        return False
    lines = text[start:].split("\n", 6)[:6]
    named = {found[1].lower() for line in lines if (found := _FIELD.match(line))}
    return len(named) >= 3


def _unsigned(text: str) -> str:
    """Without the last block that a line of dashes opens and that tells how to reach somebody."""
    end = text.find("\n", len(text.rstrip()))
    lines = f"\n{text if end < 0 else text[:end]}"
    before = lines.rsplit("\n", _SIGNATURE_LINES)[0]
    for rule in _RULE.finditer(lines, len(before)):
        if rule[0].strip() == "--" or _CONTACT.search(lines, rule.end()):
            return lines[1 : rule.start()]
    return text
