"""What the sender's own words announce: a file, a password, a link, and to whom they are said.

Each is a fact with a word or a name as its parameter, never the sentence that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from detectors.facts import companies
from detectors.persons.surnames import KANJI
from detectors.report import Fact, Part, Reason
from detectors.text import mask

_TOP_LINES = 8
_NAMES = 10
_LINKS = 5

# 「添付いただいた」「前回添付した」 speak of another mail, 「添付してください」 asks for one.
# One class first: the search then skips all other characters in C.
_ATTACHED = re.compile(
    r"[添別同](?:(?<=添)(?<!前回.)(?<!先日.)(?<!先程.)(?<!先ほど.)(?<!昨日.)(?<!以前.)(?<!前便で.)(?<!ご.)(?<!御.)付"
    r"(?!(?:ファイル|資料|書類)?(?:は|も)?(?:ござい|あり)ません)"
    r"(?!(?:ファイル)?(?:なし|無し|不要|忘れ|漏れ|もれ|先))"
    r"(?!(?:の?うえ|して)?(?:、|の上)?(?:いただ|頂|下さ|くださ|お送り(?:いただ|くださ|下さ)"
    r"|ご?返送|ご?返信|ご?提出|ご?送付(?:いただ|くださ|下さ|願|を?お願)|願|をお願|の?お願|する必要|できな|できませ))"
    r"|(?:(?<=別)(?<!お.)添|(?<=別)紙|(?<=同)封)(?:の|に|を|で|し|いた|致|ファイル|資料|、|:|：|$)"
    r"(?!(?:て)?(?:いただ|頂|くださ|下さ)))",
    re.MULTILINE,
)
_ATTACHED_EN = re.compile(
    r"\b(?:(?:please|kindly) (?:find|see|refer to) (?:the )?(?:attach|enclos)"
    r"|(?:i|we)(?: have|'ve|'m| am| are|'re)? ?(?:attach(?:ed|ing)?|enclos(?:ed?|ing))\b(?! to\b)"
    r"|(?:is|are) (?:attached|enclosed)\b"
    r"|(?:attached|enclosed) (?:is|are|please|you will|herewith|file|document)\b"
    r"|(?:see|in) (?:the )?attach(?:ed|ment))",
    re.I,
)
_PASSWORD = re.compile(
    r"(?:パスワード|ﾊﾟｽﾜｰﾄﾞ|解凍PW|\bPW\b|\bpass(?:word|code)?\b)(?:は|が)?[ \t　]*"
    r"(?:[:：]|は|is\b|=|以下|次の|下記)"
    r"|(?:パスワード|解凍用?PW)(?:をお知らせ|のご?連絡|のお知らせ|をお送り|をご連絡"
    r"|を?ご?案内|のご?案内)",
    re.I,
)
# Without case the expression above has no first letters to skip to: ten times the whole scan.
_PASSWORD_HINT = re.compile("[pP](?:[wW]|[aA][sSſ][sSſ])")
_PASSWORD_SUBJECT = re.compile(r"パスワード|ﾊﾟｽﾜｰﾄﾞ|\bpassword\b|【PW】|\bPW\b", re.I)
_LATER = re.compile(
    r"別途|別送|別メール|後ほど|のち?ほど|次のメール|separate|リセット|再設定|変更|忘れ"
)
_FILLED = re.compile(r"\S[^\n]*")
_URL = re.compile(r"https?://[^\s<>\"'「」）)。、]{4,500}")

# Both grow: whatever is missing does no harm but that a link to it is not told.
STORAGE = frozenset(
    """drive.google.com docs.google.com dropbox.com www.dropbox.com db.tt onedrive.live.com 1drv.ms
    sharepoint.com box.com app.box.com icloud.com www.icloud.com mega.nz mega.io pcloud.com
    workdrive.zoho.com notion.site usefiles.box.com s3.amazonaws.com""".split()
)
TRANSFER = frozenset(
    """gigafile.nu firestorage.jp firestorage.com data-box.jp datadeliver.net transferxl.com
    wetransfer.com we.tl send.firefox.com sendanywhere.com send-anywhere.com filestorage.com
    fileport.jp okurin.bitpark.co.jp okurin.jp bigfile.jp xgf.nu uploader.jp axfc.net
    getuploader.com dropsend.com sendspace.com mediafire.com smash.fr fromsmash.com
    swisstransfer.com""".split()
)

_HONORIFIC = re.compile(
    r"^(.{1,50}?)[ \t　]*(?:様|さま|殿|先生|さん)[、,，。]?(?:へ|宛て?)?[ \t　]*$"
)
_HONORED = re.compile("[様殿さ先]")
"""What none of these is without."""
_NEXT_ONE = re.compile(r"(?<=様|殿)[、,，・ 　]+")
_SENTENCE = re.compile(r"です|ます|ござい|申し")
_SECTION = re.compile(
    r"(?:部|課|室|係|店|所|局|本部|支社|支店|センター|グループ|チーム|事務所|担当|長|社|各位|役|師|士)$"
)
_KANJI_NAME = re.compile(
    r"^[一-龠々〆ヶ𠮷髙﨑]{1,6}$|^[ァ-ヴー]{2,8}$|^[ぁ-ん]{2,6}$|^[A-Za-z]{2,20}$"
)


def noted(subject: str, own: str, parts: Iterable[Part]) -> Iterator[tuple[str, Fact]]:
    """The facts of a mail, each with its word; one that could hold a number is left out."""
    known = list(parts)
    body = next((part.path for part in known if part.media_type.startswith("text/")), "")
    files = [(part.path, part.name) for part in known if part.attachment]
    for fact in facts(subject, body, own, files) if own or subject else ():
        label = str(fact.reason.params.get("label", "")) if fact.reason else ""
        if mask(label) == label:
            yield label, fact


def facts(subject: str, body: str, own: str, files: Iterable[tuple[str, str]]) -> Iterator[Fact]:
    """`body`: part path; `own`: the sender's own words there; `files`: path and name of each."""
    for text, part in ((subject, "subject"), (own, body)):
        if word := _attached(text):
            yield Fact("attachment_mentioned", part, (), Reason("attachment_word", {"label": word}))
            break
    if _tells_password(subject, own):
        yield Fact("password_told", body, (), Reason("password_words"))
    yield from (
        Fact("share_link", body, (), Reason(code, {"label": host})) for code, host in _links(own)
    )
    yield from (
        Fact("salutation", body, (), Reason("salutation", {"label": name}))
        for name in addressed(own)
    )
    for text, part, is_file in (
        (own, body, False),
        (subject, "subject", False),
        *((name, f"name:{path}", True) for path, name in files),
    ):
        names = list(companies.named(text, file=is_file))
        greeted = set(companies.named(_top(text))) if names and part == body else set()
        for name in names:
            said = Reason("company_named", {"label": name, "greeted": name in greeted})
            yield Fact("company_named", part, (), said)


