"""Names of companies in Japanese text, and the core by which two spellings are the same one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.folding import nfkc

_FORM = (
    r"(?:株式会社|有限会社|合同会社|合資会社|合名会社|(?:一般|公益)(?:社団|財団)法人|社会福祉法人"
    r"|医療法人(?:社団|財団)?|学校法人|独立行政法人|国立大学法人|税理士法人|社会保険労務士法人|監査法人"
    r"|弁護士法人|行政書士法人|司法書士法人"
    r"|\(株\)|\(有\)|\(合\)|\(社\))"
)
_FORMS = re.compile(_FORM)
_FORM_EN = re.compile(r",? ?(?:co\.?,? ?ltd|inc|corp|k\.k|gmbh|llc|ltd)\.?$")
_NO_LETTER = re.compile(r"[\s・･.,'\"「」『』()_-]")
_NAME = r"[A-Za-z0-9&.'・ー〇々ヶァ-ヴぁ-ん一-龠-]"
_START = r"(?:^|(?<=[\s、。,:「『(【]))"
# What a form begins with goes first: where it is not, none of them need be tried.
_NEXT = "(?=[ 株有合一公社医学独国税監弁行司(])"
_IN_TEXT = re.compile(
    rf"{_NEXT}{_FORM} ?({_NAME}{{2,30}})|{_START}({_NAME}{{2,30}}?){_NEXT} ?{_FORM}", re.MULTILINE
)
_ADDRESSED = re.compile(
    rf"{_START}(?:({_NAME}{{1,30}}社)(?:様|殿|御中|宛|向け)|({_NAME}{{2,30}}?) ?御中)", re.MULTILINE
)
_ADDRESSEE = re.compile("御中|社[様殿宛向]")
_CALLED = re.compile(rf"{_START}({_NAME}{{2,30}}?) ?[様殿]", re.MULTILINE)
_NOBODY = frozenset(
    {"御社", "貴社", "弊社", "当社", "各社", "本社", "同社", "他社", "自社", "両社"}
)
_AFTER = re.compile(
    r"(?:様|御中|殿|さま|の(?=[一-龠ぁ-ん])|で[はすもご]|[にへをがはとやも](?![ぁ-ん]*$)"
    r"|より|から|宛|向け|への|との"
    r"|第[一二三四五六七八九十\d]|[^ -~]{2,6}(?:部|課|室|支店|営業所|事業部)).*$"
)
# Each begins with a plain sign: the search then skips all others in C.
_HINT = re.compile("社|法人|御中|様|殿|㈱|㈲|\\([有株][)）]|（[有株][)）]")
_LONGEST = 2_000
MOST = 20


def unified(text: str) -> str:
    """
    >>> unified("㈱　ﾔﾏﾀﾞ")
    '(株) ヤマダ'
    """
    return nfkc(text)


def core(name: str) -> str:
    """What stays of a name when its form, blanks and case do not count; "" for hardly anything.

    >>> core("株式会社 サンプル商事"), core("ｻﾝﾌﾟﾙ商事（株）"), core("SAMPLE Co., Ltd.")
    ('サンプル商事', 'サンプル商事', 'sample')
    """
    plain = _FORMS.sub("", unified(name).lower())
    plain = plain.strip()
    plain = _FORM_EN.sub("", plain) if plain[-1:].isascii() else plain
    plain = _NO_LETTER.sub("", plain)
    return plain if len(plain) >= 2 else ""


def named(text: str, *, file: bool = False) -> Iterator[str]:
    """Cores of the companies that a text names, each once; in the name of a file also of whoever
    is called 様 there.

    >>> list(named("株式会社サンプル商事 御中"))
    ['サンプル商事']
    >>> list(named("A社様_請求書.pdf")), list(named("山田商事御中_見積.xlsx"))
    (['a社'], ['山田商事'])
    >>> list(named("見積書（山田商事様）.xlsx", file=True))
    ['山田商事']
    """
    plain = unified(_hinted(text)).replace("_", " ")
    seen: set[str] = {"", *_NOBODY}
    for written in _written(plain, file) if plain else ():
        if (name := core(written)) not in seen:
            seen.add(name)
            yield name
            if len(seen) > MOST + len(_NOBODY):
                return


def _written(plain: str, file: bool) -> Iterator[str]:
    for found in _IN_TEXT.finditer(plain):
        yield _AFTER.sub("", found[1]) if found[1] else found[2]
    for found in _ADDRESSED.finditer(plain) if _ADDRESSEE.search(plain) else ():
        yield found[1] or found[2]
    for found in _CALLED.finditer(plain) if file else ():
        yield found[1]


def _hinted(text: str) -> str:
    """The first lines with a word that may belong to a company."""
    lines, length, end = [], 0, 0
    while length < _LONGEST and (found := _HINT.search(text, end)):
        start = text.rfind("\n", 0, found.start()) + 1
        end = text.find("\n", found.start())
        end = len(text) if end < 0 else end
        lines.append(text[start:end])
        length += end - start + 1
    return "\n".join(lines)[:_LONGEST]
