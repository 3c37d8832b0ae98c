"""What an inspection found, in words: kinds, reasons, facts, defects, and one card for each.

`REASONS` is an open set: whoever emits a new code below adds its sentence here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from detectors.report import Confidence, Fact, Finding, Reason
from gateway.face.dates import day
from gateway.face.i18n import N_, Words
from gateway.face.words import missend
from gateway.face.words.missend import MISSENT, Level
from gateway.face.words.places import pieces

T = TypeVar("T")
_NAMED = re.compile(r"%\((\w+)\)s")

KINDS = {
    "jp.individual_number": N_("個人番号（マイナンバー）"),
    "jp.corporate_number": N_("法人番号"),
    "jp.drivers_license": N_("運転免許証番号"),
    "card_number": N_("クレジットカード番号"),
    "jp.invoice_number": N_("インボイス登録番号"),
    "jp.pension_number": N_("基礎年金番号"),
    "jp.resident_code": N_("住民票コード"),
    "jp.insurer_number": N_("保険者番号"),
    "jp.health_insurance": N_("健康保険の記号・番号"),
    "jp.employment_insurance": N_("雇用保険被保険者番号"),
    "jp.residence_card": N_("在留カード番号"),
    "jp.passport": N_("旅券番号"),
    "jp.bank_account": N_("口座番号"),
    "jp.telephone": N_("電話番号"),
    "personal_list": N_("個人情報の一覧"),
    "jp.personal_list": N_("個人情報の一覧"),
    "mail_address_list": N_("メールアドレスの一覧"),
}

OWN_KINDS = {
    "dictionary": N_("辞書「%(name)s」の言葉"),
    "pattern": N_("「%(name)s」に当たる記述"),
}
"""By what stands before the dot; the name is the administrator's own."""

CONFIDENCE = {
    Confidence.HIGH: N_("確度：高"),
    Confidence.MEDIUM: N_("確度：中"),
    Confidence.LOW: N_("確度：低（記録のみ）"),
}