def _top(own: str) -> str:
    """The lines in which a letter says to whom it is, not from whom."""
    lines = _first_lines(own, 4)
    return "\n".join(line for line in lines if not _SENTENCE.search(line))


def _first_lines(own: str, count: int) -> list[str]:
    """Those that are not blank, from their first letter on."""
    return [line[0] for line in islice(_FILLED.finditer(own), count)]


def _attached(text: str) -> str:
    if "添" in text or "別" in text or "封" in text:  # one letter is found at once, two are not
        if found := _ATTACHED.search(text):
            return found[0][:2]
    found = _ATTACHED_EN.search(text) if "ttach" in text or "nclos" in text else None
    return found[0].lower() if found else ""


def _tells_password(subject: str, own: str) -> bool:
    """That it comes is said in the first mail, which carries the file; this is the second."""
    latin = ("p" in own or "P" in own) and _PASSWORD_HINT.search(own)
    hinted = latin or "パスワード" in own or "ﾊﾟｽﾜｰﾄﾞ" in own
    said = hinted and _PASSWORD.search(own)
    told = said or (len(own) < 1_000 and _PASSWORD_SUBJECT.search(subject))
    return bool(told) and not _LATER.search(own)


def _links(own: str) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for url in _URL.finditer(own) if "://" in own else ():
        try:
            host = (urlsplit(url[0]).hostname or "").lower()
        except ValueError:
            continue
        above = {host, *(".".join(host.split(".")[at:]) for at in range(1, host.count(".")))}
        if above & TRANSFER:
            found.setdefault(("transfer_link", host))
        elif above & STORAGE:
            found.setdefault(("storage_link", host))
    return list(found)[:_LINKS]


def addressed(own: str) -> list[str]:
    """Surnames of the persons that a mail is addressed to in its first lines.

    >>> addressed("株式会社サンプル\\n総務部 佐藤 次郎 様\\n\\nお世話になっております。")
    ['佐藤']
    >>> addressed("皆様\\n田中様、鈴木様")
    ['田中', '鈴木']
    """
    names: dict[str, None] = {}
    for line in filter(_HONORED.search, _first_lines(own, _TOP_LINES)):
        for piece in _NEXT_ONE.split(companies.unified(line.strip())):
            if (found := _HONORIFIC.match(piece)) and (name := _surname(found[1])):
                names.setdefault(name)
    return list(names)[:_NAMES]


def _surname(text: str) -> str:
    """Of 「総務部 佐藤 次郎」: what stands last, or before a given name."""
    tokens = [token for token in re.split(r"[ \t　]+", text.strip()) if token]
    tokens = [token for token in tokens if _KANJI_NAME.match(token) and not _SECTION.search(token)]
    if not tokens or tokens[-1] in ("皆", "各位", "お客", "皆々", "関係者", "ご担当者", "担当者"):
        return ""
    if len(tokens) > 1 and (tokens[-2] in KANJI or len(tokens) == 2):
        return tokens[-2]
    last = tokens[-1]
    known = max((name for name in KANJI if last.startswith(name)), key=len, default="")
    return known or (last if len(last) <= 3 else last[:2])
