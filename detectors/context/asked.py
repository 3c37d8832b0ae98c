"""Whether a mail asks for 個人番号, so that a number that nothing else claims is likely one.

It calls them by name and does not only refuse them; or it says enough else. The law names the work
that cannot be done without, taxes, social insurance and a few others, and whoever writes of it for
himself says 「番号」 and no more; or he speaks of a card, its back, the town hall and his wife.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from detectors.context import about
from detectors.numbers import individual_number
from detectors.words import INDIVIDUAL, fold, labels

_LAW = re.compile(
    "番号(?:利用)?法|番号制度|番号の?告知|個人を(?:識別|特定)する.{0,6}(?:番号|数字|12|十二)|国民背番号"
    r"|地方公共団体情報システム機構|(?<![a-z\d])mn(?=[、はをの]|未?(?:収集|回収|提出|取得))"
    "|届書(?:作成プログラム|csv)|csv形式届書"
    "|(?<![ァ-ヶー一-龠])カードの?裏(?!面?の?(?:セキュ|署名|サイン))"
    "|裏面?に(?:書|記載|あ|印).{0,6}12(?:桁|けた|ケタ)"
    "|国(?:民|[かの]).{0,14}番号"
)
"""What is said of no other number."""
_WORK = re.compile(
    "マイナ(?:ンバー|カード|保険証|ポ|の)|個人番号|mynumber"
    # taxes
    "|扶養|源泉|調書|年末調整|年調|給与の?支払の?報告|退職所得|所得税|住民税|相続税|贈与税|専従者"
    "|申告書|確定申告|青色申告|[開廃]業届|税務署|国税|e-?tax|eltax|特別徴収|税・?社会保障|ぜいきん|謝金"
    "|taxoffice|year-?end(?:tax)?adjust|dependent|withholding|payroll|taxform|年末调整|nenmatsuch?[oō]"
    # social insurance, labour and allowances
    "|年金|健保|健康保険|国保|社保|社会保険(?!労務士)|介護保険|被保険者|ねんきん|socialinsurance"
    "|雇用保険|雇保|ハローワーク|離職票|労災|労働保険|給付|算定基礎|月額変更|資格(?:取得|喪失)"
    "|[児傷出](?:童|病|産)手当|[育産]休|障害者手帳|社会保障・?税"
    # who somebody is, and at whose counter
    "|身元確認|在留カード|ざいりゅうかーど|residencecard|backof(?:my|the|your|h..)(?:mynumber)?card"
    "|くやくしょ|しやくしょ"
    # banks and gifts
    "|ワンストップ|ふるさと納税|外国?送金|nisa|特定口座|財形"
)
_TWELVE = (
    r"(?<!\d)(?:12|十二)(?:桁|けた|ケタ|マス|個|位|ch[uữ]s[oố]|d[ií]gitos)|(?:12|twelve)-?digits?"
)
_DIGITS = re.compile(_TWELVE)
_NUMBER = re.compile(
    r"(?<![一-龠々ァ-ヴーa-z\d])(?:番号(?!札)|ナンバー|ばんごう)|my·number|すうじ|数字|右上[のに](?:[枠欄]|書|入|記)"
    "|(?:書く|記入する|入れる)(?:欄|やつ|ところ|方)|チェックデジット|検査(?:用)?数字"
    f"|{_TWELVE}"
)
_TRAIT = re.compile(r"(?:一生|生まれ|生涯|ずっと|引っ?越)[^\n。]{0,20}(?:変わら|かわら|同じ)")
_BACK = re.compile(
    "(?<![一-龠ァ-ヶーの])裏面?[のに]|裏の?面|背面|うらの|写真の?な[いし]|顔写真"
    "|mặtsau|backof(?:my|the|your|h..)|onthe(?:back|reverse)"
)
"""「裏面の下のほうに書いてありました」: the card needs no name."""
_CARD = re.compile(
    "カードの?(?:コピー|写し?|裏|番号)|カードを?[ぁ-ん]{0,2}[見読写]|カードは|ナンバーカード"
    "|簡易書留|通知の?紙|通知が(?:戻|返)"
)
_OFFICE = re.compile(
    "役所|役場|cityhall|wardoffice|prefeitura|ủyban|国[にへ](?:出|提出|報告|届)|住基|住民票"
)
_KIN = re.compile(
    "[妻夫嫁娘]|旦那|主人|奥(?:さん|様)|家内|女房|息子|長[男女]|[次二][男女]|配偶者|子ども|子供"
    "|両親|父親|母親|義[父母]|wife|husband|spouse|(?<![a-z])(?:my|his|her)(?:son|daughter|kid)"
)
_OTHER_CARD = re.compile(
    "(?:社員|職員|会員|学生|入館|入場|診察|図書|優待)(?:証|券|カード)|免許|保険証|badge|licen[cs]e"
    "|(?:ポイント|ギフト|プリペイド|クレジット|キャッシュ|sim|wi-?fi|銀行|デビット)(?:カード|card)?"
    "|gift|prepaid|credit|debit"
)
_HINTS = (
    (2, _NUMBER),
    (1, _DIGITS),
    (2, _WORK),
    (2, _TRAIT),
    (1, _BACK),
    (1, _CARD),
    (1, _OFFICE),
    (1, _KIN),
)
"""What each is worth, wherever it stands. `_ENOUGH` of them ask for what can be no other number."""
_ENOUGH = 4

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
    if any(map(_names, folded)):
        return True
    said = [points for points, hint in _HINTS if any(map(hint.search, folded))]
    card = not any(map(_WORK.search, folded)) and any(map(_OTHER_CARD.search, folded))
    return sum(said) >= _ENOUGH and not card


def _names(folded: str) -> bool:
    if _LAW.search(folded):
        return True
    return any(
        label.kind == INDIVIDUAL and not about.is_refused(folded, label.start, label.end)
        for label in labels(folded)
    )
