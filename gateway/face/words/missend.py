"""Mis-sends in words: what is odd about recipients, text and files, each in one sentence.

A sentence is about one thing and names it, since the notice shows it alone:
「宛先のドメイン gmai.com は、ふだんの gmail.com とよく似ています」.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gateway.face.i18n import N_

Level = Literal["bad", "warn", "ok"]

MISSENT: Mapping[str, tuple[Level, str]] = {
    "executable": ("bad", N_("添付ファイルに実行形式のファイルがあります")),
    "disguised": ("bad", N_("名前と中身の種類が違うファイルがあります")),
    "attachment_mentioned": ("ok", N_("本文で添付ファイルに触れています")),
    "password_told": ("ok", N_("パスワードを知らせる言葉があります")),
    "salutation": ("ok", N_("宛名があります")),
    "company_named": ("ok", N_("会社の名前があります")),
    "file_names": ("ok", N_("ファイルの中に会社の名前やお客様番号があります")),
    "share_link": ("warn", N_("共有リンクまたはファイル転送サービスのURLがあります")),
    "forgotten_attachment": ("warn", N_("添付ファイルを付け忘れている可能性があります")),
    "salutation_mismatch": ("bad", N_("宛名と宛先が合っていない可能性があります")),
    "named_elsewhere": ("bad", N_("宛先とは別の会社の名前があります")),
    "misattached": ("bad", N_("別の取引先のファイルが添付されている可能性があります")),
    "not_named": ("warn", N_("宛先の会社の名前が本文や件名にありません")),
    "kept_apart": ("bad", N_("同じメールに入れてはいけない宛先の組み合わせです")),
    "reaches_outside": ("warn", N_("社外の人にも届く社内のアドレスが宛先にあります")),
    "own_private_address": ("warn", N_("送信者ご自身の個人アドレスと思われる宛先があります")),
    "password_file": ("warn", N_("パスワード付きのファイルがあります")),
    "password_mail": ("warn", N_("パスワード付きファイルのパスワードを送るメールと思われます")),
    "comments": ("warn", N_("添付ファイルにコメントが残っています")),
    "external_links": ("warn", N_("添付ファイルにほかのファイルへのリンクが残っています")),
    "author": ("ok", N_("添付ファイルに作成者の名前が残っています")),
    "folder_path": ("ok", N_("添付ファイルに保存場所のフォルダー名が残っています")),
    "hidden_text": ("warn", N_("添付ファイルに、画面に見えない文字があります")),
    "speaker_notes": ("warn", N_("添付ファイルに発表者用のノートが残っています")),
    "embedded_files": ("warn", N_("添付ファイルの中に、別のファイルが添付されています")),
    "hidden_content": ("warn", N_("添付ファイルに、画面に表示されない情報が残っています")),
    "first_contact": ("warn", N_("初めての宛先があります")),
    "not_in_book": ("warn", N_("会社のアドレス帳にない宛先があります")),
    "known_circle": ("ok", N_("これまでも互いに見えていた宛先です")),
    "group_outlier": ("warn", N_("ほかの宛先と一緒に送ったことのない宛先があります")),
    "new_domain_in_reply": ("warn", N_("返信に、これまでのやり取りにないドメインの宛先があります")),
    "usual_elsewhere": ("bad", N_("いつもと違うドメインの、よく似た宛先があります")),
    "lookalike_domain": ("bad", N_("いつもの宛先とよく似た、別のドメインがあります")),
    "young_domain": ("warn", N_("登録されて間もないドメインの宛先があります")),
    "addressee_registered": ("ok", N_("送付先台帳に登録された宛先があります")),
    "addressee_expired": ("bad", N_("送付先台帳の契約期間が終わった宛先があります")),
    "addressee_other_purpose": ("bad", N_("送付先台帳にない目的で送られようとしています")),
    "addressee_unknown": ("bad", N_("送付先台帳にない宛先に個人番号が送られようとしています")),
    "outside_hours": ("ok", N_("営業時間外の送信です")),
    "delegated": ("warn", N_("ほかの人の名前での送信（代理送信）です")),
}
"""Said only where a rule stands on them; on trial they are silent."""

REASONS: Mapping[str, str] = {
    "executable_kind": N_("実行形式のファイル（%(label)s）です"),
    "name_and_kind_differ": N_("名前は「%(name)s」ですが、中身は%(label)sです"),
    "attachment_word": N_("「%(label)s」と書かれていますが、添付ファイルがありません"),
    "password_words": N_("パスワードを知らせる言葉があります"),
    "storage_link": N_("クラウドストレージ（%(label)s）へのリンクがあります"),
    "transfer_link": N_("ファイル転送サービス（%(label)s）へのリンクがあります"),
    "salutation": N_("宛名は「%(label)s様」です"),
    "company_named": N_("会社の名前は「%(label)s」です"),
    "nobody_of_name": N_("宛名は「%(label)s様」ですが、その名前の宛先がありません"),
    "named_in_text": N_("本文に「%(label)s」とありますが、%(domain)s の宛先がありません"),
    "named_in_subject": N_("件名に「%(label)s」とありますが、%(domain)s の宛先がありません"),
    "named_in_file": N_("ファイル名に「%(label)s」とありますが、%(domain)s の宛先がありません"),
    "file_to_company": N_("「%(label)s」宛てのファイルですが、%(domain)s の宛先がありません"),
    "file_with_domain": N_("%(label)s のアドレスがありますが、%(domain)s の宛先がありません"),
    "file_with_customer": N_(
        "%(domain)s のお客様番号「%(label)s」がありますが、その宛先がありません"
    ),
    "company_not_named": N_(
        "%(domain)s の宛先がありますが、「%(label)s」の名前がどこにもありません"
    ),
    "comments": N_("コメントがあります"),
    "external_links": N_("ほかのファイルへのリンクがあります"),
    "author": N_("作成者または最終更新者の名前があります"),
    "folder_path": N_("保存場所のフォルダー名があります"),
    "speaker_notes": N_("発表者用のノートがあります"),
    "embedded_files": N_("中に別のファイルが添付されています"),
    "text_in_background": N_("背景と同じ色の文字があります"),
    "text_vanished": N_("「隠し文字」の書式の文字があります"),
    "text_tiny": N_("小さすぎて読めない文字があります"),
    "text_covered": N_("黒塗りの下に文字が残っています"),
    "text_unpainted": N_("描かれない設定の文字があります"),
    "text_off_slide": N_("スライドの外に文字があります"),
    "shape_hidden": N_("非表示の図形に文字があります"),
    "note_hidden": N_("非表示の注釈に文字があります"),
    "cell_shows_nothing": N_("値を表示しない書式のセルがあります"),
    "both_lists": N_("「%(label)s」と「%(other)s」の宛先が同じメールに入っています"),
    "outsiders_behind": N_("「%(label)s」の一つで、その先に社外の人がいます"),
    "members_outside": N_("このメーリングリストから、社外の人に届いたことがあります"),
    "own_name_at_freemail": N_("送信者と同じ名前のフリーメールのアドレスです"),
    "password_beside_file": N_("ファイルと同じメールにパスワードが書かれています"),
    "password_follows": N_("少し前に、同じ宛先へパスワード付きファイルを送っています"),
    "first_for_sender": N_("送信者がこの宛先に送るのは初めてです"),
    "first_for_company": N_("社内の誰も、この宛先に送ったことがありません"),
    "shown_together": N_("同じ顔ぶれの宛先に、To・Ccで3回以上送っています"),
    "never_together": N_("ほかの宛先と一緒に送ったことが一度もありません"),
    "not_in_thread": N_("%(label)s は、このやり取りのこれまでのメールにありません"),
    "same_local_part": N_("ふだんは %(usual)s の同じ名前の宛先に送っています"),
    "same_surname": N_("ふだんは %(usual)s の「%(label)s」様に送っています"),
    "doppelganger": N_("%(label)s は %(usual)s の打ち間違いとして知られるドメインです"),
    "one_letter_off": N_("%(label)s は、ふだん送っている %(usual)s と1文字違いです"),
    "looks_the_same": N_("%(label)s は、ふだん送っている %(usual)s と見た目がよく似ています"),
    "other_ending": N_("%(label)s は、ふだん送っている %(usual)s と末尾だけが違います"),
    "registered_lately": N_("%(label)s は%(date)sに登録されたドメインです（登録から%(n)s日）"),
    "addressee_registered": N_("送付先台帳の「%(label)s」（%(purpose)s）です"),
    "addressee_expired": N_("送付先台帳の「%(label)s」との契約（%(purpose)s）は終わっています"),
    "addressee_other_purpose": N_(
        "送付先台帳の「%(label)s」は%(purpose)sのための登録で、%(stated)sのためではありません"
    ),
    "addressee_unknown": N_("送付先台帳に登録がありません"),
    "outside_hours": N_("営業日・営業時間の外に送られました"),
    "sent_as_other": N_("%(label)s として送信されています"),
}

REPEATED = frozenset({"never_together"})
"""Said beside the recipient whom it is about; of the whole mail the fact says it already."""
