"""What a server's answer means, for somebody who does not read SMTP. Its own words stay beside it:
they are the evidence, and what its administrator asks for."""

from __future__ import annotations

import re

from gateway.face.i18n import N_, Words

_ANSWER = re.compile(r"([245])(\d\d)(?:[ -]+([245])\.(\d{1,3}\.\d{1,3})\b)?")
_BEFORE = re.compile(r"^550 5\.4\.7 given up, last answer: (.*)$", re.DOTALL)

OURS = {
    "given back by the administrator": N_("管理者が配送をやめ、送信者に返しました"),
    "too many mails wait for it": N_("同じサーバーへのメールが多く、順番を待っています"),
    "internal error": N_("このシステムの内部エラーです（ログを確認してください）"),
    "hand-over took too long": N_("相手サーバーの受け取りに時間がかかりすぎました"),
    "after the data: ": N_("送り終えたあとに通信が切れ、届いたかどうかが分かりません"),
    "TLS is required": N_("暗号化（TLS）が必要な宛先ですが、相手サーバーが対応していません"),
    "offers no TLS, without which": N_(
        "配送先が暗号化（TLS）に対応していないため、パスワードを送れません"
    ),
    "the certificate is not good": N_("相手サーバーの証明書を確認できません"),
    "TLS failed": N_("相手サーバーとの暗号化通信（TLS）を始められません"),
    "of the TLSA records": N_(
        "相手サーバーの証明書が、宛先ドメインの示すもの（DANE）と一致しません"
    ),
    "servers in the domain's policy": N_(
        "相手サーバーが、宛先ドメインの方針（MTA-STS）に載っていません"
    ),
    "Connection refused": N_("相手サーバーに接続を断られました（停止中の可能性があります）"),
    "timed out": N_("相手サーバーから応答がありません"),
    "No route to host": N_("相手サーバーへの経路がありません（ネットワーク）"),
    "Network is unreachable": N_("相手サーバーへの経路がありません（ネットワーク）"),
    "takes no 8-bit mail": N_("配送先が8ビットのメールに対応していません"),
    "takes no UTF-8 addresses": N_("配送先が日本語などのアドレスに対応していません"),
    "line ends that must not be sent": N_("改行の形式が正しくないため、送れないメールです"),
}
"""By what we write ourselves where no server said anything (`gateway.mail`)."""

_GREYLISTED = re.compile(r"gr[ae]y-?list|postgrey", re.IGNORECASE)
_GREYLISTING = N_(
    "相手サーバーが初めての送信元を一度待たせています（グレーリスト）。通常は再送で届きます"
)

STATUS = {
    "1.1": N_("宛先のアドレスが存在しません"),
    "1.2": N_("宛先のドメインが存在しません"),
    "1.3": N_("宛先のアドレスの形式が正しくありません"),
    "1.6": N_("宛先は別のアドレスに移っています"),
    "1.7": N_("送信元のアドレスが受け付けられませんでした"),
    "1.8": N_("送信元のドメインを相手サーバーが確認できません"),
    "1.10": N_("宛先のドメインはメールを受け取らないと示しています"),
    "2.1": N_("宛先のメールボックスが使えない状態です"),
    "2.2": N_("宛先のメールボックスの容量がいっぱいです"),
    "2.3": N_("宛先のメールボックスが受け取れる大きさを超えています"),
    "3.1": N_("相手サーバーの空き容量が足りません"),
    "3.2": N_("相手サーバーが受け取りを止めています"),
    "3.4": N_("相手サーバーが受け取れる大きさを超えています"),
    "4.1": N_("相手サーバーに接続できません"),
    "4.2": N_("相手サーバーとの通信が途中で切れました"),
    "4.3": N_("宛先のドメインをDNSで確認できません"),
    "4.4": N_("宛先のメールサーバーが見つかりません"),
    "4.5": N_("相手サーバーが混み合っています"),
    "4.6": N_("メールが同じサーバーに戻ってきます（ループ）"),
    "4.7": N_("期限までに配送できませんでした"),
    "5.3": N_("一度に送れる宛先の数を超えています"),
    "6.7": N_("相手サーバーが日本語などのアドレスに対応していません"),
    "7.2": N_("宛先のメーリングリストに送る権限がありません"),
    "7.8": N_("配送先へのサインインに失敗しました"),
    "7.20": N_("電子署名（DKIM）を相手サーバーが確認できません"),
    "7.21": N_("電子署名（DKIM）を相手サーバーが確認できません"),
    "7.22": N_("電子署名（DKIM）を相手サーバーが確認できません"),
    "7.23": N_("送信元の登録（SPF）に合わないため、断られました"),
    "7.24": N_("送信元の登録（SPF）を相手サーバーが確認できません"),
    "7.25": N_("送信元サーバーの逆引きの名前がないため、断られました"),
    "7.26": N_("送信ドメイン認証（SPF、DKIM、DMARC）に合わないため、断られました"),
    "7.30": N_("相手サーバーが暗号化（TLS）を求めています"),
}
"""By the enhanced status code, without its first digit (RFC 3463, 7372, 7505)."""

CLASSES = {
    "1": N_("宛先か送信元のアドレスに問題があります"),
    "2": N_("宛先のメールボックスに問題があります"),
    "3": N_("相手サーバーに問題があります"),
    "4": N_("相手サーバーまでの経路に問題があります"),
    "5": N_("相手サーバーがやり取りを受け付けませんでした"),
    "6": N_("メールの形式を相手サーバーが扱えません"),
    "7": N_("相手サーバーの受信制限により受け取られませんでした"),
}

CODES = {
    "421": N_("相手サーバーが一時的に受け付けていません"),
    "450": N_("宛先のメールボックスを一時的に使えません"),
    "451": N_("相手サーバーに一時的な問題があります"),
    "452": N_("相手サーバーの空き容量が一時的に足りません"),
    "550": N_("宛先が存在しないか、相手サーバーの受信制限により断られました"),
    "551": N_("宛先は別のアドレスに移っています"),
    "552": N_("容量か大きさの上限を超えています"),
    "553": N_("宛先のアドレスが受け付けられませんでした"),
    "554": N_("相手サーバーに断られました"),
}
_GIVEN_UP = STATUS["4.7"]
_TEMPORARY = N_("相手サーバーが一時的に受け取りませんでした")
_PERMANENT = N_("相手サーバーに断られました")


def reply(words: Words, text: str) -> str:
    """What `text`, an answer as it is recorded, means; "" where it says that all is well, or
    nothing.

    >>> from gateway.face.i18n import words_in
    >>> reply(words_in("en"), "452 4.2.2 Mailbox full")
    "the recipient's mailbox is full"
    """
    if given_up := _BEFORE.match(text):
        return words.say(
            "%(ended)s。最後の応答：%(last)s",
            ended=words.say(_GIVEN_UP),
            last=reply(words, given_up[1]) or given_up[1],
        )
    found = _ANSWER.match(text)
    if not found or found[1] == "2":
        return ""
    return words.say(_meaning(text, found))


def _meaning(text: str, found: re.Match[str]) -> str:
    for phrase, sentence in OURS.items():
        if phrase in text:
            return sentence
    if found[1] == "4" and _GREYLISTED.search(text):
        return _GREYLISTING
    status = found[4] or ""
    if status in STATUS:
        return STATUS[status]
    group = CLASSES.get(status.partition(".")[0])
    otherwise = _TEMPORARY if found[1] == "4" else _PERMANENT
    return group or CODES.get(found[1] + found[2]) or otherwise
