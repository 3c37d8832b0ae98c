"""The ledger: whole when nothing was touched, and otherwise the first bad entry has a number."""

import json
import subprocess
import sys
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from gateway.memory.ledger import append, chain, note, tree
from gateway.memory.ledger.append import DETAIL, ENTRY, RolledBack, lines
from gateway.memory.ledger.verify import Line, verify
from gateway.memory.opening import open_memory
from gateway.memory.states import SYSTEM, Actor


def write(memory, batches=4, each=3):
    for batch in range(batches):
        with memory.store.write() as tx:
            for i in range(each):
                tx.record("held", SYSTEM, letter=f"L{batch}", consignment=f"C{i}", note=f"関所{i}")


def check(memory):
    with memory.store.read() as session:
        found = list(lines(session.connection()))
    return verify(found, memory.ledger.checkpoints(), memory.ledger.public)


def test_it_works(memory):
    write(memory)
    outcome = check(memory)
    assert outcome.whole and (outcome.entries, outcome.checkpoints) == (12, 4)


def _edit(tx, seq, **values):
    tx.conn.execute(update(ENTRY).where(ENTRY.c.seq == seq).values(**values))


def _forged(tx, seq):
    entry = tx.conn.execute(ENTRY.select().where(ENTRY.c.seq == seq)).one().entry
    changed = entry.replace(b'"held"', b'"done"')
    return {"entry": changed, "hash": chain.leaf_hash(changed)}


TAMPERINGS = {
    "edited": lambda tx: _edit(tx, 5, entry=_forged(tx, 5)["entry"]),
    "edited with its hash": lambda tx: _edit(tx, 5, **_forged(tx, 5)),
    "last of a batch edited with its hash": lambda tx: _edit(tx, 6, **_forged(tx, 6)),
    "details edited": lambda tx: tx.conn.execute(
        update(DETAIL).where(DETAIL.c.seq == 5).values(details='{"note":"x"}')
    ),
    "deleted": lambda tx: tx.conn.execute(delete(ENTRY).where(ENTRY.c.seq == 5)),
}
NAMED = {"last of a batch edited with its hash": 6}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_named_by_its_first_bad_entry(memory, how):
    write(memory)
    with memory.store.engine.connect() as conn, conn.begin():
        TAMPERINGS[how](type("T", (), {"conn": conn})())
    assert check(memory).bad_seq == NAMED.get(how, 5)


def _stored(memory):
    with memory.store.read() as session:
        return list(lines(session.connection()))


def _judge(memory, entries):
    return verify(entries, memory.ledger.checkpoints(), memory.ledger.public)


def test_an_inserted_entry_is_named(memory):
    write(memory)
    entries = _stored(memory)
    entries.insert(5, entries[5]._replace(hash=b""))
    assert _judge(memory, entries).bad_seq == 7  # the real sixth one, now where seven should be


NOT_CANONICAL = {
    "a space": (b'"seq":5', b'"seq": 5'),
    "a space at the end": (b'"held"}', b'"held"} '),
    "a line behind it": (b'"held"}', b'"held"}\n'),
    "another order": (b'"seq":5,"stream":"main"', b'"stream":"main","seq":5'),
    "another order within": (b'{"kind":"system"}', b'{"kind":"system","id":"x"}'),
    "a key twice": (b'"seq":5', b'"seq":5,"seq":5'),
    "a key twice, the first another": (b'"seq":5', b'"seq":4,"seq":5'),
    "an escape that need not be": (b'"held"', b'"h\\u0065ld"'),
    "an escaped solidus": (b'"main"', b'"m\\/n"'),
    "Japanese escaped": (b'"C1"', b'"\\u95a2"'),
    "a number as a float": (b'"v":1', b'"v":1.00'),
    "its number as a float": (b'"seq":5', b'"seq":5.0'),
    "its number as a text": (b'"seq":5', b'"seq":"5"'),
    "its number as a truth": (b'"seq":5', b'"seq":true'),
    "a zero before it": (b'"seq":5', b'"seq":05'),
    "a sign": (b'"v":1', b'"v":-0'),
    "an exponent": (b'"v":1', b'"v":1E2'),
    "a number without end": (b'"v":1', b'"v":' + b"9" * 5_000),
    "not a number": (b'"v":1', b'"v":NaN'),
    "half a surrogate": (b'"held"', b'"\\ud800"'),
    "half a surrogate as octets": (b'"held"', b'"\xed\xa0\x80"'),
    "not UTF-8": (b'"held"', b'"\xff"'),
    "a control character": (b'"held"', b'"he\x01ld"'),
    "a mark of byte order": (b'{"actor"', b'\xef\xbb\xbf{"actor"'),
    "the hash before as a number": (b'"prev":"', b'"prev":5,"prew":"'),
    "no digest of details": (b'"details"', b'"detailt"'),
    "nests without end": (b'"v":1', b'"v":' + b"[" * 100_000),
    "a list": (b"", b"[]"),
    "nothing": (b"", b""),
}


