"""People by CSV: read, compare with what is known, and only then change anything.

    name,email,department,addresses,shared,roles,groups,deputy,from,until

One row a person, known by `email`; several values in one field are parted by white space or ";".
A column that is missing leaves what it speaks of as it is; an empty field means none. Names,
departments and addresses change when the file is applied; roles, groups and deputies on the day
`from` (now where it is empty), which is also a new person's first day; `until` is the person's
last day. Persons who are not in the file stay as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from gateway.face.words.record import ROLES as SPOKEN
from gateway.judgement import people, personnel
from gateway.judgement.people import ADDRESS, CONFLICTS, ROLES
from gateway.judgement.shown import digest
from gateway.mail.address import BadAddress, parse_address
from gateway.memory.states import Actor
from gateway.memory.store import Tx

COLUMNS = (
    *("name", "email", "department", "addresses", "shared"),
    *("roles", "groups", "deputy", "from", "until"),
)
OCTETS = 2_000_000
ROWS = 10_000
TOKYO = ZoneInfo("Asia/Tokyo")
_ROLE = {**{code: code for code in ROLES}, **{SPOKEN[code]: code for code in ROLES}}
_ADDRESSES = ("email", "addresses", "shared", "deputy")
_LISTS = ("addresses", "shared", "roles", "groups", "deputy")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot be taken; row 1 is the heading."""

    row: int
    code: str
    """columns | rows | name | email | address | role | conflict | day | days | twice | taken |
    mailbox | deputy | self"""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    row: int
    email: str
    what: str
    """person, name, department, until, address, shared, role, group, deputy: set or added;
    with "-" behind it: taken away"""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    row: int
    given: Mapping[str, str | tuple[str, ...]]
    starts: datetime | None
    ends: datetime | None

    @property
    def email(self) -> str:
        return self.text("email")

    def text(self, column: str) -> str:
        return str(self.given.get(column, ""))

    def several(self, column: str) -> tuple[str, ...]:
        """Empty where the file has no such column: `given` tells."""
        found = self.given.get(column)
        return found if isinstance(found, tuple) else ()


@dataclass(frozen=True)
class Plan:
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    faults: tuple[Fault, ...] = field(default=())

    @cached_property
    def seen(self) -> str:
        """Names what was shown: applying something else is refused."""
        shown = [[c.row, c.email, c.what, c.value] for c in self.changes]
        days = [[str(line.starts), str(line.ends)] for line in self.lines]
        return digest([shown, days])


class Faulty(Exception):
    """The plan has faults; nothing was applied."""


def import_csv(conn: Connection, text: str, now: datetime) -> Plan:
    """What applying this file would change, row by row, and what is wrong with it."""
    lines, faults = _read(text)
    known = {line.email: people.person_at(conn, line.email) for line in lines}
    faults += _among(lines)
    for line in lines:
        found = list(_wrong(line)) or list(_clashes(conn, line, known))
        faults += (Fault(line.row, code, value) for code, value in found)
    if faults:
        return Plan(tuple(lines), (), tuple(sorted(faults, key=lambda fault: fault.row)))
    changes = [c for line in lines for c in _changes(conn, line, known[line.email], now)]
    return Plan(tuple(lines), tuple(changes))


def apply(tx: Tx, plan: Plan, actor: Actor) -> int:
    """Do what the plan says; returns how many changes that were. Raises Faulty, or what
    `personnel` raises where the database changed since the plan was made."""
    if plan.faults:
        raise Faulty
    lines = {line.row: line for line in plan.lines}
    # persons first: one row's deputy may be added by a later row
    for change in sorted(plan.changes, key=lambda each: each.what != "person"):
        _apply(tx, change, lines[change.row], actor)
    return len(plan.changes)


# -- reading


def _read(text: str) -> tuple[list[Line], list[Fault]]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    lines: list[Line] = []
    faults: list[Fault] = []
    try:
        columns = [name.strip().lower() for name in next(rows, [])]
        unknown = [name for name in columns if name not in COLUMNS]
        if unknown or not {"name", "email"} <= set(columns) or len(set(columns)) < len(columns):
            return [], [Fault(1, "columns", ", ".join(unknown))]
        for number, cells in enumerate(rows, start=2):
            if number > ROWS + 1:
                return [], [Fault(number, "rows", str(ROWS))]
            if any(cell.strip() for cell in cells):
                _line(number, dict(zip(columns, cells, strict=False)), lines, faults)
    except csv.Error:
        faults.append(Fault(rows.line_num, "columns"))
    return lines, faults


def _line(row: int, cells: dict[str, str], lines: list[Line], faults: list[Fault]) -> None:
    given: dict[str, str | tuple[str, ...]] = {}
    for column, cell in cells.items():
        text = cell.strip()
        text = text.lower() if column in _ADDRESSES else text
        given[column] = tuple(filter(None, re.split(r"[;\s]+", text))) if column in _LISTS else text
    if isinstance(roles := given.get("roles"), tuple):
        given["roles"] = tuple(_ROLE.get(role, role) for role in roles)
    try:
        starts, ends = _day(cells.get("from", "")), _day(cells.get("until", ""))
    except ValueError:
        faults.append(Fault(row, "day"))
        return
    lines.append(Line(row, given, starts, ends and ends + timedelta(days=1)))


def _day(text: str) -> datetime | None:
    """2026-12-01 or 2026/12/1: midnight in Tokyo at its beginning."""
    text = text.strip().replace("/", "-")
    if not text:
        return None
    year, month, day = (int(number) for number in text.split("-"))
    return datetime.combine(date(year, month, day), time(), TOKYO)


