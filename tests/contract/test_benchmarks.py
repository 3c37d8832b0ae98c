from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks import measure
from benchmarks.battered import Round
from benchmarks.history import CONSIGNMENT, LETTER, age, settled
from benchmarks.installation import Installation
from benchmarks.load import accepted_in
from benchmarks.mails import MAILS, RECIPIENT, mail
from benchmarks.report import Run, cpu_ratio, short, table
from benchmarks.soak import flat
from detectors import inspect
from tests.e2e.house import until
from tests.e2e.sink import Sink

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


def command(*words: str, timeout: float) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=timeout)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_imported(name: str) -> None:
    import_module(f"benchmarks.{name}")


@pytest.mark.parametrize(
    ("module", "option"),
    [
        ("__main__", "--slow-flush"),
        ("endurance", "--mails"),
        ("history", "--rows"),
        ("soak", "--minutes"),
    ],
)
def test_it_says_what_it_can_do(
    module: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        import_module(f"benchmarks.{module}").main(["--help"])
    assert ended.value.code == 0
    assert option in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.needs("postfix")
@pytest.mark.skipif(os.getuid() != 0, reason="Postfix is started by root only")
def test_five_mails_make_a_ratio(tmp_path: Path) -> None:
    said = command("benchmarks", "--quick", "--mails", "5", "--results", str(tmp_path), timeout=300)
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    others = 3 - sum(line.startswith("left out: ") for line in lines)
    ratios = [float(line[40:54]) for line in lines if line.startswith(" ") and " ÷ " in line]
    assert len(ratios) == 4 * others
    assert all(ratio > 0 for ratio in ratios)
    [kept] = tmp_path.glob("*.json")
    assert len(json.loads(kept.read_text("utf-8"))["runs"]) == 2 * 2 * 3 * (1 + others)


@pytest.mark.long
def test_an_invented_past_is_one_that_could_have_been(tmp_path: Path) -> None:
    with Sink() as sink:
        ours = Installation(tmp_path, sink.hop)
        try:
            ours.start()
            accepted_in(ours.port, mail("2 KB"))
            known = until(lambda: settled(ours), 30)
            ours.stop()
            entries = ours.verify().entries
            age(ours, known, 300)
            after = ours.verify()
            assert after.whole and after.entries == entries + 300
            with ours.rows() as conn:
                states = select(CONSIGNMENT.c.state, func.count()).group_by(CONSIGNMENT.c.state)
                assert dict(map(tuple, conn.execute(states)))["erased"] >= 300
                letters = conn.execute(select(LETTER.c.id, LETTER.c.key)).all()
                assert len(letters) == 301 and not any(key for id, key in letters if id != known)
            ours.start()
            accepted_in(ours.port, mail("2 KB"))
            until(lambda: len(sink.delivered) == 2, 30)
            ours.stop()
        finally:
            ours.close()


@pytest.mark.long
def test_a_battered_core_loses_nothing_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    few = ("--mails", "40", "--minutes", "0.02", "--results", str(tmp_path))
    for number in (1, 2):
        said = command("benchmarks.soak", *few, timeout=300)
        assert said.returncode == 0, said.stdout + said.stderr
        assert f"round    {number}" in said.stdout
    rounds = [json.loads(line) for line in (tmp_path / "rounds.jsonl").read_bytes().splitlines()]
    assert [found["number"] for found in rounds] == [1, 2]
    assert all(found["kills"] and found["accepted"] and not found["lost"] for found in rounds)
    assert rounds[1]["entries"] > rounds[0]["entries"]


@pytest.mark.parametrize("size", MAILS)
def test_a_mail_holds_nothing_to_stop_it_and_has_its_size(size: str) -> None:
    number, unit = size.split()
    octets = int(number) * {"KB": 1_000, "MB": 1_000_000}[unit]
    raw = mail(size)
    assert octets * 0.95 < len(raw) < octets * 1.15
    found = inspect(raw)
    assert not found.findings
    assert not {fact.name for fact in found.facts} & {"uninspectable", "ambiguous"}


def test_a_process_counts_with_its_children() -> None:
    burn = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); input()"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE) as parent:
        assert parent.pid in measure.tree(os.getpid())
        until(lambda: len(measure.tree(parent.pid)) == 2, seconds=30)
        until(lambda: len(measure.tree(parent.pid)) == 1, seconds=30)
        assert measure.cpu(parent.pid) >= 0.3, "its child has ended, and still counts"
        assert measure.memory(parent.pid) > 1
        parent.communicate(b"\n")


