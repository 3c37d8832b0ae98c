"""A policy in words: what each rule looks for, and what it then asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from admin_ui.trail import CODES
from gateway.face import words as spoken
from gateway.face.dates import day, span
from gateway.face.figures import count, size
from gateway.face.i18n import N_, Words
from gateway.judgement.policy.conditions import Condition, Noted
from gateway.judgement.policy.ranges import Range
from gateway.judgement.policy.rules import Policy, Rule, Then, Treatment
from gateway.judgement.policy.safety import SAFETY
from gateway.judgement.policy.verdict import Verdict

TONES = {"approve": "bad", "reject": "bad", "confirm": "warn", "delay": "warn", "pass": ""}
MODES = {"enforce": N_("適用中"), "audit_only": N_("試行中（記録のみ）"), "off": N_("停止中")}
RECIPIENTS = {"outside": N_("社外"), "inside": N_("社内"), "any": ""}
PLACES = {
    "body": N_("本文"),
    "attachment": N_("添付ファイル"),
    "subject": N_("件名"),
    "header": N_("ヘッダー"),
}
SENDERS = {
    "person": N_("利用者"),
    "shared": N_("共有アドレス"),
    "system": N_("システム・複合機"),
    "null": N_("差出人なし"),
    "automatic": N_("自動返信"),
    "forwarded": N_("自動転送"),
    "list": N_("メーリングリスト"),
}
FACTS = {
    "uninspectable": N_("検査できないファイル"),
    "not_inspected": N_("検査の対象外のファイル"),
    "ambiguous": N_("読み方が一通りに決まらないメール"),
    "scan_incomplete": N_("検査が終わらなかったメール"),
    "signed": N_("電子署名付きのメール"),
    "encrypted": N_("暗号化されたメール"),
    "hidden_sheet": N_("非表示のシート"),
    "hidden_columns": N_("非表示の行・列"),
    "hidden_slide": N_("非表示のスライド"),
    "tracked_changes": N_("変更履歴"),
    "comments": N_("コメント"),
    "external_links": N_("ほかのファイルへのリンク"),
    "author": N_("作成者の名前"),
    "macro": N_("マクロ"),
    "executable": N_("実行形式のファイル"),
    "disguised": N_("名前と中身の種類が違うファイル"),
    "auto_submitted": N_("自動送信のメール"),
    "attachment_mentioned": N_("添付ファイルに触れる言葉"),
    "password_told": N_("パスワードを知らせる言葉"),
    "share_link": N_("共有リンク・ファイル転送サービス"),
    "forgotten_attachment": N_("添付ファイルの付け忘れ"),
    "salutation_mismatch": N_("宛名と宛先の食い違い"),
    "named_elsewhere": N_("宛先とは別の会社の名前"),
    "not_named": N_("宛先の会社の名前がない"),
    "misattached": N_("別の取引先の添付ファイル"),
    "kept_apart": N_("混載禁止の宛先の組み合わせ"),
    "reaches_outside": N_("社外の人にも届く社内のアドレス"),
    "own_private_address": N_("送信者自身の個人アドレス"),
    "password_file": N_("パスワード付きファイル"),
    "password_mail": N_("パスワードを送るメール"),
    "hidden_content": N_("画面に表示されない情報"),
    "first_contact": N_("初めての宛先"),
    "not_in_book": N_("アドレス帳にない宛先"),
    "known_circle": N_("これまでも互いに見えていた宛先"),
    "group_outlier": N_("一緒に送ったことのない宛先"),
    "new_domain_in_reply": N_("返信で加わったドメイン"),
    "usual_elsewhere": N_("いつもと違うドメインの似た宛先"),
    "lookalike_domain": N_("いつもの宛先に似たドメイン"),
    "young_domain": N_("登録されて間もないドメイン"),
    "addressee_registered": N_("送付先台帳に登録された宛先"),
    "addressee_expired": N_("送付先台帳の期間が終わった宛先"),
    "addressee_other_purpose": N_("送付先台帳の目的と違う送付"),
    "addressee_unknown": N_("送付先台帳にない宛先"),
    "outside_hours": N_("営業時間外の送信"),
    "delegated": N_("代理送信"),
}
NOTED = FACTS | {"sent_last_hour": N_("1時間の社外宛先の数")}
"""All that a rule may ask about the moment, by its name."""
ADDRESSEES = {
    "registered": N_("宛先が送付先台帳にあり、期間内"),
    "expired": N_("宛先の送付先台帳の期間が終わっている"),
    "other_purpose": N_("申告した目的が、宛先の送付先台帳の目的と違う"),
    "unknown": N_("宛先が送付先台帳にない"),
}
DICTIONARIES = {
    "individual_number": N_("マイナンバーに関する言葉"),
    "hr": N_("人事・給与に関する言葉"),
    "confidential": N_("「社外秘」などの表示"),
}
WHO = {"sender": N_("送信者"), "owner": N_("担当者"), "admin": N_("システム管理者")}
OFFERS = {
    "bcc": N_("またはBccに変換して送信"),
    "one_each": N_("または1通ずつ個別に送信"),
}
LEVELS = {"high": N_("高"), "medium": N_("中"), "low": N_("低")}


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    title: str
    why: str
    mode: str
    mode_code: str
    action: str
    tone: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    then: tuple[str, ...]


FAILED = {
    "recipient": N_("宛先が社内か社外かの条件に合わない"),
    "recipient_domains": N_("宛先のドメインが違う"),
    "recipient_addresses": N_("宛先のアドレスが違う"),
    "in_list": N_("宛先が一覧にない"),
    "not_in_list": N_("宛先が一覧にある"),
    "addressee": N_("送付先台帳での登録の有無が違う"),
    "addressee_purpose": N_("送付先台帳の目的が違う"),
    "sender_class": N_("送信者の種類が違う"),
    "sender_in": N_("送信者がグループにいない"),
    "finding": N_("探しているものが見つからない"),
    "confidence": N_("見つかったものの確度が足りない"),
    "place": N_("見つかった場所が違う"),
    "unique": N_("件数が範囲の外"),
    "points": N_("点数が範囲の外"),
    "fact": N_("条件の特徴が見当たらない"),
    "reason": N_("理由が違う"),
    "also": N_("同時に求めているものがそろっていない"),
    "words": N_("探している言葉がない"),
    "outside_addresses": N_("受信者に見える社外宛先の数が範囲の外"),
    "outside_companies": N_("社外の宛先の会社の数が範囲の外"),
    "attachments": N_("添付ファイルの数が範囲の外"),
    "sent_last_hour": N_("1時間の社外宛先の数が範囲の外"),
    "subject_starts": N_("件名の始まりが違う"),
    "header": N_("ヘッダーに送信者の希望がない"),
    "size": N_("メールの大きさが範囲の外"),
    "off": N_("停止中のルール"),
    "except": N_("除外の条件に当てはまる"),
    "covered": N_("ほかのルールが判断している"),
}
"""Why a rule did not match: the first condition that did not hold."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule said of one recipient."""

    name: str
    title: str
    matched: bool
    why: str
    trial: bool
    """it matched, and is on trial: recorded, and holds nothing"""


