"""Lists of persons and addresses: found however they are written, and not in everyday mail."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import Wanted, inspect, score
from detectors.persons import lists, tabular
from detectors.persons.lists import ADDRESSES, KIND
from detectors.persons.roster import Row, why
from detectors.places import Stand
from detectors.report import Confidence
from detectors.sighting import Sighting
from detectors.surface import Spot, Table, Text
from tests.detectors import corpus

NAMES = (
    "佐藤 健,鈴木 花子,高橋 次郎,田中 美咲,伊藤 翔,渡辺 葵,山本 誠,中村 由美,小林 大輔,加藤 さくら,"
    "森下 亮,柳 真央,五月女 修,勅使河原 恵"
).split(",")
KANA = (
    "サトウ ケン,スズキ ハナコ,タカハシ ジロウ,タナカ ミサキ,イトウ ショウ,モリシタ リョウ".split(
        ","
    )
)
LATIN = "Ken Sato,Hanako Suzuki,Jiro Takahashi,Misaki Tanaka,Sho Ito,Ryo Morishita".split(",")
TOWNS = "千代田区千代田1-1,渋谷区道玄坂2-3-4,港区芝5丁目6番7号,新宿区西新宿8-9".split(",")

SHOPS = "渋谷 新宿 池袋 上野 品川 横浜 千葉 川崎".split()


def people(count: int, *headings: str) -> Table:
    rows = [["", "名簿", "", ""], ["No.", *headings]]
    rows += [[str(i), f"山田{i}郎", f"東京都千代田区{i}丁目"] for i in range(count)]
    return Table(Spot("2", ("名簿.xlsx",)), rows, first_row=3, first_column=2)


def table(*rows: list[str]) -> Table:
    return Table(Spot("2", ("一覧.csv",)), rows)


def text(said: str) -> Text:
    return Text(Spot("1"), said)


def counted(surface: Text | Table, kind: str = KIND) -> int:
    return len({one.value for one in lists.look(surface, {kind})})


def phone(i: int) -> str:
    return f"090-1234-{5600 + i}"


@pytest.mark.parametrize(
    ("count", "confidence"),
    [(5, Confidence.LOW), (20, Confidence.MEDIUM), (120, Confidence.HIGH)],
)
def test_it_works(count: int, confidence: Confidence) -> None:
    (finding,) = score.findings([people(count, "氏名", "住所")])
    assert (finding.kind, finding.confidence, finding.unique) == (KIND, confidence, count)
    assert finding.where[0].range == f"C5:D{count + 4}"
    assert finding.reasons[0].params == {"label": "住所"}


def details(kind: str, i: int) -> str:
    return {
        "住所": f"東京都{TOWNS[i % len(TOWNS)]}",
        "電話": phone(i),
        "メール": f"user{i}@mail.example",
        "生年月日": f"昭和{40 + i}年4月{i + 1}日",
        "略した生年月日": f"S{40 + i}.4.{i + 1}",
        "西暦": f"19{70 + i}/04/{i + 1:02}",
    }[kind]


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (("お名前", "メールアドレス"), "メール"),
        (("顧客名", "携帯電話"), "電話"),
        (("氏名（漢字）", "生年月日"), "生年月日"),
        (("申込者氏名", "ご住所"), "住所"),
        (("被保険者氏名", "生年月日"), "略した生年月日"),
        (("お届け先名", "お届け先住所"), "住所"),
        (("フリガナ", "TEL"), "電話"),
        (("Full Name", "Date of Birth"), "西暦"),
        (("Customer Name", "Phone"), "電話"),
        (("name", "E-mail"), "メール"),
        (("ご担当者名", "メール"), "メール"),
    ],
)
def test_headings_are_known_in_many_words(headings: tuple[str, str], kind: str) -> None:
    rows = [[name, details(kind, i)] for i, name in enumerate(NAMES)]
    assert counted(table(list(headings), *rows)) == len(NAMES)


@pytest.mark.parametrize("names", [NAMES, KANA, LATIN], ids=["kanji", "kana", "latin"])
@pytest.mark.parametrize("kind", ["住所", "電話", "メール", "生年月日", "略した生年月日", "西暦"])
def test_without_any_heading_the_columns_tell(names: list[str], kind: str) -> None:
    rows = [[str(i), name, "A", details(kind, i)] for i, name in enumerate(names, 1)]
    assert counted(table(*rows)) == len(names)


def test_family_and_given_name_may_stand_apart() -> None:
    rows = [[*name.split(" "), phone(i)] for i, name in enumerate(NAMES)]
    assert counted(table(["姓", "名", "電話番号"], *rows)) == len(NAMES)


@pytest.mark.parametrize(
    "line",
    [
        "{i}. {name} 東京都{town} {phone}",
        "・{name}様　{phone}",
        "{name}（サトウ ケン）　昭和{e}年4月{d}日生",
        "{name}\tS{e}.4.{d}\t〒100-{p:04}",
        "氏名：{name} 電話：{phone}",
        "{name} / u{i}@mail.example / 東京都{town}",
        "> {name}  {phone}",
        "No.{i} {name} 横浜市西区みなとみらい{d}-{i}",
    ],
)
def test_one_person_a_line(line: str) -> None:
    lines = [
        line.format(i=i, name=name, town=TOWNS[i % 4], phone=phone(i), e=40 + i, d=i + 1, p=i)
        for i, name in enumerate(NAMES)
    ]
    assert counted(text("名簿をお送りします。\n\n" + "\n".join(lines) + "\n\n以上")) >= 12


def test_one_person_a_block() -> None:
    blocks = [
        f"氏名：{name}\n生年月日：平成{i + 1}年1月2日\n住所：東京都{TOWNS[i % 4]}"
        for i, name in enumerate(NAMES)
    ]
    found = list(lists.look(text("\n\n".join(blocks)), {KIND}))
    assert len(found) == len(NAMES)
    assert [one.stand.line for one in found[:3]] == [1, 5, 9]


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_vcards(version: str) -> None:
    def card(i: int, name: str) -> str:
        quoted = "".join(f"={octet:02X}" for octet in name.encode())
        utf8 = "CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE"
        parts = name.replace(" ", ";")
        fields = {
            "2.1": f"N;{utf8}:{quoted};;;;\nTEL;CELL:0901234{i:04}",
            "3.0": f"N:{parts};;;\nFN:{name}\nitem1.EMAIL;type=INTERNET:u{i}@x.example",
            "4.0": f"FN:{name}\nBDAY:19850401\nADR:;;芝{i};港区;東京都;105-0014;日本",
        }
        return f"BEGIN:VCARD\nVERSION:{version}\n{fields[version]}\nEND:VCARD\n"

    cards = "".join(card(i, name) for i, name in enumerate(NAMES))
    assert counted(text(cards.replace("\n", "\r\n"))) == len(NAMES)
    wanted = Wanted(kinds=(KIND,), name="a.vcf")
    (finding,) = inspect(cards.replace("\n", "\r\n").encode(), wanted).findings
    assert finding.unique == len(NAMES)
    assert counted(text(card(1, NAMES[0]))) == 0  # a card as a signature


SIGNATURES = "".join(
    f"{i}月{i}日のご連絡です。\n--\n株式会社みどり商事\n{name}\n〒100-0001 東京都港区芝{i}-1\n"
    f"TEL 03-1234-{5000 + i} FAX 03-1234-{6000 + i}\n{name[0]}{i}@midori.example\n\n"
    for i, name in enumerate(NAMES, 1)
)
EVERYDAY = {
    "minutes": "出席者：" + "、".join(NAMES) + "\n1. 前回の確認\n"
    + "\n".join(f"・{name} {i}月10日までに資料を更新" for i, name in enumerate(NAMES, 1)),
    "a thread with signatures": SIGNATURES,
    "quoted headers": "\n".join(
        f"From: {name} <u{i}@mail.example>\nTo: 森 <mori@x.example>\nSubject: Re: 件\n本文 {i}\n"
        for i, name in enumerate(NAMES)
    ),
    "a Cc field that was pasted": "Cc: "
    + ",\n    ".join(f'"{name}" <u{i}@mail.example>' for i, name in enumerate(NAMES)),
    "who wrote when": "\n".join(
        f"2026年11月{i + 1}日(土) 10:0{i % 10} {name} <u{i}@mail.example>:\n> はい\n"
        for i, name in enumerate(NAMES)
    ),
    "travel plan": "\n".join(f"2026/11/{i + 1:02} {name} 大阪出張" for i, name in enumerate(NAMES)),
    "shops": "\n".join(
        f"{name}店 東京都{TOWNS[i % 4]} 03-1234-{5600 + i}"
        for i, name in enumerate(SHOPS)
    ),
    "offices": "\n".join(
        f"{name}営業所 東京都{TOWNS[i % 4]} 03-1234-{5600 + i}"
        for i, name in enumerate("山口 福島 千葉 石川 宮崎 長野".split())
    ),
    "companies": "\n".join(
        f"株式会社{name[:2]}商事 東京都{TOWNS[i % 4]} 03-1234-{5600 + i}"
        for i, name in enumerate(NAMES)
    ),
    "products": "\n".join(f"A-{i:04} ノートPC 12,{i:03}円 納期 2026/12/{i:02}" for i in range(9)),
    "extensions": "\n".join(f"{name} 内線 12{i:02}" for i, name in enumerate(NAMES)),
    "log": "\n".join(f"2026-11-21 10:00:{i:02} login user{i}@host 192.0.2.{i}" for i in range(5)),
    "four persons": "\n".join(f"{name} {phone(i)}" for i, name in enumerate(NAMES[:4])),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYDAY)
def test_everyday_mail_is_no_list_of_persons(name: str) -> None:
    assert counted(text(EVERYDAY[name])) == 0


TABLES = {
    "marks": [["氏名", "点数"], *([name, "80"] for name in NAMES)],
    "products": [["品名", "住所"], *([f"部品{i}", "倉庫"] for i in range(50))],
    "shops": [["店舗名", "住所", "電話"],
              *([f"{n}店", "東京都港区芝1-1", phone(i)] for i, n in enumerate(SHOPS))],
    "shops without headings": [[f"{n}店", "東京都港区芝1-1", phone(i)]
              for i, n in enumerate(SHOPS)],
    "extensions": [["氏名", "内線電話"], *([name, f"12{i:02}"] for i, name in enumerate(NAMES))],
    "expenses": [["日付", "氏名", "金額"],
                 *([f"2026/11/{i + 1}", n, "1200"] for i, n in enumerate(NAMES))],
    "duty": [[f"2026/11/{i + 1}", name, "早番"] for i, name in enumerate(NAMES)],
    "empty form": [["氏名", "住所", "電話"], *([["", "", ""]] * 30),
                   ["記入例", "東京都", "03-1234-5678"]],
    "one in charge": [["案件", "担当者", "納品先住所"],
                      *([f"案件{i}", NAMES[i % 3], f"東京都港区芝{i}-1"] for i in range(60))],
    "files": [["file name", "mail"], *([f"a{i}.txt", f"u{i}@x.example"] for i in range(9))],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_everyday_tables_are_no_list_of_persons(name: str) -> None:
    assert counted(table(*TABLES[name])) == 0


@pytest.mark.parametrize("count", [4, 0])
def test_fewer_than_five_are_no_list(count: int) -> None:
    assert counted(people(count, "氏名", "住所")) == 0


def test_the_same_person_in_two_lists_counts_once() -> None:
    twice = [people(30, "氏名", "住所"), people(30, "氏名", "住所")]
    (finding,) = score.findings(twice)
    assert (finding.unique, finding.occurrences) == (30, 60)


@pytest.mark.parametrize(
    ("count", "confidence"),
    [(10, Confidence.LOW), (20, Confidence.MEDIUM), (100, Confidence.HIGH)],
)
def test_mail_addresses_are_counted(count: int, confidence: Confidence) -> None:
    addresses = [f"user{i}@mail{i % 7}.example" for i in range(count)]
    forms = ["\n".join(addresses), "; ".join(addresses), "、".join(addresses).replace("@", "＠")]
    for said in forms:
        (finding,) = score.findings([text(f"配信先です。\n{said}\n")])
        assert (finding.kind, finding.confidence, finding.unique) == (ADDRESSES, confidence, count)
    (finding,) = score.findings([table(["mail"], *([address] for address in addresses))])
    assert (finding.unique, finding.where[0].range) == (count, f"A2:A{count + 1}")


@pytest.mark.parametrize("name", ["quoted headers", "a Cc field that was pasted"])
def test_who_wrote_to_whom_is_no_list_of_addresses(name: str) -> None:
    assert counted(text(EVERYDAY[name] * 2), ADDRESSES) == 0


def test_header_fields_are_no_lists() -> None:
    said = ", ".join(f"{name} <u{i}@mail.example>" for i, name in enumerate(NAMES * 3))
    for spot in (Spot("header:cc"), Spot("2", (), unit="header:to"), Spot("subject")):
        assert not list(lists.look(Text(spot, said), lists.KINDS))


@pytest.mark.parametrize(
    "piece",
    ["\n", " ", ">", "a@b.c ", "03-1234-5678 ", "東京都港区", "昭和60年", "氏名:", "BEGIN:VCARD\n",
     "佐藤 健 03-1234-5678\n", "@" * 50 + " ", "Cc: a@b.c" + " " * 60 + "\n", "\u3000氏名：\n"],
)  # fmt: skip
@pytest.mark.slow
def test_time_does_not_grow_faster_than_the_text(piece: str) -> None:
    def spent(size: int) -> float:
        surface = text(piece * (size // len(piece)))
        started = time.process_time()
        list(lists.look(surface, lists.KINDS))
        return time.process_time() - started

    spent(1_000)
    assert spent(800_000) < 30 * max(spent(100_000), 0.01)  # quadratic: 64


def test_cards_are_found_by_luhn_and_label() -> None:
    rng = random.Random(1)
    pan = corpus.pan(rng)
    (finding,) = score.findings(corpus.mail(f"カード番号 {corpus.grouped(pan)} です"))
    assert (finding.kind, finding.confidence) == ("card_number", Confidence.HIGH)
    assert finding.masked == "●●●● ●●●● ●●●● ●●●●"
    wrong = pan[:-1] + str((int(pan[-1]) + 1) % 10)
    assert score.findings(corpus.mail(f"カード番号 {corpus.grouped(wrong)} です")) == ()


def test_licences_and_corporate_numbers_are_looked_for_when_named() -> None:
    rng = random.Random(2)
    body = f"運転免許証番号 {corpus.licence(rng)}\n登録番号 T{corpus.company(rng)}"
    kinds = {"jp.drivers_license", "jp.corporate_number"}
    found = {one.kind: one.confidence for one in score.findings(corpus.mail(body), kinds)}
    assert found == dict.fromkeys(kinds, Confidence.HIGH)
    assert score.findings(corpus.mail(body)) == ()


def test_no_value_and_no_person_stands_in_a_repr() -> None:
    row = Row("山田太郎/0312345678", why(["電話"]))
    one = Sighting(lists.KIND, row.key, Confidence.LOW, (row.reason,), Stand(Spot("1")))
    assert "山田" not in repr(row) + repr(one)
    assert "0312345678" not in repr([row, one])


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(
        "090-1234-5678,03(1234)5678,+81 90 1234 5678,(03)1234-5678,1985/4/1,S60.4.1,昭和60年4月1日,"
        "19850401,2012年 4月1日,平成 元年1月1日,R1.5.1,2001 年 1 月 2,0312345678,a@b.jp,〒1".split(
            ","
        )
    ),
    st.integers(1, 20),
    st.text(st.sampled_from("0189-/.年月 ()+S昭元a都@"), max_size=8),
)
def test_no_value_of_a_form_is_without_its_sign(value: str, at: int, more: str) -> None:
    for form, sign in tabular._SIGNS.items():
        for text in (value[:at] + more, more + value):
            assert sign.search(text) or not form(text)
