"""What is wrong with the configuration, and with files that it names."""

from gateway.face.i18n import N_

OF_CONFIG = {
    # values
    "no_size": N_('大きさとして読めません（"50MB" のように）'),
    "no_path": N_('ファイルの場所として読めません（" " で囲んでください）'),
    "no_secret": N_('秘密の値は { file = "…" } か { env = "…" } で書いてください'),
    "empty_secret": N_("%(name)s は空です（秘密の値を書いてください）"),
    "user_no_password": N_('user には password も必要です（password = { file = "…" }）'),
    "no_variable": N_("環境変数 %(name)s が設定されていません"),
    "no_span": N_(
        "「%(text)s」は時間の長さとして読めません"
        '（"5 min"、"3 h"、"7 d"、"4 business hours" のように）'
    ),
    "no_rate": N_('頻度として読めません（"600 per minute" か "unlimited"）'),
    "no_network": N_('ネットワークとして読めません（"192.0.2.0/24" のように）'),
    "no_listen": N_('待ち受けるアドレスとして読めません（"127.0.0.1:8080" のように）'),
    "no_listener": N_("待ち受けの種類「/%(kind)s」はありません（%(known)s のどれか）"),
    "no_server": N_('サーバーのアドレスとして読めません（"127.0.0.1:53" のように）'),
    "no_host": N_('DNSの名前として読めません（"example.co.jp" のように）'),
    "no_hop": N_('配送先として読めません（"smtp://mail.example.co.jp:25" か "mx"）'),
    "no_database_url": N_(
        'データベースのアドレスとして読めません（"sqlite" か'
        ' "postgresql+psycopg://sekisho@db.example.co.jp/sekisho" のように）'
    ),
    "password_in_url": N_(
        'パスワードはここに書けません（[store] に password = { file = "…" } と書いてください）'
    ),
    "no_web": N_('Webのアドレスとして読めません（"https://files.example.co.jp" のように）'),
    "no_hours": N_('営業時間として読めません（"9:00-18:00" のように）'),
    "no_tenant_id": N_("テナントIDとして読めません（8-4-4-4-12桁の16進数）"),
    "no_directory": N_(
        'ディレクトリのアドレスとして読めません（"ldaps://ldap.example.co.jp" のように）'
    ),
    "no_name": N_('名前に使えません（文字、数字、"_"、"-" で40文字まで）'),
    "weak_secret": N_("空白を含まない16〜200文字の英数字と記号にしてください"),
    "own_unread": N_(
        '「%(text)s」はドメインにもアドレスにも読めません（"example.co.jp"、".example.co.jp"、'
        '"ex-*.example.jp"、"cpa@partner.example" のように。先頭に "-" を付けると社外）'
    ),
    "own_whole": N_('「%(text)s」はドメイン全体です（"*@" なしで書いてください）'),
    "own_anybody": N_('「%(text)s」は広すぎます（"*" の前に会社の名前を書いてください）'),
    # what goes together
    "named_twice": N_("「%(name)s」という名前が2回使われています（別の名前にしてください）"),
    "listened_on_twice": N_("%(place)s に2つの受け口があります（ポートを分けてください）"),
    "not_listened_on": N_("「%(text)s」は smtp.listen にありません"),
    "sts_to_a_server": N_(
        'next_hop = "mx" のときだけ使えます（決まったサーバーには "verify" と書いてください）'
    ),
    "dane_over_tls": N_(
        '"mx" と "smtp://" でだけ使えます（"smtps://" には "verify" と書いてください）'
    ),
    "dane_unvalidated": N_(
        'tls = "dane" には、DNSSECを検証するこのマシンのリゾルバーが必要です'
        '（server = "127.0.0.1:53" と書いてください）'
    ),
    "passwords_exposed": N_(
        'smtp.accounts = "next_hop" ではパスワードを delivery.next_hop に渡すため、証明書を'
        '確かめた1台のサーバーでなければなりません（delivery.tls = "verify" と書いてください）'
    ),
    "tenant_unproved": N_(
        "多くの会社が共用するネットワークには、自社であることの証明が必要です"
        "（secret か microsoft_tenant を書いてください）"
    ),
    "tenant_of_google": N_(
        "microsoft_tenant は、Googleからのメールの証明になりません（secret だけを使ってください）"
    ),
    "ldap_two_ways": N_("bind（サインインする名前）か base（検索する場所）のどちらか1つが必要です"),
    "ldap_no_user": N_("bind と filter には、アカウントの名前が入る {user} が必要です"),
    "ldap_nobody": N_("user には password も必要です（ないと、匿名でサインインします）"),
    "ldap_in_clear": N_(
        'tls = "none" ではパスワードがネットワークで見えます（127.0.0.1 にだけ使えます）'
    ),
    "ldap_nowhere": N_(
        'accounts = "ldap" にはディレクトリが必要です（[smtp.ldap] に url を書いてください）'
    ),
    # words and patterns of one's own
    "dictionary_empty": N_(
        '語が必要です（file = "…" か builtin = "confidential" を書いてください）'
    ),
    "pattern_unusable": N_("パターンとして使えません（%(detail)s）"),
    "example_misses": N_("例%(number)sがパターンに合いません"),
    "example_matches": N_("例%(number)sがパターンに合ってしまいます"),
    # files that it names
    "no_mailboxes": N_("メールアドレスが1つもありません"),
    "no_csv": N_("CSVとして読めません（%(detail)s）"),
    "too_many_domains": N_("ドメインが%(most)s件を超えています（古いものを除いてください）"),
    "no_domain_ages": N_(
        "ドメインと登録日の行がありません（example.com,2026-11-02 のように書いてください）"
    ),
    "no_domain_age": N_(
        "%(line)s行目：ドメインと登録日として読めません（example.com,2026-11-02 のように）"
    ),
    "no_words": N_("語が1つもありません"),
    "too_many_words": N_("語が%(count)s件あります（%(most)s件まで）"),
    "no_word_table": N_("「%(name)s」という表はありません（[words] か [marks]）"),
    "word_empty": N_("%(where)s：語がありません"),
    "word_too_long": N_("%(where)s：語は%(most)s文字以内にしてください"),
    "word_points": N_("%(where)s：点数は0〜%(most)sの整数にしてください"),
    "word_where": N_('%(where)s：場所は "any" か "mark" にしてください'),
    "no_private_key": N_("PEM形式の秘密鍵ではないか、パスワードが付いています"),
    "key_too_short": N_("鍵が%(bits)sビットで短すぎます（2048ビットの鍵を作ってください）"),
    "key_of_no_kind": N_("RSAでもEd25519でもない鍵です"),
    # what pydantic calls so when a value of another kind is written
    "int_parsing": N_('整数にしてください（" " で囲まない）'),
    "int_from_float": N_('整数にしてください（" " で囲まない）'),
    "bool_parsing": N_('true か false にしてください（" " で囲まない）'),
}
