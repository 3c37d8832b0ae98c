import io
import random
import sys
import time
import zlib

import numpy as np
import pytest
import segno
from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFont, ImageOps
from PIL.PngImagePlugin import PngInfo

from detectors.budget import Limits
from detectors.extract import picture
from detectors.extract.picture import ocr
from detectors.surface import Text
from tests.detectors import papers
from tests.detectors.extract.drawn import FONT, page, saved
from tests.detectors.extract.reads import refusals, said, spots, surfaces, unread
from tests.samples import individual_number

pytestmark = pytest.mark.slow

NUMBER = individual_number(7)
LINES = ("従業員 山田太郎", f"個人番号 {NUMBER}", "総務部")


@pytest.fixture(autouse=True)
def _engine():
    pytest.importorskip("tesserocr")


def read(image: Image.Image, kind: str = "PNG", **options) -> str:
    return said(surfaces(saved(image, kind, **options)))


def test_it_works():
    found = surfaces(saved(page(*LINES)), "card.png", context=("総務",))
    (text,) = found
    assert isinstance(text, Text)
    assert f"個人番号{NUMBER}" in text.text.replace(" ", "")
    assert (text.spot.unit, text.context) == ("", ("総務",))


@pytest.mark.parametrize("kind", "JPEG GIF TIFF BMP WEBP AVIF PPM PCX TGA".split())
def test_formats(kind):
    assert NUMBER in read(page(*LINES), kind)


def test_an_icon_of_macos_is_read_at_its_largest():
    square = Image.new("RGB", (1024, 1024), "white")
    square.paste(page(*LINES))
    assert NUMBER in read(square, "ICNS")


@pytest.mark.parametrize(
    "paper",
    [papers.boxes, papers.apart_boxes, papers.grouped_boxes, papers.card, papers.dependents],
    ids=lambda paper: paper.__name__,
)
def test_digits_in_boxes_and_on_a_pattern(paper):
    image, numbers = paper(random.Random(3))
    text = read(image).replace(" ", "")
    assert all(number in text for number in numbers)


@pytest.mark.parametrize("degrees", [90, 180, 270, 3, -4])
def test_turned_pages(degrees):
    turned = page(*LINES).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert NUMBER in read(turned).replace(" ", "")


def test_a_telephone_says_how_it_was_held():
    exif = Image.Exif()
    exif[0x0112] = 8
    assert NUMBER in read(page(*LINES).rotate(-90, expand=True), "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("white", "black"), ("#777777", "#bbbbbb"), ((255, 255, 255, 255), (0, 0, 0, 0))],
    ids=["inverted", "pale", "white on nothing"],
)
def test_any_two_colours(ink, paper):
    assert NUMBER in read(page(*LINES, ink=ink, paper=paper))


def test_oblong_dots_of_a_fax():
    fax = page(*LINES).convert("1")
    fax = fax.resize((fax.width * 2, fax.height))
    assert NUMBER in read(fax, "TIFF", dpi=(204, 98), compression="group4")


def test_pages_of_a_fax_have_their_numbers():
    pages = [page("送付状", "2枚"), page(*LINES)]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert [spot.unit for spot in spots(surfaces(data), NUMBER)] == ["page:2"]


def test_of_a_moving_picture_some_frames_are_read():
    frames = [page(f"第{at}回 案内") for at in range(30)] + [page(*LINES)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    found = surfaces(data)
    assert NUMBER in said(found)
    assert len(found) <= 8


def test_a_code_of_squares_is_read_with_what_stands_beside_it():
    pytest.importorskip("zxingcpp")
    image = page("マイナンバーカード", "裏面のコード")
    code = Image.open(_qr(NUMBER)).convert("RGB")
    image.paste(code, (image.width - code.width - 10, 10))
    texts = [s for s in surfaces(saved(image)) if isinstance(s, Text) and s.text == NUMBER]
    assert len(texts) == 1
    assert "マイナンバー" in texts[0].context[-1]


def _qr(text: str) -> io.BytesIO:
    out = io.BytesIO()
    segno.make_qr(text).save(out, kind="png", scale=5)
    out.seek(0)
    return out


@pytest.mark.parametrize("size", [(59, 59), (400, 11), (1, 1)])
def test_too_small_for_a_number(size):
    assert surfaces(saved(Image.new("RGB", size, "red"))) == []


def test_a_picture_without_words_says_nothing():
    assert surfaces(saved(Image.linear_gradient("L").resize((800, 600)), "JPEG")) == []


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n", b"GIF89a\xff\0\xff", b"\xff\xd8\xff\xe0" + bytes(99)]
)
def test_damaged_pictures_are_refused(data):
    assert refusals(surfaces(data)) == ["corrupt"]


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = bomb(30_000)
    started = time.process_time()
    found = surfaces(data)
    assert refusals(found) == ["over_budget"]
    assert found[0].reason.params == {"limit": "pixels"}
    assert time.process_time() - started < 2


