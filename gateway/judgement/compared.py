"""What differs from the last sending to the same addressee: 35 → 36 persons in the same file is
routine; another file, or another kind of number, is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from detectors.report import summary
from gateway.face import words as spoken
from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement.dossier import Dossier
from gateway.judgement.earlier import Earlier, kinds_in, numbers_in


def against(words: Words, before: Earlier, held: Dossier) -> str:
    """「個人番号 35件→36件（前回 10月23日（金））」"""
    if before.at is None:
        return words.say("比べられる送付がありません")
    was, now = before.numbers, numbers_in(held.letter["summary"])
    changed = words.say("個人番号 %(was)s件→%(now)s件", was=was, now=now)
    return changed + words.say("（前回 %(day)s）", day=day(before.at, words.language))


def differences(words: Words, before: Earlier, held: Dossier, *, file_names: bool) -> Iterator[str]:
    """Beside the number of persons; nothing where there is no sending to compare with."""
    if before.at is None:
        return
    now = kinds_in({"findings": summary(held.report)})
    for kind in sorted(now - before.kinds):
        yield words.say("前回になかった種類：%(kind)s", kind=spoken.kind(words, kind))
    same = {_form(name) for name in before.files}
    files = [part.name for part in held.attachments if part.name]
    new = [name for name in files if _form(name) not in same]
    if new and not file_names:
        yield words.many("前回になかったファイルが%(num)s件あります", len(new))
    elif new:
        yield words.say("前回になかったファイル：%(names)s", names=words.say("、").join(new))
    elif files:
        yield words.say("ファイルは前回と同じ様式の名前です")


def _form(name: str) -> str:
    """
    >>> _form("給与１１月.xlsx") == _form("給与10月.xlsx")
    True
    """
    return re.sub(r"\d+", "#", unicodedata.normalize("NFKC", name).lower())
