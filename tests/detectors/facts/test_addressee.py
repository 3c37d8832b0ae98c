"""Whose a file is, as it says itself."""

from __future__ import annotations

import pytest

import detectors
from tests import samples


def told(name: str, data: bytes) -> list[tuple[str, str]]:
    report = detectors.inspect(samples.message("件名", "本文", [(name, data)]))
    reasons = [fact.reason for fact in report.facts if fact.name == "file_names" and fact.reason]
    return [(reason.code, str(reason.params["label"])) for reason in reasons]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("御見積書\n株式会社ヤマダ商事 御中\n", [("file_to_company", "ヤマダ商事")]),
        (
            "㈱山田商事\n営業部長 佐藤 太郎 様\n\n有限会社鈴木工業\n担当 田中\n",
            [("file_to_company", "山田商事")],
        ),
        ("発行元 株式会社サンプル\n東京都\n電話\n\n以上\n", []),
        ("連絡先: Taro@Yamada.example\n", [("file_with_domain", "yamada.example")]),
        ("お客様番号：Ｃ－１０２９\n", [("file_with_customer", "C-1029")]),
        ("得意先コード c-1029\n", [("file_with_customer", "C-1029")]),
        ("お客様番号は後ほど\n", []),
        ("\n" * 30 + "あ" * 2_000 + "\n株式会社ヤマダ商事 御中\n", []),
    ],
)
def test_at_the_top_of_a_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert told("書類.txt", text.encode()) == expected


def test_in_the_cells_of_a_sheet() -> None:
    rows = [["株式会社ヤマダ商事", "御中"], ["顧客コード", "C-1029"], *[["品名", "数量"]] * 3]
    data = samples.workbook({"見積": rows})
    assert told("見積書.xlsx", data) == [
        *(("file_to_company", "ヤマダ商事"), ("file_with_customer", "C-1029")),
    ]


def test_in_an_archive() -> None:
    data = samples.zipped({"書類.txt": "株式会社ヤマダ商事 御中\n".encode()})
    assert told("書類.zip", data) == [("file_to_company", "ヤマダ商事")]


def test_the_text_of_the_mail_is_none() -> None:
    report = detectors.inspect(samples.message("件名", "株式会社ヤマダ商事 御中\n"))
    assert not report.has("file_names")


def test_a_number_is_no_name() -> None:
    number = samples.individual_number(1)
    assert told("書類.txt", f"お客様番号 {number}\n".encode()) == []
