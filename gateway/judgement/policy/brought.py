"""Settings of add-ins that a company moves in with: OutlookOkan's CSV files and FlexConfirmMail's
lists become rules to read over, and whatever has no counterpart here is said in a comment.

Neither has a heading; a column is told by its place.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

Rows = Sequence[Sequence[str]]

_NONE = "no counterpart"
_DICTIONARY = "write the words into a dictionary of your own (docs/dictionaries.md)"
_NOT_HERE = {
    "alertkeywordandmessagelist.csv": _DICTIONARY,
    "alertkeywordandmessagelistforsubject.csv": _DICTIONARY,
    "autoccbcckeywordlist.csv": "write the words into a dictionary of your own, and a rule with"
    ' finding = "dictionary.NAME" and treatment = { add_cc = … }',
    "keywordandrecipientslist.csv": "write [companies] with the words as names",
    "recipientsandattachmentsname.csv": "write [companies]: file names are compared with them",
    "internaldomainlist.csv": "write own_domains in [smtp] of the configuration",
    "unsafefiles.txt": _DICTIONARY,
    "unsafebodies.txt": _DICTIONARY,
}
"""What is done instead, by file."""


def rules_from(files: Mapping[str, str]) -> str:
    """TOML from texts by file name; "" where no file is one of theirs."""
    known = {name.lower(): text for name, text in sorted(files.items())}
    return "\n".join(part for name, text in known.items() for part in _brought(name, text))


def _brought(name: str, text: str) -> Iterator[str]:
    if name.endswith(".csv"):
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    elif name.endswith(".txt"):
        lines = (line.strip() for line in text.splitlines())
        rows = [[line] for line in lines if line and not line.startswith("#")]
    else:
        return
    if not rows:
        return
    instead = _NOT_HERE.get(name, _NONE)
    if name in _READERS:
        yield f"# {name}: {len(rows)}"
        yield from _READERS[name](rows)
    else:
        yield f"# {name}: {len(rows)}: {instead}\n"


# -- OutlookOkan


def _companies(rows: Rows) -> Iterator[str]:
    domains: dict[str, list[str]] = defaultdict(list)
    for name, domain, *_ in (row for row in rows if len(row) > 1):
        domains[name.strip()].append(_bare(domain))
    for name, found in domains.items():
        yield f"[companies.{_text(name)}]\ndomains = {_texts(found)}\n"
    if domains:  # both ways, as there: a name without its domain, a domain without its name
        for key, fact, *said in _NAMES:
            yield _rule(key, said[0], said[1], "", more=f'fact = "{fact}"')


_NAMES = (
    (
        *("named-elsewhere", "named_elsewhere", "宛先とは別の会社の名前があります。"),
        "another company is named than the recipients'",
    ),
    (
        *("not-named", "not_named", "宛先の会社の名前が本文や件名にありません。"),
        "neither text nor subject names the recipients' company",
    ),
)


def _alerts(rows: Rows) -> Iterator[str]:
    banned = [row[0] for row in rows if _yes(row, 1)]
    warned = [row[0] for row in rows if not _yes(row, 1)]
    if warned:
        yield _list("警告する宛先", warned)
        yield _rule("warned-address", "警告する宛先です。", "a listed address", "警告する宛先")
    if banned:
        yield _list("送信禁止の宛先", banned)
        said = ("送信が禁止されている宛先です。", "sending there is not allowed")
        yield _rule("banned-address", *said, "送信禁止の宛先", 'action = "reject"')


def _whitelist(rows: Rows) -> Iterator[str]:
    yield '# Nothing waits by itself: write not_in_list = "許可リスト" into rules that should not'
    yield _list("許可リスト", [row[0] for row in rows])


def _delays(rows: Rows) -> Iterator[str]:
    by_minutes: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if len(row) > 1 and row[1].strip().isdigit() and int(row[1]):
            by_minutes[int(row[1])].append(row[0])
    for minutes, targets in sorted(by_minutes.items()):
        then = f'action = "delay"\ndelay = "{minutes} min"'
        said = (f"{minutes}分後に送信します。", f"leaves after {minutes} minutes")
        if any(target.strip() == "@" for target in targets):  # "@" alone stands for everybody
            yield _rule(f"delay-{minutes}-all", *said, "", then)
        if named := [target for target in targets if target.strip() != "@"]:
            yield _list(f"{minutes}分後に送信", named)
            yield _rule(f"delay-{minutes}", *said, f"{minutes}分後に送信", then)


def _outsiders(rows: Rows) -> Iterator[str]:
    row = rows[0]
    if not row[0].strip().isdigit():
        return
    action = "reject" if _yes(row, 2) else "confirm" if _yes(row, 1) else "pass"
    then = f'action = "{action}"'
    if _yes(row, 3) and action != "reject":
        then += "\ntreatment = { bcc = true }"
    elif action == "confirm":
        then += '\noffer = ["bcc", "one_each"]'
    said = ("多くの社外ドメインが宛先にあります。", "there are many outside domains in To and Cc")
    condition = f'outside_companies = ">={int(row[0])}"'
    yield _rule("many-domains", *said, "", then, condition)


def _copies(rows: Rows) -> Iterator[str]:
    """To whom a copy goes, by recipient."""
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    for target, how, address, *_ in (row for row in rows if len(row) > 2):
        named[_field(how), address.strip()].append(target)
    for number, ((field, address), targets) in enumerate(named.items(), 1):
        yield _list(f"写しを送る宛先{number}", targets)
        yield _copy(f"copy-{number}", field, address, f"写しを送る宛先{number}")


def _copies_of_files(rows: Rows) -> Iterator[str]:
    for number, (how, address, *_) in enumerate((row for row in rows if len(row) > 1), 1):
        more = 'attachments = ">=1"'
        yield _copy(f"copy-of-files-{number}", _field(how), address.strip(), "", more)


def _field(how: str) -> str:
    return "add_cc" if how.strip().lower() == "cc" else "add_bcc"


def _copy(name: str, field: str, address: str, listed: str, more: str = "") -> str:
    said = (f"{address} に写しを送ります。", f"a copy goes to {address}")
    then = f'action = "pass"\ntreatment = {{ {field} = {_text(address)} }}'
    return _rule(name, *said, listed, then, more)


# -- FlexConfirmMail


def _trusted(rows: Rows) -> Iterator[str]:
    yield "# Nothing waits by itself: where a rule should not, write"
    yield '# not_in_list = "信頼済みドメイン"'
    yield _flex("信頼済みドメイン", rows)


def _unsafe(rows: Rows) -> Iterator[str]:
    yield _flex("注意が必要なドメイン", rows)
    said = ("注意が必要なドメインの宛先です。", "a listed domain")
    yield _rule("unsafe-domain", *said, "注意が必要なドメイン")


def _flex(name: str, rows: Rows) -> str:
    """ "-example.jp" takes out what a wider pattern took in; here lists hold no patterns."""
    kept = [row[0] for row in rows if not row[0].startswith("-") and "*" not in row[0].lstrip("*.")]
    left = [row[0] for row in rows if row[0] not in kept]
    said = "".join(f"# {each}: patterns and exclusions have {_NONE}\n" for each in left)
    wide = [f".{each.lstrip('*.')}" if each.startswith("*.") else each for each in kept]
    return said + _list(name, wide)


_READERS: dict[str, Callable[[Rows], Iterator[str]]] = {
    "nameanddomains.csv": _companies,
    "alertaddresslist.csv": _alerts,
    "whitelist.csv": _whitelist,
    "deferreddeliveryminutes.csv": _delays,
    "externaldomainswarningandautochangetobccsetting.csv": _outsiders,
    "autoccbccrecipientlist.csv": _copies,
    "autoccbccattachedfilelist.csv": _copies_of_files,
    "trusteddomains.txt": _trusted,
    "unsafedomains.txt": _unsafe,
}


# -- TOML


def _list(name: str, targets: Sequence[str]) -> str:
    """ "@partner.example" is a domain to them, "a@partner.example" an address."""
    bare = [_bare(target) for target in targets]
    addresses = [each for each in bare if "@" in each]
    domains = [each for each in bare if each and "@" not in each]
    return f"[lists.{_text(name)}]\ndomains = {_texts(domains)}\naddresses = {_texts(addresses)}\n"


def _rule(
    name: str, ja: str, en: str, listed: str, then: str = 'action = "confirm"', more: str = ""
) -> str:
    when = [f"in_list = {_text(listed)}"] if listed else []
    lines = ["[rule.when]", 'recipient = "outside"', *when, *filter(None, [more]), "[rule.then]"]
    return "\n".join(
        [
            *("[[rule]]", f'name = "brought-{name}"', f"why.ja = {_text(ja)}"),
            *(f"why.en = {_text(en)}", *lines, then, ""),
        ]
    )


def _bare(target: str) -> str:
    return target.strip().removeprefix("@").lower()


def _yes(row: Sequence[str], column: int) -> bool:
    return len(row) > column and row[column].strip().lower() == "true"


def _text(value: str) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(value.replace("\x7f", ""), ensure_ascii=False)


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, dict.fromkeys(values)))}]"
