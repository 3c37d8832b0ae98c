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
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Connection,
    Dialect,
    LargeBinary,
    RowMapping,
    Table,
)
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
    order: Sequence[str]
    taken: Callable[[Values], Sequence[Any]]
    """the values in that order"""
    converts: Sequence[tuple[int, Callable[[Any], Any]]]
    """of some places in it: what the driver would not take as it is"""
    fixed: Values
    """what the statement itself says, and the defaults of columns that it leaves out: converted"""
    made: Sequence[tuple[str, Callable[[Any], Any]]]
    """defaults that are made anew for each row"""
    places: Mapping[str, Sequence[str]]
    """of each list, the names of its members"""

    def bound(self, given: Values) -> Any:
        """As the driver wants them: by position or by name."""
        known = given
        if self.fixed or self.made or self.places:
            known = {**self.fixed, **given, **{name: make(None) for name, make in self.made}}
            for name, places in self.places.items():
                known.update(zip(places, _padded(given[name], len(places)), strict=True))
        values = [*self.taken(known)]
        for place, to in self.converts:
            values[place] = to(values[place])
        return values if self.positional else dict(zip(self.order, values, strict=True))


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
        found, _ = self._told(conn, given)
        if not found:
            return []
        to, parent, index = self._out(conn.dialect), self._parent, self._index
        return [RowMapping(parent, to, index, row) for row in found]

    def tuples(self, conn: Connection, given: Values) -> Sequence[Sequence[Any]]:
        """As the driver gives them where nothing is to be converted: for very many."""
        found, _ = self._told(conn, given)
        to = self._out(conn.dialect)
        if not any(to):
            return found
        return [[f(v) if f else v for f, v in zip(to, row, strict=True)] for row in found]

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
        found, _ = self._told(conn, given)
        to = self._out(conn.dialect)[0]
        return [row[0] if to is None else to(row[0]) for row in found]

    def value(self, conn: Connection, given: Values) -> Any:
        """Of the first column in the first row; None where there is no row."""
        found = self.values(conn, given)
        return found[0] if found else None

    def run(self, conn: Connection, given: Values) -> int:
        """How many rows it changed."""
        return self._told(conn, given)[1]

    def many(self, conn: Connection, given: Sequence[Values]) -> None:
        """Once for each; all of them have the same names."""
        if len(given) == 1:
            self.run(conn, given[0])
        elif given:
            form = self._form(conn.dialect, given[0])
            told(conn, form.text, [form.bound(each) for each in given], many=True)

    def put(self, conn: Connection, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """INSERT of very many: `names` are all columns in the table's order, and the values as the
        driver takes them."""
        form = self._form(conn.dialect, dict.fromkeys(names))
        bound = rows if form.positional else [dict(zip(names, row, strict=True)) for row in rows]
        told(conn, form.text, bound, many=True)

    def written(self, conn: Connection, given: Values) -> tuple[str, Any]:
        """The SQL and its values, as the driver gets them."""
        form = self._form(conn.dialect, given)
        return form.text, form.bound(given)

    def _told(self, conn: Connection, given: Values) -> tuple[Sequence[Any], int]:
        return told(conn, *self.written(conn, given))

    def _form(self, dialect: Dialect, given: Values) -> _Form:
        shape: tuple[object, ...] = (dialect.name, *given)
        if self._lists:
            shape += tuple([_size(given[name]) for name in self._lists])
        return self._forms.get(shape) or self._formed(dialect, given, shape)

    def _formed(self, dialect: Dialect, given: Values, shape: tuple[object, ...]) -> _Form:
        lists = {name: _padded(given[name], _size(given[name])) for name in self._lists}
        form = self._forms[shape] = _compiled(self._statement, dialect, {**given, **lists})
        return form

    def _out(self, dialect: Dialect) -> list[Any]:
        return self._converts.get(dialect.name) or self._outward(dialect)

    def _outward(self, dialect: Dialect) -> list[Any]:
        to = self._converts[dialect.name] = [_from(t, dialect) for t in self._columns.values()]
        return to


def as_read(table: Table) -> Callable[[Values], RowMapping]:
    """Of the columns of a row that is being written, the row as it will be read."""
    left_out = {column.key: getattr(column.default, "arg", None) for column in table.c}
    index: dict[Any, int] = {key: number for number, key in enumerate(left_out)}
    parent = SimpleResultMetaData([*left_out])

    def row(columns: Values) -> RowMapping:
        known = {**left_out, **columns}
        return RowMapping(parent, None, index, tuple([known[key] for key in left_out]))

    return row


def told(
    conn: Connection, text: str, bound: Any = (), *, many: bool = False
) -> tuple[Sequence[Any], int]:
    """All rows, or how many were changed. SQLite may fail at any row, not the first alone. The
    error is SQLAlchemy's, and without the values: they must be in no log."""
    try:
        cursor = conn.connection.dbapi_connection.cursor()  # type: ignore[union-attr]
        if many:
            cursor.executemany(text, bound)
        else:
            cursor.execute(text, bound)
        return cursor.fetchall() if cursor.description else [], cursor.rowcount
    except conn.dialect.loaded_dbapi.Error as error:
        dialect, broken = conn.dialect, conn.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(text, None, error, broken, True, dialect=dialect) from error


def _compiled(statement: ClauseElement, dialect: Dialect, given: Values) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=[*given])
    assert isinstance(compiled, SQLCompiler)
    left_out: dict[str, Any] = {column.key: column.default for column in compiled.insert_prefetch}
    state = compiled.construct_expanded_state(given)
    member = {each: name for name, of in state.parameter_expansion.items() for each in of}
    order = [*((state.positiontup if compiled.positional else state.parameters) or ())]
    said = {k: v for k, v in state.parameters.items() if member.get(k, k) not in given}
    scalar = {name: default.arg for name, default in left_out.items() if default.is_scalar}
    to = {name: _in(compiled.binds[member.get(name, name)].type, dialect) for name in order}
    fixed = {**said, **scalar}
    for name, convert in to.items():
        if convert and name in fixed:
            fixed[name] = convert(fixed[name])
    return _Form(
        state.statement,
        bool(compiled.positional),
        order,
        _taking(order),
        [
            (at, convert)
            for at, name in enumerate(order)
            if (convert := to[name]) and name not in fixed
        ],
        fixed,
        [(name, default.arg) for name, default in left_out.items() if default.is_callable],
        {name: of for name, of in state.parameter_expansion.items() if name in given},
    )


def _taking(order: Sequence[str]) -> Callable[[Values], Sequence[Any]]:
    """As C does it, which gives one alone without a tuple around it."""
    if len(order) > 1:
        return itemgetter(*order)
    return lambda known: [known[name] for name in order]


def _in(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    return None if _plain(kind, dialect) else kind.dialect_impl(dialect).bind_processor(dialect)


def _from(kind: TypeEngine[Any], dialect: Dialect) -> Convert:
    impl = kind.dialect_impl(dialect)
    return None if _plain(kind, dialect) else impl.result_processor(dialect, None)


def _plain(kind: TypeEngine[Any], dialect: Dialect) -> bool:
    """SQLite's driver takes and gives octets as they are."""
    return isinstance(kind, LargeBinary) and dialect.name == "sqlite"


def _size(members: Sequence[Any]) -> int:
    """The next power of two: few texts, however many lengths there are."""
    return 1 << (len(members) - 1).bit_length() if members else 0


def _padded(members: Sequence[Any], size: int) -> list[Any]:
    """What is over repeats the last one, which changes nothing for IN."""
    return [*members, *[members[-1]] * (size - len(members))] if members else []
