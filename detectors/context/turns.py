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
    r"別件|別の(?:話|件|用件)|ところで(?!す|しょ)|話(?:は|が)?(?:変わ|それ|別)|さておき|(?:(?<=[。\n!?])|^)さて"
    r"|(?<=[。\n])(?:それと|あと|また|なお)?、?[ごお]?"
    r"(?!マイナ|個人番|番号|上記|下記|[標表首掲]題|標記|先日|今回|前回|本)[一-龠ァ-ヶー]{2,12}の件[、はで]"
    r"|次の(?!行|番号|方|者|人|通|数字|内容|欄|表|個人|本人|マイナ)[一-龠ァ-ヶー]+"
)
# 「提出済みです。」「来週提出します。」「届きました。」: nothing of it is to come.
_OVER = re.compile(
    r"(?:済|了解|承知|来週|来月|後日|明日|まだ|未提出|ありがと|届[きい]|終わ|完了|受領|受け取)"
    r"[^。\n]{0,16}[。\n!]|[ただ]ら、?|次第、?"
)
_GOODS = (
    "在庫|荷物|商品|注文|納品|出荷|発送|配送|配達|起票|手配|発注|受注|納期|入荷|返品|入金|振込|棚卸"
    "|検品|配備|梱包|集荷|搬入|貨物|追跡|見積|案件|申込(?!者|人|児)|予約|チケット|デプロイ|リリース|クローズ|ビルド"
)
_DONE = re.compile(
    rf"[)\]」]*(?:[のをがはにで]{{0,2}}ご?(?:{_GOODS})|まで(?:に?ご?連絡|に?お?問|に?お?電話|。|\n|$))"
)
_ITS_NAME = re.compile(rf"(?:{_GOODS}|(?<![ァ-ヶー])[ァ-ヶー]{{2,}}|依頼|作業)[(「\[]*$")
_OF_ANOTHER = re.compile(
    r"[)\]」]*[のをがはにへで][ごお]?(?!登録|入力|記載|記入|確認|提出|保管|共有|件|数字|番号|方|照合|設定|使|送|通知|個人|間違|問題|大丈夫|合っ|お?願"
    r"|旦那|主人|家内|女房|息子|奥|[長次二三][男女]|本人|母親|父親)"
    r"([一-龠ァ-ヶー]{2,})"
)

# 「… を台帳に綴じて」「…で追えます」: used as the name of a thing. 「…でお願いします」 is not.
_USED = re.compile(
    r"[)\]」】]*(?:の(?!まま|よう|はず|とおり|です|で)(?!通り|方|件|人|分|番号|数字|登録|確認)[一-龠ァ-ヶー]"
    r"|で(?!登録|埋|間違|合|良|大丈夫|宜|問題|お?願|確定|統一|正)[一-龠ァ-ヶー]"
    r"|[をに](?!登録|入力|[記書]|設定|使|送|通知|確認|連絡|変|訂正|修正|間違|相違|更新|保管|共有|[^。\n]{1,8}[にへ](?:ご?提[供出]|登録|申告|届))ご?お?[一-龠ァ-ヶー])"
)

_OWN_SENTENCE = 60
"""Folded characters before a number in which its own sentence is looked at."""
_SENTENCE = re.compile(r"[^\0\1\n。!?]*$")
_HANDLED = re.compile(rf"{_GOODS}|宅配|箱詰|shipped|dispatched|delivered|ordered|booked|couriered")
# 「送ってもらえますか」「教えて」「お願いします」 right behind the label.
_ASKED = re.compile(r"(?:の|も)?(?:送って|送れ|教え|お?願い|おねがい)")
# 「マイナンバー → 完了」「個人番号 登録済み 35件」: what was to be said of it is said.
_SETTLED = re.compile(
    r"(?:番号)?(?:の?(?P<work>登録|提出|収集|回収|確認|入力|連携)(?:状況|率|数|済み?|完了)?)?[)\]」]*"
    r"(?:(?(work):?|[:=])\d+(?:\.\d+)?(?:件|名|人|%|割)"
    r"|[:→⇒>=-]+(?:登録|提出|入力|確認|回収|収集|連携)?(?:完了|済み?|未\w{0,2}|あり|なし|有り?|無し?|不要|省略"
    r"|ok|done|submitted|pending|registered|none|n/a)[)\]]?(?=[\n。、,/]))"
)
_STATE = re.compile(
    r"[一-龠]{0,4}(?:済み?|完了|準備中|手続中|申請中|確認中|待ち|不要)|未[一-龠]{0,2}|done|pending",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"[。?!]|[ただ]ら|次第")
_ENDS_ENGLISH = re.compile(r"(?<=[\w)][\w)])(?<!no)(?<!m[rs])(?<!dr)\.(?=[^\W\d]|\n)")
# "Individual Number notice …", "personal number plates": a word of its own follows.
_OTHER_WORD = re.compile(
    r"(?!is|are|was|were|for|of|in|on|as|to|at|and|or|the|has|have|here|below|above|reads|please|card|no)"
    r"[a-z]{3}[^\n]*(?<![:=→])(?<!is)$"
)
# 「個人番号の登録依頼」, 「マイナンバーの送信」: the work has a number of its own, perhaps.
_WORK = re.compile(
    "(?:カード)?の?[ごお]?[一-龠]{0,4}(?:依頼|照合|転記|送信|返信|伝達|回収|削除|追加|補足)"
)
_AMONG = re.compile(
    r"[、,](?![^\n]*(?:以下|下記|次の|[とど]おり|通り|below|follow))[^\0\1\n]{1,30}\n"
)

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


def is_settled(between: str) -> bool:
    """Whether the label has a state for a value, in a line before the number's.

    >>> is_settled(':提出済\\n世帯'), is_settled(':提出済('), is_settled('登録済み35件\\n')
    (True, False, True)
    """
    return "\n" in between and _SETTLED.match(between) is not None


def is_parted(word: str, between: str) -> bool:
    """Whether a sentence ends between a label and a number, or the label is but one of many things,
    or of some work's name.

    >>> is_parted('個人番号', 'をお送りします。'), is_parted('マイナンバー', '、誓約書\\n入館証')
    (True, True)
    >>> is_parted('mynumber', 'isbelow.\\n'), is_parted('mynumber', 'is')
    (True, False)
    """
    if _ENDS_SENTENCE.search(between) or _AMONG.match(between) or _WORK.match(between):
        return True
    return word.isascii() and bool(_ENDS_ENGLISH.search(between) or _OTHER_WORD.match(between))


def is_used(folded: str, place: int) -> bool:
    """Whether the sentence goes on from the number at `place` as from the name of a thing, or has
    come to it by way of goods.

    >>> is_used('\\0で追えます', 0), is_used('\\0でお願いします', 0), is_used('出荷済み、\\0', 5)
    (True, False, True)
    """
    if _USED.match(folded, place + 1):
        return True
    sentence = _SENTENCE.search(folded, max(place - _OWN_SENTENCE, 0), place)
    return sentence is not None and _HANDLED.search(sentence[0]) is not None


def is_state(cell: str) -> bool:
    """Whether a cell says how far something has come, and so is no heading's own number.

    >>> is_state('交付準備中'), is_state('未'), is_state('本人')
    (True, True, False)
    """
    return _STATE.fullmatch(cell) is not None


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