def bomb(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data).to_bytes(4)
        return len(data).to_bytes(4) + kind + data + crc

    head = side.to_bytes(4) * 2 + b"\x01\0\0\0\0"
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_no_time_is_left():
    data = saved(page(*LINES))
    assert refusals(surfaces(data, limits=Limits(seconds=0.01))) == ["over_budget"]


def test_too_many_pages():
    pages = [Image.new("1", (70, 20), 1)] * 101
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert refusals(surfaces(data)) == ["over_budget"]


@pytest.mark.parametrize("package", ["tesserocr", "tesseract-ocr-jpn"])
def test_what_is_not_installed_is_named(package, monkeypatch):
    monkeypatch.setattr(ocr, "_FOLDERS", ())
    if package == "tesserocr":
        monkeypatch.setitem(sys.modules, "tesserocr", None)
    ocr.engines.cache_clear()
    found = surfaces(saved(page(*LINES)))
    ocr.engines.cache_clear()
    assert unread(found) == ["not_installed"]
    assert found[0].reason.params == {"package": package}


def box(kind: bytes, inside: bytes) -> bytes:
    return (8 + len(inside)).to_bytes(4, "big") + kind + inside


def test_heic_is_read_as_telephones_take_it():
    assert NUMBER in read(page(*LINES), "HEIF")


def test_without_its_decoder_heic_is_not_inspected_and_the_package_is_named(monkeypatch):
    data = saved(page(*LINES), "HEIF")
    monkeypatch.setattr(picture, "formats", lambda: ("PNG",))
    found = surfaces(data)
    assert unread(found) == ["not_installed"]
    assert found[0].reason.params == {"package": "pi-heif"}
    assert refusals(found) == []


@pytest.mark.parametrize("rest", [b"", bytes(200), b"\xff" * 200, box(b"meta", bytes(60))[:20]])
def test_damaged_heic_is_refused(rest):
    assert refusals(surfaces(box(b"ftyp", b"heic\0\0\0\0mif1heic") + rest)) == ["corrupt"]


def test_deep_pictures():
    grey = ImageOps.grayscale(page(*LINES))
    assert NUMBER in read(grey.convert("I;16"), "TIFF")


def noise(size: tuple[int, int] = (300, 200)) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(5).randbytes(3 * size[0] * size[1]))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
@pytest.mark.parametrize("share", [0.95, 0.5])
def test_a_picture_that_was_cut_off_is_not_called_read(kind, share):
    data = saved(noise(), kind)
    assert refusals(surfaces(data[: int(len(data) * share)])) == ["corrupt"]


