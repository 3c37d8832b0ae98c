"""Files posted by a form, in memory alone.

The framework's form reader lays a file of more than a megabyte in a temporary file in the clear,
which is what a product that keeps My Numbers off the disk must not do.
"""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request


async def read_upload(request: Request, limit: int) -> FormData:
    """A multipart form with at most one file, of at most `limit` octets. Raises 400.

    The route takes no larger body (`max_body_size`), so that nothing is ever spooled. To be
    closed by whoever read it.
    """
    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=8, max_part_size=limit
    )
    parser.spool_max_size = limit
    try:
        return await parser.parse()
    except (MultiPartException, KeyError):
        raise HTTPException(400) from None