@pytest.mark.parametrize("how", NOT_CANONICAL)
def test_an_entry_in_other_bytes_is_edited(memory, how):
    """Also where neither a stored hash nor its details would give it away."""
    write(memory)
    entries = _stored(memory)
    told, instead = NOT_CANONICAL[how]
    forged = entries[4].entry.replace(told, instead) if told else instead
    assert forged != entries[4].entry
    entries[4] = Line(forged)
    outcome = _judge(memory, entries)
    assert (outcome.bad_seq, outcome.reason) == (5, "edited")


def test_unusual_entries_are_read_too(memory):
    with memory.store.write() as tx:
        tx.record('"\\', Actor("person", "\n\x7f\u2028", "::1", "関所"), consignment="\u001f😀")
        tx.record("held", Actor("person", "p1", "192.0.2.1", "p2"), letter="L", policy=0)
        tx.record("held", SYSTEM, policy=10**30, subject="S")
    assert check(memory).whole
    own = {"prev": "", "details": "", "seq": -1, "more": [None, {"a": 1.5}]}
    assert chain.read(chain.canonical(own)) == (-1, "", "")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_json)
def test_what_is_written_is_what_json_sorts_and_packs(value):
    packed = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert chain.canonical(value) == packed.encode()


def test_the_columns_of_an_entry_say_what_it_says(memory):
    with memory.store.write() as tx:
        tx.record("held", Actor("person", "p1"), letter="L", subject="S", note="関所")
    with memory.store.read() as session:
        (entry,) = session.connection().execute(ENTRY.select()).mappings()
        (detail,) = session.connection().execute(DETAIL.select()).mappings()
    said = json.loads(entry["entry"])
    kept = {"kind": entry["actor_kind"], "id": entry["actor_id"]}, entry["letter_id"]
    assert (said["actor"], said["letter"]) == kept
    for name in ("seq", "stream", "verb", "subject"):
        assert said[name] == entry[name]
    assert datetime.fromisoformat(said["at"]) == entry["at"]
    assert entry["hash"] == chain.leaf_hash(entry["entry"])
    assert (detail["stream"], detail["seq"], detail["details"]) == ("main", 1, '{"note":"関所"}')
    assert chain.detail_digest(detail["salt"], detail["details"]) == said["details"]


_hash = st.binary(min_size=32, max_size=32)
_given = st.fixed_dictionaries(
    {
        "stream": st.just("main"),
        "seq": st.integers(1, 10**20),
        "at": st.datetimes().map(datetime.isoformat),
        "actor": st.dictionaries(st.sampled_from(["kind", "id", "ip", "for", "x"]), st.text()),
        "verb": st.text(),
        "letter": st.text(max_size=5),
        "subject": st.text(max_size=5),
        "policy": st.none() | st.integers(0, 10**20),
        "details": _hash.map(bytes.hex),
        "previous": _hash,
        "previous_of_subject": _hash,
    }
)


@given(_given)
def test_an_entry_is_the_canonical_form_of_its_fields(given):
    fields = {key: given[key] for key in ("stream", "seq", "at", "actor", "verb", "details")}
    fields |= {"v": 1, "prev": given["previous"].hex()}
    fields |= {key: given[key] for key in ("letter", "subject") if given[key]}
    if given["subject"]:
        fields["prev_of_subject"] = given["previous_of_subject"].hex()
    if given["policy"] is not None:
        fields["policy"] = given["policy"]
    assert chain.entry_bytes(**given) == chain.canonical(fields)


@given(_given.map(lambda given: chain.entry_bytes(**given)), st.data())
def test_what_is_read_is_what_would_be_made_again(entry, data):
    at, until = sorted(data.draw(st.integers(0, len(entry))) for _ in range(2))
    put = data.draw(st.sampled_from([b"", b" ", b'"', b"\\", b",", b"0", b"\n", b"}", b"\xff"]))
    for changed in (entry, entry[:at] + put + entry[at:], entry[:at] + put + entry[until:]):
        try:
            fields = json.loads(changed.decode())
            same = isinstance(fields, dict) and chain.canonical(fields) == changed
            of = [type(fields.get(name)) for name in ("seq", "prev", "details")] if same else []
            same = of == [int, str, str]
        except ValueError:
            same = False
        if same:
            assert chain.read(changed) == (fields["seq"], fields["prev"], fields["details"])
        else:
            with pytest.raises(chain.NotCanonical):
                chain.read(changed)


