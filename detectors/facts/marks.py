"""Marks of confidentiality: 「社外秘」 as a stamp, and not as a word of a sentence.

Where it stands decides. 【社外秘】 in a subject, in a file name or alone on a line of a page header
is a mark; 「機密保持契約」, 「社外秘文書管理規程」 and the disclaimer under an English mail ("may
contain confidential information") are none. 経済産業省「秘密情報の保護ハンドブック」 (参考資料2)
asks companies to show by such marks what 営業秘密 (不正競争防止法 第2条第6項) is.
"""

from __future__ import annotations

import re

from detectors.surface import Text
from detectors.view import CELL, View

HEAD = 400
"""Characters at the top of a text in which a sentence may say it: 「本資料は社外秘です。」"""

_WORD = re.compile(r"[a-z0-9ぁ-んァ-ヶー一-龠々]")
_DECLARED = re.compile(
    r"(?:です|につき|とし|扱|情報|資料|文書|書類|事項|のため|とな|とさせ|でお|の(?:資料|情報|文書|書類|扱|取))"
)
# What is spoken *about*: rules, training, and that it is none.
_ABOUT = re.compile(
    r".{0,8}?(?:では|でな|不要|解除|規程|規定|規則|ルール|研修|マニュアル|とは|ポリシー|区分|基準|契約|一覧)"
)


def is_mark(seen: View, start: int, end: int) -> bool:
    """Whether the word at [start, end) of a spaced view stands as a mark."""
    text, surface = seen.text, seen.surface
    part = surface.spot.part
    latin = text[start].isascii()
    if end - start == 1:  # 「秘」, and 「神秘です」
        return _begins_freely(text, start, end) and _ends_freely(text, end, latin)
    if part == "subject" or part.startswith("name:"):
        return _ends_freely(text, end, latin) or _is_declared(text, end)
    if isinstance(surface, Text) and end <= HEAD and not latin:
        return _ends_freely(text, end, latin) or _is_declared(text, end)
    return _begins_freely(text, start, end) and _ends_freely(text, end, latin)


def _ends_freely(text: str, end: int, latin: bool) -> bool:
    """Followed by no letter of the same word; by none of the next word either, in English."""
    after = text[end : end + 2]
    if latin:
        after = after.lstrip(" ")
        return not (after and after[0].isalpha() and after[0].isascii())
    return not (after and _WORD.match(after)) and not _ABOUT.match(text, end)


def _is_declared(text: str, end: int) -> bool:
    return bool(_DECLARED.match(text, end)) and not _ABOUT.match(text, end)


def _begins_freely(text: str, start: int, end: int) -> bool:
    """At the beginning of a line or cell, behind a sign, or behind a blank at the end of one."""
    before = text[:start].rpartition("\n")[2].rpartition(CELL)[2]
    if before.endswith(" ") and text[end : end + 1] in ("", "\n", CELL):
        return True
    before = before.rstrip(" ")
    return not before or not _WORD.match(before[-1])
