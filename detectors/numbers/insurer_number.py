"""保険者番号 (number of a health insurer): 8 digits, 6 for 国民健康保険; tells the employer.

法別番号 (2, not for 国民健康保険), 都道府県番号 (2), 保険者別番号 (3), 検証番号 (1). The last is by
厚生労働省「保険者番号等の設定要領」: digits times 2 and 1 in turn from the right, digits of the
products added up, what is missing to the next ten.

>>> validate('33120015')
'33120015'
>>> is_valid('33120016'), is_valid('00000000')
(False, False)
>>> format('138057')
'138057'
"""

from __future__ import annotations

from detectors.numbers import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError, bare

KIND = "jp.insurer_number"
PATTERN = r"\d{8}|\d{6}|\d{2}[- ]\d{2}[- ]\d{3}[- ]\d"
LABELS = (
    r"保(?<!被保)険者(?:番号|no\.?|コード)",
    r"insurer(?:number|no\.?|id)",
)
_DOUBLED = "0246813579"
"""2·n, digits added up."""


def compact(number: str) -> str:
    """Bare ASCII digits; InvalidFormat where something else stands."""
    return bare(number)


def calc_check_digit(number: str) -> str:
    """The last digit from all before it.

    >>> calc_check_digit('3312001')
    '5'
    """
    total = sum(int(_DOUBLED[int(digit)]) for digit in number[::-2])
    return str(-(total + sum(map(int, number[-2::-2]))) % 10)


def validate(number: str) -> str:
    """The compact form, or a ValidationError."""
    number = compact(number)
    if len(number) not in (6, 8):
        raise InvalidLength
    if not 1 <= int(number[-6:-4]) <= 47:  # 都道府県
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
    """As on the 資格確認書: one run."""
    return compact(number)


def mask(number: str) -> str:
    return "●" * len(compact(number))