def test_the_acceptance_is_timed_to_the_last_250() -> None:
    with Sink() as sink:
        host, _, port = sink.hop.rpartition(":")
        assert 0 < accepted_in(int(port), mail("2 KB")) < 10
        assert [found.rcpt_to for found in sink.delivered] == [(RECIPIENT,)]
        assert sink.delivered[0].data == mail("2 KB")
        sink.once.append(("RCPT", "550 5.1.1 nobody"))
        with pytest.raises(ConnectionError, match="550"):
            accepted_in(int(port), mail("2 KB"))


RUNS = [
    Run(peer, "2 KB", 1, rate * turn, 1.0, 10.0, [1.0, 2.0])
    for turn in (1, 2, 3)
    for peer, rate in (("Sekisho", 10.0), ("Postfix", 40.0), ("Haraka", 5.0))
]


def test_the_table_divides_the_first_peer_by_each_other() -> None:
    *_, postfix, haraka = (line.split() for line in table(RUNS).splitlines())
    assert postfix == ["Sekisho", "÷", "Postfix", "0.25", "1.00", "1.00", "1.00", "1.00"]
    assert haraka == ["Sekisho", "÷", "Haraka", "2.00", "1.00", "1.00", "1.00", "1.00"]


def test_the_short_table_names_each_peer_above_its_ratios() -> None:
    names, columns, only = short(RUNS).splitlines()
    assert names.split() == ["Sekisho", "÷", "Postfix", "Haraka"]
    assert columns.split() == ["mails/s", "CPU", "250", "in"] * 2
    assert only.split() == ["2", "KB,", "1", "0.25", "1.00", "1.00", "2.00", "1.00", "1.00"]


def test_one_figure_says_whether_a_mail_costs_more() -> None:
    costs = {("new", 1): (3.0, 3.0, 99.0), ("old", 1): (2.0, 2.0, 2.0)}
    costs |= {("new", 10): (2.0, 2.0, 2.0), ("old", 10): (2.0, 2.0, 2.0)}
    runs = [
        Run(peer, "2 KB", each, 1.0, cpu, 1.0)
        for (peer, each), found in costs.items()
        for cpu in found
    ]
    assert cpu_ratio(runs) == 1.25


@pytest.mark.parametrize("page", ["README.md", "README.ja.md"])
def test_the_readme_has_a_place_for_it(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert text.count("<!-- bench: ") == text.count("<!-- /bench -->") == 1


def calm(*memory: float) -> list[Round]:
    return [Round(n, 0, 1, 1, 0, 0, 0, 0, 9, True, m, 1.0) for n, m in enumerate(memory)]


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ((), True),
        ((90, 100, 110, 110, 111, 112), True),
        ((90, 100, 110, 120, 130, 140, 150), False),
        ((90, 100, 110, 150), True),  # too early to say
    ],
)
def test_memory_may_warm_up_and_not_grow(memory: tuple[float, ...], expected: bool) -> None:
    assert flat(calm(*memory)) is expected


@pytest.mark.parametrize(
    ("change", "right"),
    [({}, True), ({"held": 1}, True), ({"lost": 1}, False), ({"unsaid": 1}, False),
     ({"whole": False}, False)],
)  # fmt: skip
def test_a_round_is_right_or_not(change: dict[str, int], right: bool) -> None:
    assert replace(calm(90)[0], **change).right is right
