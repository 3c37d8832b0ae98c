"""Forms that carry 個人番号, recognised by what is printed on them.

The number of a person who filled one in stands in a box whose caption is often lost: a scan, a
PDF whose text comes out box by box, a sheet that was typed off. So a form is known by its title and
two of its other words, or by four of them without the title.

Words as 国税庁, 日本年金機構, 厚生労働省 and the municipalities print them (令和8年), folded
(`words.fold`): no blanks, half-width brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from detectors import linear
from detectors.folding import nfkc

_PAYER = "支払を受ける者 支払金額 源泉徴収税額 支払者"
FORMS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "扶養控除等（異動）申告書": (
        ("扶養控除等(異動)申告書", "扶養控除等異動申告書", "扶養控除等申告書", "扶養控除申告書"),
        (
            "所轄税務署長 給与の支払者 世帯主の氏名 あなたとの続柄 あなたの氏名"
            " あなたの生年月日 住所又は居所 源泉控除対象 控除対象扶養親族 老人扶養親族"
            " 特定扶養親族 勤労学生 ひとり親 住民税に関する事項 非居住者である親族"
            " 16歳未満の扶養親族 従たる給与"
        ).split(),
    ),
    "配偶者控除等申告書": (
        ("配偶者控除等申告書", "基礎控除申告書", "所得金額調整控除申告書"),
        (
            "給与の支払者 所轄税務署長 あなたの氏名 合計所得金額の見積額 控除額の計算"
            " 配偶者の氏名 老人控除対象配偶者 区分i 配偶者特別控除の額"
        ).split(),
    ),
    "源泉徴収票": (
        ("給与所得の源泉徴収票", "源泉徴収票"),
        (
            f"{_PAYER} 給与所得控除後の金額 所得控除の額の合計額 社会保険料等の金額"
            " 生命保険料の控除額 控除対象扶養親族の数 住宅借入金等特別控除の額 受給者番号 中途就"
            " 乙欄 住所又は居所 受給者生年月日"
        ).split(),
    ),
    "退職所得の源泉徴収票": (
        ("退職所得の源泉徴収票", "退職所得の受給に関する申告書", "退職所得申告書"),
        (
            "退職所得控除額 勤続年数 就職年月日 退職年月日 勤続期間 退職手当等 支払金額 市町村民税"
        ).split(),
    ),
    "給与支払報告書": (
        ("給与支払報告書",),
        (
            f"{_PAYER} 個人別明細書 総括表 受給者総人員 報告人員 普通徴収 特別徴収 市区町村"
            " 指定番号 社会保険料等の金額 給与所得控除後の金額"
        ).split(),
    ),
    "支払調書": (
        ("支払調書",),
        (
            f"{_PAYER} 報酬 原稿料 細目 区分 住所(居所)又は所在地 不動産の使用料等 物件の所在地"
            " 摘要"
        ).split(),
    ),
    "健康保険・厚生年金保険 被保険者資格取得届": (
        ("被保険者資格取得届", "被保険者資格喪失届", "資格取得届", "資格喪失届"),
        (
            "事業所整理記号 被保険者整理番号 取得年月日 喪失年月日 報酬月額 取得区分 被扶養者"
            " 坑内員 70歳以上被用者 短時間労働者 船保任継 共済出向 資格確認書 喪失原因"
            " 年金事務所"
        ).split(),
    ),
    "健康保険被扶養者（異動）届": (
        ("被扶養者(異動)届", "被扶養者異動届", "第3号被保険者関係届", "第3号被保険者届"),
        (
            "事業主確認欄 事業所整理記号 被扶養者になった日 被扶養者でなくなった日 扶養者 続柄"
            " 同居 海外特例要件 収入"
        ).split(),
    ),
    "雇用保険 被保険者資格取得届": (
        ("雇用保険被保険者資格取得届", "雇用保険被保険者資格喪失届"),
        (
            "被保険者番号 取得区分 被保険者氏名 生年月日 事業所番号 被保険者となったことの原因"
            " 賃金 雇用形態 1週間の所定労働時間 契約期間の定め 公共職業安定所 離職等年月日"
            " 喪失原因 離職票"
        ).split(),
    ),
    "雇用保険給付の申請書": (
        ("育児休業給付", "介護休業給付", "高年齢雇用継続給付"),
        (
            "被保険者番号 受給資格確認票 支給対象期間 支給単位期間 事業所番号 支給申請書 休業開始"
        ).split(),
    ),
    "個人番号届出書": (
        (
            "個人番号届出書",
            "個人番号届",
            "個人番号提供書",
            "個人番号申告書",
            "マイナンバー届出書",
        ),
        ("利用目的 本人確認 提出先 届出日 氏名 生年月日 住所 続柄 扶養親族 特定個人情報").split(),
    ),
    "確定申告書": (
        ("所得税及び復興特別所得税の確定申告書", "復興特別所得税の申告書", "確定申告書"),
        (
            "納税地 屋号 世帯主の氏名 世帯主との続柄 収入金額等 所得金額等"
            " 所得から差し引かれる金額 還付される税金 税務署長 第一表"
        ).split(),
    ),
    "住民票": (
        ("住民票の写し", "住民票"),
        (
            "世帯主 続柄 本籍 筆頭者 住民となった年月日 前住所 住民票コード 住定年月日 届出日 市長"
        ).split(),
    ),
}
_WITH_TITLE, _WITHOUT = 2, 4
_CARD = re.compile(
    r"(?!.*(?:まし|ます|です|くださ))\W{0,3}(?:個人番号|マイナンバー)カード"
    r"(?![をはがにのでとも、]|交付|申請|更新|発行|保有|普及|取得|利用|所有|持参|受け?取|到着|発送).*\d{4}"
    r"|.*\d{4}.*氏名.*\d生.*特定個人情報",
    re.S,
)
_CARD_FACE = 120
"""Letters: the card itself and no letter about it."""
_COMMON = frozenset(
    (
        "事業所番号 住所 利用目的 勤続年数 区分 収入 取得区分 同居 報酬 届出日 屋号 市区町村 市長"
        " 扶養者 指定番号 提出先 摘要 支払者 支払金額 本人確認 本籍 氏名 生年月日 税務署長 細目"
        " 続柄 被保険者番号 賃金 雇用形態"
    ).split()
)
"""Stand on other papers as well: they count beside a title only."""


def recognised(folded: str) -> str:
    """The name of the form that a folded text is, "" for none; the one most is printed of.

    >>> recognised('給与所得の源泉徴収票支払を受ける者支払金額源泉徴収税額')
    '源泉徴収票'
    >>> recognised('源泉徴収票を送ります')
    ''
    """
    if len(folded) <= _CARD_FACE and _CARD.match(folded):
        return "個人番号カード"
    best, name = 0, ""
    stands = partial(_stands, folded, set(folded))
    for form, (titles, printed) in FORMS.items():
        titled = any(stands(title) for title in titles)
        known = sum(stands(word) for word in printed if titled or word not in _COMMON)
        if known >= (_WITH_TITLE if titled else _WITHOUT) and known + 2 * titled > best:
            best, name = known + 2 * titled, form
    return name


def _stands(folded: str, letters: set[str], word: str) -> bool:
    """As `word in folded`, whose letters are known: most words have one that is not among them."""
    return letters.issuperset(word) and word in folded


def is_over(text: str, start: int) -> bool:
    """Whether the title of a form stands right before `start`, with a name at most between.

    >>> is_over('扶養控除申告書　山田 太郎\\n1', 14), is_over('源泉徴収票を送ります 1', 11)
    (True, False)
    """
    return _OVER.search(nfkc(text[max(start - _REACH, 0) : start])) is not None


def hinted(text: str) -> bool:
    """Whether a text, not folded, has any word of a form: folding costs more than the search."""
    bare = text.replace(" ", "").replace("\u3000", "")
    return _ANY.search(bare.encode("utf-8", "replace")) is not None


_REACH = 60
"""Characters before a number in which such a title is looked for."""
_OVER = re.compile(
    "(?:"
    + "|".join(sorted({re.escape(title) for titles, _ in FORMS.values() for title in titles}))
    + r")(?:の?(?:控え?|写し?|分))?"
    r"(?:[\s:)」】・]{1,3}[一-龠々ァ-ヶー]{1,6} ?[一-龠々ァ-ヶーぁ-ん]{0,6})?[\s:]{0,4}$"
)
_ANY = linear.utf8(
    "(?:個人番号|マイナンバー)カード|"
    + "|".join(sorted({re.escape(word) for form in FORMS.values() for of in form for word in of}))
)
