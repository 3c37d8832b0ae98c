"""One file out of a posted form, in memory alone.

The web framework's own form reader puts a file of more than a megabyte into a temporary file in
the clear, which is just what a page that promises to keep nothing must not do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request


@dataclass
class _Reader:
    name: str = ""
    data: bytearray = field(default_factory=bytearray)
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _is_file: bool = False

    def on_part_begin(self) -> None:
        self._is_file = False

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            if b"filename" in options and not self.name:
                self.name = options[b"filename"].decode("utf-8", "replace")
                self._is_file = True
        self._header.clear()
        self._value.clear()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.data += data[start:end]


async def one_file(request: Request) -> tuple[str, bytes]:
    """Name and octets of the first file; ("", b"") where none was chosen. Raises 400."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(400)
    reader = _Reader()
    names = ("part_begin", "header_field", "header_value", "header_end", "part_data")
    callbacks = {f"on_{name}": getattr(reader, f"on_{name}") for name in names}
    parser = MultipartParser(options[b"boundary"], callbacks)  # type: ignore[arg-type]
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except ValueError:
        raise HTTPException(400) from None
    return reader.name, bytes(reader.data)
