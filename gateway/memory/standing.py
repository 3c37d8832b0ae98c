"""Statements that stand: compiled once, then handed to the driver as they are.

SQLAlchemy writes the SQL, knows the dialect and converts values in both directions; but what it
does around each execution (cache key, context, events, result) costs five times what SQLite does
for it, and one mail is sixty executions. The mail path's statements are therefore executed by the
driver's own cursor, on the connection and in the transaction that SQLAlchemy has opened. Pages,
which ask for something else each time, use SQLAlchemy as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ClauseElement, Connection, Dialect, RowMapping
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

T = TypeVar("T")
Values = Mapping[str, Any]
Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Form:
    """One text of a statement: for one dialect, one set of names, and lists of some length."""

    text: str
    positional: bool
    order: Sequence[tuple[str, Convert]]
    fixed: Values
    """what the statement itself says, and the defaults of columns that it leaves out"""
    made: Sequence[tuple[str, Callable[[Any], Any]]]
    """defaults that are made anew for each row"""
    places: Mapping[str, Sequence[str]]
    """of each list, the names of its members"""

    def bound(self, given: Values) -> Any:
        """As the driver wants them: by position or by name."""
        known = {**self.fixed, **given}
        for name, make in self.made:
            known[name] = make(None)
        for name, places in self.places.items():
            known.update(zip(places, _padded(given[name], len(places)), strict=True))
        if self.positional:
            return [known[name] if to is None else to(known[name]) for name, to in self.order]
        return {name: known[name] if to is None else to(known[name]) for name, to in self.order}


LONGEST_LIST = 500
"""Members of a list in one statement: drivers take so many values and no more."""


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Short enough for a statement each."""
    return (items[at : at + LONGEST_LIST] for at in range(0, len(items), LONGEST_LIST))


class Statement:
    """A statement with named parameters. An INSERT or UPDATE without values sets those of its
    parameters that are columns. One with `expanding=True` is a list, of LONGEST_LIST at most.

    Raises what SQLAlchemy raises."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._lists = [
            each.key
            for each in visitors.iterate(statement)
            if isinstance(each, BindParameter) and each.expanding and each.required
        ]
        columns = getattr(statement, "exported_columns", {})
        self._columns: dict[str, TypeEngine[Any]] = {key: c.type for key, c in columns.items()}
        self._index: dict[Any, int] = {key: number for number, key in enumerate(self._columns)}
        self._parent = SimpleResultMetaData([*self._columns])
        self._forms: dict[tuple[object, ...], _Form] = {}
        self._converts: dict[str, list[Any]] = {}

    def rows(self, conn: Connection, given: Values) -> list[RowMapping]:
        to, parent, index = self._out(conn.dialect), self._parent, self._index
        found, _ = self._execute(conn, given)
        return [RowMapping(parent, to, index, row) for row in found]

    def first(self, conn: Connection, given: Values) -> RowMapping | None:
        found = self.rows(conn, given)
        return found[0] if found else None

    def one(self, conn: Connection, given: Values) -> RowMapping:
        """Raises NoResultFound."""
        found = self.first(conn, given)
        if found is None:
            raise NoResultFound(f"nothing found by {', '.join(given)}")
        return found

    def values(self, conn: Connection, given: Values) -> list[Any]:
        """Of the first column."""
        to = self._out(conn.dialect)[0]
        found, _ = self._execute(conn, given)
        return [row[0] if to is None else to(row[0]) for row in found]

    def value(self, conn: Connection, given: Values) -> Any:
        """Of the first column in the first row; None where there is no row."""
        found = self.values(conn, given)
        return found[0] if found else None

    def run(self, conn: Connection, given: Values) -> int:
        """How many rows it changed."""
        _, count = self._execute(conn, given)
        return count

    def many(self, conn: Connection, given: Sequence[Values]) -> None:
        """Once for each; all of them have the same names."""
        if given:
            form = self._form(conn.dialect, given[0])
            _told(conn, "executemany", form.text, [form.bound(each) for each in given])

    def written(self, conn: Connection, given: Values) -> tuple[str, Any]:
        """The SQL and its values, as the driver gets them."""
        form = self._form(conn.dialect, given)
        return form.text, form.bound(given)

    def _execute(self, conn: Connection, given: Values) -> tuple[Sequence[Any], int]:
        return _told(conn, "execute", *self.written(conn, given))

    def _form(self, dialect: Dialect, given: Values) -> _Form:
        sizes = {name: _size(given[name]) for name in self._lists}
        shape = dialect.name, *given, *sizes.values()
        if shape not in self._forms:
            lists = {name: _padded(given[name], size) for name, size in sizes.items()}
            self._forms[shape] = _compiled(self._statement, dialect, {**given, **lists})
        return self._forms[shape]

    def _out(self, dialect: Dialect) -> list[Any]:
        if dialect.name not in self._converts:
            types = [each.dialect_impl(dialect) for each in self._columns.values()]
            self._converts[dialect.name] = [t.result_processor(dialect, None) for t in types]
        return self._converts[dialect.name]


def _told(conn: Connection, how: str, text: str, bound: Any) -> tuple[Sequence[Any], int]:
    """All rows, or how many were changed. SQLite may fail at any row, not the first alone. The
    error is SQLAlchemy's, and without the values: they must be in no log."""
    dialect, cursor = conn.dialect, conn.connection.cursor()
    broken = dialect.loaded_dbapi.Error
    try:
        getattr(cursor, how)(text, bound)
        return cursor.fetchall() if cursor.description else [], cursor.rowcount
    except broken as error:
        raise DBAPIError.instance(text, None, error, broken, True, dialect=dialect) from error


def _compiled(statement: ClauseElement, dialect: Dialect, given: Values) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=[*given])
    assert isinstance(compiled, SQLCompiler)
    left_out: dict[str, Any] = {column.key: column.default for column in compiled.insert_prefetch}
    state = compiled.construct_expanded_state(given)
    member = {each: name for name, of in state.parameter_expansion.items() for each in of}
    order = state.positiontup if compiled.positional else [*state.parameters]
    said = {k: v for k, v in state.parameters.items() if member.get(k, k) not in given}
    scalar = {name: default.arg for name, default in left_out.items() if default.is_scalar}
    return _Form(
        state.statement,
        bool(compiled.positional),
        [(name, _in(compiled, member.get(name, name), dialect)) for name in order or ()],
        {**said, **scalar},
        [(name, default.arg) for name, default in left_out.items() if default.is_callable],
        {name: of for name, of in state.parameter_expansion.items() if name in given},
    )


def _in(compiled: SQLCompiler, name: str, dialect: Dialect) -> Convert:
    kind: TypeEngine[Any] = compiled.binds[name].type
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _size(members: Sequence[Any]) -> int:
    """The next power of two: few texts, however many lengths there are."""
    return 1 << (len(members) - 1).bit_length() if members else 0


def _padded(members: Sequence[Any], size: int) -> list[Any]:
    """What is over repeats the last one, which changes nothing for IN."""
    return [*members, *[members[-1]] * (size - len(members))] if members else []
