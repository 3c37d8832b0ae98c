"""A destroyed key stays destroyed: in the mirror, and when an old folder is put back."""

import shutil
from datetime import date

import pytest

from gateway.memory import keys
from gateway.memory.keys import KeyGone, KeyMissing, Ring


@pytest.fixture
def ring(tmp_path):
    keys.create(tmp_path / "ring")
    (tmp_path / "mirror").mkdir()
    return Ring(tmp_path / "ring", tmp_path / "mirror")


def test_it_works(ring):
    kek = ring.own("7Q3F-K2MD")
    wrapped = ring.wrap(b"k" * 32, kek, "7Q3F-K2MD")
    assert ring.unwrap(wrapped, kek, "7Q3F-K2MD") == b"k" * 32
    assert ring.epoch(date(2026, 12, 1)) == ring.epoch(date(2026, 12, 1)) == "epoch:2026-12-01"


def test_a_wrapped_key_fits_only_what_it_was_made_for(ring):
    kek = ring.own("A")
    with pytest.raises(KeyMissing):
        ring.unwrap(ring.wrap(b"k" * 32, kek, "A"), kek, "B")


@pytest.mark.parametrize("make", [lambda r: r.own("A"), lambda r: r.epoch(date(2026, 12, 1))])
def test_destroyed_is_destroyed(ring, make):
    kek = make(ring)
    wrapped = ring.wrap(b"k" * 32, kek, "A")
    assert ring.destroy(kek, "recalled") and not ring.destroy(kek, "recalled")
    assert ring.is_gone(kek)
    with pytest.raises(KeyGone):
        ring.unwrap(wrapped, kek, "A")
    name = kek.replace(":", "-") + ".key"
    assert not (ring.folder / name).exists() and not (ring.mirror / name).exists()


def test_an_old_copy_of_the_folder_does_not_bring_a_key_back(ring, tmp_path):
    kek = ring.own("A")
    wrapped = ring.wrap(b"k" * 32, kek, "A")
    shutil.copytree(ring.folder, tmp_path / "last-night")
    ring.destroy(kek, "recalled")
    shutil.copy(tmp_path / "last-night" / "own-A.key", ring.folder)
    with pytest.raises(KeyGone):
        ring.unwrap(wrapped, kek, "A")


def test_the_mirror_alone_can_be_restored_from(ring, tmp_path):
    kek = ring.own("A")
    wrapped = ring.wrap(b"k" * 32, kek, "A")
    shutil.copy(ring.folder / "root", ring.mirror)
    assert Ring(ring.mirror).unwrap(wrapped, kek, "A") == b"k" * 32


def test_a_root_key_is_never_replaced(tmp_path):
    assert keys.create(tmp_path / "r")
    before = (tmp_path / "r" / "root").read_bytes()
    assert not keys.create(tmp_path / "r")
    assert (tmp_path / "r" / "root").read_bytes() == before
    assert (tmp_path / "r" / "root").stat().st_mode & 0o777 == 0o400


def test_a_missing_root_says_what_to_do(tmp_path):
    with pytest.raises(KeyMissing, match="sekisho key init"):
        Ring(tmp_path)
