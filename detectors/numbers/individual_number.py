"""個人番号 (My Number, Individual Number): 12 digits of a person registered in Japan.

The twelfth digit is the check digit of 行政手続における特定の個人を識別するための番号の利用等に
関する法律の規定による通知カード及び個人番号カード並びに情報提供ネットワークシステムによる特定個人
情報の提供等に関する省令 (平成26年総務省令第85号) 第5条: 11 − (Σ Pn·Qn mod 11), and 0 where the
remainder is 0 or 1; Pn is the n-th digit of the eleven from the right, Qn is n+1 up to n = 6 and
n−5 from n = 7. One in ten of all 12-digit strings passes. The eleven digits have no structure;
leading zeros are issued.

>>> validate('1234-5678-9018')
'123456789018'
>>> validate('123456789019')
Traceback (most recent call last):
    ...
detectors.numbers.InvalidChecksum: check digit does not fit
>>> is_valid('100000000030'), is_valid('100000000080')  # remainders 1 and 0
(True, True)
>>> format('023456789013')
'0234 5678 9013'
>>> mask('1234-5678-9018')
'●●●● ●●●● ●●●●'
"""

from __future__ import annotations

from operator import mul

from detectors.numbers import (
    NUMBER,
    InvalidChecksum,
    InvalidFormat,
    InvalidLength,
    ValidationError,
    bare,
)

