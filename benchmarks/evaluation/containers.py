"""Numbers in files in files: archives of every kind, nested, renamed, and mails in mails."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping

import libarchive  # type: ignore[import-untyped]

from benchmarks.evaluation.scene import File, Scene
from benchmarks.evaluation.sheets import put, workbook, written
from tests import samples
from tests.detectors.corpus import grouped
from tests.detectors.extract.packing import cab, lzh
from tests.detectors.extract.rars import rar4, rar5

Build = Callable[[Scene], bytes]
Pack = Callable[[Mapping[str, bytes]], bytes]


def inside(scene: Scene) -> File:
    """A file with numbers in it: a text, a table, a sheet."""
    kind = scene.rng.choice(("txt", "csv", "xlsx"))
    if kind == "txt":
        return scene.file("txt"), scene.letter(scene.sentence(grouped)).encode()
    rows = scene.table(scene.rng.randint(1, 6))
    if kind == "xlsx":
        return scene.file("xlsx"), workbook(lambda book: put(book.add_worksheet(), rows))
    return scene.file("csv"), written(rows).encode("cp932")


def tar(files: Mapping[str, bytes], packing: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def by_libarchive(kind: str) -> Pack:
    def pack(files: Mapping[str, bytes]) -> bytes:
        out = io.BytesIO()
        with libarchive.custom_writer(out.write, kind) as archive:
            for name, data in files.items():
                archive.add_file_from_memory(name, len(data), data)
        return out.getvalue()

    return pack


def stored(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def extracting_itself(files: Mapping[str, bytes]) -> bytes:
    program = b"MZ" + bytes(510) + b"This program cannot be run in DOS mode.\r\n"
    return program + samples.zipped(files)


PACKS: dict[str, Pack] = {
    "zip": samples.zipped,
    "7z": by_libarchive("7zip"),
    "tar.gz": lambda files: tar(files, "gz"),
    "lzh": lzh,
    "rar": rar5,
    "cab": cab,
    "iso": by_libarchive("iso9660"),
}


def _packed(ending: str, pack: Pack) -> Build:
    def build(scene: Scene) -> bytes:
        return scene.send(scene.file(ending), pack(dict([inside(scene)])))

    return build


def _squeezed(ending: str, pack: Callable[[bytes], bytes]) -> Build:
    def build(scene: Scene) -> bytes:
        name, data = inside(scene)
        return scene.send(f"{name}.{ending}", pack(data))

    return build


def _nested(*packs: tuple[str, Pack]) -> Build:
    def build(scene: Scene) -> bytes:
        name, data = inside(scene)
        for ending, pack in packs:
            name, data = scene.file(ending), pack({name: data})
        return scene.send(name, data)

    return build


def _among_others(scene: Scene) -> bytes:
    files = {f"資料/{at}.txt": scene.cover().encode() for at in range(12)}
    name, data = inside(scene)
    return scene.send(scene.file("zip"), samples.zipped({**files, f"資料/{name}": data}))


def _in_the_name(scene: Scene) -> bytes:
    name = f"{scene.label()}_{scene.facts.number()}.bin"
    return scene.send(scene.file("zip"), samples.zipped({name: b"\0\1"}, cp932=True))


def _mail_in(depth: int) -> Build:
    def build(scene: Scene) -> bytes:
        name, data = inside(scene)
        raw = scene.send(name, data)
        for _ in range(depth):
            raw = scene.send(scene.file("eml"), raw)
        return raw

    return build


def _mailbox(scene: Scene) -> bytes:
    mails = [scene.mail(scene.cover()), scene.mail(scene.letter(scene.sentence(grouped)))]
    lines = b"".join(b"From a@example.co.jp Sat Nov 21 09:00:00 2026\n" + m + b"\n" for m in mails)
    return scene.send("mail.mbox", lines.replace(b"\r\n", b"\n"))


def techniques() -> Iterator[tuple[str, Build]]:
    zipped: Pack = samples.zipped
    yield "zip", _packed("zip", zipped)
    yield "zip: names in CP932", _packed("zip", lambda files: samples.zipped(files, cp932=True))
    yield "zip: not compressed", _packed("zip", stored)
    yield "zip: among a dozen others", _among_others
    yield "zip: number in a name", _in_the_name
    yield "zip: called .pdf", _packed("pdf", zipped)
    yield "zip: extracts itself", _packed("exe", extracting_itself)
    yield "zip in a zip", _nested(("zip", zipped), ("zip", zipped))
    yield "7z", _packed("7z", by_libarchive("7zip"))
    yield "7z in a zip", _nested(("7z", by_libarchive("7zip")), ("zip", zipped))
    yield "tar", _packed("tar", tar)
    yield "tar.gz", _packed("tar.gz", lambda files: tar(files, "gz"))
    yield "tar.xz in a zip", _nested(("tar.xz", lambda files: tar(files, "xz")), ("zip", zipped))
    yield "gz", _squeezed("gz", gzip.compress)
    yield "bz2", _squeezed("bz2", bz2.compress)
    yield "xz", _squeezed("xz", lzma.compress)
    yield "lzh", _packed("lzh", lzh)
    yield "rar 4", _packed("rar", rar4)
    yield "rar 5", _packed("rar", rar5)
    yield "cab", _packed("cab", cab)
    yield "iso", _packed("iso", by_libarchive("iso9660"))
    yield "cpio", _packed("cpio", by_libarchive("cpio_newc"))
    for depth in (1, 2):
        yield f"eml with a file, {depth} deep", _mail_in(depth)
    yield "mbox", _mailbox
