"""States, acts (操作区分) and persons' parts in them, as the pages and the records name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from gateway.face.i18n import N_, Words

Tone = Literal["bad", "warn", "ok", ""]

STATES = {
    # of a consignment
    "received": N_("受付済み"),
    "delayed": N_("一時保留"),
    "held": N_("保留中"),
    "released": N_("送信の準備中"),
    "queued": N_("送信待ち"),
    "done": N_("送信済み"),
    "withdrawn": N_("取り消し"),
    "refused": N_("却下"),
    "expired": N_("期限切れ"),
    "tapped": N_("試行（検査待ち）"),
    "observed": N_("試行（配送なし）"),
    "erased": N_("消去済み"),
    # of a parcel on the outside door
    "open": N_("公開中"),
    "stopped": N_("一時停止中"),
    "locked": N_("ロック中"),
    "recalled": N_("回収済み"),
    "used_up": N_("回数終了"),
    "not_yet": N_("公開前"),
}

TONES: Mapping[str, Tone] = {
    "held": "warn",
    "delayed": "warn",
    "stopped": "warn",
    "deferred": "warn",
    "refused": "bad",
    "locked": "bad",
    "bounced": "bad",
    "sealing_failed": "bad",
    "done": "ok",
    "open": "ok",
    "delivered": "ok",
}

DELIVERIES = {
    "waiting": N_("配送待ち"),
    "delivered": N_("配送済み"),
    "deferred": N_("再送待ち"),
    "bounced": N_("不達"),
    "failed": N_("不達"),
    "unknown": N_("結果不明（届いた可能性があります）"),
    "dropped": N_("宛先から除外"),
    "observed": N_("試行（配送なし）"),
}

DEMANDS = {
    "confirm": N_("送信者の確認"),
    "owner": N_("担当者の確認"),
    "admin": N_("システム管理者の確認"),
    "approve": N_("承認者の承認"),
}

DEMAND_STATES = {
    "waiting": N_("前の確認を待っています"),
    "open": N_("未対応"),
    "met": N_("対応済み"),
    "void": N_("不要になりました"),
}

ADDRESSEES = {
    "waiting": N_("承認待ち"),
    "registered": N_("有効"),
    "expired": N_("期限切れ"),
    "ended": N_("終了"),
}
"""How an entry stands in the ledger of addressees (送付先台帳)."""

ACTORS = {
    "person": N_("利用者"),
    "operator": N_("運用担当者（コマンド）"),
    "system": N_("システム（自動）"),
    "client": N_("送信元サーバー"),
    "recipient": N_("受取人"),
}

ROLES = {
    "sender": N_("送信者"),
    "approver": N_("承認者"),
    "handler": N_("事務取扱担当者"),
    "auditor": N_("監査担当者"),
    "policy_admin": N_("ルール管理者"),
    "system_admin": N_("システム管理者"),
}

_IN_PARCEL = N_("受け取りページへ格納")
_IN_ZIP = N_("暗号化ZIPに格納")
VERBS = {
    # the way of a mail
    "received": N_("受付"),
    "judged": N_("検査と判定"),
    "rejudged": N_("再判定"),
    "held": N_("保留"),
    "delayed": N_("一時保留"),
    "released": N_("保留解除"),
    "sealed": N_("送信する内容を用意"),
    "linked_instead": N_("暗号化ZIPにできず、受け取りページに変更"),
    "sealing_failed": N_("送信する内容の用意に失敗"),
    "queued": N_("送信待ちに登録"),
    "converted": N_("送り方の変更（Bcc・個別送信）"),
    "copied": N_("写しの宛先を追加"),
    "bypassed": N_("保留の一時停止により通過"),
    "bypass.begun": N_("保留の一時停止を開始"),
    "bypass.ended": N_("保留の一時停止を終了"),
    "attempted": N_("配送を開始"),
    "retried": N_("すぐに再送を指示"),
    "rerouted": N_("配送経路を変更"),
    "given_back": N_("送信者に返却"),
    "delivered": N_("配送完了"),
    "deferred": N_("配送を延期"),
    "bounced": N_("配送不能"),
    "settled": N_("配送を終了"),
    "withdrawn": N_("取り消し"),
    "refused": N_("却下"),
    "returned": N_("差し戻し"),
    "expired": N_("期限切れ"),
    "observed": N_("写しを判定（試行）"),
    "erased": N_("メールの内容を消去"),
    "split": N_("宛先の分割"),
    # decisions
    "confirm.viewed": N_("確認画面の表示"),
    "hold.viewed": N_("承認画面の表示"),
    "confirmed": N_("送信者が確認"),
    "run.confirmed": N_("送信者がまとめて確認"),
    "burst.confirmed": N_("システム管理者がまとめて確認"),
    "burst.refused": N_("システム管理者がまとめて却下"),
    "recipient_dropped": N_("宛先を除外"),
    "attachment_dropped": N_("添付を除外"),
    "unlocked": N_("パスワードで開いて検査"),
    "approved": N_("承認"),
    "delegated": N_("代理に回付"),
    "reminded": N_("催促"),
    "escalated": N_("代理承認者へ自動回付"),
    "reported_false": N_("誤検知の報告"),
    "password.shown": N_("暗号化ZIPのパスワードを表示"),
    "unmasked": N_("伏せ字の解除"),
    "nobody_to_ask": N_("確認できる人がいない"),
    "notice.queued": N_("通知を送信待ちに登録"),
    "notice.sent": N_("通知の送信"),
    # the outside door
    "link.created": N_("受け取りページの作成"),
    "link.viewed": N_("受け取りページの表示"),
    "link.code_wanted": N_("認証コードの請求"),
    "link.code_sent": N_("認証コードの送信"),
    "link.code_ok": N_("認証コードの照合に成功"),
    "link.code_failed": N_("認証コードの照合に失敗"),
    "link.locked": N_("受け取りページのロック"),
    "link.stopped": N_("公開の一時停止"),
    "link.resumed": N_("公開の再開"),
    "link.extended": N_("期限の延長"),
    "link.recalled": N_("回収"),
    "link.reissued": N_("再発行"),
    "link.reissue_asked": N_("再発行の依頼"),
    "link.expired": N_("受け取り期限切れ"),
    "link.reminded": N_("受け取り期限のお知らせ"),
    "certificate.issued": N_("証明書の発行"),
    "link.erased": N_("受け取りページのファイルを消去"),
    "download.started": N_("ダウンロード開始"),
    "download.completed": N_("ダウンロード完了"),
    "download.part": N_("ダウンロード（一部）"),
    "download.aborted": N_("ダウンロード中断"),
    # people
    "login.ok": N_("サインイン成功"),
    "login.failed": N_("サインイン失敗"),
    "logout": N_("サインアウト操作"),
    "session.revoked": N_("サインインの取り消し"),
    "person.added": N_("利用者の追加"),
    "person.changed": N_("利用者の変更"),
    "person.locked": N_("利用者のロック"),
    "person.unlocked": N_("利用者のロック解除"),
    "person.invited": N_("サインインの準備用リンクの発行"),
    "person.enrolled": N_("サインインの準備を完了"),
    "password.changed": N_("パスワードの変更"),
    "role.granted": N_("権限の付与"),
    "role.revoked": N_("権限の取り消し"),
    "group.granted": N_("グループへの追加"),
    "group.revoked": N_("グループからの除外"),
    "deputy.named": N_("代理の設定"),
    "deputy.ended": N_("代理の終了"),
    "address.added": N_("アドレスの追加"),
    "address.removed": N_("アドレスの削除"),
    # the house
    "policy.proposed": N_("送信ルールの適用を提案"),
    "policy.published": N_("送信ルールの適用"),
    "audit.searched": N_("監査ログの検索"),
    "audit.exported": N_("監査ログの書き出し"),
    "audit.verified": N_("監査ログの検証"),
    "key.created": N_("鍵の作成"),
    "key.destroyed": N_("鍵の破棄"),
    "key.rotated": N_("鍵の更新"),
    "evidence.held": N_("証拠保全の開始"),
    "evidence.freed": N_("証拠保全の終了"),
    "records.erased": N_("保存期間を過ぎた記録の廃棄"),
    "register.built": N_("個人番号の照合用登録を作成"),
    "register.dropped": N_("個人番号の照合用登録を消去"),
    "addressee.registered": N_("送付先台帳への登録"),
    "addressee.approved": N_("送付先台帳の登録を承認"),
    "addressee.ended": N_("送付先台帳の登録を終了"),
    "acquaintance.fed": N_("過去の送信記録の取り込み"),
    "backup.made": N_("バックアップの作成"),
    "restored": N_("バックアップからの復元"),
    "started": N_("起動"),
    "stopped": N_("停止"),
    "clock.stopped": N_("停止期間の控除"),
}


def state(words: Words, code: str) -> str:
    """保留中"""
    return _name(words, STATES, code, N_("その他の状態（%(code)s）"))


def tone(code: str) -> Tone:
    """The tint of a state's pill; "" is neutral."""
    return TONES.get(code, "")


