"""People, companies and numbers for a mail, drawn where a template first names them."""

# ruff: noqa: E501  (tables are read as tables)

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.detectors import corpus

SURNAMES = (
    "佐々木 長谷川 五十嵐 中川 三浦 岡田 藤井 村上 遠藤 青木 坂本 福田 太田 西村 原田 藤原 竹内 中島 小野 "
    "松井 野口 菊地 石原 千葉 一ノ瀬 森 林 李 グエン"
).split()
KANA = (
    "ササキ ハセガワ イガラシ ナカガワ ミウラ オカダ フジイ ムラカミ エンドウ アオキ サカモト フクダ オオタ ニシムラ "
    "ハラダ フジワラ タケウチ ナカジマ オノ マツイ ノグチ キクチ イシハラ チバ イチノセ モリ ハヤシ リ グエン"
).split()
GIVEN = (
    "太郎 花子 一郎 健太 美咲 直樹 由美子 翔 陽菜 大輔 千夏 三郎 裕子 剛 恵 拓也 結衣 学 さくら 誠 八重 陸"
).split()
COMPANIES = (
    "株式会社みどり商事 青葉物産株式会社 東都精機株式会社 有限会社大川製作所 中央社会保険労務士事務所 やまびこ税理士法人 "
    "社会福祉法人ひまわり会 合同会社エヌケイ 北斗運輸株式会社 株式会社サンライズ企画 医療法人社団清風会 三和電設株式会社"
).split()
TOWNS = (
    "東京都港区芝3-14-5 大阪市北区梅田1丁目2番2-400号 横浜市中区山下町12-1 札幌市中央区北5条西2-5 名古屋市中村区名駅4-7-1 "
    "福岡市博多区博多駅前2-8-12 仙台市青葉区一番町3-6-1 川崎市幸区堀川町580"
).split()
DEPARTMENTS = "総務部 人事課 経理部 情報システム部 営業第二課 労務担当 管理本部 購買課".split()

Draw = Callable[[random.Random], str]


def digits(count: int) -> Draw:
    return lambda rng: "".join(rng.choices("0123456789", k=count))


def _day(rng: random.Random, first: int, last: int) -> tuple[int, int, int]:
    return rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28)


def _birth(rng: random.Random) -> str:
    year, month, day = _day(rng, 1950, 2005)
    era = f"昭和{year - 1925}年" if year < 1989 else f"平成{year - 1988}年"
    return rng.choice(
        [f"{year}/{month:02}/{day:02}", f"{year}年{month}月{day}日", f"{era}{month}月{day}日",
         f"{year}-{month:02}-{day:02}", f"{year}{month:02}{day:02}"]
    )  # fmt: skip


def _date(rng: random.Random) -> str:
    year, month, day = _day(rng, 2024, 2027)
    return rng.choice([f"{year}/{month}/{day}", f"{year}年{month}月{day}日", f"{month}月{day}日"])


def _dated(rng: random.Random) -> str:
    year, month, day = _day(rng, 2024, 2027)
    return f"{year}{month:02}{day:02}{rng.randint(1, 9999):04}"


