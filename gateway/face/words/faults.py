"""What is wrong with what somebody wrote or asked for: where it stands, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

from gateway.face.i18n import N_, Words
from gateway.face.words.faults_of_commands import OF_COMMANDS
from gateway.face.words.faults_of_config import OF_CONFIG
from gateway.face.words.faults_of_policy import OF_POLICY

if TYPE_CHECKING:
    from gateway.memory.faults import Fault

FAULTS = {
    # no TOML
    "toml": N_("TOMLとして読めません（%(detail)s）"),
    "toml_depth": N_("表や並びの入れ子が深すぎます"),
    "toml_statement": N_(
        "TOMLの書き方に合いません（キー = 値、[表]、[[表]] のどれかで書いてください）"
    ),
    "toml_key": N_('キーに使えない文字です（英数字と - _ のほかは " " で囲んでください）'),
    "toml_equals": N_("キーの後に = がありません"),
    "toml_value": N_('値として読めません（文字列は " " で囲んでください）'),
    "toml_bracket": N_("[ または { が閉じていません"),
    "toml_heading": N_("見出しの括弧が閉じていません（[表] または [[表]] と書いてください）"),
    "toml_line": N_("1行に2つのことは書けません（改行してください）"),
    "toml_backslash": N_("文字列の中の \\ は \\\\ と書いてください"),
    "toml_string": N_('文字列が閉じていません（改行を含む文字列は三重の " で囲んでください）'),
    "toml_twice": N_("同じキーが2回書かれています（どちらかを削除してください）"),
    # keys and values
    "unknown_key": N_("このキーはありません"),
    "missing": N_("必要です（書いてください）"),
    "not_one_of": N_("次のどれかにしてください：%(known)s"),
    "not_a_day": N_("日付で書いてください（例：2027-03-31）"),
    "string_type": N_('文字列にしてください（" " で囲む）'),
    "string_too_short": N_("空にはできません"),
    "string_too_long": N_("%(max_length)s文字以内にしてください"),
    "string_pattern_mismatch": N_("%(pattern)s の形にしてください"),
    "too_short": N_("%(min_length)s件以上書いてください"),
    "too_long": N_("%(max_length)s件までにしてください"),
    "int_type": N_('整数にしてください（" " で囲まない）'),
    "greater_than_equal": N_("%(ge)s以上の数にしてください"),
    "less_than_equal": N_("%(le)s以下の数にしてください"),
    "bool_type": N_('true か false にしてください（" " で囲まない）'),
    "model_type": N_("表にしてください（{ キー = 値 } または [見出し]）"),
    "dict_type": N_("表にしてください（{ キー = 値 } または [見出し]）"),
    "tuple_type": N_("並びにしてください（[ ] で囲む）"),
    "no_length": N_('「%(text)s」は時間の長さとして読めません（"15 min"、"3 h"、"7 d" のように）'),
    "business_time": N_('ここでは営業時間を使えません（"15 min"、"3 h" のように）'),
    "control_character": N_("制御文字が含まれています"),
    # a file that is named
    "no_file": N_("ファイルがありません"),
    "no_permission": N_("読む権限がありません"),
    "unreadable": N_("読めません（%(detail)s）"),
    "not_utf8": N_("UTF-8ではありません（UTF-8で保存してください）"),
    "no_charset": N_("UTF-8でもShift_JIS（CP932）でもありません"),
    **OF_POLICY,
    **OF_CONFIG,
    **OF_COMMANDS,
}

_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""What a file is quoted with must not break the line, nor be obeyed by a terminal."""


def fault(words: Words, found: Fault) -> str:
    """「policy.toml: 12行目: rule[2] "freemail".when: このキーはありません（もしかして：…）」"""
    where = (found.origin, _line(words, found), found.place, found.file)
    sentence = FAULTS.get(found.code, N_("正しくありません（%(detail)s）"))
    said = words.say(sentence, **{"detail": found.code, **found.values})
    said += words.say("（もしかして：%(near)s）", near=found.near) if found.near else ""
    line = ": ".join([*filter(None, where), said])
    return "".join("\ufffd" if category(c) in _UNSEEN else c for c in line)


def _line(words: Words, found: Fault) -> str:
    if found.column:
        return words.say("%(line)s行目%(column)s文字目", line=found.line, column=found.column)
    return words.say("%(line)s行目", line=found.line) if found.line else ""