KIND = "jp.individual_number"
SHAPES = frozenset({(12,), (4, 4, 4), (6, 6), (3, 3, 3, 3), (1,) * 12})
# What the word introduces is the system, not a number: 「マイナンバー制度」「マイナンバーは不要」.
_ABOUT = (
    r"(?!(?:カード)?(?:制度|法|ポータル|推進|対応|担当|関係|関連|事務|業務|セミナー|研修|保険|係"
    r"|(?:管理)?システム|センター|総合|コール|有無|の?(?:申請|取扱|取り扱|管理規程|書類|資料)"
    rf"|の?(?:提出|収集|受領|確認)(?:日|状況|済(?!み?[:(\[「]?{NUMBER})|書類|期限)|を?お?(?:持ち|持参|提示)"
    r"|[はも]?(?:不要|送らない|書かない|記載しない|含まれ)|ではな|ではあり))"
)
_ABOUT_EN = (
    r"(?!(?:card)?(?:training|seminar|webinar|workshop|course|reminder|portal|system|polic(?:y|ies)"
    r"|guide|handbook|manual|law|act|team|desk|helpdesk|faq)(?![a-z]))"
)
_HOST = "[-_](?:db|srv|sv|server|host|web|app|api|prod|stg|dev|batch|job)"
"""What the name of a machine or of a program goes on with: `mynumber-db01`."""
_IN_HOST = r"\.[a-z][a-z0-9-]{0,11}(?:[./:@]|(?![a-z]))"
"""Of a name of the net or of a file, and not where a sentence ends: blanks are gone there."""
STEMS = (
    *("個人番", "個人ナ", "マイナ", "ﾏｲﾅ", "まいな", "共通番号", "個人の番"),
    *("毎ナンバ", "舞ナンバ", "枚ナンバ", "米ナンバ"),
    *("umber", "UMBER", "amber", "AMBER", "anber", "umbar"),
    *("ojin", "OJIN", "maina", "MAINA", "mainá"),
)
"""What its labels have, or nearly, as they are typed: found at the speed of memory, before anything
that is slower looks for the labels."""
_NAMES = (
    "マイ・?ナンバ[ァー]*+",
    "まいなんば[ーぁあ]?",
    "個人番[号號]",
    "コジンバンゴウ?",
    "こじんばんごう?",
)
_OTHER_NAMES = (
    *("共通番号", "個人識別番号", "個人識別ナンバー", "個人ナンバー", "個番(?!号)"),
    # mistyped, and words of no other meaning
    *("個(?:入番|人[播審蕃]|番人)号", "個人番[合後]", "固人番号", "箇人番号"),
    "マイナ(?:ナ+ン+|ンン+)バー*",
    *("マイナ[ソシ]バ[ー一ニ]", "マイナン[パハ]ー"),  # read off paper, typed on glass
    *(
        "마이넘버",
        "개인번호",
        "个人(?:编号|号码|番号)",
        "個人(?:編號|號碼)",
        "socialsecurityandtaxnumber",
    ),
)
# 「マイナ」 for short, which マイナス, マイナビ, マイナポイント and マイナ保険証 begin with.
_SHORT = r"マイナ(?:カード)?(?![ァ-ヶー]|保険|免許|救急)"
_LEADS = rf"(?:です)?[:=/はが]?[「『【\[(]?{NUMBER}"
# As the fields of a program are called: `INDV_NO`, `kojinNum`.
_NO = r"n(?:umber|(?:o\.?|um|br)(?![a-z]))"
# One slip of the finger, believed where a number follows: a letter left out, two in the wrong
# order, one that looks like another.
_MISTYPED = (
    "マイ(?:ナ(?:[ソシ]バー|ン[パハ]ー?|バー|ーンバー|ンー?バー?|ンナバー)"
    "|ンナバー|ンバー|タンバー)"
)
_MISTYPED_EN = (
    "n(?:ubmer|umebr|umbre|umbr|umer|uber|unber|mber|muber)"
    "|num[vn]er|mumber|munber|umber|namber|nanber|numbar"
)
LABELS = (
    *(f"{word}{_ABOUT}(?:カード)?(?:の?番号|no\\.?)?" for word in _NAMES),
    *(f"{word}{_ABOUT}" for word in _OTHER_NAMES),
    rf"{_MISTYPED}(?={_LEADS})",
    rf"{_SHORT}{_ABOUT}(?:の?番号|no\.?)?",
    rf"ま(?<![ぁ-ん]ま)いな(?:の?番号|の?ばんごう|(?={_LEADS}))",
    rf"マイ(?<![ァ-ヶー]マイ)(?:番号|no\.?)(?={_LEADS}|[\n\ufdd0\ufdd1]|\Z)",
    rf"m(?<![a-z]m)y番号(?={_LEADS})",
    r"個人no\.?",
    # まい, by another of its letters
    *(rf"{sign}ナンバー?(?={_LEADS})" for sign in "毎舞枚米"),
    r"法人\(個人\)番号",
    r"個人\(法人\)番号",
    rf"社会保障・?税番号{_ABOUT}",
    rf"特定個人情報{_ABOUT}",
    r"通知カード(?:の?番号)?",
    # "My number is …", as one says of a telephone: `fold` tells it from the name of the thing.
    r"m(?<!dumm)y·number(?=(?:no\.?)?(?:her|his|their)?(?:is|are|below|here|(?:as)?follows|こちら|です|[はが]|\([^()\n]{1,30}\)|[-:=.\n)–—→>])*+"
    rf"(?:[「『【\[(]?{NUMBER}|\Z|[|\ufdd0\ufdd1]))",
    # "my number" of Mr. Ogawa: …
    rf"m(?<!dumm)y·number(?=[\"'”)]*(?:of|for)[^\n:;!?{NUMBER}]{{1,30}}(?::|is){NUMBER})",
    # In a sentence of another language: "my number của em là …".
    rf"m(?<!dumm)y·number(?=[^\n.,:;!?{NUMBER}]{{0,24}}?[^\x00-\x7f][^\n.,:;!?{NUMBER}]{{0,24}}{NUMBER})",
    r"カ(?<![ァ-ヶー一-龠]カ)ード(?:の?裏面?|\(裏面?\))の?(?:12桁(?:の(?:番号|数字))?|番号\(12桁\))",
    rf"個人の番号(?={_LEADS}|[\n|,)/x]|\Z|」[^\n{NUMBER}]{{0,24}}[→:]{NUMBER})",
    rf"m(?<!dumm)y[-_.]?number(?!{_IN_HOST}|{_HOST}){_ABOUT_EN}(?:card)?(?:back(?:side)?)?(?:no\.?|number)?",
    r"m(?<!dumm)y[-_.]?n(?:um\.?|br)(?![a-z])",
    rf"m(?:(?<![a-z]m)|(?<=setm)|(?<=andm))y[-_.]?no\.?(?={_LEADS}|[_,|\t\"'>=:]|\Z)",
    rf"m(?<!dumm)y[-_.]?(?:{_MISTYPED_EN})(?:card)?(?:number|no\.?)?(?=is{NUMBER}|、?{_LEADS})",
    # "my number cua anh la …", "… do meu marido é …": languages that are written without marks, too
    rf"m(?<!dumm)y·number(?=(?:c[uủ]a|d[oae]l?|dele|dela|ko|ng|saya)[^\n.,:;!?{NUMBER}]{{0,40}}:?[{NUMBER}\x01])",
    rf"m(?<![a-z]m)n(?=(?:\([^()\n]{{1,30}}\))?{_LEADS})",
    rf"individual[-_.]?{_NO}{_ABOUT_EN}",
    rf"ind(?<![a-z]ind)i?v?[-_.]{_NO}",
    rf"indi?v{_NO}",
    rf"personal[-_.]?{_NO}",
    rf"kojin[-_.]?(?:bang(?:ou?)?|{_NO})",
    rf"main[aá][nm]ba+(?=[^\n]{{0,40}}[{NUMBER}\x01])",
    rf"mainanba+(?:[-_.]?{_NO})?",
    rf"maina[-_.]?{_NO}",
)
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def calc_check_digit(number: str) -> str:
    """The check digit of eleven bare digits.

    >>> calc_check_digit('62149832025')
    '7'
    """
    return str(-sum(map(mul, _WEIGHTS, map(int, number))) % 11 % 10)


def validate(number: str) -> str:
    """The compact form, or a ValidationError.

    Three times four of the same digit are refused: zeros, and 1111 2222 3333, are filling.
    """
    number = compact(number)
    if len(number) != 12:
        raise InvalidLength
    if all(number[at] * 4 == number[at : at + 4] for at in (0, 4, 8)):
        raise InvalidFormat
    if calc_check_digit(number[:-1]) != number[-1]:
        raise InvalidChecksum
    return number


def is_valid(number: str) -> bool:
    try:
        return bool(validate(number))
    except ValidationError:
        return False


def format(number: str) -> str:
    """As on the card: three groups of four."""
    number = compact(number)
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def mask(number: str) -> str:
    """Nothing is left, not even the last digits: four of them make a list of persons guessable."""
    return "●●●● ●●●● ●●●●"


def named(text: str) -> list[int]:
    """Where in it the stems of labels end, in order."""
    found: list[int] = []
    for stem in STEMS:
        at = text.find(stem)
        while at >= 0:
            found.append(at + len(stem))
            at = text.find(stem, at + 1)
    return sorted(found)


def may_be_named(text: str) -> bool:
    """Whether one of its labels may stand in the text."""
    return any(stem in text for stem in STEMS)
