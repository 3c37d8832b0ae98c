"""Promises of this machine: files, keys, database, sealed files, ledger, space, sandbox."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from admin_ui.cli.promises import Broken, Site
from gateway.face.dates import local
from gateway.judgement import register
from gateway.memory.engine import SQLITE
from gateway.memory.keys import Ring, write_durably
from gateway.memory.ledger.note import BadNote
from gateway.memory.opening import RINGS, SECRETS, folders
from gateway.memory.vault import new_data_key

ROOM = 20
"""Largest mails that must still fit on the disk, so that a full one is seen coming."""


def data_directory(site: Site) -> str:
    folder = site.config.data_dir
    if not folder.exists():
        raise Broken(
            f"{folder} がありません（sekisho key init）", f"{folder} is missing (sekisho key init)"
        )
    if folder.stat().st_mode & 0o077:
        raise Broken(
            f"{folder} を他人が読めます（chmod 700）", f"{folder}: others read it (chmod 700)"
        )
    return str(folder)


def files(site: Site) -> str:
    """Every file that the configuration names is opened."""
    config = site.config
    named: list[Path | None] = [
        config.policy.file,
        config.smtp.tls.certificate,
        config.smtp.tls.key,
        config.smtp.ldap.ca_file,
    ]
    named += [hop.ca_file for hop in (config.delivery, *config.route)]
    opened = [path for path in named if path]
    for path in opened:
        with path.open("rb"):
            pass
    if config.keys.mirror and not config.keys.mirror.is_dir():
        raise Broken(f"{config.keys.mirror} がありません", f"{config.keys.mirror} is missing")
    return site.voice(f"{len(opened)}個", f"{len(opened)} files")


def domain_feeds(site: Site) -> str:
    """A feed that nobody renews knows no young domain any more, and says nothing."""
    ages = site.config.acquaintance.ages
    newest = max(ages.registered.values())
    if (local(datetime.now(UTC)).date() - newest).days >= ages.young:
        raise Broken(
            f"いちばん新しい登録日が {newest} です（新しい一覧を置き、再読み込みしてください）",
            f"the newest registration is of {newest} (put a new feed there and reload)",
        )
    number = len(ages.registered)
    return site.voice(f"{number}件、{newest} まで", f"{number} domains, until {newest}")


def certificate(site: Site) -> str:
    from admin_ui.serve.listen import tls_context

    if tls_context(site.config) is None:
        return site.voice("なし（STARTTLSは使えません）", "none (no STARTTLS is offered)")
    file = site.config.smtp.tls.certificate
    assert file is not None
    ours, *_ = x509.load_pem_x509_certificates(file.read_bytes())
    end, now = ours.not_valid_after_utc, datetime.now(UTC)
    day, days = local(end).date().isoformat(), (end - now).days
    if not ours.not_valid_before_utc <= now <= end:
        raise Broken(
            f"{file}: 有効期間外です（{day} まで）", f"{file}: not valid now (until {day})"
        )
    return site.voice(f"{file}（{day} まで、あと{days}日）", f"{file} (until {day}, {days} days)")


def key_files(site: Site) -> str:
    """Every key file opens under its root, and a new one can be made durable."""
    base, mirror = folders(site.config)["keys"], site.config.keys.mirror
    for name in RINGS:
        ring = Ring(base / name, mirror and mirror / name)
        if broken := ring.broken():
            raise Broken(f"{name}: 開けません: {broken}", f"{name}: cannot be opened: {broken}")
        for folder in filter(None, (ring.folder, ring.mirror)):
            trial = folder / "check.tmp"
            write_durably(trial, b"")
            trial.unlink()
    for name in (*SECRETS, "ledger.key"):
        (base / name).read_bytes()
    return ", ".join(RINGS)


def own_register(site: Site) -> str:
    """The register of our own numbers can be read, where there is one."""
    found = register.load(site.config)
    if found is None:
        return site.voice("なし", "none")
    return site.voice(f"{found.size:,}件までの大きさ", f"for up to {found.size:,} numbers")


def database(site: Site) -> str:
    assert site.memory is not None
    with site.memory.store.write() as tx:
        kind = tx.conn.dialect.name
        if kind == SQLITE:
            said = tx.conn.exec_driver_sql("PRAGMA quick_check").scalar()
            if said != "ok":
                raise Broken(f"壊れています: {said}", f"damaged: {said}")
            return kind
        for promise in ("fsync", "full_page_writes"):
            if tx.conn.exec_driver_sql(f"SHOW {promise}").scalar() != "on":
                raise Broken(
                    f"サーバーの {promise} が off です（停電でメールを失います）",
                    f"{promise} is off on the server (a power failure loses mail)",
                )
        version = tx.conn.exec_driver_sql("SHOW server_version").scalar()
        return f"{kind} {version}"


def vault(site: Site) -> str:
    """A sealed file is written, made durable, read back and removed."""
    assert site.memory is not None
    memory, plain, key = site.memory, secrets.token_bytes(200_000), new_data_key()
    sealed = memory.vault.seal(plain, key, "check")
    try:
        with memory.store.read() as session:
            if memory.vault.open(session.connection(), sealed.ref, key, "check").whole() != plain:
                raise Broken("読み戻した内容が違います", "what was read back differs")
    finally:
        memory.vault.remove_file(sealed.ref)
    return str(memory.vault.folder)


def ledger(site: Site) -> str:
    """The last checkpoint is ours, and the database is not older than it."""
    assert site.memory is not None
    memory = site.memory
    try:
        signed = memory.ledger.last_signed()
    except BadNote as bad:
        raise Broken(f"最後の署名が無効です: {bad}", f"the last checkpoint is bad: {bad}") from None
    with memory.store.read() as session:
        head = memory.ledger.head(session.connection())
    if signed is None:
        return site.voice("まだ署名がありません", "nothing is signed yet")
    same_size = signed.size == head.size
    if signed.size > head.size or (same_size and signed.root != head.edge.root()):
        raise Broken(
            f"署名済みは {signed.size}件ですが {head.size}件しかないか、内容が違います",
            f"{signed.size} entries were signed, and {head.size} are there or differ",
        )
    return site.voice(f"{head.size}件", f"{head.size} entries")


def space(site: Site) -> str:
    folder = site.config.data_dir.absolute()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    wanted = ROOM * site.config.smtp.max_message_size
    if free < wanted:
        raise Broken(
            f"空き {free // 10**6} MB（{wanted // 10**6} MB 以上必要）",
            f"{free // 10**6} MB free, {wanted // 10**6} MB wanted",
        )
    return site.voice(f"空き {free // 10**6:,} MB", f"{free // 10**6:,} MB free")


def sandbox(site: Site) -> str:
    """Scan workers come up, and the kernel lets them be confined."""
    found = asyncio.run(_confinement())
    missing = [name for name, there in found.items() if not there]
    if missing:
        raise Broken(
            f"このカーネルでは使えません: {', '.join(missing)}",
            f"this kernel refuses: {', '.join(missing)}",
        )
    return ", ".join(found)


async def _confinement() -> dict[str, bool]:
    from gateway.judgement.sandbox import Sandbox

    started = await Sandbox.start(1)
    try:
        found = started.confinement
        return {"network": found.network, "files": found.files, "calls": found.calls}
    finally:
        await started.stop()
