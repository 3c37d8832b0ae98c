"""Papers and things that have a number of their own: 「離職票 …」「箱…」「受付：…」 "Appointment …".

What is written right before a number is what it is the number of, though nobody says 「番号」. What
個人番号 are printed on (cards, 住民票, 通知書) is left out, for they are read off it, and so are
persons (社員, 従業員), who have one each.
"""

from __future__ import annotations

import re

from detectors.folding import nfkc

_REACH = 32
# A compound of kanji or katakana is the paper or thing that its last letters say.
_PAPERS = "(?<!住民)票|証|券|状|札|帳|(?<!通知)(?<!秘)書|稟議"
_THINGS = (
    "封筒|箱|袋|棚|鍵|台紙|用紙|荷|荷物|小包|便|機|機体|器|車|車両|端末|媒体|回線|設備"
    "|ラベル|タグ|シール|ファイル|フォルダー?|バインダー|ケース|ボックス|コンテナ|パレット|トレイ|ロッカー|レコード"
    "|セッション|チケット|ジョブ|タスク|ロット|キット|バッチ|トークン|キー|パス|クーポン|レシート|カルテ|シリアル"
    "|ライセンス|デバイス|サーバー?|ルーム"
)
# 「受付番号」 for short.
_SHORT = (
    "管理|受付|整理|承認|案件|取引|決済|申込|申請|文書|資産|備品|参照|検針|到達|納付|照会|届出|予約|注文|発注|受注|引受"
    "|招待|ログイン"
)
_ENGLISH = (
    "appointment|booking|reservation|envelope|package|parcel|box|case|ticket|receipt|slot|seat"
    "|badge|locker|request|application|reference|ref|policy|claim|quote|incident|job|task|batch"
    "|lot|unit|asset|permit|licen[cs]e|flight|room|course|confirmation|message|document|file|folder"
    "|record|session|consignment|container|pallet|bill|slip|coupon|voucher|article|page|post|thread"
    "|issue|memo|letter|notice|device|terminal|build|commit|release|certificate|contract|agreement"
    "|project"
)
_COMPOUND = "[一-龠々ァ-ヶー]"
_BEFORE = re.compile(
    rf"(?P<word>{_COMPOUND}*?(?:{_PAPERS}|{_THINGS}|{_SHORT})|(?<![A-Za-z])(?i:{_ENGLISH}))"
    r"(?:の番号)?(?: ?[はが]| is| was)? ?[:→#(\[【「]? ?$"
    # The title of a paper stands over whatever is on it; a thing alone in its line names the next.
    rf"|(?:^|\n) ?(?P<above>{_COMPOUND}*?(?:{_THINGS}|{_SHORT})) ?:?\n ?$"
)
_HEADING = re.compile(rf"{_COMPOUND}{{0,8}}?(?:{_THINGS})")


def before(text: str, start: int) -> str:
    """The paper or thing named right before `start`, or alone in the line above it, or "".

    >>> before('離職票 1', 4), before('封筒は1', 3), before('Appointment 1', 12), before('山田 1', 3)
    ('離職票', '封筒', 'Appointment', '')
    """
    found = _BEFORE.search(nfkc(text[max(start - _REACH, 0) : start]).replace("\r", ""))
    return (found["word"] or found["above"]) if found else ""


def is_heading(folded: str) -> bool:
    """Whether a heading names papers or things, one in each row."""
    return _HEADING.fullmatch(folded) is not None
