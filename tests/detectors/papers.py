"""Papers, cards and screens with 個人番号 on them, and such that only look so, as pictures.

A paper is drawn at about 200 dpi; a screen at 96. Each function gives (picture, its numbers).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

from tests.detectors.corpus import FULL, NAMES, alike, licence, parcel, person, serial, stamp

Paper = Callable[[random.Random], tuple[Image.Image, list[str]]]

SANS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
BOLD = "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
SERIF = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
_MONO = 5  # of the faces in SANS

INKS = ("black", "#202020", "#1a237e", "#333366")
RULES = ("black", "#555555", "#c0392b", "#2e7d32", "#7f8fa6")


def font(rng: random.Random, size: int) -> ImageFont.FreeTypeFont:
    path, index = rng.choice([(SANS, 0), (SANS, 0), (SERIF, 0), (BOLD, 0), (SANS, _MONO)])
    return ImageFont.truetype(path, size, index=index)


def sans(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(SANS, size)


def paper(
    width: int, height: int, colour: str = "white"
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (width, height), colour)
    return image, ImageDraw.Draw(image)


def written(number: str, rng: random.Random) -> str:
    groups = [number[:4], number[4:8], number[8:]]
    return rng.choice([number, " ".join(groups), "-".join(groups), number.translate(FULL)])


# With numbers


def note(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A few lines of a letter or a chat on a screen."""
    number, size = person(rng), rng.choice([16, 18, 22])
    image, draw = paper(size * 36, size * 12)
    face = font(rng, size)
    label = rng.choice(["マイナンバー", "個人番号", "マイナンバー(個人番号)", "個人番号（12桁）"])
    lines = [
        "お疲れさまです。総務の森です。",
        f"{rng.choice(NAMES)}さんの年末調整の件、下記のとおりです。",
        f"{label}：{written(number, rng)}",
        "よろしくお願いいたします。",
    ]
    for at, line in enumerate(lines):
        draw.text((size * 2, size * (1.5 + 2.2 * at)), line, fill=rng.choice(INKS), font=face)
    return image, [number]


