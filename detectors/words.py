"""Words that say what a number is. They are looked for in windows around candidates only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from detectors.context import about, things, unlisted
from detectors.folding import BLANKS, nfkc, run
from detectors.numbers import KINDS, NUMBER, number
from detectors.numbers.individual_number import KIND as INDIVIDUAL
from detectors.persons import people

__all__ = ["INDIVIDUAL", "NUMBER", "OTHER", "Label", "fold", "heading"]
__all__ += ["fold_with_gaps", "hr_words", "identifies", "is_name", "is_plain_label", "labels"]

OTHER = "other"

# Words of numbers that nobody asks for. Like the `LABELS` of each kind, every one begins with a
# plain character: only then the engine skips to the next place where a word can begin at all.
_NUMBERED = (
    "管理 受付 整理 承認 認証 確認 利用者 社員 従業員 職員 学籍 案件 取引 決済 申込 申請 文書 資産"
    " 備品 送付 参照 検針 使用者 加入者 到達 納付 受信 照会 届出 申告 事業所 事業者"
)
_HIRAGANA = (
    "うけつけ けいやく ちゅうもん よやく かいいん がくせい しゃいん おきゃくさま でんわ にもつ"
)
_OTHERS = (
    "送り?状 伝票 問い?合わ?せ(?:番号|no) お問合せ 追跡 トラッキング 配送 配達 荷物 発送 貨物"
    " 宅急便 ゆうパック レターパック 書留 特定記録 ヤマト 佐川 西濃 福山通運 日本郵便"
    " tracking waybill shipment"
    " 注文 受注 発注 オーダー o(?<![a-z]o)rder 購入 予約 見積 請求書?(?:番号|no) invoice 納品"
    " パスワード 暗証 password passcode"
    " 会員 顧客 お客(?:様|さま)(?:番号|id|コード) 客様(?:番号|id|コード)"
    " 契約(?!者(?!番号|id|コード)) 証券番号 保険証 組合員"
    " 会議(?:id|番号) ミーティング(?:id|番号) meeting(?:id|no|number) conference ウェビナー webinar"
    " j(?<![a-z]j)an(?![a-z]) e(?<![a-z]e)an(?![a-z]) u(?<![a-z]u)pc(?![a-z])"
    " i(?<![a-z]i)sbn(?![a-z]) バーコード 商品(?:コード|番号) 品番 型番 口座 振込"
    " シリアル serial s(?<![a-z]s)/n 製造番号 ロット l(?<![a-z]l)ot(?![a-z]) 機番 imei iccid"
    f" 様式(?:番号|no\\.?)?(?=[:=(]?{NUMBER})"
    " 供給地点 アカウント account チケット ticket transaction タイムスタンプ timestamp 日時 時刻"
    " 快递 单号 订单 账号 密码 编(?<!个人编)号 송장 주문 계좌 번(?<!개인번)호"
    " mã(?!sốcánhân|i)"
    " aadhaar aadhar pnr protocolo pedido rastrei seguimiento"
    " i(?<![a-z]i)d(?![a-z]) r(?<!pr)ef(?:erence(?![a-z])|(?:erence)?(?:no|id|number|[.:]))"
)
_WORDS = [(kind, word) for kind in KINDS for word in number(kind).LABELS]
_WORDS += [(OTHER, rf"{word}(?:番号|no\.?|コード|id)") for word in _NUMBERED.split()]
_WORDS += [(OTHER, f"{word}の?ばんごう") for word in _HIRAGANA.split()]
_WORDS += [(OTHER, word) for word in _OTHERS.split()]
_WORDS.sort(key=lambda each: each[1][0])  # those that begin alike keep their order
_LABEL = re.compile(
    "|".join(
        f"{re.escape(first)}(?:{'|'.join(f'{word[1:]}()' for _, word in words)})"
        for first, words in groupby(_WORDS, key=lambda each: each[1][0])
    )
)
_WHO = rf"(?:{people.WHO})\d*の?"
_SHORT_HEADING = re.compile(rf"{_WHO}番号|(?:{_WHO})?(?:mn(?:[-_]?no\.?)?|m\.n\.|12桁)")
_HR = re.compile(
    r"扶養|源泉|退職所得|給与支払報告|休業給付|生年月日|続柄|資格取得|資格喪失|年末調整|支払調書|給与所得|雇用保険|社会保険(?!労務士)"
    r"|被保険者|特定個人情報|社会保障|法定調書|健康保険(?!組合|協会)"
)
_LISTED = re.compile(r"[^\n。:]{0,12}[、や・][^\n。:]{0,4}")
HR = tuple(re.sub(r"\(\?![^)]*\)", "", _HR.pattern).split("|"))
"""The same, whatever stands behind them."""
_VERBS = ("した", "して", "します")
_WHOSE = 16
"""Characters before a label: 「控除対象配偶者の」, 「支払を受ける者」, an ordinal."""
_OR_FIRST = re.compile(r"法人番号(?:[・/、,|\n(]|又は|または|若しくは|もしくは|or)+$")
_BRACKETS = r"[(\[【〔<「][^()\[\]【】〔〕<>「」]*[)\]】〕>」]"
_NAME_ENDS = re.compile(
    rf"(?:番号|欄|no\.?)?(?:{_BRACKETS})*(?:(?:[・/、,|\n]|又は|または|若しくは|もしくは|or)+\w{{2,8}})?"
    rf"(?:{_BRACKETS})*[\])】>」:※*.\n]*",
)
_IDENTIFIES = re.compile(r"(?:番号|no\.?|コード|id|number|code|#|no|jan|ean|upc|isbn|imei|iccid)$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BLANK = re.compile(
    run(rf"{BLANKS}\0\x03-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff")
)
_MY_NUMBER = re.compile(r"[Mm]y number(?! card)")
_BROKEN = re.compile(
    r"[個マ](?:(?<![^\n\ufdd0\ufdd1]個)[^\S\n]?\n?人[^\S\n]?\n?番[^\S\n]?\n?号"
    r"|(?<![^\n\ufdd0\ufdd1]マ)\n?イ\n?ナ\n?ン\n?バ\n?ー)"
)
# 「会員区分\n個人\n番号」 are three, and 「…：個人」 never begins a line.
_SORT = re.compile(r"(?:区分|種別|種類|属性|形態|タイプ|:)\n$")
_EMPTY_LINES = re.compile(r"\n\n+")
_LINES = re.compile(rf"[\n{BLANKS}](?:(?<=\n)|[{BLANKS}]*+\n)\s*")


class Label(NamedTuple):
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
    plain = _BLANK.sub("", _plain(text))
    return _rejoined(_EMPTY_LINES.sub("\n", plain))


def fold_with_gaps(text: str) -> tuple[str, list[int]]:
    """The same, and the positions in it where blanks were.

    >>> fold_with_gaps('個人番号　山田')
    ('個人番号山田', [4])
    """
    pieces = _BLANK.split(_rejoined(_LINES.sub("\n", _plain(text))))
    return "".join(pieces), list(accumulate(map(len, pieces)))[:-1]


def _plain(text: str) -> str:
    """Lower case, in which "my number", which anybody may say of his telephone, is "my·number"."""
    plain = nfkc(text.replace("\r", "\n"))
    if "y number" in plain:
        plain = _MY_NUMBER.sub("my·number", plain)
    return plain.lower()


def _rejoined(lines: str) -> str:
    """Labels that were broken over lines, as in a narrow cell, whole again."""
    return _BROKEN.sub(_whole, lines) if "\n" in lines else lines


def _whole(broken: re.Match[str]) -> str:
    before = broken.string[max(broken.start() - 4, 0) : broken.start()]
    return broken[0] if _SORT.search(before) else broken[0].replace("\n", "")


def is_weak(label: Label) -> bool:
    """Whether it names a number only as people speak: 「カード(裏)の12桁」, "my number"."""
    spoken = label.word.startswith(("カード", "my·number"))
    return spoken and label.kind == INDIVIDUAL


def labels(folded: str, gaps: Sequence[int] | None = None) -> list[Label]:
    """All labels in a folded text; with `gaps` without those that speak of something else.

    >>> [(label.kind, label.word) for label in labels('送り状はマイナンバーカード番号')]
    [('other', '送り状'), ('jp.individual_number', 'マイナンバーカード番号')]
    """
    found = [
        Label(_WORDS[(match.lastindex or 0) - 1][0], match[0], match.start(), match.end())
        for match in _LABEL.finditer(folded)
    ]
    return [label for label in found if not _is_void(folded, label, gaps)]


def _is_void(folded: str, label: Label, gaps: Sequence[int] | None) -> bool:
    denied = about.is_denied(folded, label.start, label.end)
    if denied or gaps is None or label.kind != INDIVIDUAL:
        return denied
    return about.is_about(folded, label.end, gaps)


def heading(cell: str) -> Label | None:
    """What the heading of a column or row, or one field of a heading line, says of its values."""
    if not cell or len(cell) > 60 or "。" in cell:
        return None
    folded, gaps = fold_with_gaps(_CAMEL.sub("_", cell) if cell.isascii() else cell)
    found = labels(folded, gaps)
    # 「個人番号（送り状番号ではありません）」: ours is what somebody will have filled in.
    for label in found:
        if label.kind == INDIVIDUAL:
            return label
    if found:
        return found[0]
    if _SHORT_HEADING.fullmatch(folded):
        return Label(INDIVIDUAL, folded, 0, len(folded))
    other = unlisted.is_heading(folded) or things.is_heading(folded)
    return Label(OTHER, folded, 0, len(folded)) if other else None


def identifies(label: Label) -> bool:
    """Whether the word names a number wherever it stands, 「契約番号」, and no matter, 「契約」."""
    return _IDENTIFIES.search(label.word) is not None


def is_plain_label(cell: str, label: Label) -> bool:
    """Whether the cell is little else than the label, as 「会員サービス株式会社」 and 「電話した」
    are not."""
    folded = fold(cell)
    return len(folded) <= len(label.word) + 6 and not folded.endswith(_VERBS)


def plain_heading(cell: str) -> Label | None:
    """The label of a heading that is little else (`is_plain_label`), None for any other cell."""
    label = heading(cell)
    return label if label and is_plain_label(cell, label) else None


def is_name(cell: str, label: Label) -> bool:
    """Whether the cell names a number with `label`, and no paper or work that has to do with it.

    Whose it is may stand before it, and behind it in brackets, or after 「又は」, whatever else may
    be filled in.

    >>> [is_name(cell, heading(cell)) for cell in ('⑩ 個人番号［基礎年金番号］', 'マイナンバー届')]
    [True, False]
    """
    folded = fold(cell)
    before, after = _OR_FIRST.sub("", folded[: label.start]), folded[label.end :]
    return len(before) <= _WHOSE and not labels(before) and _NAME_ENDS.fullmatch(after) is not None


def own_heading(cell: str) -> Label | None:
    """The label of a heading that names 個人番号 (`is_name`), None for any other cell."""
    label = heading(cell)
    return label if label and label.kind == INDIVIDUAL and is_name(cell, label) else None


def hr_words(folded: str) -> list[tuple[int, str]]:
    """Words of payroll, tax or social insurance in a folded text, with their positions; of those
    that a sentence lists, as that of an advertisement does, the first.

    >>> hr_words('源泉徴収、支払調書、扶養控除の経験'), hr_words('続柄妻\\n扶養')
    ([(0, '源泉')], [(0, '続柄'), (4, '扶養')])
    """
    found: list[tuple[int, str]] = []
    last = -1
    for match in _HR.finditer(folded):
        if last < 0 or not _LISTED.fullmatch(folded, last, match.start()):
            found.append((match.start(), match[0]))
        last = match.end()
    return found
