"""Mails in which there is no 個人番号: other numbers, and nothing at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.evaluation.containers import PACKS, Pack
from benchmarks.evaluation.facts import Facts
from benchmarks.evaluation.pdfs import page
from benchmarks.evaluation.scene import Rows, Scene, Wording
from benchmarks.evaluation.sheets import put, workbook, written
from tests import samples
from tests.detectors import corpus

Build = Callable[[Scene], bytes]


def _body(name: str, template: str) -> Build:
    def build(scene: Scene) -> bytes:
        tells = name == "subject on My Number"
        subject = scene.fill(scene.rng.choice(scene.wording.telling)) if tells else ""
        return scene.mail(scene.letter(scene.fill(template)), subject)

    return build


def _in_html(template: str) -> Build:
    def build(scene: Scene) -> bytes:
        text = scene.letter(scene.fill(template)).replace("\n", "<br>\r\n")
        return scene.mail("HTMLメールです。", html=f"<html><body>{text}</body></html>")

    return build


def _by_chance(scene: Scene, count: int) -> list[Facts]:
    """So many customers: of a long column no more pass a check than do by chance."""
    return [scene.facts.again(by_chance=count > 2) for _ in range(count)]


def _rows(scene: Scene, headings: str, count: int) -> Rows:
    columns = [each.split("=") for each in headings.split()]
    rows = [[heading for heading, _ in columns]]
    rows += [[other[fact] for _, fact in columns] for other in _by_chance(scene, count)]
    return rows


def _sheet(headings: str, count: int) -> Build:
    return lambda scene: _brought(scene, _rows(scene, headings, count))


def _brought(scene: Scene, rows: Rows) -> bytes:
    data = workbook(lambda book: put(book.add_worksheet(), rows))
    return scene.send(scene.file("xlsx"), data)


def _csv(headings: str, count: int) -> Build:
    def build(scene: Scene) -> bytes:
        return scene.send(scene.file("csv"), written(_rows(scene, headings, count)).encode("cp932"))

    return build


def _in_text(headings: str, count: int) -> Build:
    def build(scene: Scene) -> bytes:
        lines = map("　".join, _rows(scene, headings, count))
        return scene.mail(scene.letter("\n".join(lines)))

    return build


def _many(name: str) -> tuple[int, ...]:
    """How many rows: what is called 個人番号 can be told by a long column alone."""
    return (40,) if name == "internal numbers called 個人番号" else (1, 4, 40)


def _amounts(scene: Scene) -> bytes:
    rows = [["店舗", "4月", "5月", "6月"]]
    for _ in range(40):
        shop = scene.person()
        rows.append([shop["co"], shop["four"], shop["four2"], shop["four3"]])
    return _brought(scene, rows)


def _counts(scene: Scene) -> bytes:
    return _brought(scene, [[scene.person()["digit"] for _ in range(12)] for _ in range(30)])


def _running(scene: Scene) -> bytes:
    start = int("7" + corpus.serial(scene.rng)[1:])
    return scene.mail(scene.letter("\n".join(str(start + at) for at in range(20))))


def _log(scene: Scene) -> bytes:
    lines = [
        f"2026-11-21 09:{at:02}:00 user={other['serial']} GET /orders/{other['serial2']} 200"
        for at, other in enumerate(_by_chance(scene, 40))
    ]
    return scene.send("access.log", "\n".join(lines).encode())


def _json(scene: Scene) -> bytes:
    made = [
        {"orderId": other["serial"], "customer": other["name"], "tracking": other["parcel12"]}
        for other in _by_chance(scene, 20)
    ]
    return scene.send("export.json", json.dumps(made, ensure_ascii=False).encode())


def _invoice(scene: Scene) -> bytes:
    texts = ["請求書", scene.fill("請求書番号　{serial}"), scene.fill("お客様番号　{serial444}")]
    texts += [scene.fill("登録番号　T{corp}"), scene.fill("合計　{money}円"), scene.fill("{addr}")]
    return scene.send(scene.file("pdf"), _printed(texts))


def _licences(scene: Scene) -> bytes:
    some = _by_chance(scene, 30)
    return _brought(scene, [["番号", "氏名"], *([one["licence"], one["name"]] for one in some)])


def _names_of_files(scene: Scene) -> bytes:
    name = scene.fill("scan_{stamp}.txt")
    return scene.send(name, scene.cover().encode())


def techniques(wording: Wording) -> Iterator[tuple[str, Build]]:
    for name, template in wording.others:
        yield f"in a mail: {name}", _body(name, template)
        yield f"in HTML: {name}", _in_html(template)
    for name, headings in wording.other_headings:
        for count in _many(name):
            yield f"in a sheet: {name}", _sheet(headings, count)
            yield f"in CSV: {name}", _csv(headings, count)
            yield f"in lines of a mail: {name}", _in_text(headings, count)
    yield "in a sheet: columns of amounts", _amounts
    yield "in a sheet: columns of small counts", _counts
    yield "in a sheet: driving licences that nothing names", _licences
    yield "in a mail: running numbers", _running
    yield "in a file: log", _log
    yield "in a file: JSON", _json
    yield "in a file: invoice as PDF", _invoice
    yield "in a file: its name", _names_of_files


def ordinary(wording: Wording) -> Iterator[tuple[str, Build]]:
    for name, template in wording.ordinary:
        yield f"text: {name}", _body(name, template)
        yield f"HTML: {name}", _in_html(template)
    yield "file: workbook", _stock
    yield "file: calendar", _meeting
    yield "file: attached mail", lambda s: s.send(s.file("eml"), s.mail(s.cover()))
    yield "file: CSV", _file("csv", lambda lines: "\r\n".join(lines).encode("cp932", "replace"))
    yield "file: document", _file("docx", samples.document)
    yield "file: slides", _file("pptx", samples.slides)
    yield "file: PDF", _file("pdf", _printed)
    for ending, pack in PACKS.items():
        yield f"file: {ending}", _file(ending, partial(_packed, pack))


def _file(ending: str, write: Callable[[list[str]], bytes]) -> Build:
    return lambda scene: scene.send(scene.file(ending), write(_texts(scene)))


def _printed(lines: list[str]) -> bytes:
    return page([(50.0, 780.0 - 22 * at, line) for at, line in enumerate(lines)])


def _packed(pack: Pack, lines: list[str]) -> bytes:
    return pack(_files(lines))


def _files(lines: list[str]) -> dict[str, bytes]:
    book = workbook(lambda book: put(book.add_worksheet(), [[line] for line in lines]))
    return {"data.xlsx": book, "data.txt": "\n".join(lines).encode()}


def _texts(scene: Scene) -> list[str]:
    _, template = scene.rng.choice(scene.wording.ordinary)
    return scene.fill(template).split("\n")


def _stock(scene: Scene) -> bytes:
    return _brought(scene, _rows(scene, "品番=eight 品名=co 数量=count 単価=money 更新=date", 60))


def _meeting(scene: Scene) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "DTSTART:20261121T090000Z"]
    lines += [f"UID:{scene.fill('{hex}{hex2}')}@example.co.jp", "SUMMARY:定例会議", "END:VEVENT"]
    return scene.send("invite.ics", "\r\n".join([*lines, "END:VCALENDAR", ""]).encode())
