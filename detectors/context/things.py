"""Papers and things that have a number of their own: 「離職票 …」「箱…」 "Appointment …".

What is written right before a number is what it is the number of, though nobody says 「番号」. What
個人番号 are printed on (cards, 住民票, 通知書) is left out, for they are read off it, and so are
persons (社員, 従業員), who have one each.
"""

from __future__ import annotations

import re

from detectors.folding import nfkc

_REACH = 32
_LONGEST = 12
"""Letters of a heading."""
# A compound of kanji or katakana is the paper or thing that its last letters say.
_PAPERS = tuple("票 証 券 状 札 帳 書 稟議".split())
_NO_PAPERS = ("住民票", "通知書", "秘書", "小室", "氷室")
_THINGS = tuple(
    (
        "室 庫 棟 封筒 箱 袋 棚 鍵 台紙 用紙 荷 荷物 小包 便 機 機体 器 車 車両 端末 媒体 回線 設備"
        " ラベル タグ シール ファイル フォルダ フォルダー バインダー ケース ボックス コンテナ"
        " パレット トレイ ロッカー レコード セッション チケット ジョブ タスク ロット キット バッチ"
        " トークン キー パス クーポン レシート カルテ シリアル ライセンス デバイス サーバ サーバー"
        " ルーム"
    ).split()
)
# 「受付番号」 for short.
_SHORT = tuple(
    (
        "管理 受付 整理 承認 案件 取引 決済 申込 申請 文書 資産 備品 参照 検針 到達 納付 照会 届出"
        " 予約 注文 請求 発注 受注 引受 招待 ログイン"
    ).split()
)
_ENGLISH = tuple(
    (
        "appointment booking reservation envelope package parcel box case ticket receipt slot seat"
        " badge locker request application reference ref policy claim quote incident job task batch"
        " lot unit asset permit license licence flight room course confirmation message document"
        " file folder record session consignment container pallet bill slip coupon voucher article"
        " page post thread issue memo letter notice device terminal build commit release"
        " certificate contract agreement project registration"
    ).split()
)
_ABOVE = (*_THINGS, *_SHORT)
_NAMED = (*_PAPERS, *_ABOVE)
_ENDS = frozenset(word[-1] for word in (*_NAMED, *_ENGLISH))
_LEADS = " :→#([【「"
_PARTS = frozenset("\t,|=/_.)]'\"")
"""What parts fields of a row, or a number from what stands before it."""
_COPULAS = ("は", "が", " is", " was")
_LAST = re.compile("[一-龠々ァ-ヴー]+$|(?<![A-Za-z])[A-Za-z]+$")


def before(text: str, start: int) -> str:
    """The paper or thing named right before `start`, or "".

    A thing alone in its line names the number in the next; the title of a paper stands over
    whatever is on it.

    >>> before('離職票 1', 4), before('封筒は1', 3), before('Ticket 1', 7), before('山田 1', 3)
    ('離職票', '封筒', 'Ticket', '')
    """
    if text[start - 1 : start] in _PARTS:
        return ""
    above, _, own = nfkc(text[max(start - _REACH, 0) : start]).replace("\r", "").rpartition("\n")
    if own := own.rstrip(_LEADS):
        return _named(_without_copula(own), _NAMED)
    line = above.rpartition("\n")[2].strip(_LEADS)
    found = _named(line, _ABOVE)
    return found if found == line else ""


def _without_copula(written: str) -> str:
    for copula in _COPULAS:
        written = written.removesuffix(copula)
    return written.removesuffix("の番号").rstrip(" ")


def _named(written: str, among: tuple[str, ...]) -> str:
    """The last word, if it is one of `among` or a compound of one, or English for one."""
    if written[-1:].lower() not in _ENDS:
        return ""
    found = _LAST.search(written)
    word = found[0] if found else ""
    if word.isascii():
        return word if word.lower() in _ENGLISH else ""
    return word if word.endswith(among) and not word.endswith(_NO_PAPERS) else ""


def is_heading(folded: str) -> bool:
    """Whether a heading names papers or things, one in each row."""
    return folded[-1:] in _ENDS and len(folded) <= _LONGEST and _named(folded, _THINGS) == folded
