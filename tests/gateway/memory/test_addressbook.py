from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gateway.memory import addressbook, config

CSV = """氏名,メール
佐藤,Sato@Partner.example
"鈴木","suzuki@b.example; x@c.example"
,@all.example
"""
VCARD = "BEGIN:VCARD\r\nEMAIL;TYPE=work:sato@part\r\n ner.example\r\nEND:VCARD\r\n"
PACKED = base64.b64encode(b"sato@partner.example").decode()
LDIF = f"dn: cn=佐藤\nmail: a@b.exa\n mple\nmail:: {PACKED}\njpegPhoto:: /9j/4AAQSkZJRg==\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "book.csv",
            CSV,
            {"sato@partner.example", "suzuki@b.example", "x@c.example", "@all.example"},
        ),
        ("book.vcf", VCARD, {"sato@partner.example"}),
        ("book.ldif", LDIF, {"a@b.example", "sato@partner.example"}),
    ],
)
def test_it_works(tmp_path: Path, name: str, text: str, expected: set[str]) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert addressbook.read([path]) == expected


def test_several_are_one_and_an_old_charset_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("佐藤,a@b.example", "cp932")
    (tmp_path / "b.csv").write_text("c@d.example", "utf-8-sig")
    assert addressbook.read([tmp_path / "a.csv", tmp_path / "b.csv"]) == {
        *("a@b.example", "c@d.example"),
    }


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "book.csv: holds no mail addresses"),
        (b"\x81\x00\x81", "book.csv: is neither UTF-8 nor CP932"),
        (None, "book.csv: is not there"),
    ],
)
def test_what_is_none_is_refused_with_its_place(
    tmp_path: Path, data: bytes | None, why: str
) -> None:
    if data is not None:
        (tmp_path / "book.csv").write_bytes(data)
    path = tmp_path / "sekisho.toml"
    path.write_text('[acquaintance]\naddress_books = ["book.csv"]\n', "utf-8")
    with pytest.raises(config.ConfigError, match=r"acquaintance\.address_books.*") as refused:
        config.load(path)
    assert why in str(refused.value)


def test_the_configuration_holds_them_all(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(CSV, "utf-8")
    path = tmp_path / "sekisho.toml"
    path.write_text('[acquaintance]\naddress_books = ["book.csv"]\n', "utf-8")
    assert "@all.example" in config.load(path).acquaintance.book
    assert config.Config().acquaintance.book == frozenset()
