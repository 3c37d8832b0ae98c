"""Certificates: that a parcel was recalled before anybody saw it (閲覧前回収証明書), and that
its content was destroyed (廃棄証明書).

Made from the records, signed with the key of the ledger over canonical JSON, and bound to the
ledger by its head at that time. It claims what the records can carry and no more: "nobody has
seen it" only if no proof succeeded and no download began. A visit to the page, by a person or by
a link scanner, shows nothing of the content and is counted as a visit.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, RowMapping, func, select

from bridge import parcel
from bridge.visit import ACCESS
from gateway.face.dates import attribute
from gateway.memory.ledger.append import ENTRY
from gateway.memory.ledger.chain import canonical
from gateway.memory.opening import Memory

FORMAT = 1
UNSEEN = {"ja": "第三者による閲覧なし", "en": "not seen by any third party"}
SEEN = {"ja": "閲覧の記録があります", "en": "it was seen; the records are listed"}

Kind = Literal["recall", "disposal"]
TITLES = {
    "recall": {"ja": "閲覧前回収証明書", "en": "Certificate of recall before reading"},
    "seen_recall": {"ja": "回収証明書", "en": "Certificate of recall"},
    "disposal": {"ja": "廃棄証明書", "en": "Certificate of disposal"},
}


class NotYet(Exception):
    """The parcel is not recalled (or not erased): there is nothing to certify."""


def issue(memory: Memory, conn: Connection, id: str, kind: Kind) -> dict[str, Any]:
    """A signed certificate as plain data. Raises NotYet, LookupError."""
    row = parcel.get(conn, id)
    if row is None:
        raise LookupError(id)
    recalled, erased = _entry(conn, id, "link.recalled"), _entry(conn, id, "link.erased")
    gone = row["state"] in ("recalled", "erased") and memory.parcels.is_gone(row["kek"])
    if not gone or erased is None or (kind == "recall" and recalled is None):
        raise NotYet(id)
    seen = _accesses(conn, id)
    viewed = seen["proofs"] > 0 or seen["downloads_begun"] > 0 or seen["octets"] > 0
    head = memory.ledger.head(conn)
    body: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "title": TITLES["seen_recall" if kind == "recall" and viewed else kind],
        "company": memory.config.bridge.company,
        "parcel": _about(conn, row),
        "recalled": _stated(recalled) if recalled else None,
        "destroyed": {**_stated(erased), "key": row["kek"], "method": "key destroyed, then bytes"},
        "access": seen,
        "viewed": viewed,
        "statement": SEEN if viewed else UNSEEN,
        "issued_at": attribute(memory.store.clock()),
        "ledger": {
            "origin": memory.ledger.origin,
            "size": head.size,
            "root": base64.b64encode(head.edge.root()).decode(),
        },
    }
    key = memory.ledger.key
    if key is None:
        raise PermissionError("this process holds no signing key")
    public = base64.b64encode(memory.ledger.public).decode()
    return {
        "certificate": body,
        "key": public,
        "signature": base64.b64encode(key.sign(canonical(body))).decode(),
    }


def verify(signed: Mapping[str, Any], public: bytes) -> bool:
    """Whether `public` (32 octets, from elsewhere than the certificate) signed exactly this."""
    try:
        body, signature = signed["certificate"], base64.b64decode(signed["signature"])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, canonical(body))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return bool(base64.b64decode(signed.get("key", "")) == public)


def _about(conn: Connection, row: RowMapping) -> dict[str, Any]:
    files = parcel.files(conn, row["id"])
    return {
        "id": row["id"],
        "letter": row["letter_id"],
        "recipient": row["recipient"],
        "form": row["form"],
        "files": len(files),
        "octets": sum(file["size"] for file in files),
        "made_at": attribute(row["created_at"]),
    }


def _accesses(conn: Connection, id: str) -> dict[str, int]:
    query = (
        select(
            ACCESS.c.kind,
            func.count(),
            func.sum(ACCESS.c.octets),
            func.count().filter(ACCESS.c.complete),
        )
        .where(ACCESS.c.parcel_id == id)
        .group_by(ACCESS.c.kind)
    )
    found = {kind: (n, octets, complete) for kind, n, octets, complete in conn.execute(query)}
    none = (0, 0, 0)
    return {
        "visits": int(found.get("page", none)[0]),
        "wrong_codes": int(found.get("failed", none)[0]),
        "proofs": int(found.get("proved", none)[0]),
        "downloads_begun": int(found.get("download", none)[0]),
        "downloads_completed": int(found.get("download", none)[2]),
        "octets": int(found.get("download", none)[1]),
    }


def _entry(conn: Connection, id: str, verb: str) -> RowMapping | None:
    query = select(ENTRY).where(ENTRY.c.subject == id, ENTRY.c.verb == verb)
    return conn.execute(query.order_by(ENTRY.c.seq.desc())).mappings().first()


def _stated(entry: RowMapping) -> dict[str, Any]:
    return {
        "at": attribute(entry["at"]),
        "by": entry["actor_id"] or entry["actor_kind"],
        "entry": entry["seq"],
        "entry_hash": entry["hash"].hex(),
    }
