"""Whether a text has left a label behind by the time it comes to a number, or only asks for one.

「マイナンバーの件は了解です。ところで○○を出荷しました」: the label is spoken of, then the text
goes on to something else. What stands between the two says so, or what is done with the number
behind it: nobody ships, keeps in stock or opens as a ticket the number of a person.
"""

from __future__ import annotations

import re

BEHIND = 16
"""Folded characters behind a number that are looked at."""
_HERE = 4
"""Characters between a label and its own number, at most: what is done with that one is no turn."""

# 「My number is 090-…」 "my number below.\n03-…" "ext. 4521": a telephone has taken the label.
_CALLED = re.compile(
    r"(?:is|was|below|here|at|は|が|[:=.,(\n])*(?:tel|電話|携帯)?[:.]?"
    r"(?:\+\d|\(?0\d{1,3}[-)]\d|(?:extension|ext\.?|内線):?\d)"
)
# "My number is 090-1234-5678. Invoice …", "my number is ext. 4521": English for one's telephone.
_MY_TELEPHONE = re.compile(
    r"[^\d\0\1+(]{0,20}(?:ext(?:ension)?\.?\d|(?:\+\d{1,3}|\(?0)[-()\d]{8,14}(?![-\d])|\+(?:\x01|\Z))"
)
_TURN = re.compile(
    r"別件|別の(?:話|件|用件)|ところで|話(?:は|が)?(?:変わ|それ|別)|さておき|(?:(?<=[。\n!?])|^)さて"
    r"|次の(?!行|番号|方|者|人|通|数字|内容|欄|表|個人|本人|マイナ)[一-龠ァ-ヶー]+"
)
# 「提出済みです。」「来週提出します。」「届きました。」: nothing of it is to come.
_OVER = re.compile(
    r"(?:済|了解|承知|来週|来月|後日|明日|まだ|未提出|ありがと|届[きい]|終わ|完了|受領|受け取)"
    r"[^。\n]{0,16}[。\n!]|[ただ]ら、?|次第、?"
)
_GOODS = (
    "在庫|荷物|商品|注文|納品|出荷|発送|配送|配達|起票|手配|発注|受注|納期|入荷|返品|入金|振込|棚卸"
    "|検品|配備|梱包|集荷|搬入|貨物|追跡|見積|案件|申込|予約|チケット|デプロイ|リリース|クローズ|ビルド"
)
_DONE = re.compile(
    rf"[)\]」]*(?:[のをがはにで]{{0,2}}ご?(?:{_GOODS})|まで(?:に?ご?連絡|に?お?問|に?お?電話|。|\n|$))"
)
_ITS_NAME = re.compile(rf"(?:{_GOODS}|(?<![ァ-ヶー])[ァ-ヶー]{{2,}}|依頼|作業)[(「\[]*$")
_OF_ANOTHER = re.compile(
    r"[)\]」]*[のをがはにへで][ごお]?(?!登録|入力|記載|記入|確認|提出|保管|共有|件|数字|番号|方|照合|設定|使|送|通知|個人)"
    r"([一-龠ァ-ヶー]{2,})"
)

# 「送ってもらえますか」「教えて」「お願いします」 right behind the label.
_ASKED = re.compile(r"(?:の|も)?(?:送って|送れ|教え|お?願い|おねがい)")
_ALONE = re.compile(r"[→>⇒・*「(:-]*$")
_ENDS = re.compile(r"[」)]*(?:です|になります)?[。!]?(?:\n|$)")


def is_called(word: str, between: str) -> bool:
    """Whether a telephone number has taken the label.

    >>> is_called('個人番号', 'is090-1234-5678ifyouneedme.'), is_called('番号', '\\n48375,smith,')
    (True, False)
    >>> is_called('mynumber', 'atworkisext.4521'), is_called('個人番号', 'atworkisext.4521')
    (True, False)
    """
    mine = word.startswith("my") and _MY_TELEPHONE.match(between)
    return bool(mine or _CALLED.match(between))


def away(between: str, behind: str) -> str:
    """The word that says that a number is of something else than the label, "" where none does.

    >>> away('の件は了解です。ところで', 'を確認しました'), away('は', 'です')
    ('ところで', '')
    >>> away('の収集が終わったら', 'を起票してください'), away('は届きました。', 'です')
    ('を起票', '')
    """
    if len(between) <= _HERE:
        return ""
    found = _TURN.search(between) or _DONE.match(behind)
    if not found and (over := _OVER.search(between)):
        found = _ITS_NAME.search(between, over.end()) or _OF_ANOTHER.match(behind)
    return found[0].strip("\n。([「") if found else ""


def is_asked(folded: str, end: int) -> bool:
    """Whether what follows the label that ends at `end` asks for its number."""
    return bool(_ASKED.match(folded, end))


def is_answer(folded: str, place: int) -> bool:
    """Whether the number at `place` stands alone in its line, as an answer does.

    >>> is_answer('教えて\\n→\\0\\nです', 5), is_answer('教えて\\n注文\\0', 6)
    (True, False)
    """
    line = folded[folded.rfind("\n", 0, place) + 1 : place]
    return bool(_ALONE.match(line) and _ENDS.match(folded, place + 1))
