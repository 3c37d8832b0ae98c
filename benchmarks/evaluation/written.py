"""Numbers in running text: every digit, separator and grouping, and every way to name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from benchmarks.evaluation.scene import Scene
from tests.detectors.corpus import ARABIC, BOLD, CIRCLED, FULL, KANJI, SUPER, grouped

Form = Callable[[str], str]
Build = Callable[[Scene], bytes]

PERSIAN, THAI, INDIC = (
    str.maketrans("0123456789", "".join(chr(zero + at) for at in range(10)))
    for zero in (0x6F0, 0xE50, 0x966)
)
SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MONO = str.maketrans("0123456789", "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿")
DAIJI = str.maketrans("0123456789", "零壱弐参四五六七八九")
STOPS = str.maketrans({"0": "🄀", **{str(at): chr(0x2487 + at) for at in range(1, 10)}})
BRACKETS = str.maketrans({str(at): chr(0x2473 + at) for at in range(1, 10)})


def parted(separator: str, size: int = 4, script: Mapping[int, int] = {}) -> Form:
    return lambda n: grouped(n.translate(script), separator, size)


def between(sign: str) -> Form:
    return lambda n: sign.join(n)


DIGITS: dict[str, Form] = {
    "plain": str,
    "full width": lambda n: n.translate(FULL),
    "circled": lambda n: n.translate(CIRCLED),
    "superscript": lambda n: n.translate(SUPER),
    "subscript": lambda n: n.translate(SUB),
    "mathematical bold": lambda n: n.translate(BOLD),
    "mathematical monospace": lambda n: n.translate(MONO),
    "parenthesised": lambda n: n.translate(BRACKETS),
    "digits with full stops": lambda n: n.translate(STOPS),
    "Arabic-Indic": lambda n: n.translate(ARABIC),
    "Persian": lambda n: n.translate(PERSIAN),
    "Thai": lambda n: n.translate(THAI),
    "Devanagari": lambda n: n.translate(INDIC),
    "kanji": lambda n: n.translate(KANJI),
    "大字": lambda n: n.translate(DAIJI),
    "mixed widths": lambda n: n[:5].translate(FULL) + n[5:],
}
_SIGNS = {
    "hyphen": "-", "space": " ", "two spaces": "  ", "tab": "\t", "dot": ".", "slash": "/",
    "中黒": "・", "spaced hyphen": " - ", "U+2010": "‐", "U+2011": "‑", "U+2012": "‒",
    "en dash": "–", "em dash": "—", "U+2015": "―", "minus": "−", "NBSP": "\xa0",
    "en space": "\u2002", "em space": "\u2003", "thin space": "\u2009", "narrow NBSP": "\u202f",
    "ideographic space": "\u3000", "comma": ",", "underscore": "_",
}  # fmt: skip
_WIDE = {
    "－": "full-width hyphen",
    "ー": "長音",
    "　": "ideographic space",
    "‐": "U+2010",
    "ｰ": "ｰ",
}
_UNSEEN = {
    "U+200B": "\u200b", "U+200C": "\u200c", "U+200D": "\u200d", "U+2060": "\u2060",
    "U+FEFF": "\ufeff", "soft hyphen": "\xad", "U+200E": "\u200e", "U+200F": "\u200f",
}  # fmt: skip
SEPARATORS: dict[str, Form] = {
    **{f"4-4-4, {name}": parted(sign) for name, sign in _SIGNS.items()},
    **{f"full width, {name}": parted(sign, 4, FULL) for sign, name in _WIDE.items()},
    "4-4-4, hyphen and space": lambda n: f"{n[:4]}-{n[4:8]} {n[8:]}",
    "6-6": parted("-", 6),
    "6-6, space": parted(" ", 6),
    "3-3-3-3": parted(" ", 3),
    "3-3-3-3, hyphen": parted("-", 3),
    "1×12, space": between(" "),
    "1×12, hyphen": between("-"),
    "boxes │": lambda n: f"│{'│'.join(n)}│",
    "boxes ｜": lambda n: f"｜{'｜'.join(n.translate(FULL))}｜",
    "boxes |": lambda n: f"| {' | '.join(n)} |",
    "boxes 【】": lambda n: "".join(f"【{digit}】" for digit in n),
    "boxes [ ]": lambda n: "".join(f"[{part}]" for part in (n[:4], n[4:8], n[8:])),
    "groups under each other": parted("\n"),
    "one digit a line": lambda n: "\n" + "\n".join(n) + "\n",
    "wrapped after a hyphen": lambda n: f"{n[:4]}-{n[4:8]}-\n{n[8:]}",
    "wrapped without one": lambda n: f"{n[:7]}\n{n[7:]}",
    **{f"between all digits, {name}": between(sign) for name, sign in _UNSEEN.items()},
    "bidi embedding": lambda n: f"\u202a{n}\u202c",
    "bidi override": lambda n: f"\u202d{grouped(n, chr(0x200E))}\u202c",
}


def _in_a_sentence(form: Form, without: str = "") -> Build:
    def build(scene: Scene) -> bytes:
        if without:
            scene.facts["n"] = form(scene.facts.number(without=without))
        return scene.mail(scene.letter(scene.sentence(form)))

    return build


def _quoted(scene: Scene) -> bytes:
    text = scene.letter(scene.sentence(lambda n: f"{n[:4]}-{n[4:8]}-\n{n[8:]}"))
    return scene.mail(scene.letter("\n".join(f"> {line}" for line in text.split("\n"))))


def _filled(templates: str, form: Form = str) -> Build:
    def build(scene: Scene) -> bytes:
        template = scene.rng.choice(getattr(scene.wording, templates))
        return scene.mail(scene.letter(scene.fill(template, _form(scene) if form is str else form)))

    return build


def _form(scene: Scene) -> Form:
    """As most people write it."""
    usual = (
        str,
        grouped,
        parted(" "),
        parted("－", 4, FULL),
        DIGITS["full width"],
        parted("　", 4, FULL),
    )
    return scene.rng.choice(usual)


def _listed(scene: Scene) -> bytes:
    head, row = scene.rng.choice(scene.wording.lists)
    return scene.mail(scene.letter(f"{head}\n{_rows(scene, row, scene.rng.randint(3, 14))}"))


def _listed_unnamed(scene: Scene) -> bytes:
    row = scene.rng.choice(scene.wording.unnamed)
    return scene.mail(scene.letter(_rows(scene, row, scene.rng.randint(7, 20))))


def _rows(scene: Scene, row: str, count: int) -> str:
    form, lines = _form(scene), []
    for _ in range(count):
        person = scene.person()
        person.form = form
        lines.append(row.format_map(person))
    return "\n".join(lines)


def _subject_alone(scene: Scene) -> bytes:
    body = scene.fill(scene.rng.choice(scene.wording.bare), _form(scene))
    return scene.mail(scene.letter(body), scene.fill(scene.rng.choice(scene.wording.telling)))


def _in_subject(scene: Scene) -> bytes:
    number = scene.fill("{n}", _form(scene))
    return scene.mail(scene.letter("件名のとおりです。"), f"{scene.label()} {number}")


def _short(scene: Scene) -> bytes:
    return scene.mail(scene.sentence(_form(scene)))


def _long(scene: Scene) -> bytes:
    """The number in the middle of much else."""
    others = [scene.fill(body) for _, body in scene.rng.sample(scene.wording.ordinary, 4)]
    others.insert(2, scene.sentence(_form(scene)))
    return scene.mail(scene.letter("\n\n".join(others)))


def _below_a_thread(scene: Scene) -> bytes:
    old = scene.letter(scene.sentence(_form(scene)))
    quoted = "\n".join(f"> {line}" for line in old.split("\n"))
    return scene.mail(scene.letter(f"承知しました。ありがとうございます。\n\n{quoted}"))


def _with_another(scene: Scene) -> bytes:
    """Beside a number of another kind, each with its name."""
    named = [other for kind, other in scene.wording.others if kind != "nothing says what"]
    parts = [scene.fill(scene.rng.choice(named)), scene.sentence(_form(scene))]
    scene.rng.shuffle(parts)
    return scene.mail(scene.letter("\n\n".join(parts)))


def techniques() -> Iterator[tuple[str, Build]]:
    for name, form in DIGITS.items():
        yield f"digits: {name}", _in_a_sentence(form, "0" if name == "parenthesised" else "")
    for name, form in SEPARATORS.items():
        yield f"form: {name}", _in_a_sentence(form)
    yield "form: wrapped in a quotation", _quoted
    for name in ("sentences", "afterwards", "several", "papers", "machine"):
        yield f"wording: {_CALLED[name]}", _filled(name)
    yield "wording: list under a line", _listed
    yield "wording: list that nothing names", _listed_unnamed
    yield "wording: named by the subject alone", _subject_alone
    yield "wording: number in the subject", _in_subject
    yield "wording: nothing but the sentence", _short
    yield "wording: in a long mail", _long
    yield "wording: in the quoted mail below", _below_a_thread
    yield "wording: beside a number of another kind", _with_another


_CALLED = {
    "sentences": "named before it",
    "afterwards": "named behind it",
    "several": "several in a mail",
    "papers": "text of a form that carries it",
    "machine": "JSON, XML, key=value, SQL",
}
