"""What a sender's own words announce, and that nobody else's do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import detectors
from detectors.facts import companies, disguise, wording, written
from tests import samples


def _facts(body: str, subject: str = "", *files: tuple[str, bytes]) -> dict[str, list[str]]:
    raw = samples.message(subject, body, list(files), to="sato@partner.example")
    found: dict[str, list[str]] = {}
    for fact in detectors.inspect(raw).facts:
        label = str(fact.reason.params.get("label", "")) if fact.reason else ""
        found.setdefault(fact.name, []).append(label)
    return found


def test_it_works() -> None:
    found = _facts(
        "株式会社サンプル商事\n営業部　佐藤 次郎 様\n\n見積書を添付いたします。\n",
        "お見積り",
        ("サンプル商事様_見積.txt", b"x"),
    )
    assert found["attachment_mentioned"] == ["添付"]
    assert found["salutation"] == ["佐藤"]
    assert found["company_named"] == ["サンプル商事", "サンプル商事"]


@pytest.mark.parametrize(
    "text",
    [
        "資料を添付いたします。",
        "添付ファイルをご確認ください。",
        "添付のとおりご報告します。",
        "別紙のとおりです。",
        "Please find attached the report.",
        "I have attached our quote.",
        "The file is attached.",
    ],
)
def test_a_file_is_announced(text: str) -> None:
    assert "attachment_mentioned" in _facts(text)


@pytest.mark.parametrize(
    "text",
    [
        "添付いただいた資料を拝見しました。",
        "ご返信の際は見積書を添付してください。",
        "前回添付した資料の件です。",
        "添付ファイルはありません。",
        "ご添付ありがとうございます。",
        "領収書の添付をお願いします。",
        "I am attached to this city.",
        "承知しました。\n\n> 資料を添付いたします。",
        "承知しました。\n\n-----Original Message-----\nFrom: a\n添付いたします。",
        "承知しました。\n\n差出人: 佐藤\n日時: 11月20日\n宛先: 山田\n件名: 資料\n\n添付します。",
        "承知しました。\n\n2026年11月20日(金) 14:18 佐藤 <sato@partner.example>:\n添付します。",
        "承知しました。\n--\n山田 03-0000-0000\n添付ファイルは受け取れません",
        "承知しました。\n\n━━━━━━━━━━━━\n山田 TEL 03-0000-0000 添付専用\n━━━━━━━━━━━━",
    ],
)
def test_no_file_is_announced(text: str) -> None:
    assert "attachment_mentioned" not in _facts(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("佐藤様\n", ["佐藤"]),
        ("株式会社サンプル 総務部 部長 高橋 様\n", ["高橋"]),
        ("田中様、鈴木様\n", ["田中", "鈴木"]),
        ("佐々木次郎様\n", ["佐々木"]),
        ("サンプル事務所\n伊藤先生\n", ["伊藤"]),
        ("ご担当者様\n", []),
        ("お客様\n", []),
        ("関係各位\n", []),
        ("お世話になっております。佐藤様の件です。\n", []),
    ],
)
def test_who_is_greeted(text: str, names: list[str]) -> None:
    assert wording.addressed(text) == names


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("解凍パスワードは abc123 です。", True),
        ("先ほどのファイルのパスワードをお知らせします。", True),
        ("パスワード：xyz", True),
        ("パスワードは別途お送りします。", False),
        ("パスワードの再設定は、次の画面からです。パスワード：", False),
        ("特にありません。", False),
    ],
)
def test_a_password_is_told(text: str, told: bool) -> None:
    assert ("password_told" in _facts(text)) is told


def test_links_to_files_name_their_site() -> None:
    found = _facts("https://12.gigafile.nu/1234-abc と https://drive.google.com/file/d/x です。")
    assert found["share_link"] == ["12.gigafile.nu", "drive.google.com"]
    assert "share_link" not in _facts("https://www.example.jp/ をご覧ください。")


@pytest.mark.parametrize(
    ("one", "other"),
    [("株式会社山田商事", "ﾔﾏﾀﾞ"), ("㈱サンプル", "サンプル 株式会社"), ("A.B.C. Co., Ltd.", "abc")],
)
def test_two_spellings_of_a_company(one: str, other: str) -> None:
    same = companies.core(one) == companies.core(other)
    assert same is (other != "ﾔﾏﾀﾞ")


def test_nobody_is_named_by_words_for_anybody() -> None:
    assert list(companies.named("御社御中、貴社様、弊社、各社様")) == []


@pytest.mark.parametrize(
    ("name", "kind", "fact"),
    [
        ("請求書.pdf.exe", "exe", "executable"),
        ("設定.BAT", "txt", "executable"),
        ("名簿.pdf", "xlsx", "disguised"),
        ("写真.jpg", "png", ""),
        ("表.xlsx", "encrypted_office", ""),
        ("a.docx", "", ""),
    ],
)
def test_what_a_file_pretends_to_be(name: str, kind: str, fact: str) -> None:
    assert [each for each, _ in disguise.strange(name, kind)] == ([fact] if fact else [])


def test_a_program_inside_an_archive_is_a_program() -> None:
    packed = samples.zipped({"請求書.exe": b"MZ" + bytes(60)})
    assert _facts("ご確認ください", "", ("資料.zip", packed))["executable"] == [".exe"]


@given(st.text(max_size=400))
def test_own_words_are_never_more_than_the_body(text: str) -> None:
    own = written.own(text)
    assert len(own) <= len(text)
    list(wording.facts(text[:50], "1", own, [("2", text[:60])]))


def test_the_words_of_a_number_are_not_kept() -> None:
    number = samples.individual_number(7)
    raw = samples.message("件名", f"株式会社{number}\n", to="a@b.example")
    assert number not in repr(detectors.inspect(raw))
