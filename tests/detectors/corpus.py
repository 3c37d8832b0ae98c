"""Synthetic office mails for measuring the detection: what holds numbers, and what only looks so.

Nothing is stored: every number is drawn and given its check digit when the corpus is made. Half of
the single look-alikes are drawn until they pass the check of a 個人番号, else nine in ten would be
too easy; columns of look-alikes stay as chance makes them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from detectors.numbers import card, corporate_number, drivers_license, individual_number
from detectors.surface import Spot, Table, Text

Surfaces = tuple[Text | Table, ...]
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
NAMES = (
    "山田太郎 佐藤花子 鈴木一郎 高橋美咲 田中健 伊藤さくら 渡辺翔 中村葵 小林誠 加藤由美".split()
)
GREETING = "株式会社みどり商事\n経理部 御中\n\nいつもお世話になっております。青葉物産の森です。\n"
CLOSING = (
    "\nご確認のほど、よろしくお願いいたします。\n--\n森 一子 TEL 03-5555-0123 FAX 03-5555-0124\n"
)
LABELS = (
    "個人番号 マイナンバー 個人番号（マイナンバー） ﾏｲﾅﾝﾊﾞｰ マイナンバーカード番号 個人識別番号 "
    "My_Number 共通番号 個人番号カード 通知カードの番号 マイナンバーNo."
).split()


@dataclass(frozen=True, slots=True)
class Sample:
    technique: str
    surfaces: Surfaces
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    """個人番号 that must be found at medium or high; nothing else may be."""


def person(rng: random.Random, first: str = "") -> str:
    """A 個人番号 with a right check digit."""
    while True:
        body = first + "".join(rng.choices("0123456789", k=11 - len(first)))
        if len(set(body)) > 2:
            return body + individual_number.calc_check_digit(body)


def alike(rng: random.Random, make: Callable[[random.Random], str]) -> str:
    """What `make` draws; in half of the cases one that passes the check of a 個人番号."""
    wanted = rng.random() < 0.5
    while True:
        number = make(rng)
        if not wanted or individual_number.is_valid(number):
            return number


def parcel(rng: random.Random) -> str:
    body = "".join(rng.choices("0123456789", k=11))
    return body + str(int(body) % 7)


def licence(rng: random.Random) -> str:
    body = rng.choice(["30", "43", "62", "10"]) + "".join(rng.choices("0123456789", k=8))
    return body + drivers_license.calc_check_digit(body) + rng.choice("0000001")


def serial(rng: random.Random) -> str:
    return "".join(rng.choices("0123456789", k=12))


def stamp(rng: random.Random) -> str:
    day = f"{rng.randint(2019, 2027)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    return f"{day}{rng.randint(0, 23):02}{rng.randint(0, 59):02}"


def company(rng: random.Random) -> str:
    body = "".join(rng.choices("0123456789", k=12))
    return corporate_number.calc_check_digit(body) + body


def pan(rng: random.Random) -> str:
    body = "4" + "".join(rng.choices("0123456789", k=14))
    return body + card.calc_check_digit(body)


def grouped(number: str, separator: str = "-", size: int = 4) -> str:
    return separator.join(number[at : at + size] for at in range(0, len(number), size))


def mail(body: str, subject: str = "ご連絡") -> Surfaces:
    text = f"{GREETING}{body}{CLOSING}"
    return Text(Spot("subject", unit=""), subject), Text(Spot("1"), text, (subject,))


def sheet(
    rows: list[list[str]], name: str = "一覧.xlsx", numeric: bool = False, **more: object
) -> Table:
    cells = {
        (r, c)
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row, 1)
        if numeric and cell.replace(".", "").isdigit()
    }
    spot = Spot("2", (name, "Sheet1"))
    return Table(spot, rows, numeric=frozenset(cells), context=("ご連絡", name, "Sheet1"), **more)  # type: ignore[arg-type]


def positives(rng: random.Random) -> Iterator[Sample]:
    yield from _in_prose(rng)
    yield from _in_lists(rng)
    yield from _in_tables(rng)
    yield from _in_odd_tables(rng)


def negatives(rng: random.Random) -> Iterator[Sample]:
    yield from _look_alikes_in_prose(rng)
    yield from _look_alikes_in_tables(rng)


def _in_prose(rng: random.Random) -> Iterator[Sample]:
    forms: dict[str, Callable[[str], str]] = {
        "plain": str,
        "4-4-4 hyphen": grouped,
        "4-4-4 space": lambda n: grouped(n, " "),
        "full width": lambda n: n.translate(FULL),
        "full width, dash U+2010": lambda n: grouped(n.translate(FULL), "‐"),
        "full width, 長音": lambda n: grouped(n.translate(FULL), "ー"),
        "minus U+2212": lambda n: grouped(n, "−"),
        "NBSP": lambda n: grouped(n, "\xa0"),
        "ideographic space": lambda n: grouped(n, "\u3000"),
        "thin space": lambda n: grouped(n, "\u2009"),
        "dots": lambda n: grouped(n, "."),
        "中黒": lambda n: grouped(n, "・"),
        "slash": lambda n: grouped(n, "/"),
        "spaced hyphen": lambda n: grouped(n, " - "),
        "zero width": lambda n: "\u200b".join(n),
        "soft hyphen": lambda n: grouped(n, "\xad"),
        "bidi marks": lambda n: f"\u202d{grouped(n, chr(0x200E))}\u202c",
        "kanji": lambda n: n.translate(KANJI),
        "circled": lambda n: n.translate(CIRCLED),
        "mathematical": lambda n: n.translate(BOLD),
        "Arabic-Indic": lambda n: n.translate(ARABIC),
        "superscript": lambda n: n.translate(SUPER),
        "mixed widths": lambda n: n[:6].translate(FULL) + n[6:],
        "6-6": lambda n: grouped(n, "-", 6),
        "3-3-3-3": lambda n: grouped(n, " ", 3),
        "1×12": " ".join,
        "boxes │": lambda n: "│" + "│".join(n) + "│",
        "boxes 【】": lambda n: "".join(f"【{digit}】" for digit in n),
        "vertical": "\n".join,
        "soft wrapped": lambda n: f"{n[:4]}-{n[4:8]}-\n{n[8:]}",
        "quoted and wrapped": lambda n: f"{n[:4]} {n[4:8]}\n> {n[8:]}",
    }
    for technique, write in forms.items():
        number, label, name = person(rng), rng.choice(LABELS), rng.choice(NAMES)
        between = rng.choice(["：", ": ", " ", "は", "\n", "（12桁）: "])
        body = f"{name}の{label}{between}{write(number)}\nです。"
        yield Sample(technique, mail(body), frozenset({number}))
    number = person(rng, "0")
    line = "あ" * 27 + "個人番号"
    for technique, body in {
        "label after": f"{grouped(number)}（マイナンバー）が{rng.choice(NAMES)}です。",
        "label some lines above": f"個人番号をお送りします。\n\n{rng.choice(NAMES)}\n{number}",
        "subject only": f"{rng.choice(NAMES)}\n{grouped(number)}",
        "key=value": f"name=mori&mynumber={number}",
        "JSON": f'{{"name": "森", "my_number": "{number}"}}',
        "wrapped without hyphen": f"{line} {number[:6]}\n{number[6:]}",
        "other id spent before": f"社員番号 1002345 {rng.choice(NAMES)} 個人番号 {number}",
        "phone between": f"個人番号 {rng.choice(NAMES)} 電話 03-5555-0199 {number}",
        "date after": f"個人番号 {grouped(number, ' ')} 1985/04/01生",
        "payroll words": f"扶養控除等申告書\n生年月日 昭和60年4月1日 続柄 妻\n{number}",
        "flattened headings": f"氏名 個人番号 電話番号\n{rng.choice(NAMES)} {number} 03-5555-0177",
        "footer of another kind": f"個人番号 {number}\n荷物の送り状番号は後日ご連絡します。",
    }.items():
        subject = "マイナンバーの件" if technique == "subject only" else "ご連絡"
        yield Sample(technique, mail(body, subject), frozenset({number}))
    number = person(rng)
    named = Text(Spot("name:2", unit=""), f"マイナンバー_{rng.choice(NAMES)}_{number}.pdf")
    yield Sample("file name", (*mail("添付します。"), named), frozenset({number}))
    number = person(rng)
    subject = f"個人番号 {number} の件"
    yield Sample("subject", mail("件名の通りです。", subject), frozenset({number}))


def _in_lists(rng: random.Random) -> Iterator[Sample]:
    numbers = [person(rng) for _ in range(15)]
    lines = [f"{rng.choice(NAMES)} {grouped(number)}" for number in numbers]
    body = "個人番号は次のとおりです。\n" + "\n".join(lines)
    yield Sample("long list under one label", mail(body), frozenset(numbers))
    numbers = [person(rng) for _ in range(8)]
    body = "\n".join(f"{rng.choice(NAMES)}\t{number}" for number in numbers)
    yield Sample("list without any label", mail(body), frozenset(numbers))
    ours, theirs = person(rng), alike(rng, parcel)
    body = f"送り状番号：{grouped(theirs)}\nマイナンバー：{grouped(ours)}"
    yield Sample("beside a tracking number", mail(body), frozenset({ours}))


def _in_tables(rng: random.Random) -> Iterator[Sample]:
    def people(count: int, first: str = "") -> list[str]:
        return [person(rng, first) for _ in range(count)]

    def rows(numbers: list[str], heading: str = "個人番号") -> list[list[str]]:
        top = ["No.", "氏名", heading, "備考"]
        return [top, *([str(i), rng.choice(NAMES), n, ""] for i, n in enumerate(numbers, 1))]

    attached = mail("資料をお送りします。")
    numbers = people(1)
    yield Sample("one row", (*attached, sheet(rows(numbers))), frozenset(numbers))
    numbers = people(36)
    hidden = sheet(rows(numbers), hidden_columns=frozenset({3}))
    yield Sample("hidden column", (*attached, hidden), frozenset(numbers))
    numbers = people(12)
    yield Sample(
        "heading says nothing", (*attached, sheet(rows(numbers, "番号"))), frozenset(numbers)
    )
    numbers = people(40)
    disguised = sheet(rows(numbers, "管理番号"))
    yield Sample("wrong heading", (*attached, disguised), frozenset(numbers))
    numbers = people(8, "0")
    lost = sheet(rows([n.lstrip("0") for n in numbers]), numeric=True)
    yield Sample("lost zeros under a header", (*attached, lost), frozenset(numbers))
    numbers = people(10, "0")
    lost = sheet(rows([n.lstrip("0") + ".0" for n in numbers], "コード"), numeric=True)
    yield Sample("lost zeros in a column that passes", (*attached, lost), frozenset(numbers))
    numbers = people(6)
    yield Sample(
        ".0", (*attached, sheet(rows([n.lstrip("0") + ".0" for n in numbers]))), frozenset(numbers)
    )
    numbers = people(5)
    formulas = sheet(rows([f'="{n}"' for n in numbers]))
    yield Sample('="…"', (*attached, formulas), frozenset(numbers))
    numbers = people(3, "5")
    exponents = [f"{n[0]}.{n[1:]}E+11" for n in numbers]
    yield Sample("exponent", (*attached, sheet(rows(exponents))), frozenset(numbers))
    numbers = people(4)
    full = sheet(rows([grouped(n.translate(FULL), "－") for n in numbers], "ﾏｲﾅﾝﾊﾞｰ"))
    yield Sample("full width in cells", (*attached, full), frozenset(numbers))
    numbers = people(2)
    far = [["", "", "マイナンバー"], *([["", "", ""]] * 50), *([["", "x", n] for n in numbers])]
    yield Sample("header 50 rows above", (*attached, sheet(far)), frozenset(numbers))
    numbers = people(3)
    across = [["氏名", *NAMES[:3]], ["生年月日", *["1985-04-01"] * 3], ["個人番号", *numbers]]
    yield Sample("transposed", (*attached, sheet(across)), frozenset(numbers))
    numbers = people(2)
    other = sheet(rows(numbers, "値"), name="マイナンバー一覧.xlsx")
    yield Sample("file name of the sheet", (*attached, other), frozenset(numbers))


def _in_odd_tables(rng: random.Random) -> Iterator[Sample]:
    attached = mail("資料をお送りします。")
    number = person(rng)
    form = [["氏名", rng.choice(NAMES)], ["個人番号", *number], ["住所", "東京都"]]
    yield Sample("one digit a cell", (*attached, sheet(form)), frozenset({number}))
    number = person(rng)
    boxes = [c for part in (number[:4], number[4:8], number[8:]) for c in (*part, "")][:-1]
    yield Sample("boxes with gaps", (*attached, sheet([["個人番号", *boxes]])), frozenset({number}))
    number = person(rng)
    down = [["個人番号", "x"], *([d, "x"] for d in number)]
    yield Sample("one digit a row", (*attached, sheet(down)), frozenset({number}))
    numbers = [person(rng) for _ in range(6)]
    parts = [[rng.choice(NAMES), n[:4], n[4:8], n[8:]] for n in numbers]
    three = sheet([["氏名", "個人番号", "", ""], *parts])
    yield Sample("4-4-4 over columns", (*attached, three), frozenset(numbers))
    numbers = [person(rng) for _ in range(2)]
    merged = [["氏名", "個人番号", ""], ["", "本人", "配偶者"], [rng.choice(NAMES), *numbers]]
    yield Sample("merged heading", (*attached, sheet(merged)), frozenset(numbers))
    number = person(rng)
    cell = [["連絡事項", f"{rng.choice(NAMES)}の個人番号は{grouped(number)}です"]]
    yield Sample("sentence in a cell", (*attached, sheet(cell)), frozenset({number}))
    numbers = [person(rng) for _ in range(5)]
    parcels = [alike(rng, parcel) for _ in range(5)]
    both = [["個人番号", "送り状番号"], *([a, b] for a, b in zip(numbers, parcels, strict=True))]
    yield Sample("beside another column", (*attached, sheet(both)), frozenset(numbers))
    number = person(rng)
    kinds = [["書類", "番号"], ["運転免許証", alike(rng, licence)], ["マイナンバーカード", number]]
    yield Sample("kind in the row", (*attached, sheet(kinds)), frozenset({number}))
    number = person(rng)
    empty = Table(Spot("2", ("届.xlsx",)), [["", number]], context=("個人番号届.xlsx",))
    yield Sample("a cell alone, named file", (*attached, empty), frozenset({number}))


def _look_alikes_in_prose(rng: random.Random) -> Iterator[Sample]:
    def a(make: Callable[[random.Random], str], group: bool = False) -> str:
        number = alike(rng, make)
        return grouped(number) if group else number

    def one_card() -> str:
        return grouped(pan(rng), rng.choice(["-", " "]))

    bodies = {
        "tracking number": f"本日発送しました。送り状番号：{a(parcel, True)}",
        "tracking, label above": f"■ヤマト運輸 お問い合わせ番号\n{a(parcel, True)}",
        "tracking for My Number forms": "マイナンバー提出書類を発送しました。\n"
        f"伝票番号は {a(parcel, True)} です。",
        "My Number in the footer": f"お荷物番号 {a(parcel, True)}\n\n※マイナンバーを含むメールは"
        "送信しないでください。",
        "My Number in the quotation": "> マイナンバー制度の研修についてですが\n> 承知しました。\n"
        f"追跡番号は{a(parcel, True)}です。",
        "bare number, footer of My Number desk": f"{a(parcel, True)}\n\nマイナンバー担当 森",
        "order number": f"ご注文番号 {a(serial)} のご注文を承りました。",
        "order number under HR words": f"年末調整ソフトの注文番号は{a(serial)}です。",
        "order of My Number card cases": f"マイナンバーカードケース 100個\n注文番号：{a(serial)}",
        "timestamp": f"バックアップは {a(stamp)} に終わりました。",
        "timestamp in a file name": f"report_{a(stamp)}.csv を添付します。",
        "date and sequence": f"伝票 {rng.randint(2020, 2026)}1016{rng.randint(1, 9999):04}",
        "licence": f"運転免許証番号 {a(licence)} の写しを添付します。",
        "corporate number": f"弊社の法人番号は {company(rng)} です。",
        "invoice registration": f"登録番号 T{company(rng)}",
        "card": f"カード番号 {one_card()} は無効です。",
        "card without label": f"番号 {one_card()}",
        "JAN": f"JANコード 4{company(rng)[1:]}",
        "UPC": f"UPC {a(serial)}",
        "meeting": f"ミーティングID: {grouped(a(serial), ' ', 3)} パスコード: 4711",
        "phone +81": f"+{'81' + a(lambda r: '81' + serial(r)[:10])[2:]}",
        "phones": "03-5555-0101 03-5555-0102 090-5555-0103 0120-555-014",
        "account": f"口座番号 {a(serial)}",
        "contract": f"契約番号：{a(serial)}",
        "member": f"会員番号 {a(serial, True)}",
        "URL": f"https://shop.example.jp/orders/{a(serial)}/items",
        "query": f"https://example.jp/?q={a(serial)}&x=1",
        "hex": f"commit a{a(serial)}bf",
        "UUID": f"550e8400-e29b-41d4-a716-{a(serial)}",
        "amount": f"総額 ¥{a(serial)} / {grouped(a(serial), ',', 3)}円",
        "product": f"製造番号 SN-{a(serial)}",
        "row of amounts": " ".join(str(rng.randint(1000, 9999)) for _ in range(9)),
        "bare number": f"{a(serial)}",
        "cloud account": f"AWSアカウントID {a(serial)}",
        "ticket": f"チケット番号 #{a(serial)}",
        "invoices": "\n".join(f"請求書番号 {alike(rng, serial)}" for _ in range(5)),
        "tracking list": "送り状番号\n" + "\n".join(grouped(parcel(rng)) for _ in range(40)),
        "bare list": "\n".join(serial(rng) for _ in range(40)),
        "base64": "data:image/png;base64,iVBOR" + a(serial) + "AAAANSUhEUgAA",
        "Message-ID": f"<{a(serial)}.1@mail.example.jp>",
    }
    for technique, body in bodies.items():
        yield Sample(technique, mail(body))
    start = int("7" + serial(rng)[1:])
    body = "在庫\n" + "\n".join(str(start + i) for i in range(12))
    yield Sample("running numbers", mail(body))
    order = f"ご注文番号 {a(serial)}"
    yield Sample("order in the subject", mail("件名のとおりです。", order))


def _look_alikes_in_tables(rng: random.Random) -> Iterator[Sample]:
    def column(heading: str, values: list[str], **more: object) -> Table:
        return sheet([["日付", heading, "金額"], *(["11/21", v, "1200"] for v in values)], **more)  # type: ignore[arg-type]

    attached = mail("資料をお送りします。")
    tables = {
        "50 orders": column("注文番号", [serial(rng) for _ in range(50)]),
        "40 tracking": column("お問い合わせ番号", [grouped(parcel(rng)) for _ in range(40)]),
        "40 without heading": column("", [parcel(rng) for _ in range(40)]),
        "licences": column("免許証番号", [licence(rng) for _ in range(30)]),
        "licences without heading": column("番号", [licence(rng) for _ in range(30)]),
        "one order": column("受注番号", [alike(rng, serial)]),
        "timestamps": column("処理", [stamp(rng) for _ in range(30)]),
        "corporate numbers": column("法人番号", [company(rng) for _ in range(20)]),
        "cards": column("カード番号", [grouped(pan(rng)) for _ in range(20)]),
        "phones as numbers": column(
            "電話", [f"90{rng.randint(10**7, 10**8 - 1)}" for _ in range(40)], numeric=True
        ),
        "eleven digits as numbers": column(
            "コード", [str(rng.randint(10**10, 10**11 - 1)) for _ in range(40)], numeric=True
        ),
        "internal 個人番号": column("個人番号", [serial(rng) for _ in range(40)]),
        "JAN": column("JAN", ["49" + serial(rng)[:11] for _ in range(20)]),
    }
    for technique, table in tables.items():
        yield Sample(technique, (*attached, table))
    amounts = [[str(rng.randint(1000, 9999)) for _ in range(3)] for _ in range(40)]
    yield Sample("three columns of amounts", (*attached, sheet([["4月", "5月", "6月"], *amounts])))
    bits = [[rng.choice("01234") for _ in range(12)] for _ in range(30)]
    yield Sample("twelve months of small counts", (*attached, sheet(bits)))
    mixed = [["個人番号の提出", "送り状番号"], *(["済", grouped(parcel(rng))] for _ in range(12))]
    yield Sample("My Number in another column", (*attached, sheet(mixed)))
    spoken = (*mail("マイナンバー提出書類の発送一覧です。"), tables["40 tracking"])
    yield Sample("covering letter of parcels", spoken)
    kinds = [["書類", "番号"], ["運転免許証", alike(rng, licence)]]
    yield Sample("licence by its row", (*attached, sheet(kinds)))


def samples(seed: int, rounds: int) -> Iterator[Sample]:
    """`rounds` times every technique, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(rounds):
        yield from positives(rng)
        yield from negatives(rng)
