"""Promises of rules and people: a policy that passes its tests, demands that somebody can meet."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, select

from admin_ui.cli.promises import Broken, Site
from gateway.face.words.faults import fault
from gateway.judgement import parties, people, policies
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, demands_of
from gateway.judgement.policy.exemptions import day_of, expired
from gateway.judgement.policy.rules import Policy
from gateway.mail.address import is_ours
from gateway.memory.opening import Memory
from gateway.memory.written import Written


def policy(site: Site) -> str:
    """The configured file, or the shipped one, with the tests inside it."""
    file = site.config.policy.file
    text = file.read_text("utf-8") if file else policies.default_text()
    origin = str(file or "default policy")
    read = policies.accept(text, origin, site.config)
    rules, tests = len(read.rules), len(read.tests)
    said = site.voice(f"ルール {rules}、テスト {tests}", f"{rules} rules, {tests} tests")
    over = Written(text, origin).located(expired(read, day_of(datetime.now(UTC))))
    warned = [fault(site.voice.words, each) for each in over]
    return "; ".join([said, *(f"{site.voice('注意', 'warning')}: {each}" for each in warned)])


def groups(site: Site) -> str:
    """Each approval can be given by somebody who is not the sender, whoever of them sends."""
    assert site.memory is not None
    memory, wanted = site.memory, _wanted(_in_force(site.memory))
    short = []
    for group, need in sorted(wanted.items()):
        able = _able(memory, group)
        if able < need + 1:
            short.append((group, need, able))
    if short:
        raise Broken(
            "、".join(
                f"「{g}」は{n}名の承認に{n + 1}名以上必要ですが{a}名です" for g, n, a in short
            ),
            ", ".join(
                f"{g}: {n + 1} persons wanted for {n} to approve, {a} there" for g, n, a in short
            ),
        )
    return ", ".join(wanted) or site.voice("承認はありません", "no approvals")


def administrators(site: Site) -> str:
    """What is our own fault is held for a system administrator."""
    assert site.memory is not None
    number = len(_members(site.memory, people.ADMINS))
    if number == 0:
        raise Broken(
            "system_admin が1名もいません（sekisho user add）",
            "there is no system_admin (sekisho user add)",
        )
    return str(number)


def holds(site: Site) -> str:
    """Every held mail waits for something, and somebody can do it."""
    assert site.memory is not None
    memory, ck = site.memory, Checkpoint.of(site.memory)
    with memory.store.read() as session:
        conn = session.connection()
        held = conn.execute(select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.state == "held")).scalars()
        ids = list(held)
        stuck = [id for id in ids if not _can_go_on(conn, ck, id, memory.store.clock())]
    if stuck:
        raise Broken(f"進められない: {' '.join(stuck)}", f"nobody can act on: {' '.join(stuck)}")
    return site.voice(f"{len(ids)}通", str(len(ids)))


def _can_go_on(conn: Connection, ck: Checkpoint, id: str, now: datetime) -> bool:
    open_ = [row for row in demands_of(conn, id) if row["state"] == "open"]
    return bool(open_) and all(parties.askable(conn, ck, row, now) for row in open_)


def addresses(site: Site) -> str:
    """Notices leave from a domain of ours, or nobody accepts them."""
    config, delivery = site.config, site.config.delivery
    for name in ("notice_from", "bounce_address", "postmaster"):
        address: str = getattr(delivery, name)
        if not is_ours(address.rpartition("@")[2], config.smtp.own_domains):
            raise Broken(
                f"delivery.{name} {address} は自社ドメインではありません",
                f"delivery.{name} {address} is not in smtp.own_domains",
            )
    return delivery.notice_from


def _in_force(memory: Memory) -> Policy:
    with memory.store.read() as session:
        conn = session.connection()
        if policies.active_version(conn) is not None:
            return policies.Policies().active(conn).policy
    file = memory.config.policy.file
    text = file.read_text("utf-8") if file else policies.default_text()
    return policies.accept(text, str(file or "default policy"), memory.config)


def _wanted(policy: Policy) -> dict[str, int]:
    """The most approvals that any rule asks of each group."""
    wanted: dict[str, int] = {}
    for rule in policy.rules:
        asked = rule.then.approvers
        if asked and rule.mode == "enforce":
            wanted[asked.group] = max(asked.need, wanted.get(asked.group, 0))
    return wanted


def _members(memory: Memory, group: str) -> frozenset[str]:
    with memory.store.read() as session:
        return people.members(session.connection(), group, memory.store.clock())


def _able(memory: Memory, group: str) -> int:
    """Members, their deputies, and the fallback group, which is asked at last."""
    now = memory.store.clock()
    with memory.store.read() as session:
        conn = session.connection()
        members = people.members(conn, group, now)
        deputies = people.deputies(conn, members, now)
        last = people.members(conn, memory.config.holds.fallback_group, now)
    return len(members | deputies | last)
