"""A new root: whatever moment it is cut off at, it goes on, and no key is lost."""

from datetime import date

import pytest

from gateway.memory import keys
from gateway.memory.keys import KeyGone, KeyMissing, Ring
from gateway.memory.rotation import rotate


@pytest.fixture
def folders(tmp_path):
    folder, mirror = tmp_path / "letters", tmp_path / "mirror"
    mirror.mkdir()
    keys.create(folder)
    return folder, mirror


@pytest.fixture
def wrapped(folders):
    ring = Ring(*folders)
    names = [ring.epoch(date(2026, 12, 1)), ring.own("7Q3F-K2MD")]
    return [(name, ring.wrap(b"d" * 32, name, "letter")) for name in names]


def opens(folders, wrapped):
    ring = Ring(*folders)
    return [ring.unwrap(data, name, "letter") == b"d" * 32 for name, data in wrapped] == [
        True,
        True,
    ]


def test_it_works(folders, wrapped):
    before = (folders[0] / "root").read_bytes()
    assert rotate(*folders) == 2
    assert (folders[0] / "root").read_bytes() != before
    assert opens(folders, wrapped) and Ring(*folders).broken() == []
    for path in folders[0].glob("*.key"):
        assert (folders[1] / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("done", [0, 1, 2])
def test_cut_off_after_any_file_it_goes_on(folders, wrapped, done):
    folder, mirror = folders
    old = {path: path.read_bytes() for path in sorted(folder.glob("*.key"))}
    root = (folder / "root").read_bytes()
    rotate(folder, mirror)
    # as a crash would have left it: `done` files under the new root, the old one still in place
    (folder / "root").rename(folder / "root.next")
    keys.write_durably(folder / "root", root)
    for path, data in list(old.items())[done:]:
        path.write_bytes(data)
    with pytest.raises(KeyMissing, match="cut off"):
        Ring(folder, mirror)
    assert rotate(folder, mirror) == 2
    assert opens(folders, wrapped)


def test_what_was_destroyed_stays_so(folders, wrapped):
    Ring(*folders).destroy("own:7Q3F-K2MD", "recalled")
    assert rotate(*folders) == 1
    with pytest.raises(KeyGone):
        Ring(*folders).unwrap(wrapped[1][1], "own:7Q3F-K2MD", "letter")


def test_a_key_file_of_another_installation_stops_it_before_anything_changed(folders, wrapped):
    folder, mirror = folders
    stranger = folder / "own-AAAA-BBBB.key"
    stranger.write_bytes(b"\x01" + bytes(60))
    before = {path: path.read_bytes() for path in folder.glob("*.key")}
    with pytest.raises(KeyMissing, match="another root key"):
        rotate(folder, mirror)
    assert {path: path.read_bytes() for path in folder.glob("*.key")} == before
    stranger.unlink()
    assert rotate(folder, mirror) == 2 and opens(folders, wrapped)
