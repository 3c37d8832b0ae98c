"""From a day, until a day: when a person, a role or a deputyship holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Table, and_, or_

from gateway.memory.tables import Person, table

PERSON = table(Person)


def holds_at(
    model: Table, starts: str, ends: str, now: datetime | BindParameter[datetime]
) -> ColumnElement[bool]:
    begin, end = model.c[starts], model.c[ends]
    return and_(or_(begin.is_(None), begin <= now), or_(end.is_(None), end > now))


def active(now: datetime) -> ColumnElement[bool]:
    """Persons who are neither locked nor before their first or past their last day."""
    return and_(PERSON.c.locked.is_(False), holds_at(PERSON, "active_from", "active_until", now))