def test_reordered_entries_are_named(memory):
    write(memory)
    entries = _stored(memory)
    entries[4], entries[5] = entries[5], entries[4]
    assert _judge(memory, entries).bad_seq == 5


@pytest.mark.parametrize("left", [0, 1, 5, 11])
def test_a_truncated_ledger_names_the_first_entry_that_is_gone(memory, left):
    write(memory)
    outcome = _judge(memory, _stored(memory)[:left])
    assert (outcome.bad_seq, outcome.reason) == (left + 1, "truncated")


def test_a_whole_rewritten_tail_is_found_by_the_checkpoint(memory):
    """Somebody who can write the database makes the chain fit again; the signed root does not."""
    write(memory, batches=4, each=1)
    with memory.store.engine.connect() as conn, conn.begin():
        previous = None
        for row in conn.execute(ENTRY.select().where(ENTRY.c.seq >= 3)).all():
            entry = row.entry.replace(b'"held"', b'"done"')
            if previous:
                start = entry.index(b'"prev":"') + 8
                entry = entry[:start] + previous.hex().encode() + entry[start + 64 :]
            previous = chain.leaf_hash(entry)
            conn.execute(
                update(ENTRY).where(ENTRY.c.seq == row.seq).values(entry=entry, hash=previous)
            )
    assert check(memory).bad_seq == 3


def test_a_checkpoint_of_another_key_is_refused(memory):
    write(memory)
    text = memory.ledger.path.read_text().replace("\u2014 sekisho", "\u2014 zekisho", 1)
    memory.ledger.path.write_text(text)
    assert check(memory).reason == "checkpoint"


def test_details_may_be_erased_lawfully_and_the_chain_stays_whole(memory):
    write(memory)
    with memory.store.write() as tx:
        tx.conn.execute(delete(DETAIL).where(DETAIL.c.seq <= 6))
        tx.record(chain.DISPOSED, SYSTEM, through=6)
    outcome = check(memory)
    assert outcome.whole and outcome.erased == 6


@pytest.mark.parametrize(
    ("gone", "said", "first"),
    [
        ((1, 2, 3), {}, 1),
        ((5,), {}, 5),
        ((1, 2, 3), {"through": 2}, 3),
        ((1, 2, 7), {"through": 2}, 7),
        ((1,), {"through": "all"}, 1),
    ],
)
def test_details_that_nobody_says_were_erased_are_missed(memory, gone, said, first):
    write(memory)
    with memory.store.write() as tx:
        tx.conn.execute(delete(DETAIL).where(DETAIL.c.seq.in_(gone)))
        tx.record(chain.DISPOSED if said else "held", SYSTEM, **said)
    outcome = check(memory)
    assert (outcome.bad_seq, outcome.reason) == (first, "gone")


def test_a_text_that_looks_like_an_erasure_is_none(memory):
    write(memory)
    with memory.store.write() as tx:
        tx.conn.execute(delete(DETAIL).where(DETAIL.c.seq == 1))
        tx.record(f'x","verb":"{chain.DISPOSED}', SYSTEM, through=12)
    assert check(memory).reason == "gone"


def test_a_database_older_than_its_checkpoints_is_refused(memory):
    write(memory)
    with memory.store.engine.connect() as conn, conn.begin():
        conn.exec_driver_sql("UPDATE ledgerhead SET size = 9, edge = zeroblob(64)")
    with memory.store.write() as tx, pytest.raises(RolledBack):
        memory.ledger.open(tx.conn)


def test_a_crash_between_commit_and_checkpoint_is_caught_up_with(memory):
    write(memory)
    whole = memory.ledger.path.read_text()
    memory.ledger.path.write_text(whole[: len(whole) - 150])  # the last note is cut in two
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
    assert check(memory).whole and memory.ledger.path.read_text() == whole


def _names_the_one_before(memory) -> bool:
    """Whether each entry names the last one of its own subject."""
    last: dict[str, bytes] = {}
    for line in _stored(memory):
        fields = json.loads(line.entry)
        if fields["prev_of_subject"] != last.get(fields["subject"], chain.START).hex():
            return False
        last[fields["subject"]] = line.hash
    return True