def verb(words: Words, code: str, details: Mapping[str, Any] | None = None) -> str:
    """操作区分: 「承認」, 「ダウンロード完了」. Not all that is sealed is put into a parcel."""
    if code == "sealed" and details and details.get("form") == "zip":
        return words.say(_IN_ZIP)
    if code == "sealed" and details and details.get("parcel"):
        return words.say(_IN_PARCEL)
    return _name(words, VERBS, code, N_("その他の操作（%(code)s）"))


def delivery(words: Words, code: str) -> str:
    return _name(words, DELIVERIES, code, N_("その他の配送状態（%(code)s）"))


def demand(words: Words, code: str) -> str:
    """What a hold waits for: 「送信者の確認」"""
    return _name(words, DEMANDS, code, N_("その他の条件（%(code)s）"))


def demand_state(words: Words, code: str) -> str:
    return _name(words, DEMAND_STATES, code, N_("その他の状態（%(code)s）"))


def addressee(words: Words, code: str) -> str:
    """「承認待ち」"""
    return _name(words, ADDRESSEES, code, N_("その他の状態（%(code)s）"))


def actor(words: Words, kind: str) -> str:
    """Who, where it is not a named person: 「システム（自動）」"""
    return _name(words, ACTORS, kind, N_("その他の操作者（%(code)s）"))


def role(words: Words, code: str) -> str:
    return _name(words, ROLES, code, N_("その他の役割（%(code)s）"))


def _name(words: Words, table: Mapping[str, str], code: str, otherwise: str) -> str:
    return words.say(table.get(code, otherwise), code=code)