def slip(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """Label and value, cut out of something larger."""
    number, size = person(rng), rng.choice([24, 30, 40])
    image, draw = paper(size * 24, size * 7)
    face = font(rng, size)
    rows = [("氏名", rng.choice(NAMES)), ("個人番号", written(number, rng)), ("続柄", "本人")]
    for at, (label, value) in enumerate(rows):
        draw.text((size, size * (0.6 + 1.9 * at)), label, fill="black", font=face)
        draw.text((size * 8, size * (0.6 + 1.9 * at)), value, fill="black", font=face)
    return image, [number]


def boxes(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A box a digit."""
    return _boxed(rng, (12,))


def grouped_boxes(rng: random.Random) -> tuple[Image.Image, list[str]]:
    return _boxed(rng, (4, 4, 4))


def _boxed(rng: random.Random, groups: Sequence[int]) -> tuple[Image.Image, list[str]]:
    number = person(rng)
    image, draw = paper(1000, 320)
    draw.text((40, 20), "従業員情報届出書", fill="black", font=font(rng, 34))
    draw.text((40, 100), f"氏　名　　{rng.choice(NAMES)}", fill="black", font=sans(28))
    draw.text((40, 190), "個人番号", fill="black", font=sans(28))
    comb(draw, (210, 170), number, rng, 54, groups)
    draw.text((40, 260), "提出先　総務部", fill="black", font=sans(24))
    return image, [number]


def apart_boxes(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A frame a digit with paper between them, on a picture of little else."""
    number = person(rng)
    image, draw = paper(1100, 240)
    side, rule = rng.choice([34, 44, 58]), rng.choice(RULES)
    face, gap = font(rng, round(side * 0.66)), rng.choice([3, 6, 12])
    draw.text((30, 100), "個人番号", fill="black", font=sans(28))
    for at, digit in enumerate(number):
        x = 180 + (side + gap) * at
        draw.rectangle((x, 90, x + side, 90 + side * 1.2), outline=rule, width=2)
        draw.text((x + side / 2, 90 + side * 0.6), digit, fill="black", font=face, anchor="mm")
    return image, [number]


def comb(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], digits: str, rng: random.Random,
    pitch: int, groups: Sequence[int] = (12,),
) -> None:  # fmt: skip
    """Digits in boxes of `pitch` pixels, the groups a little apart."""
    x, y = at
    face, rule = font(rng, round(pitch * 0.62)), rng.choice(RULES)
    thick = max(1, round(pitch / rng.choice([18, 27])))
    left = iter(digits)
    for group in groups:
        draw.rectangle((x, y, x + pitch * group, y + pitch * 1.15), outline=rule, width=thick)
        for i in range(group):
            if i:
                draw.line((x + pitch * i, y, x + pitch * i, y + pitch * 1.15), fill=rule, width=1)
            middle = (x + pitch * (i + 0.5), y + pitch * 0.58)
            draw.text(middle, next(left), fill="black", font=face, anchor="mm")
        x += pitch * group + (pitch * 0.35 if len(groups) > 1 else 0)


def card(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """The back of a マイナンバーカード, without its QR code."""
    number = person(rng)
    image, draw = paper(1010, 640, "#f2f5ee")
    for y in range(-640, 640, 14):  # the ground pattern
        draw.line((0, y, 1010, y + 500), fill="#dfe9dc", width=3)
    draw.rounded_rectangle((3, 3, 1006, 636), 36, outline="#b5c2b0", width=4)
    draw.text((60, 40), "個人番号", fill="#222222", font=sans(30))
    digits = f"{number[:4]} {number[4:8]} {number[8:]}"
    draw.text((230, 24), digits, fill="black", font=ImageFont.truetype(SANS, 56, index=_MONO))
    draw.text((60, 130), f"氏名　{rng.choice(NAMES)}", fill="#222222", font=sans(32))
    draw.text((60, 190), "平成 2年 4月 1日生", fill="#222222", font=sans(28))
    draw.rectangle((90, 300, 330, 470), fill="#d9b95b", outline="#a58a33", width=3)
    draw.text((420, 560), "地方公共団体情報システム機構", fill="#444444", font=sans(24))
    return image, [number]


def notice(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A 通知カード."""
    number = person(rng)
    image, draw = paper(1010, 640, "#eef3e6")
    for y in range(0, 640, 9):
        draw.line((0, y, 1010, y), fill="#e1ead4", width=2)
    draw.text((340, 30), "通　知　カ　ー　ド", fill="#2d4a22", font=sans(36))
    draw.text((60, 110), "個人番号", fill="#222222", font=sans(30))
    digits = f"{number[:4]} {number[4:8]} {number[8:]}"
    draw.text((240, 98), digits, fill="black", font=font(rng, 48))
    rows = [
        f"氏名　　{rng.choice(NAMES)}", "住所　　東京都千代田区霞が関１丁目１－１",
        "生年月日　平成２年４月１日　性別　男", "発行日　平成２７年１０月２３日",
    ]  # fmt: skip
    for at, row in enumerate(rows):
        draw.text((60, 200 + at * 70), row, fill="#222222", font=sans(30))
    return image, [number]


def withholding(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A 源泉徴収票, half a page A4 at 200 dpi."""
    number, child = person(rng), person(rng)
    image, draw = paper(1654, 1169)
    title, small, face = sans(36), sans(20), font(rng, 24)
    draw.text((480, 40), "令和７年分　給与所得の源泉徴収票", fill="black", font=title)
    for top, bottom in ((120, 330), (330, 470), (470, 640), (640, 900)):
        draw.rectangle((90, top, 1560, bottom), outline="black", width=2)
    draw.text((100, 128), "支払を受ける者", fill="black", font=small)
    draw.text((100, 170), "住所　東京都港区芝公園４丁目２－８", fill="black", font=face)
    draw.text((100, 230), f"氏名　{rng.choice(NAMES)}", fill="black", font=face)
    draw.text((830, 140), "（個人番号）", fill="black", font=small)
    comb(draw, (960, 135), number, rng, 44)
    for at, (head, value) in enumerate(
        [
            ("支払金額", "5 432 100"),
            ("給与所得控除後の金額", "3 905 600"),
            ("源泉徴収税額", "98 700"),
        ]
    ):
        draw.line((90 + 490 * at, 330, 90 + 490 * at, 470), fill="black", width=1)
        draw.text((110 + 490 * at, 340), head, fill="black", font=small)
        draw.text((300 + 490 * at, 400), value, fill="black", font=face)
    draw.text((100, 480), "控除対象扶養親族", fill="black", font=small)
    draw.text((100, 540), f"氏名　{rng.choice(NAMES)}", fill="black", font=face)
    draw.text((780, 545), "個人番号", fill="black", font=small)
    draw.text((900, 540), child, fill="black", font=face)
    draw.text((100, 660), "支払者　株式会社みどり商事　電話 03-5555-0123", fill="black", font=face)
    return image, [number, child]


def dependents(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A 扶養控除等申告書, A4 across at 150 dpi, three combs of boxes."""
    numbers = [person(rng) for _ in range(3)]
    image, draw = paper(1754, 1240)
    head, face, small = sans(30), font(rng, 22), sans(17)
    draw.text(
        (420, 40), "令和７年分　給与所得者の扶養控除等（異動）申告書", fill="black", font=head
    )
    tops = (120, 330, 540)
    titles = ("あなたの個人番号", "配偶者の個人番号", "扶養親族の個人番号")
    for top, title, number in zip(tops, titles, numbers, strict=True):
        draw.rectangle((80, top, 1670, top + 190), outline="black", width=2)
        draw.line((640, top, 640, top + 190), fill="black", width=1)
        draw.text((100, top + 20), f"氏名　{rng.choice(NAMES)}", fill="black", font=face)
        draw.text((100, top + 80), "住所　横浜市中区本町６丁目５０－１０", fill="black", font=face)
        draw.text((660, top + 20), title, fill="black", font=small)
        comb(draw, (660, top + 60), number, rng, 46)
        draw.text((1290, top + 20), "生年月日　昭・平 2. 4. 1", fill="black", font=small)
    draw.text((100, 780), "給与の支払者　株式会社みどり商事", fill="black", font=face)
    return image, numbers


def listing(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A printed list of employees, A4 upright at 150 dpi."""
    numbers = [person(rng) for _ in range(rng.randint(8, 14))]
    image, draw = paper(1240, 1754)
    size = rng.choice([20, 24])
    draw.text((80, 60), "従業員 個人番号一覧", fill="black", font=sans(34))
    heads = ("社員番号", "氏名", "個人番号", "入社日")
    rows = [heads, *(
        (f"A{at:04}", rng.choice(NAMES), number, f"20{rng.randint(10, 24)}/04/01")
        for at, number in enumerate(numbers, 1)
    )]  # fmt: skip
    grid(draw, rows, (80, 140), (180, 240, 320, 220), size * 2, font(rng, size), rng.choice(RULES))
    return image, numbers


def workbook(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A screenshot of a sheet at 96 dpi."""
    numbers = [person(rng) for _ in range(rng.randint(4, 8))]
    image, draw = paper(760, 90 + 24 * len(numbers))
    rows: list[Sequence[str]] = [("", "A", "B", "C", "D"), ("1", "No", "氏名", "個人番号", "部署")]
    for at, number in enumerate(numbers, 1):
        rows.append((str(at + 1), str(at), rng.choice(NAMES), number, "総務部"))
    grid(draw, rows, (0, 20), (40, 60, 160, 180, 140), 24, sans(rng.choice([14, 15])), "#d4d4d4")
    return image, numbers


def grid(
    draw: ImageDraw.ImageDraw, rows: Sequence[Sequence[str]], at: tuple[int, int],
    widths: Sequence[int], height: int, face: ImageFont.FreeTypeFont, rule: str,
) -> None:  # fmt: skip
    """A table with rules around every cell."""
    y = at[1]
    for row in rows:
        x = at[0]
        for width, cell in zip(widths, row, strict=True):
            draw.rectangle((x, y, x + width, y + height), outline=rule, width=1)
            draw.text((x + 6, y + height / 2), cell, fill="black", font=face, anchor="lm")
            x += width
        y += height


# Without


def orders(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A list of orders; their numbers have twelve digits."""
    image, draw = paper(1240, 900)
    draw.text((80, 50), "出荷実績一覧（10月）", fill="black", font=sans(34))
    rows = [("注文番号", "得意先", "送り状番号", "数量")]
    for _ in range(10):
        rows.append((stamp(rng), "青葉物産", parcel(rng), str(rng.randint(1, 90))))
    grid(draw, rows, (80, 120), (300, 240, 300, 140), 46, font(rng, 22), rng.choice(RULES))
    return image, []


def label(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A parcel's label."""
    number = alike(rng, parcel)
    image, draw = paper(900, 500)
    draw.text((40, 30), "ゆうパック　お問い合わせ番号", fill="black", font=sans(32))
    digits = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    draw.text((40, 100), digits, fill="black", font=font(rng, 48))
    draw.text((40, 200), "お届け先　名古屋市中区三の丸３－１－２", fill="black", font=sans(28))
    draw.text((40, 260), "電話 052-555-0147　品名 書類", fill="black", font=sans(28))
    return image, []


def telephones(rng: random.Random) -> tuple[Image.Image, list[str]]:
    image, draw = paper(1000, 800)
    rows = [("氏名", "電話番号", "内線", "携帯")]
    for _ in range(12):
        tail = rng.randint(1000, 9999)
        rows.append((rng.choice(NAMES), f"03-5555-{tail}", str(tail), f"090-5555-{tail}"))
    grid(draw, rows, (60, 60), (220, 260, 140, 260), 46, font(rng, 22), rng.choice(RULES))
    return image, []


def invoice(rng: random.Random) -> tuple[Image.Image, list[str]]:
    image, draw = paper(1240, 1000)
    draw.text((500, 50), "請　求　書", fill="black", font=sans(44))
    lines = [
        f"請求書番号 {alike(rng, serial)}", f"登録番号 T{rng.randint(10**12, 10**13 - 1)}",
        "お振込先 みずほ銀行 丸の内支店 普通 1234567",
        "ご請求金額 ¥1,234,567",
        "支払期限 2026/12/31",
    ]  # fmt: skip
    for at, line in enumerate(lines):
        draw.text((100, 150 + 60 * at), line, fill="black", font=font(rng, 28))
    return image, []


def membership(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """A loyalty card."""
    number = alike(rng, serial)
    image, draw = paper(900, 560, "#20406a")
    draw.text((60, 60), "みどりポイントカード", fill="white", font=sans(44))
    digits = f"{number[:4]} {number[4:8]} {number[8:]}"
    draw.text((60, 340), digits, fill="white", font=ImageFont.truetype(SANS, 54, index=_MONO))
    draw.text((60, 280), "会員番号", fill="white", font=sans(26))
    return image, []


def licence_card(rng: random.Random) -> tuple[Image.Image, list[str]]:
    image, draw = paper(1000, 630, "#eef1f8")
    draw.text((60, 40), f"氏名　{rng.choice(NAMES)}　昭和60年4月1日生", fill="black", font=sans(30))
    draw.text((60, 120), "2029年（令和11年）05月01日まで有効", fill="black", font=sans(32))
    draw.text((60, 420), f"番号　第 {alike(rng, licence)} 号", fill="black", font=sans(36))
    draw.text((60, 500), "運転免許証　東京都公安委員会", fill="black", font=sans(34))
    return image, []


def company(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """Thirteen boxes: the number of a company."""
    image, draw = paper(1100, 300)
    draw.text((40, 40), "法人番号", fill="black", font=sans(28))
    comb(draw, (200, 30), str(rng.randint(10**12, 10**13 - 1)), rng, 54, (1, 4, 4, 4))
    draw.text((40, 160), "名　称　株式会社みどり商事", fill="black", font=font(rng, 28))
    return image, []


def blank_form(rng: random.Random) -> tuple[Image.Image, list[str]]:
    """Boxes with nothing in them yet."""
    image, draw = paper(1000, 320)
    draw.text((40, 100), "氏　名　　　　　　　　　　　生年月日", fill="black", font=sans(28))
    draw.text((40, 190), "個人番号", fill="black", font=sans(28))
    comb(draw, (210, 170), " " * 12, rng, 54)
    return image, []


def chart(rng: random.Random) -> tuple[Image.Image, list[str]]:
    image, draw = paper(900, 600)
    draw.text((300, 20), "売上推移（千円）", fill="black", font=sans(28))
    for at in range(12):
        height = rng.randint(60, 420)
        draw.rectangle((90 + 65 * at, 520 - height, 130 + 65 * at, 520), fill="#4a90d9")
        draw.text((92 + 65 * at, 490 - height), str(height * 37), fill="black", font=sans(16))
        draw.text((96 + 65 * at, 530), f"{at + 1}月", fill="black", font=sans(18))
    return image, []


ALIKE: tuple[Paper, ...] = (
    orders, label, telephones, invoice, membership, licence_card, company, blank_form, chart,
)  # fmt: skip
