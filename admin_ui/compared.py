"""What differs from the last sending to the same addressee: 35 → 36 persons in the same file is
routine; another file, or another kind of number, is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from admin_ui.earlier import Earlier, kinds_in
from detectors.report import summary
from gateway.face import words as spoken
from gateway.face.i18n import Words
from gateway.judgement.dossier import Dossier


def differences(words: Words, before: Earlier, held: Dossier) -> Iterator[str]:
    """Beside the number of persons; nothing where there is no sending to compare with."""
    if before.at is None:
        return
    now = kinds_in({"findings": summary(held.report)})
    for kind in sorted(now - before.kinds):
        yield words.say("前回になかった種類：%(kind)s", kind=spoken.kind(words, kind))
    same = {_form(name) for name in before.files}
    files = [part.name for part in held.attachments if part.name]
    new = [name for name in files if _form(name) not in same]
    if new:
        yield words.say("前回になかったファイル：%(names)s", names=words.say("、").join(new))
    elif files:
        yield words.say("ファイルは前回と同じ様式の名前です")


def _form(name: str) -> str:
    """
    >>> _form("給与１１月.xlsx") == _form("給与10月.xlsx")
    True
    """
    return re.sub(r"\d+", "#", unicodedata.normalize("NFKC", name).lower())
