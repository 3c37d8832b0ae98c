"""What the tree promises to whoever unpacks it: its layout, and what stands in no file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = {"detectors", "gateway", "bridge", "admin_ui"}
FOLDERS = FLOORS | {"tests", "conf", "docs", "benchmarks", "scripts", ".ci"}
LOCKS = "requirements.lock", "requirements-postgresql.lock", "requirements-test.lock"
FILES = {
    *("Makefile", "pyproject.toml", *LOCKS),
    *("README.md", "README.ja.md", "CHANGELOG.md", "LICENSE", "THIRD_PARTY_NOTICES"),
    *("Containerfile", ".gitignore"),
}
LONGEST = 450
# In pieces, or this file would be the first to name them.
REGISTRIES = [
    ".".join(name)
    for name in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
]
MACHINE = re.compile(
    "|".join(f"(?<![\\w.]){'/'}{name}/" for name in ("work", "root", "home", "farm"))
)


def _tracked() -> list[Path]:
    """What is, or would be, committed; everything, where the tree is no repository."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git repository")
    paths = (ROOT / name.decode() for name in listed.split(b"\0") if name)
    return sorted(path for path in paths if path.is_file())


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    return _tracked()


def _texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        data = path.read_bytes()
        if b"\0" not in data:
            yield str(path.relative_to(ROOT)), data.decode("utf-8", "replace")


def test_the_top_holds_what_is_on_the_card_and_nothing_else(tracked: list[Path]) -> None:
    top = {path.relative_to(ROOT).parts[0] for path in tracked}
    assert top - FOLDERS - FILES == set()
    assert FILES - top == set()


def test_no_file_names_a_registry(tracked: list[Path]) -> None:
    named = [name for name, text in _texts(tracked) if any(host in text for host in REGISTRIES)]
    assert named == []


def test_no_file_names_a_place_of_one_machine(tracked: list[Path]) -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in _texts(tracked)
        if not name.startswith("tests/") and (match := MACHINE.search(text))
    ]
    assert found == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_each_package_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    pinned = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert len(pinned) > 30
    assert [each.split()[0] for each in pinned if "--hash=sha256:" not in each] == []


def test_all_locks_have_the_same_versions() -> None:
    versions = [
        dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.M))
        for name in LOCKS
    ]
    for less, more in pairwise(versions):
        assert {name: more.get(name) for name in less} == less


def test_every_package_that_is_installed_is_in_the_notices() -> None:
    locked = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", _read("requirements-postgresql.lock"), re.M)
    notices = re.findall(r"^(\S+) +(\S+) +\S", _read("THIRD_PARTY_NOTICES"), re.M)
    named = {(name.lower().replace("_", "-"), version) for name, version in notices}
    assert [pair for pair in locked if pair not in named] == []


def test_no_file_of_the_product_is_too_long_to_be_read(tracked: list[Path]) -> None:
    long = {
        name: text.count("\n")
        for name, text in _texts([path for path in tracked if path.suffix == ".py"])
        if name.split("/")[0] in FLOORS and "/migrations/versions/" not in name
        if text.count("\n") > LONGEST
    }
    assert long == {}


def test_the_policy_in_conf_is_the_one_that_is_shipped() -> None:
    assert _read("conf/policy.toml") == _read("gateway/judgement/policy/default.toml")


def test_links_in_the_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path, _, anchor = target.partition("#")
            if "://" in path:
                continue
            there = page.parent / path if path else page
            if not there.exists() or (anchor and anchor not in _anchors(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def _anchors(page: Path) -> set[str]:
    """As code hosts make them of headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ +(.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")
