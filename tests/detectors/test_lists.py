import random

import pytest

from detectors import score
from detectors.lists import KIND, persons
from detectors.report import Confidence
from detectors.surface import Spot, Table
from tests.detectors import corpus


def people(count: int, *headings: str) -> Table:
    rows = [["", "名簿", "", ""], ["No.", *headings]]
    rows += [[str(i), f"山田{i}郎", f"東京都千代田区{i}丁目"] for i in range(count)]
    return Table(Spot("2", ("名簿.xlsx",)), rows, first_row=3, first_column=2)


@pytest.mark.parametrize(
    ("count", "confidence"),
    [(5, Confidence.LOW), (20, Confidence.MEDIUM), (120, Confidence.HIGH)],
)
def test_it_works(count: int, confidence: Confidence) -> None:
    (finding,) = score.findings([people(count, "氏名", "住所")])
    assert (finding.kind, finding.confidence, finding.unique) == (KIND, confidence, count)
    assert finding.where[0].range == f"C5:D{count + 4}"
    assert finding.reasons[0].params == {"label": "住所"}


@pytest.mark.parametrize("headings", [("お名前", "メールアドレス"), ("顧客名", "携帯電話")])
def test_other_words_for_the_same_are_known(headings: tuple[str, ...]) -> None:
    assert persons(people(8, *headings))


@pytest.mark.parametrize(
    ("count", "headings"),
    [(4, ("氏名", "住所")), (50, ("氏名", "点数")), (50, ("品名", "住所")), (0, ("氏名", "住所"))],
)
def test_what_is_no_list_of_persons(count: int, headings: tuple[str, ...]) -> None:
    assert persons(people(count, *headings)) is None


def test_the_same_person_in_two_lists_counts_once() -> None:
    twice = [people(30, "氏名", "住所"), people(30, "氏名", "住所")]
    (finding,) = score.findings(twice)
    assert (finding.unique, finding.occurrences) == (30, 60)


def test_cards_are_found_by_luhn_and_label() -> None:
    rng = random.Random(1)
    pan = corpus.pan(rng)
    (finding,) = score.findings(corpus.mail(f"カード番号 {corpus.grouped(pan)} です"))
    assert (finding.kind, finding.confidence) == ("card_number", Confidence.HIGH)
    assert finding.masked == "●●●● ●●●● ●●●● ●●●●"
    wrong = pan[:-1] + str((int(pan[-1]) + 1) % 10)
    assert score.findings(corpus.mail(f"カード番号 {corpus.grouped(wrong)} です")) == ()


def test_licences_and_corporate_numbers_are_looked_for_when_named() -> None:
    rng = random.Random(2)
    body = f"運転免許証番号 {corpus.licence(rng)}\n登録番号 T{corpus.company(rng)}"
    kinds = {"jp.drivers_license", "jp.corporate_number"}
    found = {one.kind: one.confidence for one in score.findings(corpus.mail(body), kinds)}
    assert found == dict.fromkeys(kinds, Confidence.HIGH)
    assert score.findings(corpus.mail(body)) == ()
