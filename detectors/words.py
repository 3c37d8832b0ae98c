"""Words that say what a number is. They are looked for in windows around candidates only."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

INDIVIDUAL = "jp.individual_number"
OTHER = "other"

NUMBER = "\0"
"""Stands for a candidate in folded text, so that digits of numbers are never read as words."""

# What the word introduces is the system, not a number: 「マイナンバー制度」「マイナンバーは不要」.
_ABOUT = (
    r"(?!(?:カード)?(?:制度|法|ポータル|推進|対応|担当|関係|関連|事務|業務|セミナー|研修|保険|係"
    r"|(?:管理)?システム|センター|総合|コール|有無|の?(?:申請|取扱|取り扱|管理規程|書類|資料)"
    r"|の?(?:提出|収集|受領|確認)(?:日|状況|済|書類|期限)|を?お?(?:持ち|持参|提示)"
    r"|[はも]?(?:不要|送らない|書かない|記載しない|含まれ)|ではな|ではあり))"
)
_MEANINGS = {
    INDIVIDUAL: [
        r"(?:マイナンバー?+|まいなんばー|個人番号)" + _ABOUT + r"(?:カード)?(?:番号|no\.?)?",
        r"(?:共通番号|個人識別番号|個人識別ナンバー|個人ナンバー|マイナ番号)" + _ABOUT,
        r"通知カード(?:番号)?",
        r"(?<![a-z])(?:my[-_.]?number|individual[-_.]?number|kojin[-_.]?bango)",
    ],
    "jp.drivers_license": [r"(?:運転)?免許証?(?:の?番号|no\.?)?", r"driver'?s?[-_.]?licen[sc]e"],
    "jp.corporate_number": [
        r"法人番号|インボイス(?:登録)?番号|適格請求書|登録番号",
        rf"(?<![a-z])t(?={NUMBER})",
    ],
    "card_number": [
        r"(?:クレジット|デビット|ご利用|クレカ)カード(?:番号)?|カード番号|カードno\.?",
        r"(?:credit|debit|payment)card|cardnumber|(?<![a-z])pan(?![a-z])",
    ],
    OTHER: [
        r"送り?状|伝票|問い?合わ?せ(?:番号|no)|お問合せ|追跡|トラッキング|配送|配達|荷物|発送|貨物|宅急便"
        r"|ゆうパック|レターパック|書留|特定記録|ヤマト|佐川|西濃|福山通運|日本郵便|tracking|waybill|shipment",
        r"注文|受注|発注|オーダー|(?<![a-z])order|購入|予約|見積|請求書?(?:番号|no)|invoice|納品",
        r"会員|顧客|お?客様(?:番号|id|コード)|契約|証券番号|保険証|保険者番号|組合員|年金番号|住民票コード"
        r"|在留カード|旅券|パスポート|passport",
        r"会議(?:id|番号)|ミーティング(?:id|番号)|meeting(?:id|no|number)|ウェビナー|webinar",
        r"(?<![a-z])(?:jan|ean|upc|isbn)(?![a-z])|バーコード|商品(?:コード|番号)|品番|型番",
        r"電話|(?<![a-z])tel(?![a-z])|fax|ファックス|携帯|phone|口座|振込",
        r"シリアル|serial|(?<![a-z])s/n|製造番号|ロット|(?<![a-z])lot(?![a-z])|機番|imei|iccid|供給地点",
        r"(?:管理|受付|整理|承認|認証|確認|利用者|社員|従業員|職員|学籍|案件|取引|決済|申込|申請|文書|資産"
        r"|備品|参照|検針|使用者|加入者|到達|納付|受信|照会|届出|申告|事業所|事業者)(?:番号|no\.?|コード|id)",
        r"アカウント|account|チケット|ticket|transaction|タイムスタンプ|timestamp|日時|時刻"
        r"|(?<![a-z])id(?![a-z])",
    ],
}
_GROUPS = {f"g{at}": kind for at, kind in enumerate(_MEANINGS)}
_LABEL = re.compile(
    "|".join(f"(?P<{group}>{'|'.join(_MEANINGS[kind])})" for group, kind in _GROUPS.items())
)
_SHORT_HEADING = re.compile(r"(?:本人|配偶者|扶養親族)?(?:の)?(?:本人番号|mn|m\.n\.|12桁)")
_HR = re.compile(
    r"扶養|源泉|生年月日|続柄|資格取得|資格喪失|年末調整|支払調書|給与所得|雇用保険|社会保険|被保険者"
    r"|特定個人情報|社会保障|法定調書|健康保険"
)
_CONFIDENTIAL = re.compile(
    r"社外秘|関係者外秘|極秘|厳秘|部外秘|取扱注意|持出?し?禁止|複製厳禁|confidential|internaluseonly"
)
_BLANK = re.compile(r"[^\S\n]+|[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_EMPTY_LINES = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Label:
    """A word that says what a number is, at [start, end) of a folded text."""

    kind: str
    """The kind of number it names, or `OTHER`."""
    word: str
    """As it stands in the text, folded."""
    start: int
    end: int


def fold(text: str) -> str:
    """Compatibility forms unified, lower case, no blanks inside lines, no empty lines.

    >>> fold('ﾏｲﾅﾝﾊﾞｰ　 Ｎｏ．')
    'マイナンバーno.'
    """
    plain = _BLANK.sub("", unicodedata.normalize("NFKC", text.replace("\r", "\n")).lower())
    return _EMPTY_LINES.sub("\n", plain)


def labels(folded: str) -> list[Label]:
    """All labels in a folded text.

    >>> [(label.kind, label.word) for label in labels('送り状はマイナンバーカード番号')]
    [('other', '送り状'), ('jp.individual_number', 'マイナンバーカード番号')]
    """
    return [
        Label(_GROUPS[match.lastgroup or ""], match[0], match.start(), match.end())
        for match in _LABEL.finditer(folded)
    ]


def heading(cell: str) -> Label | None:
    """What the heading of a column or row, or one field of a heading line, says of its values."""
    if not cell or len(cell) > 60 or "。" in cell:
        return None
    folded = fold(cell)
    found = labels(folded)
    # 「個人番号（送り状番号ではありません）」: ours is what somebody will have filled in.
    for label in found:
        if label.kind == INDIVIDUAL:
            return label
    if found:
        return found[0]
    short = _SHORT_HEADING.fullmatch(folded)
    return Label(INDIVIDUAL, short[0], 0, short.end()) if short else None


def is_plain_label(cell: str, label: Label) -> bool:
    """Whether the cell is little else than the label, as 「会員サービス株式会社」 is not."""
    return len(fold(cell)) <= len(label.word) + 6


def hr_words(folded: str) -> list[tuple[int, str]]:
    """Words of payroll, tax or social insurance in a folded text, with their positions."""
    return [(match.start(), match[0]) for match in _HR.finditer(folded)]


def confidential_mark(text: str) -> str:
    """A mark such as 「社外秘」 in a short text (subject, heading, page header), or "".

    >>> confidential_mark('【社 外 秘】見積書')
    '社外秘'
    """
    found = _CONFIDENTIAL.search(fold(text))
    return found[0] if found else ""