# -- checking

Known = Mapping[str, RowMapping | None]
"""The person behind the email of each row, None where it is a new one."""


def _wrong(line: Line) -> Iterator[tuple[str, str]]:
    """What can be said without looking anywhere else."""
    if not line.given["name"]:
        yield "name", ""
    if not _is_address(line.email):
        yield "email", line.email
    for address in (*line.several("addresses"), *line.several("shared")):
        if not _is_address(address):
            yield "address", address
    roles = set(line.several("roles"))
    for role in sorted(roles - set(ROLES)):
        yield "role", role
    for pair in CONFLICTS:
        if pair <= roles:
            yield "conflict", " ".join(sorted(pair))
    if line.starts and line.ends and line.ends <= line.starts:
        yield "days", ""


def _clashes(conn: Connection, line: Line, known: Known) -> Iterator[tuple[str, str]]:
    """What the database says against it."""
    person = known[line.email]
    for address in (line.email, *line.several("addresses")):
        owner = people.person_at(conn, address)
        if owner and (person is None or owner["id"] != person["id"]):
            yield "taken", address
        elif owner is None and people.sharers(conn, address):
            yield "mailbox", address
    for address in line.several("shared"):
        if people.person_at(conn, address):
            yield "mailbox", address
    for deputy in line.several("deputy"):
        if deputy == line.email:
            yield "self", deputy
        elif deputy not in known and people.person_at(conn, deputy) is None:
            yield "deputy", deputy


def _among(lines: list[Line]) -> Iterator[Fault]:
    """What one row says against another: an own address has one person, a mailbox none."""
    owner: dict[str, str] = {}
    for line in lines:
        for address in {line.email, *line.several("addresses")}:
            if owner.setdefault(address, line.email) != line.email or (
                address == line.email and any(o.email == address for o in lines if o.row < line.row)
            ):
                yield Fault(line.row, "twice", address)
    for line in lines:
        for address in set(line.several("shared")) & owner.keys():
            yield Fault(line.row, "mailbox", address)


def _is_address(text: str) -> bool:
    try:
        return bool(parse_address(text, utf8=True).domain)
    except BadAddress:
        return False


# -- comparing


def _changes(
    conn: Connection, line: Line, person: RowMapping | None, now: datetime
) -> Iterator[Change]:
    def change(what: str, value: str = "") -> Change:
        return Change(line.row, line.email, what, value)

    if person is None:
        yield change("person", line.text("name"))
    for column in ("name", "department"):
        present = person[column] if person else (line.text(column) if column == "name" else "")
        if column in line.given and line.text(column) != present:
            yield change(column, line.text(column))
    if "until" in line.given and line.ends != (person and person["active_until"]):
        yield change("until", line.text("until"))
    for what, column in _PAIRS:
        if column in line.given:
            # as it will stand on the day, so that reading a file again changes nothing
            day = max(now, line.starts or now)
            had, wanted = _held(conn, what, person, day), set(line.several(column))
            # what ends comes first: two roles that conflict may follow one another
            yield from (change(f"{what}-", value) for value in sorted(had - wanted))
            yield from (change(what, value) for value in sorted(wanted - had))


_PAIRS = (
    *(("address", "addresses"), ("shared", "shared"), ("role", "roles")),
    *(("group", "groups"), ("deputy", "deputy")),
)


def _held(conn: Connection, what: str, person: RowMapping | None, now: datetime) -> set[str]:
    """What this person has of it now or will have."""
    if person is None:
        return set()
    if what in ("address", "shared"):
        query = select(ADDRESS.c.address).where(
            ADDRESS.c.person_id == person["id"], ADDRESS.c.shared == (what == "shared")
        )
        return set(conn.execute(query).scalars()) - {person["email"]}
    if what == "deputy":
        return {row["email"] for row in personnel.deputies(conn, person["id"], now)}
    held = personnel.grants(conn, person["id"], now)
    return {row["name"] for row in held if row["kind"] == what}


# -- applying


def _apply(tx: Tx, change: Change, line: Line, actor: Actor) -> None:
    what, value = change.what, change.value
    if what == "person":
        personnel.add(tx, value, line.email, actor, active_from=line.starts)
        return
    row = people.person_at(tx.conn, line.email)
    if row is None:
        raise LookupError(line.email)
    id = str(row["id"])
    match what:
        case "name" | "department":
            personnel.change(tx, id, actor, **{what: value})
        case "until":
            personnel.change(tx, id, actor, active_until=line.ends)
        case "address" | "shared":
            personnel.attach(tx, id, value, actor, shared=what == "shared")
        case "address-" | "shared-":
            personnel.detach(tx, id, value, actor)
        case "role" | "group":
            personnel.grant(tx, id, what, value, actor, line.starts)
        case "deputy":
            deputy = people.person_at(tx.conn, value)
            if deputy is None:
                raise LookupError(value)
            personnel.appoint(tx, id, str(deputy["id"]), actor, line.starts)
        case "deputy-":
            for held in personnel.deputies(tx.conn, id, tx.now):
                if held["email"] == value:
                    personnel.dismiss(tx, id, held["id"], actor, line.starts)
        case "role-" | "group-":
            for held in personnel.grants(tx.conn, id, tx.now):
                if (held["kind"], held["name"]) == (what[:-1], value):
                    personnel.revoke(tx, id, held["id"], actor, line.starts)
