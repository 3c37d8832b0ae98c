"""The words outside: the agreed Japanese text to the letter, and nothing that breaks its line."""

from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from bridge.link_part import html, text
from tests.bridge.letters import NOTICE

AGREED = """\
【添付ファイルのお受け取りについて】
このメールの添付ファイル（1件・84KB）は、誤送信と情報漏えいを防ぐため、当社の受け取りページでお渡しします。
　受け取りページ　https://files.example.co.jp/d/q8ZxT-ab_c
　期限　　　　　　11月27日（金） 23:59まで（5回まで）
1. ページを開き、「認証コードを送る」を押してください。
2. このメールの宛先（s****@sr-office.example.jp）に届く6桁のコードを入力してください。
3. ファイル名をご確認のうえ、ダウンロードしてください。
・会員登録やパスワードの入力、お客様情報の入力をお願いすることはありません。
・リンクを開けない場合は、ブラウザーで files.example.co.jp を開き、\
受取番号 7K4M-92QX-3TRB を入力してください。
・コードが届くまで、数分から30分ほどかかることがあります。
・ご不審な点があれば、開く前に、お手元の名刺などに記載の番号で送信者へご確認ください。
　　　　　　　　　　　　　　　　　　株式会社サンプル（送信者：総務課 山田 花子）
"""


def test_it_says_the_agreed_text() -> None:
    assert text(NOTICE).startswith(AGREED)


def test_it_says_the_same_in_english_beneath() -> None:
    below = text(NOTICE).removeprefix(AGREED)
    for said in ("1 file, 84KB", NOTICE.url, NOTICE.pickup, NOTICE.host, "Fri 27 Nov 23:59", "5"):
        assert said in below


def test_it_puts_english_first_for_an_english_reader() -> None:
    assert text(NOTICE, "en").endswith(AGREED)


def test_it_asks_for_the_told_word_only_where_there_is_one() -> None:
    word = "送信者からお電話でお伝えする6桁の合言葉も入力してください。"
    assert word not in text(NOTICE)
    line = next(x for x in text(replace(NOTICE, told_word=True)).splitlines() if x[:2] == "2.")
    assert line.endswith("コードを入力してください。" + word)


@pytest.mark.parametrize(
    ("files", "said"),
    [(0, "このメールの本文（84KB）は"), (2, "このメールの本文と添付ファイル（2件・84KB）は")],
)
def test_it_names_what_a_whole_mail_is(files: int, said: str) -> None:
    assert said in text(replace(NOTICE, whole=True, files=files))


def test_html_is_ascii_and_says_every_line_of_the_text() -> None:
    class Reader(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    reader = Reader()
    reader.feed(html(NOTICE))
    assert html(NOTICE).isascii()
    for line in text(NOTICE).splitlines():
        assert line.lstrip("　123. ") in reader.said


def test_html_does_not_take_a_name_for_markup() -> None:
    shown = html(replace(NOTICE, company="<script>a</script>", sender='"><img src=x>'))
    assert "<script" not in shown and "<img" not in shown


def test_no_line_could_be_a_boundary() -> None:
    assert not any(x.startswith("--") for x in (text(NOTICE) + html(NOTICE)).splitlines())


@pytest.mark.parametrize("bad", ["a\r\nb", "a\0", "a\x1b$B", "a\u2028b"])
@pytest.mark.parametrize("name", ["company", "sender", "pickup", "address", "host"])
def test_it_refuses_what_would_break_a_line(name: str, bad: str) -> None:
    with pytest.raises(ValueError, match=name):
        replace(NOTICE, **{name: bad})  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b", 'https://a"b', "https://あ"])
def test_it_refuses_what_is_no_address_of_a_page(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        replace(NOTICE, url=url)


def test_it_refuses_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(NOTICE, closes_at=datetime(2026, 11, 27))