REASONS = {
    # why a number is taken for what it is
    "check_digit_ok": N_("検査用数字が%(n)s件とも一致しています"),
    "column_header": N_("列の見出しが「%(label)s」です"),
    "row_header": N_("行の見出しが「%(label)s」です"),
    "nearest_label": N_("すぐ近くに「%(label)s」と書かれています"),
    "label_after": N_("すぐ後ろに「%(label)s」と書かれています"),
    "column_pass_rate": N_("同じ並びの%(n)s件中%(k)s件で検査用数字が一致しています"),
    "context_label": N_("件名やファイル名などに「%(label)s」とあります"),
    "hr_context": N_("人事・給与・税務で使う言葉（「%(label)s」など）があります"),
    "form_fingerprint": N_("個人番号を書く書類（%(form)s）と同じ言葉が並んでいます"),
    "bare_label": N_(
        "個人番号か、個人番号を書く手続きの話の中にあり、ほかの番号だとは書かれていません"
    ),
    "usual_form": N_("よく使われる書き方（%(form)s桁）です"),
    "personal_columns": N_("氏名と%(label)sが並ぶ一覧です"),
    "mail_addresses": N_("多数のメールアドレスが並んでいます"),
    "register_match": N_(
        "自社の登録番号と照合して一致しました（まれに別の番号が一致することもあります）"
    ),
    "dictionary_words": N_("「%(label)s」などの言葉があります（合計%(n)s点）"),
    "own_pattern": N_("自社で設定したパターン「%(label)s」に一致しました"),
    "pattern_label": N_("近くか見出しに「%(label)s」とあります"),
    "suspected_slip": N_("検査用数字が合わないため、書き間違いの可能性があります"),
    # why it may be something else
    "read_from_picture": N_("画像から一度だけ読み取った数字で、読み違いの可能性があります"),
    "negative_label": N_("近くに「%(label)s」とあり、別の番号の可能性があります"),
    "negative_context": N_("件名やファイル名などに「%(label)s」とあり、別の番号の可能性があります"),
    "unusual_form": N_("あまり使われない書き方（%(form)s桁）です"),
    "serial_numbers": N_("連番のため、別の番号の可能性があります"),
    "other_check": N_(
        "%(n)s件中%(k)s件が運転免許証や送り状の番号の検査に合うため、別の番号と思われます"
    ),
    "not_spoken_of": N_("個人番号に関する記載がほかになく、別の番号の可能性があります"),
    "few_digits": N_("%(n)s件の一覧に同じ数字ばかりが並び、回答や点数の表と思われます"),
    "reads_as_date": N_("日時から作られた番号の可能性があります"),
    "part_of_other_text": N_("ほかの英数字とつながっていて、別の番号の可能性があります"),
    # why something could not be read
    "encrypted_zip": N_("パスワード付きZIPのため、中身を検査できません"),
    "encrypted_pdf": N_("パスワード付きPDFのため、中身を検査できません"),
    "encrypted_office": N_("パスワード付きのOfficeファイルのため、中身を検査できません"),
    "encrypted_archive": N_("パスワード付きの圧縮ファイルのため、中身を検査できません"),
    "wrong_password": N_("入力されたパスワードでは開けませんでした"),
    "encrypted_mail": N_("暗号化されたメール（S/MIME、PGP）のため、中身を検査できません"),
    "corrupt": N_("ファイルが壊れているか途中で切れているため、中身を検査できません"),
    "over_budget": N_("大きすぎるか複雑すぎるため、最後まで検査できません"),
    "picture_page": N_("画像だけのページ（%(page)sページ）があり、文字を検査できません"),
    "digits_unread": N_("個人番号の欄に書かれている数字を読み取れないため、検査できません"),
    "image": N_("画像のため、中の文字は検査していません"),
    "no_text": N_("文字を含まない種類のファイルのため、検査していません"),
    "not_installed": N_("読み取りに必要な %(package)s がないため、検査していません"),
    "unknown_type": N_("種類がわからないファイルのため、検査していません"),
    "looks_encrypted": N_(
        "暗号化されているか、独自の方法で圧縮されたファイルのため、中身を検査できません"
    ),
    "unknown_charset": N_("知られていない文字コードで書かれているため、中身を検査できません"),
    "ambiguous_archive": N_("読み方が2通りある圧縮ファイルのため、中身を確定できません"),
    "archive_not_supported": N_("対応していない形式の圧縮ファイルです"),
    "part_of_volume": N_("分割された圧縮ファイルの一部のため、中身を検査できません"),
    "format_not_supported": N_("対応していない形式のファイルです"),
    "xml_doctype": N_("文書の中に外部を参照する宣言があるため、読み取りを中止しました"),
    "reader_died": N_("ファイルの読み取り中に検査プログラムが停止しました"),
    "timed_out": N_("検査に時間がかかりすぎたため、中止しました"),
    "opaque_signed": N_("署名の形式のため、中身を検査できません"),
    "worker_died": N_("検査プログラムが検査の途中で停止しました"),
    "late": N_("検査が時間内に終わりませんでした"),
    "garbage": N_("検査プログラムの答えが正しくありませんでした"),
    "too_large": N_("検査の結果が大きすぎます"),
    # which words stand there
    "individual_number": N_("個人番号（マイナンバー）に関する言葉があります"),
    "hr": N_("人事・給与・税務に関する言葉があります"),
    "confidential": N_("「社外秘」などの言葉があります"),
    **missend.REASONS,
}

SINGLE = {"check_digit_ok": N_("検査用数字が一致しています")}
"""For `n` = 1, where 「1件とも」 would be odd."""

FACTS: Mapping[str, tuple[Level, str]] = {
    "uninspectable": ("warn", N_("検査できないファイルがあります")),
    "not_inspected": ("ok", N_("検査の対象外のファイルがあります")),
    "ambiguous": (
        "bad",
        N_("2通りに読めるメールです。相手の画面に別の内容が表示されるおそれがあります"),
    ),
    "scan_incomplete": ("warn", N_("検査が最後まで終わっていません")),
    "signed": ("ok", N_("電子署名のあるメールです。書き換えると署名が無効になります")),
    "encrypted": ("warn", N_("暗号化されたメールです。中身を検査できません")),
    "hidden_sheet": ("warn", N_("添付ファイルに非表示のシートがあります")),
    "hidden_columns": ("warn", N_("添付ファイルに非表示の列または行があります")),
    "hidden_slide": ("warn", N_("添付ファイルに非表示のスライドがあります")),
    "tracked_changes": ("warn", N_("添付ファイルに変更履歴が残っています")),
    "opened": ("ok", N_("パスワードで開いて検査したファイルがあります")),
    "macro": ("warn", N_("添付ファイルにマクロがあります")),
    "auto_submitted": ("ok", N_("自動送信のメールです")),
    "words": ("warn", N_("注意が必要な言葉があります")),
    **MISSENT,
}

