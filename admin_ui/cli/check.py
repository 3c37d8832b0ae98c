"""`sekisho check`: everything an installation stands on, tried for real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin_ui.cli import ground
from admin_ui.cli.manual import Verb
from admin_ui.cli.printing import lines, plain

if TYPE_CHECKING:
    from admin_ui.cli.promises import Promise, Site
    from gateway.memory.config import Config
    from gateway.memory.opening import Memory


@click.command(cls=Verb)
@click.option("--probe", metavar="ADDRESS", help="Send a mail there on the whole road.")
@ground.json_option
@ground.config_option
def check(probe: str | None, as_json: bool, path: Path | None) -> None:
    """Open every file, port, key, database and next hop, run the policy's tests, and say in one
    line a promise whether it is kept. Exit 1 if one is not.

    \b
    Example:
      sekisho check --config /etc/sekisho/sekisho.toml
      sekisho check --probe me@example.com
    """
    from admin_ui.cli.promises import Site
    from gateway.memory.opening import is_served

    config = ground.configuration(path)
    memory, why = _open(config)
    try:
        site = Site(config, memory, ground.voice(), is_served(config))
        results = []
        promises = list(_promises(config, probe))
        shut = [each for each in promises if each.needs_memory and memory is None]
        for promise in promises:
            kept, said = _tried(promise, site, why)
            results.append((promise, kept, said))
            # what does not open is one thing that is wrong, whatever stands behind it
            named = shut if promise in shut[:1] else [promise]
            if not as_json and promise not in shut[1:]:
                names = site.voice("、", ", ").join(site.voice(each.ja, each.en) for each in named)
                click.echo(f"{'OK' if kept else 'NG'}  {names}: {plain(said)}")
    finally:
        if memory:
            memory.close()
    if as_json:
        lines({"promise": p.en, "kept": kept, "said": said} for p, kept, said in results)
    ground.finish(all(kept for _, kept, _ in results))


def _open(config: Config) -> tuple[Memory | None, str]:
    """The memory, or why it does not open: the other promises are tried all the same."""
    from gateway.memory.opening import open_memory

    try:
        return open_memory(config), ""
    except Exception as error:
        return None, _reason(error)


def _promises(config: Config, probe: str | None) -> Iterator[Promise]:
    from admin_ui.cli.promises import Promise, network, outward, people, place, road

    yield Promise("データの置き場所", "data directory", place.data_directory)
    yield Promise("設定にあるファイル", "files that are named", place.files)
    if config.acquaintance.domain_feeds:
        yield Promise("ドメインの登録日", "ages of domains", place.domain_feeds)
    yield Promise("証明書", "certificate", place.certificate)
    yield Promise("鍵", "keys", place.key_files)
    yield Promise("個人番号の照合用登録", "register of numbers", place.own_register)
    yield Promise("データベース", "database", place.database, needs_memory=True)
    yield Promise("暗号化した保管庫", "vault", place.vault, needs_memory=True)
    yield Promise("台帳", "ledger", place.ledger, needs_memory=True)
    yield Promise("ディスクの空き", "disk space", place.space)
    yield Promise("検査の隔離", "sandbox", place.sandbox)
    yield from network.ports(config)
    yield Promise("社内と社外のホスト名", "inside and outside host names", network.host_names)
    yield Promise("受け取りページのアドレス", "address of the bridge", network.bridge)
    yield Promise("共用の送信元の証明", "proof of tenant", network.tenant)
    yield from network.directory(config)
    yield from network.hops(config)
    yield from outward.promises(config)
    yield Promise("送信ルール", "policy", people.policy)
    yield Promise("承認できる人", "approvers", people.groups, needs_memory=True)
    yield Promise("システム管理者", "administrators", people.administrators, needs_memory=True)
    yield Promise("保留中のメール", "held mails", people.holds, needs_memory=True)
    yield Promise("通知の差出人", "addresses of notices", people.addresses)
    if probe:
        yield Promise("試し送り", "probe mail", road.Probe(probe), needs_memory=True)


def _tried(promise: Promise, site: Site, why: str) -> tuple[bool, str]:
    from admin_ui.cli.promises import Broken

    if promise.needs_memory and site.memory is None:
        return False, why
    try:
        return True, promise.keep(site)
    except Broken as broken:
        return False, site.voice(broken.ja, broken.en)
    except Exception as error:
        return False, _reason(error)


def _reason(error: Exception) -> str:
    """Of an error nobody foresaw: what was tried here is whatever the machine can refuse."""
    from gateway.memory.faults import Faulty, unread

    if isinstance(error, Faulty):
        return "; ".join(map(ground.said, error.problems))
    if isinstance(error, OSError) and error.filename:
        return ground.said(unread(error).at(error.filename))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    error = getattr(error, "orig", None) or error  # what the database said, without SQLAlchemy's
    return " ".join(str(error).split()) or type(error).__name__
