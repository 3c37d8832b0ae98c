"""What is wrong with a policy file."""

from gateway.face.i18n import N_

OF_POLICY = {
    # values
    "no_range": N_('「%(text)s」は範囲として読めません（">=10"、"1..9"、"101.."、"3" のように）'),
    "empty_range": N_("「%(text)s」に入る数がありません（終わりが始まりより小さい）"),
    "range_is_text": N_('文字列で書いてください（">=10"、"1..9"、"3" のように）'),
    "no_confidence": N_('"low"、"medium"、"high"、またはその前に ">=" を付けて書いてください'),
    "no_kind": N_("検出の種類「%(name)s」はありません"),
    "no_slug": N_(
        "「%(text)s」は名前に使えません（小文字の英数字と - _ : で64文字まで、先頭は英数字）"
    ),
    "no_short_slug": N_("「%(text)s」は名前に使えません（小文字の英数字と - で20文字まで）"),
    "boundary_line": N_('"--" で始まる行は書けません（メールの区切りと同じ形のため）'),
    # names
    "no_list": N_("リスト「%(name)s」はこのファイルにありません"),
    "no_group": N_("グループ「%(name)s」はこのファイルにありません"),
    "no_list_or_group": N_("「%(name)s」というリストもグループもこのファイルにありません"),
    "no_rule": N_("ルール「%(name)s」はこのファイルにありません"),
    "no_preset": N_("ルール集「%(name)s」はありません（一覧：sekisho policy presets）"),
    "no_recipient": N_("このテストのメールに宛先「%(name)s」がありません"),
    "no_domain": N_("「%(text)s」はアドレスで、ドメインではありません"),
    "no_address": N_("「%(text)s」はアドレスではありません"),
    "rule_name_twice": N_("%(count)s個のルールが同じ名前です"),
    "test_name_twice": N_("%(count)s個のテストが同じ名前です"),
    "preset_twice": N_("「%(name)s」が2回あります（nameで、使うたびに別の名前を付けてください）"),
    "built_in_name": N_("「%(prefix)s」で始まる名前は、組み込みのルールだけのものです"),
    # what goes together
    "only_with": N_("「%(other)s」と一緒にだけ書けます"),
    "only_registered": N_('addressee = "registered" と一緒にだけ書けます'),
    "also_needs": N_("fact、finding、words のどれかと一緒にだけ書けます"),
    "not_with_action": N_('action = "%(action)s" とは一緒に書けません'),
    "nobody_confirms": N_('action = "%(action)s" とは一緒に書けません（確認する人がいないため）'),
    "nothing_leaves": N_('action = "reject" とは一緒に書けません（何も送信されないため）'),
    "only_approve": N_('action = "%(action)s" とは一緒に書けません（"approve" にしてください）'),
    "approve_needs": N_('必要です（action = "approve" には { group, need } を書いてください）'),
    "delay_needs": N_('必要です（action = "delay" には "5 min" のように長さを書いてください）'),
    "done_anyway": N_("「%(way)s」は treatment で必ず行われます（どちらかを削除してください）"),
    "zip_with_bridge": N_("bridge と一緒に書けません（bridge が優先。どちらかを削除してください）"),
    "dictionary_has_points": N_("辞書には使えません（points を使ってください）"),
    "only_dictionary": N_("辞書にだけ使えます（unique を使ってください）"),
    "preset_approvers": N_("必要です（承認するグループを書いてください）"),
    "preset_approves_nothing": N_("このルール集に承認はありません（削除してください）"),
    "locked": N_(
        'このルールでは変えられません（ルールに unlocked = ["%(key)s"] と書くか、'
        "別のルールを作ってください）"
    ),
    "layer_of_senders": N_(
        "送信者を条件にしたルールは変えられません（別のルールを作ってください）"
    ),
    # what would do nothing, or too much
    "empty_condition": N_('空です（すべてのメールなら recipient = "any" と書いてください）'),
    "empty_treatment": N_("空です（何をするかを書いてください）"),
    "empty_also": N_("空です（fact、finding、words のどれかを書いてください）"),
    "asked_already": N_("「%(name)s」は、すでに条件にあります"),
    "never_true": N_("決して成り立ちません（in_list にも「%(name)s」があります）"),
    "no_values": N_("決して成り立ちません（見つかったものには1つ以上の値があります）"),
    "never_read": N_(
        "「%(text)s」は読まれません（%(known)s のどれかを「名前: 値」で書いてください）"
    ),
    "no_exception": N_("scan_incomplete に例外は作れません"),
    "incomplete_is_held": N_("scan_incomplete では次のどれかにしてください：%(known)s"),
    "exception_over": N_(
        "例外は%(until)sで終わりました（まだ必要かを%(owner)sに確かめ、日付を延ばすか削除してください）"
    ),
    # with the configuration
    "not_configured": N_("「%(name)s」が設定にありません（設定にあるもの：%(known)s）"),
    "copied_outside": N_(
        "「%(text)s」は社外のアドレスです。写しは書かれたまま送られます（転送する社内のアドレスにするか、"
        "自社のドメインなら smtp.own_domains に加えてください）"
    ),
    # its own tests
    "not_with_eml": N_("eml とは一緒に書けません"),
    "test_to": N_("必要です（宛先を1つ以上書いてください）"),
    "test_unread": N_("「%(file)s」を読めません（このファイルからの相対位置で書いてください）"),
    "test_failed": N_("期待 %(expected)s、結果 %(got)s（該当したルール：%(rules)s）"),
    "test_failed_by_no_rule": N_("期待 %(expected)s、結果 %(got)s（該当したルールなし）"),
}
