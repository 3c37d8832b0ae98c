"""What a worker brings along when it starts; how it behaves is in test_sandbox and test_forked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[3])


def test_a_worker_loads_nothing_that_could_open_a_key_or_a_database() -> None:
    script = f"import sys; sys.path.append({ROOT!r})\nimport gateway.judgement.nursery as nursery\n"
    script += "print(*sys.modules)\nnursery.worker.preload()\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", script], capture_output=True, check=True, text=True
    )
    imported, loaded = (set(line.split()) for line in done.stdout.splitlines())
    assert "detectors.report" in imported
    heavy = {"sqlalchemy", "sqlmodel", "sqlite3", "starlette", "aiosmtpd", "httpx2"}
    assert not loaded & heavy
    assert "cryptography" not in imported  # pypdf loads it, for encrypted documents
    ours = {name for name in loaded if name.split(".")[0] in {"gateway", "bridge", "admin_ui"}}
    assert ours == {
        "gateway",
        "gateway.judgement",
        "gateway.judgement.confine",
        "gateway.judgement.forked",
        "gateway.judgement.logos",
        "gateway.judgement.nursery",
        "gateway.judgement.pages",
        "gateway.judgement.worker",
    }