def answers(words: Words, policy: Policy, verdict: Verdict) -> Iterator[Answer]:
    """Every rule with why it matched or what did not hold, in the order of the file."""
    known = {rule.name: rule for rule in (*policy.rules, *SAFETY)}
    trials = {reason.rule for reason in verdict.would}
    for step in verdict.trace:
        rule = known[step.rule]
        why = rule.why.said(words.language)
        title = rule.title.said(words.language) if rule.title else ""
        failed = words.say(FAILED[step.failed]) if step.failed in FAILED else step.failed
        said = why if step.matched else failed
        yield Answer(step.rule, title or why, step.matched, said, step.rule in trials)


def asked(words: Words, verdict: Verdict) -> Iterator[str]:
    """What would have to be done before it leaves, and how it would leave."""
    say = words.say
    for demand in verdict.demands:
        if demand.kind == "approve":
            yield say("「%(group)s」%(need)s名の承認", group=demand.group, need=demand.need)
        else:
            who = {"confirm": "sender", "owner": "owner", "admin": "admin"}[demand.kind]
            yield say("%(who)sが確認", who=say(WHO[who]))
        if demand.retype:
            yield say("宛先ドメインの入力")
        if demand.purpose:
            yield say("目的の記入")
    if verdict.delay:
        yield say("%(span)s待って送信", span=span(verdict.delay.clock, words))
    yield from (say(OFFERS[way]) for way in verdict.offer)
    if verdict.treatment:
        yield from _treated(words, verdict.treatment)


def rules(words: Words, policy: Policy) -> list[Shown]:
    return [_shown(words, rule) for rule in policy.rules]


def _shown(words: Words, rule: Rule) -> Shown:
    return Shown(
        rule.name,
        rule.title.said(words.language) if rule.title else rule.why.said(words.language),
        rule.why.said(words.language) if rule.title else "",
        words.say(MODES[rule.mode]),
        rule.mode,
        words.say(CODES[rule.then.action]),
        TONES[rule.then.action],
        tuple(_when(words, rule.when)),
        (*(_when(words, rule.except_) if rule.except_ else ()), *_exempt(words, rule)),
        tuple(_then(words, rule.then)),
    )


def _exempt(words: Words, rule: Rule) -> Iterator[str]:
    comma = words.say("、")
    for each in rule.exemptions:
        what = comma.join(_when(words, each.when))
        if each.until == date.max:
            yield what
            continue
        until = day(each.until, words.language)
        said = {"what": what, "until": until, "owner": each.owner, "reason": each.reason}
        yield words.say("%(what)s（%(until)sまで、責任者：%(owner)s、理由：%(reason)s）", **said)


