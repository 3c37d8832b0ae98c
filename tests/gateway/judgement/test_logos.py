from detectors.facts.dictionary import Dictionary, Entry
from detectors.own import Own
from detectors.report import Reason
from detectors.surface import Source, Spot, Text, Unreadable
from gateway.judgement.logos import Logos
from tests.samples import individual_number

PNG = b"\x89PNG\r\n\x1a\n"


def asked(logos: Logos, data: bytes, found: list) -> int:
    """How often a picture that holds `found` is read, when it comes three times."""
    reads = []

    def confine(reader, source):
        reads.append(source)
        return reader(source)

    read = logos.spared(confine)
    for _ in range(3):
        answer = read(lambda source: found, Source(Spot("2"), "logo.png", data))
        assert answer == found or answer == []
    return len(reads)


def text(said: str) -> Text:
    return Text(Spot("2"), said)


def test_it_works():
    logos = Logos()
    assert asked(logos, PNG + b"1", []) == 1
    assert asked(logos, PNG + b"2", [text("株式会社みどり商事")]) == 1
    assert asked(logos, PNG + b"1", []) == 0


def test_what_told_something_is_read_each_time():
    logos = Logos()
    for at, found in enumerate(
        (
            [text(f"個人番号 {individual_number(1)}")],
            [text("TEL 03-5555-0123")],
            [text("社外秘")],
            [text("あ" * 300)],
            [Unreadable(Spot("2"), Reason("corrupt"))],
        )
    ):
        assert asked(logos, PNG + bytes([at]), found) == 3


def test_a_word_of_the_house_tells_something():
    own = Own((Dictionary("案件", (Entry("みどり計画", 1),), 1),))
    assert asked(Logos(own), PNG, [text("みどり計画")]) == 3


def test_files_that_are_no_pictures_are_read_each_time():
    assert asked(Logos(), b"%PDF-1.7", []) == 3


def test_nothing_of_a_picture_is_kept():
    logos = Logos()
    asked(logos, PNG + b"secret", [])
    assert b"secret" not in b"".join(logos._dull)
    assert all(len(tag) == 16 for tag in logos._dull)
