"""Whether a word for a kind of number names the number that follows, or is said of something else.

「マイナンバー：」 and 「マイナンバーのご連絡です」 lead to a number. 「個人番号の照会」 and
「マイナンバー管理システム」 speak of what is done with them, 「マイナンバーは記載しないでください」
says that none stands there, 「注文番号ではありません」 that the number is none of that kind.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from detectors.context import turns

# What may follow the word with no blank between, and still a number of the kind comes.
_LEADING = re.compile(
    r"(?:番号|欄|一覧表?|リスト|表|台帳|名簿|情報|データ|通知書?|届出?書?|登録|記載|記入|入力"
    r"|報告書?|申告|告知|連絡|聴取|聞(?:き?取り?)?|読|回答|提供書?|提出|送付|共有|収集|集計|結果|付与|取得|判明|採番|訂正|変更|修正|更新|件|知|控|新|旧|正|誤|再|未|追加"
    r"|間違い?|まちがい|相違|誤り?|依頼|照合|転記|送信|返信|伝達|回収|申出|差替?|入替|削除|補足|一式|桁数"
    r"|[下上]|[前後]半?|末尾|先頭|最[初後]|残|下記|以下|上記|裏面?|表面|本人|配偶者|妻|夫|父|母|子|親|[長次二三四]?[男女]|扶養(?:親族|家族)?|被扶養者|家族"
    r"|主人|家内|息子|娘|氏名|名前|生年月日|住所|性別|続柄|電話|社員|従業員|法人|又|及|並|等|桁|半角|全角"
    r"|数字|必須|任意|現物|原本|実物|券面|分|名分|人分|全員|確認|内容|完了|自体|方|済|漏)+"
)
_NOUN = re.compile(r"(?:カード)?(の)?(?:[ごお](?=[一-龠]))?(?:\d+(?=[本点種]))?([一-龠々ァ-ヶー]+)")
# 「カードを見たら」「カードに書いてある番号」, and not 「カードを同封します」.
_READ_THERE = "は?(?:見|みた|確認した|ある|あった|あり|記載|書|印字|印刷|載)"
_COPIED = re.compile(
    rf"(?:カード)?の?(?:写し?|コピー|控え?)(?:より|から|によ|で確認|を(?:見|確認)|に(?:は|{_READ_THERE})|[:=(\0])"
)
_LOOKED_AT = re.compile("(?:カード)?を?[ごお]?確認")
_WITHOUT = re.compile(
    r"(?:カード|(?<=カード))自体|(?:カード)?(?:番号)?(?:.{0,6}の?有無|"
    rf"を?お?(?:持ち|持参|提示)|(?<=カード)(?:\([^()\n]{{0,20}}\))?[をがでにも](?!{_READ_THERE})|の?(?:代わり|かわり|替わり)|以外|を?除[いきく]|[なが]?(?:なし|無し|ない方)"
    r"|の[一-龠]{2,4}[がを](?:終わ|終え|済|完了)[^。\n\0]{0,6}?(?:たら|次第|後)"
    r"|の[一-龠]{2}[はを]?(?:も?不要|[ごお]?遠慮|お?控え|し(?:な(?!か?った)[いく]|ません(?!でした)|ないで))"
    r"|[はをもがに][^。\n\0]{0,20}?(?:不要|別途|別便|郵送|黒塗|マスク|マスキング|伏せ|削除|ご?遠慮|お控え|禁止"
    r"|(?:含|載|書|送|付|力|入|示)[^。\n\0]{0,6}?(?:な(?!か?った)[いくし]|ません(?!でした)|ずに)))"
)
# "submit My Number via Workday (task …)", "entered my number in the portal": how and where, and
# not "My Number in the file is …".
_HOW = frozenset("via through using by into in on at to with before until".split())
_TOLD = re.compile(r"[^\0\1\n]*(?:is|are|was|reads|says|shows|[-:=→])[\0\1]")
# "My Number training", "the My Number form on …".
_OF_IT = frozenset(
    "form forms document documents paper papers kit envelope pickup collection application"
    " campaign survey training seminar webinar reminder policy system portal guide manual faq"
    " plate plates tag handling management processing protection compliance".split()
)
# "… my My Number card. Appointment 1234": the next sentence has a word of its own for it.
_NEXT = re.compile(r"\.[a-z]{3,20}(?<!is)(?<!are)(?<!was)[#(]?[\0\1]")
_WORD = re.compile("[a-z]+")
_NOT = re.compile(
    r"(?:番号|コード)?(?:\([^()\n]{1,12}\))?(?:(?:のこと)?(?:で|じゃ)は?(?:な[いく]|あり)|\)?とは?(?:別|異な|違|[^。\n\0]{0,4}(?:無関係|関係(?:[がはも])?(?:あり|な[いくし]|ござい))))"
    r"|(?:だ|か)?と(?:思|勘違|間違|見間違|取り違)[^\0\1。\n]{0,20}(?:\n)?[^\0\1。\n]{0,24}番号(?:でし|だっ|の間違)"
    r"|[\"'”]?(?:is|are)(?:not|never)(?:required|needed|necessary|collected|used)"
)
_NONE = re.compile(
    r"(?:(?:is|are|was|were)(?:not|n['’]t)|(?:do|did)(?:not|n['’]t)have|haveno|nãotenho|naotenho|khôngcó|没有|沒有)"
    r"(?:an?|any|the|my|his|her|your|their|o|um|meu)?\Z"
)
_BEFORE = 16
"""Folded characters in which that stands."""
# "feature/my-number-form": a name of its own, and not `my-number-text=`.
_COMPOUND = re.compile(r"-(?!no|num|val|text|str|code|id|digit)[a-z]{3}[a-z-]*+(?![\"']?[:=])")


def is_denied(folded: str, start: int, end: int) -> bool:
    """Whether the text says that it is none, 「送り状番号ではありません」, "is not My Number", or
    that nobody has one, "I do not have a My Number"."""
    none = _NONE.search(folded, max(start - _BEFORE, 0), start)
    return none is not None or _NOT.match(folded, end) is not None


def is_refused(folded: str, start: int, end: int) -> bool:
    """Whether the text wants none of them, 「マイナンバーは書かないでください」, or speaks of the
    card as a thing, 「カードをお届けします」, and not as what to look at, 「カードを確認」."""
    return is_denied(folded, start, end) or (
        _WITHOUT.match(folded, end) is not None and not _LOOKED_AT.match(folded, end)
    )


def is_about(folded: str, end: int, gaps: Sequence[int] = ()) -> bool:
    """Whether what follows a word for 個人番号 that ends at `end` speaks of something else.

    `gaps` are the positions in the folded text where blanks were: behind one begins another word.
    """
    if _WITHOUT.match(folded, end) or _NEXT.match(folded, end) or _is_how(folded, end, gaps):
        return True
    noun = _NOUN.match(folded, end)
    if not noun or turns.is_asked(folded, end) or _COPIED.match(folded, end):
        return False
    at = bisect_left(gaps, end)
    if at < len(gaps) and gaps[at] <= noun.start(2):
        return False
    stop = min(noun.end(), gaps[at] if at < len(gaps) else noun.end())
    return not _LEADING.fullmatch(folded, noun.start(2), stop)


def _is_how(folded: str, end: int, gaps: Sequence[int]) -> bool:
    """Whether the English word behind tells how, where or of what, and not "is" which number."""
    at = bisect_left(gaps, end)
    gap = gaps[at] if at < len(gaps) else end + 3
    if gap > end + 2 and _COMPOUND.match(folded, end):
        return True
    if at + 1 >= len(gaps) or gap != end:
        return False
    word = _WORD.match(folded, end, gaps[at + 1])
    told = _TOLD.match(folded, end)
    return word is not None and (word[0] in _OF_IT or (word[0] in _HOW and not told))
