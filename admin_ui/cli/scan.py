"""`sekisho scan`: what is in these files? No web, no database, nothing is kept.

Files are read in this very process: its limits are those of one inspection, without the sandbox
that mail has. What may have been written to attack a reader belongs into the drop zone of the
pages, or through the mail.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verb
from admin_ui.cli.printing import as_line, say, table
from detectors.numbers import KINDS

if TYPE_CHECKING:
    from detectors import Report, Wanted
    from detectors.report import Fact, Finding
    from gateway.face.i18n import Words
    from gateway.memory.config import Config

LARGEST = 1 << 30
"""Octets; a larger file is not read into memory at all."""


@dataclass(frozen=True, slots=True)
class Scanned:
    path: Path
    report: Report
    values: dict[str, list[str]] | None = None

    @property
    def verdict(self) -> str:
        if any(finding.confidence.rank for finding in self.report.findings):
            return "hit"
        unread = self.report.has("uninspectable") or self.report.has("scan_incomplete")
        return "uninspectable" if unread else "clean"


@click.command(cls=Verb)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH...",
)
@click.option("--json", "as_json", is_flag=True, help="JSON, one line a file.")
@click.option(
    "--kind",
    "asked",
    multiple=True,
    type=click.Choice(tuple(KINDS)),
    metavar="KIND",
    help="Look for this beside the usual kinds and those of the configured policy.",
)
@click.option(
    "--reveal", is_flag=True, help="Print the numbers themselves, to standard output only."
)
@ground.config_option
def scan(
    paths: tuple[Path, ...],
    as_json: bool,
    asked: tuple[str, ...],
    reveal: bool,
    path: Path | None,
) -> None:
    """Look into files, mails (.eml) and directories. Exit 1 if something was found, or could not
    be read. Files are read without the sandbox that mail has: bring hostile ones elsewhere.

    \b
    Example:
      sekisho scan 一覧.xlsx mail.eml
      sekisho scan --kind jp.bank_account 振込先.csv
      sekisho scan --json ~/Desktop | jq 'select(.verdict == "hit")'
    """
    config = ground.configuration_if_any(path)
    voice = ground.voice()
    wanted = _wanted(config, asked)
    verdicts: list[str] = []
    for each in _files(paths):
        found = _scan(each, wanted, reveal)
        verdicts.append(found.verdict)
        if as_json:
            click.echo(as_line(line(found)))
        else:
            _show(found, voice)
    if not as_json:
        _sum_up(verdicts, voice)
    ground.finish(all(verdict == "clean" for verdict in verdicts))


def _wanted(config: Config, asked: tuple[str, ...]) -> Wanted:
    """As mail is searched under this configuration, and what is `asked` for here."""
    import detectors
    from detectors.score import DEFAULT_KINDS
    from gateway.judgement.own import Watched
    from gateway.judgement.policy.load import load

    file, own = config.policy.file, Watched(config).current()
    ruled = load(ground.text(file), str(file)).kinds if file else frozenset()
    kinds = (*DEFAULT_KINDS, *sorted({*asked, *ruled, *own.kinds} - DEFAULT_KINDS))
    return detectors.Wanted(
        kinds=kinds, limits=detectors.Limits(seconds=config.scan.seconds), own=own
    )


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Regular files only: opening a pipe or a device may never end."""
    for path in paths:
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if _is_regular(p))
        else:
            yield path


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False  # a link to nowhere


def _scan(path: Path, wanted: Wanted, reveal: bool) -> Scanned:
    import detectors
    from detectors.report import Fact, Reason

    wanted = replace(wanted, name=None if path.suffix.lower() == ".eml" else path.name)
    try:
        if not _is_regular(path) or path.stat().st_size > LARGEST:
            return Scanned(path, detectors.Report(facts=(_unread(path, "over_budget"),)))
        raw = path.read_bytes()
    except OSError as error:
        fact = Fact("uninspectable", path=(path.name,), reason=Reason("unreadable"))
        click.echo(f"sekisho: {path}: {error.strerror}", err=True)
        return Scanned(path, detectors.Report(facts=(fact,)))
    report = detectors.inspect(raw, wanted)
    return Scanned(path, report, detectors.reveal(raw, wanted) if reveal else None)


def _unread(path: Path, code: str) -> Fact:
    from detectors.report import Fact, Reason

    return Fact("uninspectable", path=(path.name,), reason=Reason(code))


# -- JSON


def line(found: Scanned) -> dict[str, Any]:
    """One file as scripts and acceptance checks read it (names as in the contract)."""
    report = found.report
    said: dict[str, Any] = {
        "file": str(found.path),
        "verdict": found.verdict,
        "findings": [_finding(finding) for finding in report.findings],
        "defects": [defect.code for defect in report.defects],
        "not_inspected": [_fact(fact) for fact in report.facts if fact.name in _UNREAD],
        "elapsed_ms": report.elapsed_ms,
    }
    return said if found.values is None else {**said, "values": found.values}


_UNREAD = ("uninspectable", "not_inspected", "scan_incomplete")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "confidence": finding.confidence.value,
        "unique": finding.unique,
        "where": [
            {"part": p.part, "path": list(p.path), "range": p.range, "hidden": p.hidden}
            for p in finding.where
        ],
        "masked": finding.masked,
        "reasons": [reason.code for reason in finding.reasons],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    reason = fact.reason.code if fact.reason else ""
    where = {"part": fact.part, "path": list(fact.path), "range": fact.range}
    return {"fact": fact.name, **where, "reason": reason}


# -- for people


def _show(found: Scanned, voice: ground.Voice) -> None:
    from gateway.face import words as named

    words = voice.words
    verdict = {
        "hit": voice("検出", "found"),
        "uninspectable": voice("検査できません", "could not be read"),
        "clean": voice("検出なし", "nothing found"),
    }[found.verdict]
    say(f"{found.path}  {verdict}")
    rows = [
        (f"  {named.kind(words, f.kind)}", *_counted(f, words, voice), named.place(words, place))
        for f in found.report.findings
        for place in f.where[:20]
    ]
    facts = [fact for fact in found.report.facts if fact.name in _UNREAD]
    table((), rows)
    for fact in facts:
        why = named.reason(words, fact.reason) if fact.reason else named.fact(words, fact)
        say(f"  {named.place(words, fact)}: {why}")
    for kind, values in (found.values or {}).items():
        say(f"  {named.kind(words, kind)}: {' '.join(values)}")


def _counted(finding: Finding, words: Words, voice: ground.Voice) -> tuple[str, str]:
    from gateway.face import words as named

    number = voice(f"{finding.unique}件", str(finding.unique))
    if finding.kind.startswith("dictionary."):
        number = voice(f"{finding.unique}点", f"{finding.unique} points")
    return number, named.confidence(words, finding.confidence)


def _sum_up(verdicts: list[str], voice: ground.Voice) -> None:
    total, hits, unread = len(verdicts), verdicts.count("hit"), verdicts.count("uninspectable")
    click.echo(
        voice(
            f"{total}ファイル中、検出 {hits}、検査できないもの {unread}",
            f"{total} files: {hits} with findings, {unread} that could not be read",
        )
    )
