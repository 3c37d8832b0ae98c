"""Links in mails: 256 random bits, stored as SHA-256, bound to purpose, person and subject."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from gateway.memory.store import Tx
from gateway.memory.tables import Token, table

TOKEN = table(Token)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    tx: Tx, purpose: str, subject: str, expires_at: datetime, person: str = "", address: str = ""
) -> str:
    """A new token; what is returned is in no table and no log."""
    token = secrets.token_urlsafe(32)
    tx.conn.execute(
        insert(TOKEN).values(
            hash=digest(token),
            purpose=purpose,
            subject=subject,
            person_id=person,
            address=address,
            created_at=tx.now,
            expires_at=expires_at,
        )
    )
    return token


def find(conn: Connection, token: str, purpose: str) -> RowMapping | None:
    """The row of a token of this purpose, expired or used ones too: the page says which."""
    query = select(TOKEN).where(TOKEN.c.hash == digest(token), TOKEN.c.purpose == purpose)
    return conn.execute(query).mappings().first()


def use(tx: Tx, token: str, purpose: str) -> RowMapping | None:
    """Once and no more: the row, or None where it is unknown, expired or was used before."""
    used = tx.conn.execute(
        update(TOKEN)
        .where(
            TOKEN.c.hash == digest(token),
            TOKEN.c.purpose == purpose,
            TOKEN.c.used_at.is_(None),
            TOKEN.c.expires_at > tx.now,
        )
        .values(used_at=tx.now)
    )
    return find(tx.conn, token, purpose) if used.rowcount == 1 else None


def revoke(tx: Tx, subject: str, purpose: str) -> None:
    tx.conn.execute(
        update(TOKEN)
        .where(TOKEN.c.subject == subject, TOKEN.c.purpose == purpose, TOKEN.c.used_at.is_(None))
        .values(used_at=tx.now)
    )