_DEFECT_GROUPS = {
    N_("ヘッダーの書き方に誤りがあり、2通りに読めます"): (
        *("duplicate_content_type", "duplicate_content_transfer_encoding"),
        *("duplicate_content_disposition", "space_before_colon", "leading_blank", "blank_fold"),
        *("header_junk", "control_character", "bare_cr", "bare_lf"),
    ),
    N_("内容の種類の指定に誤りがあり、2通りに読めます"): (
        *("tree_type_invalid", "comment_in_type", "encoded_word_in_type", "unclosed_quote"),
        *("multipart_parameter_junk", "boundary_without_multipart"),
    ),
    N_("本文と添付の区切りに誤りがあり、2通りに読めます"): (
        *("no_boundary", "duplicate_boundary", "boundary_encoded", "boundary_blank"),
        *("boundary_limit", "boundary_reused", "boundary_prefix", "no_parts", "missing_close"),
        *("delimiter_after_close", "hidden_in_preamble", "hidden_in_epilogue"),
    ),
    N_("添付の符号化の指定に誤りがあり、2通りに読めます"): (
        *("unknown_encoding", "comment_in_encoding", "encoded_multipart", "encoded_message"),
        *("base64_padding_inside", "qp_blank_after_soft_break"),
    ),
    N_("内容の一部がこのメールの中にありません"): ("partial_message", "external_body"),
    N_("添付ファイル名が2通りに読めます"): ("names_disagree",),
    N_("ファイル名に、文字の並びを逆に見せる記号があります"): ("name_bidi",),
    N_("形式に小さな誤りがあります（読み方には影響しません）"): (
        *("mbox_line", "type_invalid", "same_field_twice", "comment_in_disposition"),
        *("comment", "open_end"),
        *("parameter_junk", "names_differ", "space_before_other_colon", "base64_junk"),
        *("base64_truncated", "qp_invalid", "encoded_text_outside"),
    ),
    N_("大きすぎるか複雑すぎるため、最後まで読めません"): (
        *("nesting_limit", "parts_limit", "header_block_limit", "headers_limit", "header_limit"),
        *("params_limit", "encoded_words_limit"),
    ),
}
DEFECTS = {code: sentence for sentence, codes in _DEFECT_GROUPS.items() for code in codes}
"""Told by what they do to the reader; the exact code is in the record."""


@dataclass(frozen=True, slots=True)
class Article:
    """One card on a page, as `finding` in parts.html draws it."""

    level: Level
    title: str
    places: tuple[tuple[tuple[str, ...], int], ...] = ()
    """Pieces of the way in, and the count there; 0 shows none."""
    why: tuple[str, ...] = ()
    brief: str = ""
    """what a notice says, where the title alone would not tell what is meant"""


def kind(words: Words, code: str) -> str:
    """個人番号（マイナンバー）"""
    prefix, _, name = code.partition(".")
    if prefix in OWN_KINDS:
        return words.say(OWN_KINDS[prefix], name=name)
    return _say(words, KINDS, code, N_("番号（種類：%(code)s）"))


def confidence(words: Words, level: Confidence) -> str:
    return words.say(CONFIDENCE[level])


def reason(words: Words, found: Reason) -> str:
    """「列の見出しが「個人番号」です」"""
    table = SINGLE if found.params.get("n") == 1 and found.code in SINGLE else REASONS
    if found.code in DEFECTS:  # why a mail is `ambiguous`
        table = DEFECTS
    elif found.code in FACTS and found.code not in table:  # what is hidden in a file
        return words.say(FACTS[found.code][1])
    params: dict[str, object] = {**found.params}
    if "date" in params:
        params["date"] = day(date.fromisoformat(str(params["date"])), words.language)
    if "purposes" in params:
        params["purpose"] = words.say("、").join(str(params["purposes"]).splitlines())
    return _say(words, table, found.code, N_("その他の判定理由（%(code)s）"), params)