def _when(words: Words, when: Condition) -> Iterator[str]:
    """All that must hold, in the order in which a person would say it."""
    say, comma = words.say, words.say("、")
    if when.recipient != "any":
        yield say("宛先が%(where)s", where=say(RECIPIENTS[when.recipient]))
    for names in (when.recipient_domains, when.recipient_addresses, when.in_list):
        if names:
            yield say("宛先が「%(names)s」にある", names=comma.join(names))
    if when.not_in_list:
        yield say("宛先が「%(names)s」にない", names=comma.join(when.not_in_list))
    if when.addressee:
        yield say(ADDRESSEES[when.addressee])
    if when.addressee_purpose:
        yield say("台帳の目的が「%(names)s」", names=comma.join(when.addressee_purpose))
    for noted in when.noted:
        yield from _found(words, noted)
    if when.sender_class:
        classes = comma.join(say(SENDERS[each]) for each in when.sender_class)
        yield say("送信者が%(who)s", who=classes)
    if when.sender_in:
        yield say("送信者が「%(names)s」にいる", names=comma.join(when.sender_in))
    for value, sentence in (
        (when.outside_addresses, N_("受信者に見える社外宛先が%(range)s")),
        (when.outside_companies, N_("社外の宛先の会社が%(range)s")),
        (when.attachments, N_("添付ファイルが%(range)s")),
        (when.sent_last_hour, N_("1時間の社外宛先が%(range)s")),
    ):
        if value:
            yield say(sentence, range=_range(words, value, count))
    if when.subject_starts:
        yield say("件名が「%(marks)s」で始まる", marks=say("」「").join(when.subject_starts))
    if when.header:
        yield say("送信者がヘッダーに「%(names)s」と書いた", names=say("」「").join(when.header))
    if when.size:
        yield say("メールの大きさが%(range)s", range=_range(words, when.size, size))


def _found(words: Words, when: Noted) -> Iterator[str]:
    say, comma = words.say, words.say("、")
    place = say(PLACES[when.place]) if when.place != "any" else ""
    if when.finding:
        what = spoken.kind(words, when.finding)
        levels = [say(LEVELS[level]) for level in LEVELS if _has(when, level)]
        level = say("確度%(levels)s", levels=say("・").join(levels)) if levels else ""
        number = _range(words, when.unique, count) if when.unique else ""
        about = comma.join(filter(None, (place, level, number)))
        yield say("%(what)s（%(about)s）", what=what, about=about) if about else what
    if when.fact:
        fact = say(FACTS[when.fact])
        yield say("%(what)s（%(about)s）", what=fact, about=place) if place else fact
    if when.reason:
        yield say("理由が「%(reason)s」", reason=spoken.reason_asked(words, when.reason))
    if when.words:
        yield say("%(what)sがある", what=comma.join(say(DICTIONARIES[w]) for w in when.words))


def _has(when: Noted, level: str) -> bool:
    return any(each.value == level for each in when.confidence or ())


def _range(words: Words, value: Range, shown: Callable[[int, Words], str]) -> str:
    low = shown(value.low, words)
    if value.high is None:
        return words.say("%(low)s以上", low=low)
    if value.low == value.high:
        return low
    return words.say("%(low)s～%(high)s", low=low, high=shown(value.high, words))


def _then(words: Words, then: Then) -> Iterator[str]:
    say: Any = words.say
    if then.action == "confirm" and then.by != "sender":
        yield say("%(who)sが確認", who=say(WHO[then.by]))
    if then.approvers:
        yield say(
            "「%(group)s」%(need)s名の承認", group=then.approvers.group, need=then.approvers.need
        )
    if then.delay:
        yield say("%(span)s待って送信", span=span(then.delay.clock, words))
    if then.retype_domain:
        yield say("宛先ドメインの入力")
    if then.purpose:
        yield say("目的の記入")
    yield from (say(OFFERS[way]) for way in then.offer)
    if then.treatment:
        yield from _treated(words, then.treatment)
    if then.notify:
        yield say("「%(names)s」に知らせる", names=say("、").join(then.notify))


def _treated(words: Words, treatment: Treatment) -> Iterator[str]:
    say = words.say
    whole = treatment.bridge == "whole"
    if treatment.bridge:
        yield say("本文ごと受け取りページで渡す") if whole else say("添付は受け取りページで渡す")
    if treatment.told_word:
        yield say("電話で伝える合言葉")
    if treatment.zip:
        yield say("添付は暗号化ZIPにする（パスワードは送信者が電話で伝える）")
    if treatment.zip_names:
        yield say("ZIPのファイル名は%(charset)s", charset=treatment.zip_names.upper())
    if treatment.opens_after:
        yield say("%(span)s後に公開", span=span(treatment.opens_after.clock, words))
    yield from _written(words, treatment)


def _written(words: Words, treatment: Treatment) -> Iterator[str]:
    say: Any = words.say
    if treatment.one_each:
        yield say("社外へは1通ずつ送る")
    elif treatment.bcc:
        yield say("社外の宛先をBccに変える")
    for address in (*treatment.add_cc, *treatment.add_bcc):
        yield say("%(address)sに写しを送る", address=address)
    if treatment.mark:
        yield say("件名に「%(mark)s」を付ける", mark=treatment.mark)
    if treatment.header or treatment.footer:
        yield say("本文に定型文を付ける")
