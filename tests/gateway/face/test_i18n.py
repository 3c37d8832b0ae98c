from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.face.i18n import words_in


def test_it_works() -> None:
    assert words_in("ja").say("サインアウト") == "サインアウト"
    assert words_in("en").say("サインアウト") == "Sign out"


def test_english_counts() -> None:
    english = words_in("en")
    assert english.many("%(num)s日", 1) == "1 day"
    assert english.many("%(num)s日", 2) == "2 days"
    assert words_in("ja").many("%(num)s日", 1) == "1日"


def test_upper_floors_add_to_the_words_of_the_lower(tmp_path: Path) -> None:
    (tmp_path / "en.po").write_text('msgid "関所破り"\nmsgstr "Gate crasher"\n')
    words = words_in("en", tmp_path)
    assert words.say("関所破り") == "Gate crasher"
    assert words.say("サインアウト") == "Sign out"


def test_what_has_no_english_yet_is_shown_in_japanese(tmp_path: Path) -> None:
    assert words_in("en", tmp_path / "none").say("まだ訳がない") == "まだ訳がない"


def test_words_need_no_web() -> None:
    """Notices and the command line speak, too."""
    code = (
        "import sys, gateway.face.words, gateway.face.dates; sys.exit('starlette' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
