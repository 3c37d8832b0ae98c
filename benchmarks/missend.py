"""What the mis-send checks cost: `python -m benchmarks.missend [--quick]`.

The CPU time of a mail of 2 KB to three recipients, read and judged and written down, by turns: by
the shipped rules without those that ask who is known or what is odd, and by all of them; with
nobody known, and with a million pairs and a hundred thousand domains. Taking the mail in and
delivering it are left out, which makes the share look larger than it is. Exits 1 where the checks
add more than a fifth.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import text

from benchmarks.mails import SEED, SENDER, mail
from gateway.judgement import policies
from gateway.judgement.acquaintance import lookalike
from gateway.judgement.acquaintance.recall import FACTS
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.policy.checks import CHECKS
from gateway.memory.config import Config
from gateway.memory.opening import open_memory, prepare
from gateway.memory.states import SYSTEM
from tests.office import Office

PAIRS, DOMAINS, TURNS = 1_000_000, 100_000, 120
MOST = 0.20
_RULE = re.compile(r"(?=^\[\[(?:rule|test)\]\]\n)", re.M)


def without_checks() -> str:
    """The shipped rules but those that stand on a check or on acquaintance; no tests."""
    asked = "|".join(sorted(FACTS | CHECKS.keys()))
    head, *blocks = _RULE.split(policies.default_text().partition("[[test]]")[0])
    kept = (block for block in blocks if not re.search(f'fact = "({asked})"', block))
    return head + "".join(kept)


def addresses(chance: Random, domains: int) -> Iterator[tuple[str, str]]:
    while True:
        number = chance.randrange(domains)
        name = f"{chance.choice('abkmst')}{chance.randrange(10**4)}"
        yield f"{name}@kaisha{number}-{number % 97}.example", ""


def office(folder: Path, rules: str, pairs: int, domains: int) -> Office:
    config = Config(data_dir=folder)
    prepare(config)
    memory = open_memory(config)
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
    policies.publish(memory.store, rules, "policy.toml", SYSTEM)
    made = Office(memory, Checkpoint.of(memory))
    made.hire("hanako")
    _fill(made, pairs, domains)
    return made


def _fill(made: Office, pairs: int, domains: int) -> None:
    """What `learn` would have written, sorted and at once: a mail each would take an hour."""
    if not pairs:
        return
    chance, keyed, now = Random(SEED), made.ck.keyed, datetime.now(UTC)
    some = (address for address, _ in islice(addresses(chance, domains), pairs))
    ties = {keyed.pair(f"s{chance.randrange(1_000)}@example.co.jp", to): 1 for to in some}
    names = [f"kaisha{number}-{number % 97}.example" for number in range(domains)]
    ties |= {keyed.of("domain", name): 9 for name in names}
    spelt = {(variant, name) for name in names for variant in lookalike.spellings(name)}
    at = int(now.timestamp() * 1_000_000)
    with made.memory.store.write() as tx:
        rows = [{"key": key, "seen": seen, "at": at} for key, seen in sorted(ties.items())]
        tx.conn.execute(text("INSERT INTO tie VALUES (:key, :seen, :at, :at)"), rows)
        known = [{"domain": name, "at": at} for name in sorted(names)]
        tx.conn.execute(text("INSERT INTO knowndomain VALUES (:domain, :at)"), known)
        both = [{"variant": variant, "domain": name} for variant, name in sorted(spelt)]
        tx.conn.execute(text("INSERT INTO spelling VALUES (:variant, :domain)"), both)


def cost(made: Office, raw: bytes, to: list[str]) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    made.arrive(raw, to, SENDER)
    return time.process_time() - began


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    pairs, domains, turns = (20_000, 2_000, 20) if quick else (PAIRS, DOMAINS, TURNS)
    os.nice(5)
    raw, chance = mail("2 KB"), Random(SEED + 1)
    with tempfile.TemporaryDirectory(prefix="sekisho-") as folder:
        base, all_rules = without_checks(), policies.default_text()
        sides = {
            "no checks": office(Path(folder, "none"), base, 0, 0),
            "all checks, nobody known": office(Path(folder, "empty"), all_rules, 0, 0),
            "all checks, all known": office(Path(folder, "full"), all_rules, pairs, domains),
        }
        taken: dict[str, list[float]] = {name: [] for name in sides}
        someone = addresses(chance, domains)
        for _ in range(turns):
            to = [address for address, _ in islice(someone, 3)]
            for name, made in sides.items():
                taken[name].append(cost(made, raw, to))
        for made in sides.values():
            made.memory.close()
    print(f"\n{pairs:,} pairs, {domains:,} domains, {turns} mails of {len(raw):,} octets")
    return _told({name: median(times) for name, times in taken.items()})


def _told(medians: dict[str, float]) -> int:
    base = medians["no checks"]
    worst = 0.0
    for name, seconds in medians.items():
        share = seconds / base - 1
        worst = max(worst, share)
        print(f"{name:26} {seconds * 1000:7.2f} ms CPU   {share:+7.1%}")
    print(f"the checks add at most {worst:.1%} (promised: {MOST:.0%})")
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
