import base64
import plistlib
import quopri
import struct

import pytest

from tests.detectors.extract.reads import nested, refusals, said, surfaces
from tests.samples import individual_number

NUMBER = individual_number(41)


def calendar(*lines: str) -> bytes:
    body = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join([*body, "END:VCALENDAR", ""]).encode()


def card(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:2.1", *lines, "END:VCARD", ""]).encode()


@pytest.mark.parametrize("fold", ["\r\n ", "\n\t", "\r\n\t"])
def test_it_works(fold):
    data = calendar(f"DESCRIPTION:個人番号 {NUMBER[:5]}{fold}{NUMBER[5:]}")
    assert f"DESCRIPTION: 個人番号 {NUMBER}" in said(surfaces(data, "a.ics"))


def test_a_fold_inside_a_letter_is_undone():
    data = calendar("SUMMARY:個人番号")
    at = data.index("番".encode()) + 1
    assert "個人番号" in said(surfaces(data[:at] + b"\r\n " + data[at:]))


def test_escapes_are_what_they_stand_for():
    data = calendar(f"DESCRIPTION:一\\n番号\\, {NUMBER}\\; 二\\\\")
    assert f"一\n番号, {NUMBER}; 二\\" in said(surfaces(data))


@pytest.mark.parametrize("charset", ["utf-8", "cp932"])
def test_quoted_printable_values_with_their_soft_breaks(charset):
    packed = quopri.encodestring(f"個人番号 {NUMBER}".encode(charset), quotetabs=True).decode()
    at = packed.index(NUMBER[:4]) + 4
    label = {"utf-8": "UTF-8", "cp932": "SHIFT_JIS"}[charset]
    folded = packed[:at] + "=\r\n" + packed[at:]
    data = card(f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET={label}:{folded}", "TEL:1")
    assert f"NOTE: 個人番号 {NUMBER}\nTEL: 1" in said(surfaces(data, "a.vcf"))


def test_values_in_base64_are_files():
    packed = base64.b64encode(NUMBER.encode()).decode()
    attach = "ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=番号.txt:" + packed[:9] + "\r\n "
    found = surfaces(calendar(attach + packed[9:]))
    assert nested(found) == {"番号.txt": NUMBER.encode()}
    found = surfaces(card(f"PHOTO;ENCODING=b;TYPE=JPEG:{packed}"))
    assert nested(found) == {"photo": NUMBER.encode()}


def test_a_page_in_a_calendar_is_read_as_one():
    found = surfaces(calendar(f"X-ALT-DESC;FMTTYPE=text/html:<p>{NUMBER}</p>"))
    assert nested(found) == {"x-alt-desc": f"<p>{NUMBER}</p>".encode()}


def test_links_tell_where_they_lead():
    shortcut = struct.pack("<L16s56x", 76, bytes.fromhex("0114020000000000c000000000000046"))
    wide = shortcut + f"\\\\server\\人事\\{NUMBER}.xlsx".encode("utf-16-le")
    assert NUMBER in said(surfaces(wide, "a.lnk"))
    narrow = shortcut + f"C:\\人事\\{NUMBER}.xlsx".encode("cp932") + b"\0"
    assert NUMBER in said(surfaces(narrow, "a.lnk"))
    url = f"https://example.jp/?n={NUMBER}"
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        data = plistlib.dumps({"URL": url}, fmt=form)
        found = surfaces(data, "a.webloc")
        assert url in said(found)
        assert not refusals(found)
    assert url in said(surfaces(f"[InternetShortcut]\r\nURL={url}\r\n".encode(), "a.url"))


def test_a_broken_list_is_refused():
    assert refusals(surfaces(b"bplist00" + bytes(60))) == ["corrupt"]
