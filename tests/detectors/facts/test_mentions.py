"""Words that become facts of a mail. One search rules out all of them; it must miss none."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import words
from detectors.facts.confidential import CONFIDENTIAL
from detectors.facts.dictionary import Entry
from detectors.facts.mentions import mentions
from detectors.folding import spaced, unify
from detectors.numbers.individual_number import LABELS
from detectors.surface import Spot, Text

NAMED = re.compile("|".join(LABELS))
EXPRESSIONS = [re.sub(r"([?*])\+", r"\1", label) for label in LABELS]  # no possessive ones
SIGNS = st.text("　 \t\n・_-.()｡ｰ㊙＊:Ⅰ", max_size=2)


def told(text: str) -> set[str]:
    found = mentions([Text(Spot("subject"), text)])
    return {fact.reason.code for fact in found if fact.reason}


def expected(text: str) -> set[str]:
    folded = spaced(unify(text.strip())).replace(" ", "")
    hr = {"hr"} if words.hr_words(folded) else set()
    return hr | ({"individual_number"} if NAMED.search(folded) else set())


def test_it_works() -> None:
    assert told("個人番号を源泉徴収のために") == {"individual_number", "hr"}
    assert told("【社外秘】") == {"confidential"}
    assert told("木曜日の打ち合わせ") == set()


@pytest.mark.slow
@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_spelling_of_a_label_is_seen(data: st.DataObject) -> None:
    label = data.draw(st.sampled_from(EXPRESSIONS))
    text = data.draw(st.from_regex(label, fullmatch=True))
    written = "".join(letter + data.draw(SIGNS) for letter in text)
    for one in (text, text.upper(), written, written.upper()):
        assert told(one) - {"confidential"} == expected(one)


@pytest.mark.parametrize("word", words.HR)
def test_words_of_payroll_are_seen_with_blanks_in_them(word: str) -> None:
    for text in (word, " ".join(word), "　".join(word)):
        assert told(text) - {"confidential", "individual_number"} == {"hr"}


@pytest.mark.parametrize("entry", CONFIDENTIAL.entries, ids=lambda entry: entry.word)
def test_marks_of_secrecy_are_seen_over_line_ends(entry: Entry) -> None:
    word = entry.word
    assert "confidential" in told(f"【{word}】")
    assert "confidential" in told(f"【{word.upper().replace(' ', '-')}】")
