"""`sekisho policy`: rules tried before they hold."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verbs
from admin_ui.cli.printing import say

if TYPE_CHECKING:
    from detectors import Report
    from detectors.own import Own
    from gateway.judgement.policy.case import Case
    from gateway.judgement.policy.rules import Policy
    from gateway.judgement.replay import Replayed
    from gateway.memory.config import Config
    from gateway.memory.opening import Memory

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=Verbs)
def policy() -> None:
    """Rules: what happens to which mail.

    \b
    Example:
      sekisho policy test policy.toml
      sekisho policy explain mail.eml
    """


@policy.command()
@click.argument("file", required=False, type=_FILE)
@ground.config_option
def test(file: Path | None, path: Path | None) -> None:
    """Run the tests inside a policy: FILE, else the configured one. Exit 1 if one fails.

    \b
    Example:
      sekisho policy test policy.toml
    """
    from gateway.judgement import policies
    from gateway.judgement.own import configured
    from gateway.judgement.policy.load import load
    from gateway.judgement.policy.proving import prove
    from gateway.memory.written import Written

    config = ground.configuration_if_any(path)
    text, origin = _text(config, file)
    read = load(text, origin)
    own, base = configured(config), Path(origin).parent
    unfit = list(policies.unfit(read, own, config if config.smtp.own_domains else None))
    failures = prove(
        read, lambda raw: _inspect(raw, read, own), lambda name: (base / name).read_bytes()
    )
    wrong = Written(text, origin).located([*unfit, *(failure.fault for failure in failures)])
    for each in wrong:
        click.echo(f"NG  {ground.said(each)}")
    voice = ground.voice()
    passed = len(read.tests) - len({failure.test for failure in failures})
    counted = voice(f"{passed}/{len(read.tests)} 件合格", f"{passed} of {len(read.tests)} passed")
    click.echo(f"{origin}: {counted}")
    ground.finish(not failures and not unfit)


@policy.command()
@click.argument("mail", type=_FILE, metavar="FILE.eml")
@click.option("--policy", "file", type=_FILE, metavar="FILE", help="Instead of the configured one.")
@click.option("--to", multiple=True, metavar="A", help="Envelope recipients, if not To and Cc.")
@click.option("--sender-group", "groups", multiple=True, metavar="G", help="Groups of the sender.")
@ground.config_option
def explain(
    mail: Path, file: Path | None, to: tuple[str, ...], groups: tuple[str, ...], path: Path | None
) -> None:
    """Which rules match a mail, and which do not and why, if the person in its From field sent it
    now. Without a database nothing is known of people, addressees and earlier mail: what could not
    be asked is said.

    \b
    Example:
      sekisho policy explain mail.eml --to sato@partner.example --sender-group 人事
    """
    from gateway.judgement.imagined import unasked
    from gateway.judgement.policy.decide import decide
    from gateway.judgement.policy.explain import explain as in_words
    from gateway.memory.faults import at

    config, raw = ground.configuration_if_any(path), mail.read_bytes()
    given = _given(file)
    with ground.opened_if_any(path) as (memory, why):
        if memory:
            rules, case = _known(memory, given, raw, to, groups)
        else:
            rules, case = _unknown(config, given, raw, to, groups)
    if not case.recipients:
        raise ground.Problem(at(mail, "no_mail_recipient"))
    voice = ground.voice()
    say(in_words(decide(rules, case), voice.language))
    if not memory and (missing := ", ".join(unasked(rules))):
        said = voice(
            f"調べられなかったため、当てはまらないものとして判定したこと：{missing}（{why}）",
            f"could not be asked and counts as not there: {missing} ({why})",
        )
        say(f"\n{said}")


@policy.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
@click.option("--replay", "span", metavar="30d", help="Judge stored mail of that time by both.")
@ground.config_option
def diff(old: Path, new: Path, span: str | None, path: Path | None) -> None:
    """What changed between two policies. With --replay also: which past mails would have been
    treated otherwise, as far as their content is still kept. Ctrl-C ends that early: what was
    counted is shown as a part of it, and the exit is 1.

    \b
    Example:
      sekisho policy diff policy.toml policy-new.toml --replay 30d
    """
    from gateway.judgement.policy.difference import differences
    from gateway.judgement.policy.load import load

    ground.configuration_if_any(path)  # for its language
    policies = load(ground.text(old), str(old)), load(ground.text(new), str(new))
    for difference in differences(*policies):
        say(str(difference))
    if span is not None:
        _replay(path, *policies, span)


@policy.command()
@click.argument("file", type=_FILE)
@ground.acting
@ground.config_option
def publish(file: Path, person: str, reason: str, path: Path | None) -> None:
    """Make FILE the policy in force, if all its tests pass; the one before stays otherwise.

    \b
    Example:
      sekisho policy publish policy.toml --on-behalf-of rules@example.co.jp --reason "基準を変更"
    """
    from gateway.judgement import people, policies
    from gateway.memory.faults import at

    with ground.opened(path) as memory:
        with ground.changing(memory) as tx:
            id, actor = ground.on_behalf_of(tx.conn, person)
            if "policy_admin" not in people.granted(tx.conn, id, "role", tx.now):
                raise ground.NotDone(
                    at("--on-behalf-of", "not_granted", name=person, roles="policy_admin")
                )
        text = ground.text(file)
        said = str(file), actor, reason
        version = policies.publish(memory.store, text, *said, memory.config)
        voice = ground.voice()
        with ground.reading(memory) as conn:
            in_force = policies.active_version(conn) == version
    if in_force:
        click.echo(voice(f"第{version}版を公開しました", f"version {version} is in force"))
    else:
        click.echo(
            voice(
                f"第{version}版を提案しました（別のルール管理者が適用します）",
                f"version {version} is proposed (another policy administrator puts it into force)",
            )
        )


@policy.command()
@click.argument("name", required=False)
@ground.config_option
def presets(name: str | None, path: Path | None) -> None:
    """What is shipped: two whole policies to start from, and rule sets that a policy takes by name
    (`[[preset]]`). With a NAME, its text.

    \b
    Example:
      sekisho policy presets default > policy.toml
      sekisho policy presets 一時保留
    """
    from gateway.judgement.policy.presets import PRESETS, text_of
    from gateway.judgement.policy.start import STARTS
    from gateway.memory.faults import at, near

    if name is None:
        ground.configuration_if_any(path)  # for its language
        voice = ground.voice()
        for each, start in STARTS.items():
            click.echo(f"{each}  {voice(start.ja, start.en)}")
        for each, rules in PRESETS.items():
            click.echo(f'[[preset]] use = "{each}"  {voice(rules.ja, rules.en)}')
    elif name in STARTS:
        click.echo(STARTS[name].text(), nl=False)
    elif name in PRESETS:
        click.echo(text_of(name), nl=False)
    else:
        known = [*STARTS, *PRESETS]
        raise ground.Problem(replace(at("", "no_preset", name=name), near=near(name, known)))


@policy.command("import")
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER"
)
def import_(folder: Path) -> None:
    """Rules from the settings of an add-in: FOLDER holds the CSV files of OutlookOkan, or the lists
    of FlexConfirmMail. What has no counterpart is said in comments; nothing is published.

    \b
    Example:
      sekisho policy import OutlookOkan/ > brought.toml
    """
    from gateway.judgement.policy.brought import rules_from
    from gateway.judgement.policy.load import load
    from gateway.memory.faults import at

    files = {}
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.suffix.lower() in (".csv", ".txt"):
            files[file.name] = ground.office_text(file)
    text = rules_from(files)
    if not text:
        raise ground.Problem(at(folder, "no_settings"))
    load(text, str(folder))
    click.echo(text)


# -- steps


def _text(config: Config, file: Path | None) -> tuple[str, str]:
    """Text and origin of the policy that is meant."""
    from gateway.judgement.policy.load import DEFAULT

    chosen = file or config.policy.file
    if chosen is None:
        return DEFAULT.read_text("utf-8"), "default policy"
    return ground.text(chosen), str(chosen)


def _inspect(raw: bytes, policy: Policy, own: Own) -> Report:
    """As mail is read under `policy`: with the kinds that it asks for beside the usual ones."""
    import detectors
    from detectors.score import DEFAULT_KINDS

    return detectors.inspect(raw, detectors.Wanted(kinds=(*DEFAULT_KINDS, *policy.kinds), own=own))


def _given(file: Path | None) -> tuple[str, str] | None:
    return (ground.text(file), str(file)) if file else None


def _known(
    memory: Memory,
    given: tuple[str, str] | None,
    raw: bytes,
    to: tuple[str, ...],
    groups: tuple[str, ...],
) -> tuple[Policy, Case]:
    """By the rules in force where none are given, with all that is known here."""
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.judgement.imagined import addressed, case_now
    from gateway.judgement.own import Watched
    from gateway.judgement.policies import active_version
    from gateway.judgement.policy.load import load

    ck, now = Checkpoint.of(memory), memory.store.clock()
    with ground.reading(memory) as conn:
        if given is None and active_version(conn) is not None:
            rules = ck.policies.active(conn).policy
        else:
            rules = load(*(given or _text(memory.config, None)))
        report = _inspect(raw, rules, Watched(memory.config).current())
        return rules, case_now(conn, ck, report, to or addressed(report), (rules,), now, groups)


def _unknown(
    config: Config,
    given: tuple[str, str] | None,
    raw: bytes,
    to: tuple[str, ...],
    groups: tuple[str, ...],
) -> tuple[Policy, Case]:
    """Who the sender is comes from the From field and from `groups` alone."""
    from gateway.judgement.addressees import stated_in
    from gateway.judgement.identity import Directory, Entry, identify
    from gateway.judgement.imagined import addressed
    from gateway.judgement.own import configured
    from gateway.judgement.policy.case import Case, recipients_of
    from gateway.judgement.policy.load import load

    rules, own = load(*(given or _text(config, None))), frozenset(config.smtp.own_domains)
    report = _inspect(raw, rules, configured(config))
    written = report.headers.sender[0].address if report.headers.sender else ""
    entries = {written.lower(): Entry(written, "person", "sender", groups=groups)}
    for sender in config.sender:
        address = sender.address.lower()
        entries[address] = Entry(address, sender.class_, owner=sender.owner, groups=groups)
    known = identify(written, "", written, Directory(entries, own), report)
    shown = tuple(recipients_of(report, to or addressed(report), own))
    stated = stated_in(report.headers)
    return rules, Case(report, known, shown, own, datetime.now(UTC), purpose=stated)


def _replay(path: Path | None, old: Policy, new: Policy, span: str) -> None:
    from gateway.judgement.replay import Past, replay
    from gateway.memory.faults import Refused
    from gateway.memory.fields import clock

    try:
        back = clock(span).clock
    except Refused as refused:
        raise ground.Problem(refused.at("--replay")) from None
    with ground.opened(path) as memory, ground.reading(memory) as conn:
        now = memory.store.clock()
        past = Past(conn, memory.content, memory.config, now)
        voice = ground.voice()
        with _progress(voice) as going:
            done = replay(past, old, new, now - back, going)
        for line in _told(done, voice):
            say(line)
    ground.finish(done.whole)


@contextmanager
def _progress(voice: ground.Voice) -> Iterator[Callable[[Replayed], bool]]:
    """How far it is, on stderr: in place on a terminal, else a line each tenth of the way. Ctrl-C
    stops it and keeps what was counted."""
    stopped, terminal = threading.Event(), sys.stderr.isatty()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())

    def going(done: Replayed) -> bool:
        if done.seen % (200 if terminal else max(done.total // 10, 1)) == 0:
            said = voice(f"{done.seen}/{done.total}通", f"{done.seen} of {done.total}")
            stop = voice("Ctrl-Cで中止", "Ctrl-C stops")
            click.echo(f"\r{said}  ({stop}) " if terminal else said, nl=not terminal, err=True)
        return not stopped.is_set()

    try:
        yield going
    finally:
        signal.signal(signal.SIGINT, before)
        if terminal:
            click.echo("\r\x1b[K", nl=False, err=True)


def _told(done: Replayed, voice: ground.Voice) -> Iterator[str]:
    yield voice(
        f"再判定できたメール {done.mails}通、内容を消去済みのメール {done.gone}通",
        f"{done.mails} stored mails replayed, {done.gone} have no content any more",
    )
    if not done.whole:
        yield voice(
            f"途中で止めました（{done.total}通のうち新しい{done.seen}通）",
            f"stopped early: the newest {done.seen} of {done.total}",
        )
    minutes = round(done.seconds / 60)
    yield voice(
        f"新たに保留 {done.held}通（うち後で回収された {done.regretted}通）、"
        f"保留しなくなる {done.freed}通、作業の増減 {minutes:+}分（見積もり）",
        f"held now and not before {done.held} (called back later: {done.regretted}), "
        f"no longer held {done.freed}, work {minutes:+} min (estimated)",
    )
    for (before, after), number in done.changes.most_common():
        yield voice(
            f"{before} -> {after}  {number}宛先", f"{before} -> {after}  {number} recipients"
        )
    for letter, recipient, before, after in done.examples:
        yield f"  {letter}  {recipient}  {before} -> {after}"
