"""Whether a mail asks for 個人番号, so that a number that nothing else claims is likely one.

It calls them by name and does not only refuse them; or it speaks of 「番号」 and no more, and of
work that cannot be done without: the law names taxes, social insurance and a few others, and
whoever writes of them for himself says 「番号」.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from detectors.context import about
from detectors.numbers import individual_number
from detectors.words import INDIVIDUAL, fold, labels

_LAW = re.compile(
    "番号(?:利用)?法|番号制度|(?<![a-z])mn(?=未?(?:収集|回収|提出|取得))|個人を識別するための番号|届書(?:作成プログラム|csv)|csv形式届書|(?<![ァ-ヶー一-龠])カードの?裏(?!面?の?(?:セキュ|署名|サイン))"
    "|裏面?に(?:書|記載|あ|印).{0,6}12(?:桁|けた|ケタ)|国(?:民|[かの]).{0,14}番号|番号の?告知"
)
_DIGITS = re.compile("(?:12|十二)(?:桁|けた|ケタ|位|ch[uữ]s[oố]|d[ií]gitos)|(?:12|twelve)-?digits?")
_CARD = re.compile(
    "(?<![一-龠ァ-ヶーの])裏面?[のに]|役所|役場|背面|cityhall|wardoffice|prefeitura|ủyban|mặtsau"
    "|backof(?:my|the|your|h..)|onthe(?:back|reverse)"
)
"""「12桁のやつ」 and 「裏面の下のほうに書いてありました」: the card needs no name."""
_COPY = re.compile("カードの?(?:コピー|写し?|裏)")
_OTHER_CARD = re.compile(
    "(?:社員|職員|会員|学生|入館|入場|診察|図書|優待)(?:証|券|カード)|(?:ポイント|ギフト|プリペイド|クレジット"
    "|キャッシュ|sim|wi-?fi|銀行|デビット)(?:カード|card)?|免許|保険証|gift|prepaid|credit|debit|licen[cs]e|badge"
)
_SAID = re.compile("裏面?の(?:数字|番号)")
_WORK = re.compile(
    "マイナ(?:ンバー|カード|保険証|の)|個人番号|mynumber|扶養|源泉|調書|年末調整|年調|給与支払報告|退職所得|確定申告|所得税|住民税|相続税|贈与税|税務署|e-?tax|eltax|青色申告|専従者"
    "|特別徴収|年金|健保|健康保険|国保|社保|社会保険(?!労務士)|介護保険|被保険者|雇用保険|雇保|ハローワーク|離職票"
    "|労災|労働保険|給付|算定基礎|月額変更|資格(?:取得|喪失)|[児傷出](?:童|病|産)手当|[育産]休|障害者手帳"
    "|身元確認|在留カード|ざいりゅうかーど|residencecard|backof(?:my|the|your|h..)(?:mynumber)?card|税・?社会保障|社会保障・?税|taxoffice|year-?end(?:tax)?adjust|dependent|年末调整|nenmatsuch?[oō]|ワンストップ|ふるさと納税|外国?送金|nisa|特定口座|財形|ぜいきん|ねんきん|くやくしょ|しやくしょ|withholding|payroll|taxform|socialinsurance"
)
_NUMBER = re.compile(
    r"(?<![一-龠々ァ-ヴーa-z\d])(?:番号(?!札)|ナンバー|ばんごう)|(?<!\d)(?:12|十二)(?:桁|けた|ケタ|マス|個|位)|(?:12|twelve)-?digit|my·number|すうじ|(?:書く|記入する|入れる)(?:欄|やつ|ところ)|チェックデジット|検査(?:用)?数字"
)

_SHORT = 600
"""Characters of a text that is looked at in any case: the subject may say what it is about."""
_LIKELY = (*individual_number.STEMS, "12桁", "１２桁", "カードの")


def may_be(text: str) -> bool:
    """Whether a number may be in a text that is not written as one (`told`, `apart`, `dictated`):
    such are believed where 個人番号 are asked for, and a longer text says so itself."""
    return len(text) <= _SHORT or any(word in text for word in _LIKELY)


def asks(texts: Sequence[str]) -> bool:
    """Whether one of `texts`, of one mail, names 個人番号, or all together ask for a number that
    can be no other.

    >>> asks(['マイナンバー必要と聞きました']), asks(['マイナンバーは書かないでください'])
    (True, False)
    >>> asks(['育休の申請書', '番号書くところ']), asks(['育休の申請書', '受付番号'])
    (True, False)
    """
    folded = [fold(text) for text in texts]
    if any(map(_names, folded)) or _says(folded, _WORK, _NUMBER):
        return True
    card = _says(folded, _DIGITS, _CARD) or _says(folded, _COPY, _SAID)
    return card and not _says(folded, _OTHER_CARD)


def _says(folded: Sequence[str], *words: re.Pattern[str]) -> bool:
    """All of `words`, wherever they stand."""
    return all(any(map(word.search, folded)) for word in words)


def _names(folded: str) -> bool:
    if _LAW.search(folded):
        return True
    return any(
        label.kind == INDIVIDUAL and not about.is_refused(folded, label.start, label.end)
        for label in labels(folded)
    )
