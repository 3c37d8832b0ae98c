"""`sekisho audit`: what stands in the ledger, and how it leaves."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import lines, table
from admin_ui.cli.verify import verify

if TYPE_CHECKING:
    from gateway.judgement.records import Query, Record
    from gateway.memory.config import Config
    from gateway.memory.opening import Memory

_DAY = click.DateTime(["%Y-%m-%d"])

from_option = click.option("--from", "since", type=_DAY, metavar="D", help="First day, 2026-11-01.")
to_option = click.option("--to", "until", type=_DAY, metavar="D", help="Last day, included.")
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Not to stdout."
)
encoding_option = click.option(
    "--encoding",
    type=click.Choice(["utf-8-sig", "cp932"]),
    default="utf-8-sig",
    show_default=True,
    help="As Excel in Japan reads it.",
)


@click.group(cls=Verbs)
def audit() -> None:
    """The ledger: who did what, when, to which mail; signed, and verifiable by anybody.

    \b
    Example:
      sekisho audit verify
      sekisho audit export --format jsonl --out ledger.jsonl
    """


audit.add_command(verify)


@audit.command()
@click.option("--person", default="", metavar="PERSON", help="Address or id.")
@click.option("--file", "name", default="", metavar="NAME", help="Part of an attachment's name.")
@click.option("--mail", default="", metavar="MAIL", help="Id, Message-ID or part of the subject.")
@from_option
@to_option
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@ground.json_option
@ground.config_option
def search(
    person: str,
    name: str,
    mail: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    path: Path | None,
) -> None:
    """By person, file, mail and period; newest first. The search itself is recorded.

    \b
    Example:
      sekisho audit search --person hanako@example.co.jp --from 2026-11-01 --to 2026-11-30
    """
    from gateway.judgement import records

    with ground.opened(path) as memory:
        query = _query(memory.config, since, until, person, name, mail)
        with ground.reading(memory) as conn:
            found = records.search(conn, query, limit)
        _note(memory, "audit.searched", query, len(found))
        words = ground.voice().words
    if as_json:
        lines(_as_json(record) for record in found)
    else:
        shown = itemgetter(0, 1, 2, 3, 4, 5, 12, 6)
        table(shown(records.heading(words)), map(shown, records.rows(words, found)))


@audit.command()
@click.option("--format", "form", required=True, type=click.Choice(["csv", "jsonl"]))
@from_option
@to_option
@encoding_option
@out_option
@ground.config_option
def export(
    form: str,
    since: datetime | None,
    until: datetime | None,
    encoding: str,
    out: Path | None,
    path: Path | None,
) -> None:
    """jsonl: all entries as signed, for `audit verify`; with --out, checkpoints and public key are
    written beside it. csv: a table for Excel, which proves nothing.

    \b
    Example:
      sekisho audit export --format csv --encoding cp932 --from 2026-11-01 > november.csv
      sekisho audit export --format jsonl --out ledger.jsonl
    """
    from gateway.judgement import records
    from gateway.memory.faults import at

    with ground.opened(path) as memory:
        query = _query(memory.config, since, until)
        if form == "csv":
            with ground.reading(memory) as conn:
                number = _csv(memory, records.walk(conn, query), encoding, out)
        elif since or until:
            raise ground.Problem(at("--format", "jsonl_is_whole"))
        else:
            number = _jsonl(memory, out)
        _note(memory, "audit.exported", query, number)


@audit.command()
@click.argument("name", type=click.Choice(["use", "taken-out", "disposal", "trial", "access"]))
@from_option
@to_option
@encoding_option
@out_option
@ground.config_option
def report(
    name: str,
    since: datetime | None,
    until: datetime | None,
    encoding: str,
    out: Path | None,
    path: Path | None,
) -> None:
    """A record that the guidelines want, as CSV: use (利用・出力), taken-out (持出し), disposal
    (削除・廃棄), access (情報システムの利用状況); and trial, what was decided
    of copies that others deliver (試行).

    \b
    Example:
      sekisho audit report taken-out --from 2026-11-01 --to 2026-11-30 > 持出し.csv
    """
    from gateway.judgement import reports

    kind = reports.KINDS[name]
    with ground.opened(path) as memory:
        query = _query(memory.config, since, until)
        with ground.reading(memory) as conn:
            found = reports.report(conn, kind, query.since, query.until)
            number = _csv(memory, found, encoding, out)
        _note(memory, "audit.exported", query, number, name)


# -- steps


def _query(
    config: Config,
    since: datetime | None,
    until: datetime | None,
    person: str = "",
    name: str = "",
    mail: str = "",
) -> Query:
    """Days are days in Tokyo; the last one counts whole."""
    from gateway.judgement.records import Query

    first = since.replace(tzinfo=config.zone) if since else None
    after = (until + timedelta(days=1)).replace(tzinfo=config.zone) if until else None
    return Query(person, name, mail, first, after)


def _csv(memory: Memory, found: Iterable[Record], encoding: str, out: Path | None) -> int:
    from gateway.judgement import records
    from gateway.memory.ledger.export import ENCODINGS
    from gateway.memory.ledger.export import table as csv_table

    words = ground.voice().words
    chosen = next(each for each in ENCODINGS if each == encoding)
    counted = Counted(found)
    with out.open("wb") if out else nullcontext(sys.stdout.buffer) as file:
        for line in csv_table(records.heading(words), records.rows(words, counted), chosen):
            file.write(line)
        file.flush()
    return counted.number


class Counted:
    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.number = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.number += 1
            yield record


def _jsonl(memory: Memory, out: Path | None) -> int:
    from gateway.memory.ledger.export import jsonl, write

    signed = list(memory.ledger.checkpoints())
    with ground.reading(memory) as conn:
        if out:
            return write(conn, memory.ledger, signed, out)
        number = 0
        for line in jsonl(conn):
            sys.stdout.buffer.write(line)
            number += 1
    sys.stdout.buffer.flush()
    return number


def _note(memory: Memory, verb: str, query: Query, number: int, name: str = "") -> None:
    """What was looked for is recorded; what was found stands in the ledger already."""
    from gateway.memory.states import Actor

    asked = {"person": query.person, "file": query.file, "mail": query.mail}
    period = {"from": query.since, "to": query.until}
    filters = {key: value for key, value in asked.items() if value}
    filters |= {key: at.isoformat() for key, at in period.items() if at}
    more: dict[str, Any] = {"list": name} if name else {}
    actor = Actor("operator", ground.operator())
    with ground.changing(memory) as tx:
        tx.record(verb, actor, filters=filters, rows=number, **more)


def _as_json(record: Record) -> dict[str, object]:
    return {
        "seq": record.seq,
        "at": record.at,
        "login": record.login,
        "targets": list(record.targets),
        "to": list(record.to),
        "verb": record.verb,
        "actor": record.actor,
        "letter": record.letter,
        "subject": record.subject,
        "policy": record.policy,
        "details": record.details,
    }
