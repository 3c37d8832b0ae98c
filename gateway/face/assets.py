"""The few static files, read once, served from memory and cached by content."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    data: bytes
    media_type: str
    version: str
    """Of the content; part of the address, so that a browser may keep the file for good."""


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    return Asset(data, _TYPES[path.suffix], sha256(data).hexdigest()[:8])


ASSETS = {path.name: _read(path) for path in FOLDER.iterdir() if path.suffix in _TYPES}


def asset(name: str) -> str:
    """The address of a static file: "/static/app.css?v=1f0c9a77". KeyError when there is none."""
    return f"/static/{name}?v={ASSETS[name].version}"


async def serve(request: Request) -> Response:
    """Endless caching under the right version only: a page from before an update asks anew."""
    found = ASSETS.get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    current = request.query_params.get("v") == found.version
    caching = "public, max-age=31536000, immutable" if current else "no-cache"
    return Response(found.data, media_type=found.media_type, headers={"Cache-Control": caching})


ROUTE = Route("/static/{name}", serve)
