"""What every table is made of: a row that shows no field, times as microseconds, JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, overload

from sqlalchemy import JSON, BigInteger, Column, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time as microseconds since 1970: exact, sortable, and no zone to lose."""

    impl = BigInteger
    cache_ok = True

    # Not by `process_bind_param`, which costs a call more each time: a mail has thirty of them.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return microseconds

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[int | None], datetime | None]:
        return _moment


@overload
def microseconds(value: datetime) -> int: ...
@overload
def microseconds(value: datetime | None) -> int | None: ...
def microseconds(value: datetime | None) -> int | None:
    """As a `Moment` is stored. Raises ValueError for a time without a zone."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (value - EPOCH) // _MICROSECOND


def _moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def moment(index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Moment, index=index, nullable=nullable))


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False, default={}))


class Row(SQLModel):
    def __repr__(self) -> str:
        """No fields: a row holds addresses and masked subjects, and a repr ends up in logs."""
        return f"<{type(self).__name__}>"

    __str__ = __repr__


def table(model: type[Row]) -> Table:
    """The Core table of a model: `C = table(Consignment)`, then `C.c.state == …`."""
    found = model.__dict__["__table__"]
    assert isinstance(found, Table)
    return found
