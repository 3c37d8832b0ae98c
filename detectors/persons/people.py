"""How a person's name, address, birthday, telephone and mail address are written in Japan.

All of these read unified text (`folding`). A form alone proves nothing: 「渋谷蓮」 may be a flower
shop. What makes a list is that many rows or lines have the same forms.
"""

from __future__ import annotations

import re

from detectors.folding import nfkc, run
from detectors.persons.surnames import KANA, KANJI, ROMAJI

_HAN = "一-龠々〆ヵヶ𠀀-𪛟﨑"
NAME = (
    rf"(?:[{_HAN}]{{1,4}} ?[{_HAN}ぁ-んァ-ヴー]{{1,5}}"
    r"|[ァ-ヴー]{2,7} [ァ-ヴー]{2,7}|[ぁ-んー]{2,7} [ぁ-んー]{2,7}"
    r"|[A-Z][A-Za-z'-]+,? [A-Z][A-Za-z'-]+)"
)
_NAME = re.compile(NAME)
WHO = "本人|配偶者|(?:被?扶養)?(?:親族|家族|者)|[妻夫父母子親]|[長次二三]?[男女]"
"""In a household and on the forms of an office."""
PARTY = (
    "世帯主|地主|家主|大家|貸主|講師|客様|委員|理事|監事|顧問|先生|[社専常部課係店院園会]長|専務|児童|生徒|学生|園児|(?:受取|届出|相続|保証)人"
    "|(?:契約|保護|申[込請]|届出|請求|受給|受贈|贈与|納税|加入|代表|専従|同居)者"
)
"""Of a contract, a payment or a school: a person alone, and with 「番号」 the number of something
else."""
# Shops, offices, places and headings are written with the same letters.
_NO_NAME = re.compile(
    r".*(?:会社|店|支社|支店|営業所|事業所|事務所|出張所|センター|部|課|室|係|班|グループ|チーム|病院|医院|薬局|学校|大学|学園"
    r"|工場|倉庫|ビル|会館|駅|[市区町村県府都]|合計|小計|平均|件数|一覧|未定|不明|該当なし|商店|商事|工業|産業|製作所|製薬|建設|電機|電気|運輸|不動産|銀行|協会"
    r"|組合|法人|ホテル|[数量額率日年月]|番号|有無|備考)"
)

PHONE = re.compile(r"(?<![\d-])(?:\+81[- ]?|0|\(0)\d{1,4}[-() ]{0,2}\d{1,4}[- )]?\d{3,4}(?![\d-])")
MAIL = re.compile(run("A-Za-z0-9._%+-", 64) + r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
ADDRESS = re.compile(
    rf"(?:東京都|北海道|(?:京都|大阪)府|(?:神奈川|和歌山|鹿児島|[{_HAN}]{{2}})県)[^\s,]{{2}}"
    rf"|[{_HAN}ぁ-んァ-ヴ]{{1,6}}[市区郡町村][^\s,]{{1,20}}?\d|〒\d{{3}}-?\d{{4}}"
)
_ERA = r"(?P<era>明治?|大正?|昭和?|平成?|令和?|[MTSHR](?=\.?\d))\.?\s?(?P<of>\d{1,2}|元)"
BIRTHDAY = re.compile(
    rf"(?<![A-Za-z\d])(?:{_ERA}|(?P<year>19\d\d|20\d\d))"
    r"(?:(?P<sign>[年./-]|\s?年\s?)\s?\d{1,2}\s?[月./-]\s?\d{1,2}日?|(?<=\d{4})[01]\d[0-3]\d)(?!\d)"
)
_LINE = 80
"""Characters before a number in which its line is read."""
_HONORIFIC = re.compile(r"\S(?:さん|様|氏|先生|くん|ちゃん)(?:は|が|の分)?[\s、:(→]*$")
_ROLE = re.compile(
    rf"(?:^|[^{_HAN}ァ-ヴー])(?:{WHO}|支払を?受ける者|支払先|被保険者|受給者|世帯主|従業員|社員)\d?"
    rf"(?:氏?名)?[\s:・(→]*(?:{NAME})?[\s:)、,→]*(?:は|が)?\s*$"
)
_REST = re.compile(r"[^\S\r\n]*[^\s]")
"""Something behind a number on its line."""
_FIRST = {"明M": 1868, "大T": 1912, "昭S": 1926, "平H": 1989, "令R": 2019}
_YOUNGEST = 2012
"""Dates after it are dates of business far more often than birthdays."""


def is_name(text: str) -> bool:
    """Written as a name of a person is.

    >>> [is_name(text) for text in ("山田 太郎", "ヤマダ タロウ", "渋谷店", "Taro Yamada")]
    [True, True, False, True]
    """
    return bool(2 <= len(text) <= 40 and _NAME.fullmatch(text) and not _NO_NAME.fullmatch(text))


def is_known(name: str) -> bool:
    """Whether a name begins (in Latin letters: begins or ends) with a frequent surname.

    >>> [is_known(name) for name in ("佐々木希", "山田", "サトウ ハナコ", "Ken Tanaka", "渋谷蓮")]
    [True, False, True, True, False]
    """
    if name[:1].isascii():
        return not ROMAJI.isdisjoint(re.split(r"[, ]+", name.lower()))
    first, blank, rest = name.partition(" ")
    if blank:
        return first in KANJI or first in KANA
    return any(name[:length] in KANJI for length in (1, 2, 3) if len(name) > length)


def has_phone(text: str) -> bool:
    """A whole number with its area code; 内線 and four digits are none."""
    found = PHONE.search(text)
    if not found:
        return False
    digits = sum(map(str.isdigit, found[0])) - 2 * found[0].startswith("+")
    return digits in (9, 10, 11)


def has_birthday(text: str) -> bool:
    """
    >>> [has_birthday(t) for t in ("昭和60年4月1日", "S60.4.1", "1985/04/01", "2026年11月21日")]
    [True, True, True, False]
    """
    return any(_born(found) <= _YOUNGEST for found in BIRTHDAY.finditer(text))


def is_told_before(text: str, start: int, end: int) -> bool:
    """Whether the line of the number at [start, end) has told of a person: a day of birth, or right
    there a name with an honorific, or who of a household or on a form it is. A number alone in its
    line belongs to the line above, if that is no salutation.

    >>> told = lambda text: is_told_before(text, len(text), len(text))
    >>> [told(text) for text in ("妻 S60.4.1 ", "森様、", "森様が今日 ", "2026年 ", "森様\\n")]
    [True, True, False, False, False]
    >>> [told(text) for text in ("長男：", "支払を受ける者 森 葵 ", "森 葵 S60.4.1\\n", "電子 ")]
    [True, True, True, False]
    """
    above, _, line = nfkc(text[max(start - _LINE, 0) : start]).replace("\r", "").rpartition("\n")
    if _HONORIFIC.search(line):
        return True
    if not line.strip(" >") and not _REST.match(text, end):
        line = above.rpartition("\n")[2]
    return _ROLE.search(line) is not None or has_birthday(line)


def has_date(text: str) -> bool:
    return bool(BIRTHDAY.search(text))


def has_mail(text: str) -> bool:
    return "@" in text and bool(MAIL.search(text))


def has_address(text: str) -> bool:
    return bool(ADDRESS.search(text))


def _born(found: re.Match[str]) -> int:
    if found["year"]:
        return int(found["year"])
    of = 1 if found["of"] == "元" else int(found["of"])
    return next(year for signs, year in _FIRST.items() if found["era"][0] in signs) + of - 1