def reason_asked(words: Words, code: str) -> str:
    """What a rule asks for by the code of a reason, whatever the mail puts into its sentence:
    「クラウドストレージ（…）へのリンクがあります」"""
    names = _NAMED.findall(REASONS.get(code, ""))
    return _say(words, REASONS, code, N_("その他の判定理由（%(code)s）"), dict.fromkeys(names, "…"))


def fact(words: Words, found: Fact) -> str:
    sentence = FACTS[found.name][1] if found.name in FACTS else N_("確認が必要な点（%(code)s）")
    return words.say(sentence, code=found.name)


def defect(words: Words, code: str) -> str:
    return _say(words, DEFECTS, code, N_("メールの形式に誤りがあります（%(code)s）"))


def article_of_finding(words: Words, found: Finding) -> Article:
    """「個人番号（マイナンバー）と思われる情報が36件あります」 with its places and reasons."""
    return Article(
        level="warn" if found.confidence is Confidence.LOW else "bad",
        title=_title(words, found),
        places=tuple((pieces(words, where), where.count) for where in found.where),
        why=_once(reason(words, each) for each in found.reasons),
    )


def _title(words: Words, found: Finding) -> str:
    number, what = found.unique or found.occurrences, kind(words, found.kind)
    if found.kind.startswith("dictionary."):
        return words.many("%(kind)sがあります（合計%(num)s点）", number, kind=what)
    if found.kind.startswith("pattern."):
        return words.many("%(kind)sが%(num)s件あります", number, kind=what)
    return words.many("%(kind)sと思われる情報が%(num)s件あります", number, kind=what)


def article_of_facts(words: Words, found: Sequence[Fact]) -> Article:
    """「検査できないファイルがあります」 for facts of one name, with all places and reasons."""
    first = found[0]
    reasons = [(each.name, each.reason) for each in found if each.reason]
    new = (said for name, said in reasons if said.code != name or said.params)
    why = [said for said in new if said.code not in missend.REPEATED]
    title = fact(words, first)
    sentences = tuple(said for said in _once(reason(words, each) for each in why) if said != title)
    to = tuple(each.part[3:] for each in found if each.part.startswith("to:"))
    return Article(
        level=FACTS[first.name][0] if first.name in FACTS else "warn",
        title=title,
        places=tuple((way, 0) for way in _once(_ways(words, found))),
        why=sentences,
        brief=_brief(words, title, sentences or to) if first.name in MISSENT else "",
    )


def _brief(words: Words, title: str, why: Sequence[str]) -> str:
    """「いつもの宛先とよく似た、別のドメインがあります（gmai.com は …）」"""
    shown = ("、" if words.language == "ja" else "; ").join(why[:3])
    return words.say("%(title)s（%(why)s）", title=title, why=shown) if shown else title


def articles(words: Words, findings: Iterable[Finding], facts: Iterable[Fact]) -> list[Article]:
    """One card for each finding and each kind of fact, the worst first."""
    by_name: dict[str, list[Fact]] = {}
    for each in facts:
        by_name.setdefault(each.name, []).append(each)
    cards = [article_of_finding(words, each) for each in findings]
    cards += [article_of_facts(words, each) for each in by_name.values()]
    return sorted(cards, key=lambda card: ("bad", "warn", "ok").index(card.level))


def _ways(words: Words, found: Iterable[Fact]) -> Iterator[tuple[str, ...]]:
    return (pieces(words, each) for each in found if each.part or each.path)


def _once(items: Iterable[T]) -> tuple[T, ...]:
    """Each once, in the order of their first appearance."""
    return tuple(dict.fromkeys(items))


def _say(
    words: Words,
    table: Mapping[str, str],
    code: str,
    otherwise: str,
    params: Mapping[str, object] | None = None,
) -> str:
    """The sentence of `code`; `otherwise` where it, or a parameter of it, is missing."""
    try:
        return words.say(table[code], **(params or {}))
    except KeyError:
        return words.say(otherwise, code=code)