def test_two_processes_by_turns_write_one_chain(memory, monkeypatch):
    other = open_memory(memory.config, clock=memory.store.clock)
    write(memory, 1)
    write(other, 1)
    monkeypatch.setattr(append, "_LAST_OF", None)  # what the other wrote is read at once
    for mine in (memory, other, memory, memory, other):
        write(mine, 1)
    assert check(memory).whole and _names_the_one_before(memory)
    other.close()


def test_what_was_undone_is_not_named_by_what_follows(memory):
    other = open_memory(memory.config, clock=memory.store.clock)
    write(memory, 1)
    with pytest.raises(OSError), memory.store.write() as tx:
        tx.record("held", SYSTEM, consignment="C0")
        memory.ledger.append(tx)
        raise OSError
    for mine in (other, memory):
        write(mine, 1)
    assert check(memory).whole and _names_the_one_before(memory)
    other.close()


def test_a_signature_without_entries_is_written_in_its_turn(memory):
    with memory.store.write(durable=False) as tx:
        tx.record("held", SYSTEM, consignment="C0")
    assert memory.ledger.last_note() is None
    with memory.store.write() as tx:
        memory.ledger.sign(tx)
        assert not tx.after
    assert memory.ledger.last_signed().size == 1
    memory.store.flush()
    assert len([*memory.ledger.checkpoints()]) == 1


def test_actor_ids_and_versions_are_in_the_entry_and_names_are_not(memory):
    with memory.store.write() as tx:
        tx.record("approved", Actor("person", "p1", "192.0.2.1"), policy=7, name="鈴木 一郎")
    (line,) = _stored(memory)
    assert b'"id":"p1"' in line.entry and b'"policy":7' in line.entry
    assert "鈴木".encode() not in line.entry and "鈴木" in line.details


def test_the_verifier_needs_neither_database_nor_product():
    code = "import sys, gateway.memory.ledger.verify; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split())
    assert not loaded & {"sqlalchemy", "sqlmodel", "sqlite3", "gateway.memory.store"}


def reference_root(leaves):
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return tree.EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << ((len(leaves) - 1).bit_length() - 1)
    return tree.node_hash(reference_root(leaves[:k]), reference_root(leaves[k:]))


@given(st.integers(0, 200))
def test_the_edge_has_the_root_of_rfc_6962(size):
    leaves = [chain.leaf_hash(str(i).encode()) for i in range(size)]
    edge = tree.Edge()
    for leaf in leaves:
        edge.add(leaf)
    edge = tree.Edge.from_bytes(edge.size, edge.to_bytes())
    assert edge.root() == reference_root(leaves)


def test_the_last_checkpoint_is_found_by_the_end_of_the_file(memory):
    for _ in range(40):  # past what is looked at
        write(memory, 1)
    path, newest = memory.ledger.path, memory.ledger.last_signed()
    whole = path.read_bytes()
    assert len(whole) > note.TAIL
    *_, before, last = memory.ledger.checkpoints()
    assert memory.ledger.last_note() == last
    for cut in (1, 3, 90, 150):  # a crash half way through a note
        path.write_bytes(whole[:-cut])
        assert memory.ledger.last_note() == before
        with memory.store.write() as tx:
            memory.ledger.open(tx.conn)
        assert memory.ledger.last_signed() == newest and path.read_bytes() == whole


def test_what_is_no_file_of_checkpoints_is_not_written_to(memory):
    write(memory, 1)
    path = memory.ledger.path
    for bad in (b"x" * 5_000, b"a\n" * 12, path.read_bytes() + b"a\n" * 6):
        path.write_bytes(bad)
        with memory.store.write() as tx, pytest.raises(note.BadNote):
            memory.ledger.open(tx.conn)
        assert path.read_bytes() == bad


def test_a_checkpoint_reads_back_only_under_its_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    checkpoint = note.Checkpoint("sekisho/main", 42, b"r" * 32)
    signed = note.sign(checkpoint, key, key.public_key().public_bytes_raw())
    assert note.read(signed, key.public_key().public_bytes_raw()) == checkpoint
    for bad in (signed.replace("42", "43"), signed.replace("main", "mine"), "", "x\n\n\n"):
        with pytest.raises(note.BadNote):
            note.read(bad, key.public_key().public_bytes_raw())
    with pytest.raises(note.BadNote):
        note.read(signed, other.public_key().public_bytes_raw())