MAKERS: dict[str, Draw] = {
    # of people and companies
    "name": lambda rng: rng.choice(SURNAMES) + rng.choice(["", " ", "　"]) + rng.choice(GIVEN),
    "sei": lambda rng: rng.choice(SURNAMES),
    "kana": lambda rng: (
        rng.choice(KANA) + " " + rng.choice(["タロウ", "ハナコ", "ケンタ", "ミサキ"])
    ),
    "co": lambda rng: rng.choice(COMPANIES),
    "dept": lambda rng: rng.choice(DEPARTMENTS),
    "addr": lambda rng: rng.choice(TOWNS),
    "zip": lambda rng: f"{rng.randint(100, 999)}-{rng.randint(0, 9999):04}",
    "tel": lambda rng: f"0{rng.randint(3, 6)}-5555-{rng.randint(0, 9999):04}",
    "mobile": lambda rng: f"0{rng.choice('789')}0-5555-{rng.randint(0, 9999):04}",
    "birth": _birth,
    "emp": lambda rng: str(rng.randint(1000, 999999)),
    "mail": lambda rng: f"user{rng.randint(1, 999)}@example.co.jp",
    # of papers
    "date": _date,
    "time": lambda rng: f"{rng.randint(8, 19)}:{rng.randint(0, 59):02}",
    "money": lambda rng: f"{rng.randint(1, 9_999_999):,}",
    "count": lambda rng: str(rng.randint(1, 900)),
    "digit": digits(1),
    "four": lambda rng: str(rng.randint(1000, 9999)),
    "yucho": lambda rng: f"1{digits(4)(rng)}-{digits(7)(rng)}1",
    "acct": digits(7),
    "pension": lambda rng: f"{digits(4)(rng)}-{digits(6)(rng)}",
    "insured": lambda rng: f"{digits(4)(rng)}-{digits(6)(rng)}-{digits(1)(rng)}",
    "eight": digits(8),
    "ten": digits(10),
    "resident": digits(11),
    "mark": lambda rng: rng.choice("済 未 ○ 有 - 完了".split()),
    "hex": lambda rng: f"{rng.randrange(16**8):08x}",
    # of other things with many digits
    "corp": lambda rng: corpus.company(rng),
    "card": lambda rng: corpus.grouped(corpus.pan(rng), rng.choice("- ")),
    "jan": lambda rng: "49" + digits(11)(rng),
}
ALIKE: dict[str, tuple[Draw, Callable[[str], str]]] = {
    "serial": (corpus.serial, str),
    "serial444": (corpus.serial, corpus.grouped),
    "serial3333": (corpus.serial, lambda n: corpus.grouped(n, " ", 3)),
    "parcel": (corpus.parcel, corpus.grouped),
    "parcel12": (corpus.parcel, str),
    "dated": (_dated, str),
    "stamp": (corpus.stamp, str),
    "licence": (corpus.licence, str),
    "abroad": (lambda rng: "8190" + digits(8)(rng), lambda n: f"+81 90 {n[4:8]} {n[8:]}"),
}
"""Twelve digits that are something else, and how they are written."""
_NAMED = re.compile(r"([a-z]+(?:444|3333|12)?)\d?")


class Facts(dict[str, str]):
    """For `str.format_map`: `{name}` is the same person each time, `{name2}` another.

    `{n}`, `{n1}` … are 個人番号, kept in `numbers`, and written as `form` writes them. Half of the
    numbers of other kinds pass the check of a 個人番号 too, or `by_chance` as many as do.
    """

    def __init__(self, rng: random.Random, by_chance: bool = False) -> None:
        super().__init__()
        self.rng, self.by_chance = rng, by_chance
        self.form: Callable[[str], str] = str
        self.numbers: set[str] = set()

    def __missing__(self, key: str) -> str:
        if re.fullmatch(r"n\d?", key):
            made = self.form(self.number())
        else:
            named = _NAMED.fullmatch(key)
            if not named:
                raise KeyError(key)
            made = self._made(named[1])
        self[key] = made
        return made

    def number(self, first: str = "", without: str = "") -> str:
        """Another 個人番号, kept."""
        while True:
            made = corpus.person(self.rng, first)
            if not set(made) & set(without):
                self.numbers.add(made)
                return made

    def again(self, by_chance: bool = False) -> Facts:
        """Another person's, with the same numbers kept."""
        other = Facts(self.rng, by_chance)
        other.form, other.numbers = self.form, self.numbers
        return other

    def _made(self, kind: str) -> str:
        if kind not in ALIKE:
            return MAKERS[kind](self.rng)
        make, form = ALIKE[kind]
        return form(make(self.rng) if self.by_chance else corpus.alike(self.rng, make))
