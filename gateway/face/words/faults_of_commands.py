"""Why an installation does not open, and why a command is refused."""

from gateway.face.i18n import N_

OF_COMMANDS = {
    # how it was called
    "no_such_option": N_("このオプションはありません"),
    "no_such_verb": N_("このコマンドはありません"),
    "missing_argument": N_("引数が必要です"),
    "missing_option": N_("このオプションが必要です"),
    "surplus_argument": N_("余分な引数です"),
    "wants_value": N_("値が必要です"),
    "takes_no_value": N_("値は付けられません"),
    "no_whole_number": N_("整数で指定してください"),
    "not_between": N_("%(least)s以上%(most)s以下で指定してください"),
    "is_a_folder": N_("フォルダーです（ファイルを指定してください）"),
    "is_no_folder": N_("ファイルです（フォルダーを指定してください）"),
    "misused": N_("使い方が正しくありません（%(detail)s）"),
    "port_taken": N_("ポート%(port)sは使われています（--port-base で別の番号を指定してください）"),
    "ids_or_search": N_("メールは番号で、または --domain や --reply で指定してください"),
    "jsonl_is_whole": N_("jsonlは台帳全体だけを書き出せます（一部では検証できません）"),
    # configuration, keys, database, data directory
    "no_config": N_(
        "設定ファイルがありません（--config で指定してください。見本：conf/sekisho.toml）"
    ),
    "no_keys": N_(
        "鍵がまだありません（sekisho key init を実行してください。以前からの環境では、"
        "新しく作らず、控えの鍵を戻してください）"
    ),
    "no_key": N_("鍵がありません（sekisho key init を実行してください）"),
    "no_root_key": N_("ルート鍵がありません（sekisho key init を実行してください）"),
    "no_signing_key": N_("署名の鍵がありません（sekisho key init を実行してください）"),
    "no_key_of_register": N_("鍵がありません（登録を作り直してください：sekisho register build）"),
    "damaged_root_key": N_("ルート鍵が壊れています"),
    "rotation_cut_off": N_(
        "鍵の更新が途中で止まっています（sekisho key rotate で完了してください）"
    ),
    "other_root_key": N_("別のルート鍵で作られています"),
    "no_key_file": N_("鍵のファイルがありません"),
    "wrong_key": N_("「%(about)s」の鍵を開けません"),
    "no_database": N_("データベースがないか、古い版です（sekisho db upgrade を実行してください）"),
    "served": N_("Sekishoが動いています（先に停止してください）"),
    "cannot_listen": N_("このアドレスでは待ち受けられません（%(detail)s）"),
    "rolled_back": N_(
        "データベースが、署名した台帳より古い状態です（署名済み%(signed)s件、データベース%(found)s件。"
        "バックアップからは sekisho restore で戻してください）"
    ),
    "no_driver": N_("PostgreSQLのドライバーがありません（pip install psycopg[binary]）"),
    "not_in_utf8": N_(
        "データベースの文字コードが %(found)s です（UTF8 で作り直してください：createdb -E UTF8）"
    ),
    "served_elsewhere": N_(
        "このデータベースは、別のマシンか別の data_dir の sekisho が使用中です"
        "（先にそちらを停止してください）"
    ),
    "owned_by": N_("所有者は%(name)sです（%(name)sかrootで実行してください）"),
    "disk_full": N_("空き容量が足りません（容量を空けて、もう一度お試しください）"),
    "quicker": N_("ほかの処理が先に変更したか、変更しています（もう一度お試しください）"),
    # backups
    "other_database": N_(
        "%(missing)s がありません"
        "（store.url と同じ種類のデータベースのバックアップを指定してください）"
    ),
    "no_program": N_(
        "このプログラムがありません"
        "（PostgreSQLのクライアントを入れてください。Debianでは postgresql-client）"
    ),
    "tool_failed": N_("データベースの書き出しか書き戻しに失敗しました（%(detail)s）"),
    "not_empty": N_("空ではありません（空のフォルダーを指定してください）"),
    "keys_elsewhere": N_(
        "このバックアップを開く鍵がありません（%(missing)s。新しく作らず、控えの鍵とミラーの鍵を"
        "先に戻してください）"
    ),
    "mirror_has_keys": N_(
        "ミラーに鍵がありますが、対応するルート鍵がこのマシンにありません（新しく作らず、"
        "控えの鍵とミラーの鍵を戻してください。初めからやり直すときは、別の空のミラーを指定してください）"
    ),
    "no_backup": N_("完了したバックアップではありません（backup.json がありません）"),
    "backup_format": N_("形式%(format)sのバックアップは、この版では読めません"),
    "damaged": N_("壊れています（%(detail)s）"),
    # the register of our own numbers
    "register_damaged": N_(
        "壊れているか、別の鍵で作られています（作り直してください：sekisho register build）"
    ),
    "no_numbers": N_("列%(column)sに有効な個人番号がありません（%(rows)s行）"),
    "other_numbers": N_(
        "%(rows)s行のうち%(invalid)s行で、列%(column)sが個人番号として正しくありません"
        "（%(listed)s行目など。別の列なら --column で指定してください）"
    ),
    "too_many_numbers": N_("%(count)s件は多すぎます（一致しても意味がなくなります）"),
    "no_charset_of_table": N_("UTF-8、UTF-16、Shift_JIS（CP932）、EUC-JPのどれでもありません"),
    "quote_not_closed": N_("CSVとして読めません（引用符が閉じていません）"),
    "no_column": N_("列「%(name)s」がありません"),
    "no_number_column": N_("個人番号の列がありません（--column で指定してください）"),
    "no_register": N_("登録はありません"),
    # who, and which
    "nobody": N_("「%(name)s」という利用者はいません（一覧：sekisho user list）"),
    "not_granted": N_(
        "「%(name)s」には権限がありません（%(roles)s が必要です：sekisho user role）"
    ),
    "address_taken": N_("%(address)s は、ほかの利用者のアドレスです"),
    "no_mail": N_("この番号のメールはありません（一覧：sekisho hold list）"),
    "no_mail_of": N_("この番号のメールがないか、「%(name)s」のメールではありません"),
    "settled": N_("すでに決定されています（%(state)s）"),
    "third_party": N_(
        "まだ承認されていません（%(missing)s）。運用者は承認できません（第三者が承認します）"
    ),
    "no_burst": N_(
        "「%(name)s」が判断できる短時間の大量送信の中に、このメールがないか、%(number)s通ありません"
        "（一覧：sekisho hold bursts）"
    ),
    "burst_too_long": N_("一度に確認済みにできるのは%(most)s通までです（holds.together）"),
    "not_yours": N_(
        "「%(name)s」には権限がありません"
        "（確認や承認を求められているのは別の人です：sekisho hold show）"
    ),
    "no_mail_here": N_("この番号のメールはありません（一覧：sekisho queue list）"),
    "not_on_its_way": N_("配送中ではありません（一覧：sekisho queue list）"),
    "nothing_fits": N_("当てはまる配送待ちのメールはありません（一覧：sekisho queue list）"),
    "too_late": N_("取り消せません（いまの状態：%(state)s。すでに届いた可能性があります）"),
    "no_sender": N_("送り返す差出人がありません"),
    "no_such_hop": N_("この next_hop は設定にありません"),
    "under_way": N_("いま配送しています（もう一度お試しください）"),
    # a parcel
    "no_parcel": N_("この受取番号はありません（一覧：sekisho transfer list）"),
    "parcel_not_yours": N_("「%(name)s」には、このファイルの権限がありません"),
    "parcel_settled": N_("すでに回収または消去されています"),
    "parcel_too_long": N_("公開できるのは作成から31日までです"),
    "parcel_past": N_("その日は過ぎています"),
    "parcel_erased": N_("ファイルはすでに消去されています"),
    # break-glass
    "bypass_not_admin": N_("システム管理者の名前でだけ始められます"),
    "bypass_too_long": N_("長くても%(longest)sまでです（設定 bypass.longest）"),
    "bypass_no_reason": N_("理由が必要です（--reason）"),
    "no_bypass": N_("保留の一時停止は始まっていません"),
    "evidence_not_allowed": N_("監査担当者かシステム管理者の名前でだけ行えます"),
    "evidence_held": N_("証拠保全はもう始まっています"),
    "evidence_not_held": N_("証拠保全は始まっていません"),
    # the ledger of addressees
    "addressee_not_an_address": N_("メールアドレスかドメインの形式で入力してください"),
    "addressee_everybody": N_("フリーメールは、ドメインではなくアドレスで登録してください"),
    "addressee_twice": N_("この宛先は、同じ目的ですでに登録されています"),
    "addressee_same_person": N_("登録した本人は承認できません"),
    "addressee_gone": N_("この登録は、すでに承認または終了されています"),
    # people from a CSV
    "roster_columns": N_("1行目の列名を確認してください（name と email は必須）%(value)s"),
    "roster_rows": N_("一度に取り込めるのは%(value)s行までです"),
    "roster_name": N_("氏名がありません"),
    "roster_email": N_("メールアドレスが正しくありません：%(value)s"),
    "roster_address": N_("アドレスが正しくありません：%(value)s"),
    "roster_role": N_("権限の名前が正しくありません：%(value)s"),
    "roster_conflict": N_("同じ人に同時に付与できない権限です：%(value)s"),
    "roster_day": N_("日付は 2026-12-01 の形で入力してください"),
    "roster_days": N_("終了日は開始日以降にしてください"),
    "roster_twice": N_("同じアドレスがほかの行にもあります：%(value)s"),
    "roster_taken": N_("ほかの利用者のアドレスです：%(value)s"),
    "roster_mailbox": N_("個人のアドレスと共有アドレスの両方にはできません：%(value)s"),
    "roster_deputy": N_("代理の利用者が見つかりません：%(value)s"),
    "roster_self": N_("本人を代理にすることはできません"),
    # files that are read
    "no_columns": N_("列がありません：%(names)s"),
    "empty_cells": N_("空欄です：%(names)s"),
    "no_mail_record": N_("Postfixのメールログ、mbox、CSVのどれでもありません"),
    "no_recipients": N_("宛先の列がありません（列名を to、宛先、email のどれかにしてください）"),
    "no_mail_recipient": N_("宛先がありません（--to で指定してください）"),
    "no_settings": N_("OutlookOkanやFlexConfirmMailの設定がありません"),
    "no_verifier_key": N_("検証の鍵として読めません"),
}