def test_a_picture_with_octets_overwritten_is_not_called_read():
    data = bytearray(saved(noise()))
    data[len(data) // 2 : len(data) // 2 + 20] = bytes(20)
    assert refusals(surfaces(bytes(data))) == ["corrupt"]


def test_what_is_left_of_a_picture_is_read():
    image = Image.new("RGB", (1000, 900), "white")
    image.paste(page(*LINES), (20, 20))
    image.paste(noise(), (20, 600))
    data = saved(image)
    found = surfaces(data[: len(data) * 3 // 4])
    assert refusals(found) == ["corrupt"]
    assert NUMBER in said(found).replace(" ", "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"])
def test_octets_behind_a_picture_are_no_damage(kind):
    assert not refusals(surfaces(saved(noise(), kind) + b"\r\n\0\0"))


def test_noise_takes_no_time():
    data = saved(noise((1200, 900)))
    started = time.process_time()
    assert surfaces(data) == []
    assert time.process_time() - started < 4


def test_specks_of_many_copies_hide_no_number():
    sheet = Image.new("L", (1_600, 2_200), 255)
    sheet.paste(page(*LINES).convert("L"), (200, 300))
    dots = np.array(sheet)
    chance = np.random.default_rng(5).random(dots.shape)
    dots[chance < 0.04], dots[chance > 0.96] = 0, 255
    assert NUMBER in read(Image.fromarray(dots)).replace(" ", "")


@pytest.mark.parametrize("degrees", [-33, -18, 11, 27])
def test_a_paper_photographed_askew(degrees):
    paper = ImageOps.expand(page(*LINES), 60, "white").rotate(
        degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(120, 95, 70)
    )
    desk = ImageOps.expand(paper, 150, (120, 95, 70))
    assert NUMBER in read(desk, "JPEG", quality=85).replace(" ", "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_number_half_under_a_red_stamp(kind):
    image = page(*LINES)
    stamp = Image.new("RGB", image.size, "white")
    draw = ImageDraw.Draw(stamp)
    draw.ellipse((280, 60, 370, 150), outline=(220, 60, 50), width=6)
    draw.text((303, 70), "山", fill=(220, 60, 50), font=ImageFont.truetype(FONT, 44))
    assert NUMBER in read(ImageChops.multiply(image, stamp), kind).replace(" ", "")


def test_vertical_writing_with_its_letters_upright():
    face = ImageFont.truetype(FONT, 36)
    image = Image.new("L", (700, 1_000), 255)
    draw = ImageDraw.Draw(image)
    for column, text in enumerate(("委任状", "氏名　山田三郎", f"個人番号　{NUMBER}")):
        for at, letter in enumerate(text):
            draw.text((600 - 110 * column, 40 + 54 * at), letter, fill=20, font=face)
    assert f"個人番号{NUMBER}" in read(image).replace(" ", "")


def test_labels_in_red_stay_with_their_numbers():
    image = page(LINES[0])
    draw, face = ImageDraw.Draw(image), ImageFont.truetype(FONT, 28)
    draw.text((28, 80), "個人番号", fill=(220, 60, 50), font=face)
    draw.text((170, 80), NUMBER, fill="black", font=face)
    assert f"個人番号{NUMBER}" in read(image).replace(" ", "")


def test_two_engines_agree_on_what_is_printed_clearly():
    (text,) = surfaces(saved(page(*LINES)))
    assert isinstance(text, Text)
    assert text.agreed == {NUMBER}


@pytest.mark.slow
def test_a_sheet_on_a_screen_with_an_empty_foot():
    cells = [("番号", "氏名", "生年月日", "個人番号", "所属")]
    cells += [(str(at), "山田 太郎", f"1985/4/{at}", NUMBER, "総務部") for at in range(10, 18)]
    image = Image.new("RGB", (850, 396), "white")
    for down, row in enumerate(cells):
        for across, cell in zip((30, 110, 250, 400, 640), row, strict=True):
            image.paste(page(cell, size=13).crop((10, 8, 160, 30)), (across, 10 + 24 * down))
    assert read(image).replace(" ", "").count(NUMBER) >= 7


@pytest.mark.parametrize("kind", ["1", "L", "RGB"])
def test_netpbm_that_ends_too_early_is_not_called_read(kind):
    data = saved(page(*LINES).convert(kind), "PPM")
    assert NUMBER in said(surfaces(data, "a.txt")).replace(" ", "")
    assert refusals(surfaces(data[: len(data) // 2], "a.txt")) == ["corrupt"]


@pytest.mark.parametrize("text", ["P3 3 5 plans\n", "P6\n1 2 members 3\n", "P4 10 11\nwords\n"])
def test_prose_that_begins_like_netpbm_stays_text(text):
    assert said(surfaces(text.encode(), "a.txt")) == text


def _windows(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.XPComment] = f"{text}\0".encode("utf-16-le")
    return exif


def _commented(text: str) -> Image.Exif:
    exif = Image.Exif()
    comment = b"UNICODE\0" + text.encode("utf-16-le")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    return exif


def _described(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text.encode()
    return exif


def _chunk(text: str) -> PngInfo:
    info = PngInfo()
    info.add_itxt("Comment", text)
    return info


@pytest.mark.parametrize(
    ("kind", "option", "write"),
    [
        ("PNG", "pnginfo", _chunk),
        ("JPEG", "comment", lambda text: text.encode("cp932")),
        ("JPEG", "exif", _described),
        ("JPEG", "exif", _windows),
        ("WEBP", "exif", _commented),
    ],
)
def test_what_somebody_typed_into_the_properties_of_a_picture(kind, option, write):
    data = saved(Image.new("RGB", (40, 40), "white"), kind, **{option: write(f"個人番号 {NUMBER}")})
    assert f"個人番号 {NUMBER}" in said(surfaces(data), hidden=True)


def test_numbers_that_a_camera_gives_are_not_told():
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = NUMBER
    data = saved(Image.new("RGB", (40, 40), "white"), "JPEG", exif=exif)
    assert not said(surfaces(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_text_behind_the_end_of_a_picture(kind):
    said_behind = f"個人番号：{NUMBER}"
    data = saved(Image.new("RGB", (40, 40), "white"), kind) + f"{said_behind}\r\n".encode()
    assert said_behind in said(surfaces(data), hidden=True)
