"""What stands in a picture beside its dots: descriptions and comments that somebody typed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from PIL import ExifTags, Image

from detectors import charset
from detectors.extract import markup
from detectors.extract.reading import Refused
from detectors.extract.strings import strings

# What a person fills in; a camera's own fields hold numbers of the camera.
_TYPED = (ExifTags.Base.ImageDescription, ExifTags.Base.Artist, ExifTags.Base.Copyright)
_WINDOWS = (
    ExifTags.Base.XPTitle,
    ExifTags.Base.XPComment,
    ExifTags.Base.XPSubject,
    ExifTags.Base.XPKeywords,
)
"""Of the properties in Explorer, in UTF-16."""
_CODE = 8
"""Octets that name the charset of a user's comment (Exif 2.32, 4.6.6)."""
_WIDE = b"UNICODE\0"
_ENDS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82", "GIF": b"\0;"}
"""What the last octets of a picture are; no text has them."""
_XMP = ("xmp", "XML:com.adobe.xmp")


def read(image: Image.Image) -> list[str]:
    """One line each, with the name that it has where it was given one."""
    return [line for line in (*_exif(image.getexif()), *_info(image)) if line.strip("\0 \n")]


def behind(image: Image.Image, data: bytes) -> list[str]:
    """Texts with digits behind the end of a picture, where no viewer looks."""
    end = _ENDS.get(image.format or "", b"")
    at = data.rfind(end) if end else -1
    return strings(data[at + len(end) :]) if at >= 0 else []


def _exif(exif: Image.Exif) -> Iterator[str]:
    yield from (_text(exif.get(tag)) for tag in _TYPED)
    for tag in _WINDOWS:
        value = exif.get(tag)
        if isinstance(value, tuple):
            value = bytes(value)
        if isinstance(value, bytes):
            yield value.decode("utf-16-le", "replace").rstrip("\0")
    said = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if isinstance(said, bytes):
        if said.startswith(_WIDE):
            # Writers do not agree whose order it is: the other reading holds no word.
            yield from (said[_CODE:].decode(f"utf-16-{order}", "replace") for order in ("le", "be"))
        else:
            yield _text(said[_CODE:])
    else:
        yield _text(said)


def _info(image: Image.Image) -> Iterator[str]:
    for name, value in image.info.items():
        if name in _XMP:
            with contextlib.suppress(Refused):
                data = value if isinstance(value, bytes) else str(value).encode()
                yield from markup.words(markup.parse(data.strip(b"\0 \r\n")))
        elif name == "comment" or isinstance(value, str):
            yield f"{name}: {_text(value)}"


def _text(value: object) -> str:
    """Pillow takes octets for Latin-1 where Exif says ASCII, and people write Japanese."""
    if isinstance(value, str):
        try:
            value = value.encode("latin-1")
        except UnicodeEncodeError:
            return str(value)
    return "\n".join(charset.decode(value)) if isinstance(value, bytes) else ""
