"""OpenDocument packages, as small as programs read them."""

from __future__ import annotations

import io
import zipfile


def open_document(kind: str, body: str) -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw")
    )
    content = f"<office:document-content {names}><office:body><office:{kind}>{body}"
    content += f"</office:{kind}></office:body></office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        mimetype = f"application/vnd.oasis.opendocument.{kind}"
        package.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
    return out.getvalue()
