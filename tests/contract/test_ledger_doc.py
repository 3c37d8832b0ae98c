"""The page tells an auditor how to verify without the product; here its program is taken at its
word."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.memory.ledger import chain, export, verify
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ledger.md").read_text("utf-8")
PROGRAM = re.findall(r"```python\n(.*?)```", PAGE, re.S)[0]


@pytest.fixture
def exported(memory: Memory, tmp_path: Path) -> Path:
    for batch in range(4):
        with memory.store.write() as tx:
            for i in range(3):
                tx.record("held", SYSTEM, letter=f"L{batch}", consignment=f"C{i}", note=f"関所{i}")
            if batch == 2:
                tx.entries[-1] |= {"verb": chain.DISPOSED, "details": {"through": 2}}
    path = tmp_path / "ledger.jsonl"
    signed = list(memory.ledger.checkpoints())
    with memory.store.read() as session:
        assert export.write(session.connection(), memory.ledger, signed, path) == 12
    return path


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """In an empty folder: nothing of the product can be imported."""
    program = path.with_name("verify.py")
    program.write_text(PROGRAM, "utf-8")
    files = [str(path), *(str(each) for each in export.beside(path))]
    command = [sys.executable, "-I", str(program), *files]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent, timeout=60)


def test_a_true_export_is_whole(exported: Path) -> None:
    done = run(exported)
    assert (done.returncode, done.stdout) == (0, "whole: 12 entries\n"), done.stderr


def _edited(lines: list[str]) -> None:
    fields = json.loads(lines[4])
    entry = base64.b64decode(fields["entry"]).replace(b'"held"', b'"done"')
    lines[4] = json.dumps({**fields, "entry": base64.b64encode(entry).decode()})


def _details(lines: list[str]) -> None:
    lines[4] = json.dumps({**json.loads(lines[4]), "details": '{"note":"x"}'})


def _without_details(lines: list[str], count: int) -> None:
    for at in range(count):
        lines[at] = json.dumps({**json.loads(lines[at]), "salt": None, "details": None})


def _reordered(lines: list[str]) -> None:
    lines[4], lines[5] = lines[5], lines[4]


FORGERIES: dict[str, tuple[Callable[[list[str]], object], str]] = {
    "edited": (_edited, "entry 6: it, or the one before, was changed"),
    "details": (_details, "entry 5: details were changed"),
    "deleted": (lambda lines: lines.pop(4), "entry 5: missing or out of order"),
    "inserted": (lambda lines: lines.insert(4, lines[4]), "entry 6: missing or out of order"),
    "reordered": (_reordered, "entry 5: missing or out of order"),
    "gone": (lambda lines: _without_details(lines, 3), "up to entry 3: details are missing"),
    "truncated": (lambda lines: lines.__delitem__(slice(9, None)), "signed for 12 entries, 9"),
}


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_one_is_not(exported: Path, how: str) -> None:
    forge, said = FORGERIES[how]
    lines = exported.read_text("utf-8").splitlines()
    forge(lines)
    exported.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    done = run(exported)
    assert done.returncode == 1
    assert said in done.stderr


def test_the_last_entry_is_bound_by_the_signature(exported: Path) -> None:
    lines = exported.read_text("utf-8").splitlines()
    fields = json.loads(lines[11])
    entry = base64.b64decode(fields["entry"]).replace(b'"held"', b'"done"')
    lines[11] = json.dumps({**fields, "entry": base64.b64encode(entry).decode()})
    exported.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    assert "up to entry 12: not what was signed" in run(exported).stderr


def test_a_checkpoint_that_somebody_else_signed_is_refused(exported: Path) -> None:
    checkpoints, _ = export.beside(exported)
    checkpoints.write_text(checkpoints.read_text("utf-8").replace("\n12\n", "\n13\n"), "utf-8")
    done = run(exported)
    assert done.returncode == 1
    assert "InvalidSignature" in done.stderr


def test_lawfully_erased_details_leave_it_whole(exported: Path) -> None:
    lines = exported.read_text("utf-8").splitlines()
    _without_details(lines, 2)
    exported.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    done = run(exported)
    assert done.returncode == 0, done.stderr


def test_every_field_and_reason_is_explained(exported: Path) -> None:
    first = json.loads(exported.read_text("utf-8").splitlines()[0])
    fields = {*json.loads(base64.b64decode(first["entry"])), "policy"}
    assert [field for field in sorted(fields) if f"| `{field}` |" not in PAGE] == []
    source = Path(verify.__file__).read_text("utf-8")
    reasons = set(re.findall(r'_Bad\([^"\n]*"(\w+)"', source)) | {"missing", "order"}
    assert "truncated" in reasons
    assert [reason for reason in sorted(reasons) if f"`{reason}`" not in PAGE] == []
