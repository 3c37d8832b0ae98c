"""Labels that no list of words knows: 「診察券番号」, "Reservation number:", `jobid=`, any.

Whatever stands as 「…番号」 right before a number, or over its column, names the number. It need
not be known to say that the number is none of ours.
"""

from __future__ import annotations

import re

from detectors.folding import nfkc
from detectors.persons import people

_REACH = 48
# A word of hiragana too, 「お客さま番号」, but no particle, 「この番号」, nor verb, 「ある番号」.
_JAPANESE = (
    r"[一-龠々ァ-ヴー][一-龠々ァ-ヴーA-Za-z]*?"
    r"|[ぁ-ん]{1,6}(?<![のはがをにへでともやなただるいくすむうえてれし])"
)
_NUMBER = (
    r"(?P<end>番号|ばんごう|ナンバー|コード|キー|N[oO]s?\.?|I[Dd]s?|(?<![a-z])(?:no\.?|ids?)"
    r"|[Nn]umbers?|[Cc]ode|#|№)"
)
_BEFORE = re.compile(
    rf"(?:(?P<word>{_JAPANESE}|(?<![A-Za-z])[A-Za-z][A-Za-z_/.&'-]*? ?){_NUMBER}"
    r"[\"')\]】」』]*(?: ?(?:は|が|is|was|in|IN)| ?[:=→⇒#]+)?"
    r"|(?P<key>[A-Za-z_][\w.-]*)[\"']? ?=|[\"'](?P<name>[A-Za-z_][\w.-]*)[\"'] ?:)"
    r" ?\n? ?[\"'(\[「『【]*$"
)
_CAPTION = re.compile(r"\d ?\([^()\n]*\)\n ?$")
"""Behind the number of the line above: 「100-0001（郵便番号）」."""
ENDS = r"ナンバー|コード|キー|no\.?|id|number|code|(?<![a-z])(?:cd|key)|#"
"""Of headings that name some kind of number, folded; 「番号」 is another."""
_HEADING = re.compile(
    rf"(?P<word>[一-龠々ァ-ヴーa-z][^\n(/・,|]{{0,15}}?)(?:(?<![たる])番号|{ENDS})"
    r"(?:\([^()]{0,12}\))?|コード|キー|code|key"
    r"|(?P<amount>.{0,12}(?:金額|[総税残差月年]額|税収|残高|売上高?|単価|数量|件数|人数|合計)(?:\([^()]{0,6}\))?"
    r"|.{0,16}\((?:円|千円|百万円|kg|個|件|人|¥)\))"
)
HANDED = "登録|申告|届出?|提出|提供|通知|告知|報告|回答"
"""「ご申告番号」: handed over, and not what kind of number it is."""
_FOR = "調書|源泉|扶養|調整|年調|税務|申告|社保|保険|年金|給与|手続|提出|届出"
# 「下記番号」「新番号」「配偶者番号」 "your number" `value=`: not what kind of number it is.
_NEUTRAL = re.compile(
    rf"下記|以下|上記|次|同|(?:ご|お|御)?(?:{HANDED})(?:済み?)?|当該|該当|記載|裏面|表面|[新旧正誤]|(?:変更|訂正|修正)[前後]|対象者|申請者"
    rf"|[一-龠]*(?:{_FOR})用"
    rf"|{people.WHO}|桁|数字|カード裏面|氏名|行|列"
    r"|the|this|that|your|his|her|their|its|an?|new|old|correct|following|full|whole|digit|personal"
    r"|individual|identification|identity|national|social|tax(?:payer)?|my"
    r"|code|no|num|number|value|val|item|data|text|key|[a-z]|column|cell|field"
    r"|content|string|str|raw|answer|response|input|entry|detail",
    re.I,
)
_WORD = "一-龠々ァ-ヴーA-Za-z"
_OWNER = re.compile(
    rf"(?P<first>[{_WORD}]+ )?(?<![{_WORD}])(?P<word>[{_WORD}]{{2,}})"
    r" ?(?:は|が|is|was)?[ :=→⇒#([「『【\"']*$"
)
_NOBODY = re.compile(
    rf"(?:{people.WHO}|[一-龠]*(?:{people.PARTY}))+(?:分|用|様|さん)?|[一-龠]*(?:{_FOR})用|(?:{HANDED}|記[入載]|入力|当[社方]|正|誤|新|旧)(?:上|分|用|側|前|後|値|内容|番号|済み?)*"
    r"|.*番号(?:利用)?法.*|.*番号|.*(?:号码|號碼|数字)是?|digits?|ナンバー|[上下前後頭末尾一二三四五六七八九十]*(?:桁|マス|ケタ|けた|つ)|以[上下]|[上下][記]|次|続き?|最[初後]|correct|right|wrong|new|old|mine|is|was|are|am|says?|it|this|that|here|below|number|no|use|as|sure|yes|ok|please|and|to|the|card|カード",
    re.I,
)
_CHAT = re.compile(r"[ \t\[(]*\d{1,2}:\d\d(?::\d\d)?[\])]?\s*")
"""Before the name of who says something."""
_TYPED = re.compile(r"[」』】\"]?[ \u3000]?(?:を|と|で)(?:入力|登録)")


def before(text: str, start: int) -> str:
    """The label that ends right before `start`, as it stands there in half width, or ""."""
    window = _window(text, start)
    found = _BEFORE.search(window)
    if not found or _CAPTION.search(window):
        return ""
    word = found["word"] or found["key"] or found["name"]
    kind_told = found["end"] in ("コード", "キー")
    return "" if not kind_told and _NEUTRAL.fullmatch(word.strip()) else found[0].strip()


def owner(text: str, start: int) -> str:
    """The word right before `start`, on its line, that names something that the number may be of:
    「発行 …」 "run …". "" where it names a person, what is done with numbers, or nothing.

    >>> [owner(text, len(text)) for text in ("発行 ", "run ", "山田 太郎 ", "本人：", "10:31 ﾁﾝ ")]
    ['発行', 'run', '', '', '']
    """
    line = nfkc(text[max(start - _REACH, 0) : start]).replace("\r", "").rpartition("\n")[2]
    found = _OWNER.search(line)
    if not found or _NOBODY.fullmatch(found["word"]):
        return ""
    if _CHAT.fullmatch(line, 0, found.start()):
        return ""
    name = (found["first"] or "") + found["word"]
    is_person = people.is_name(name) if found["first"] else people.is_known(f"{name} ")
    return "" if is_person else found["word"]


def is_typed(text: str, end: int) -> bool:
    """Whether the number that ends at `end` is typed in: 「… を入力」."""
    return _TYPED.match(text, end) is not None


def _window(text: str, start: int) -> str:
    around = nfkc(text[max(start - _REACH, 0) : start])
    return " ".join(around.replace("\r", "").split(" "))


def is_heading(folded: str) -> bool:
    """Whether a heading names some kind of number, or amounts."""
    found = _HEADING.fullmatch(folded)
    return found is not None and not _NEUTRAL.fullmatch(found["word"] or "")
