"""Mails in which there is nothing: most of what an office sends."""

# ruff: noqa: E501

from __future__ import annotations

ORDINARY = (
    (
        "appointment",
        "次回の打ち合わせですが、{date} {time} からでいかがでしょうか。\n場所は弊社3階の会議室を予定しています。",
    ),
    ("appointment", "{date}の件、承知いたしました。当日は{name}と2名で伺います。"),
    (
        "quotation",
        "お見積りをお送りします。\n品名　部品A　{count}個　単価 {money}円\n合計　{money2}円（税込）\n納期　ご発注後{count2}日",
    ),
    (
        "invoice",
        "{date}分のご請求書をお送りいたします。\n請求金額：{money}円\nお支払期限：{date2}\n振込先：みどり銀行 芝支店 普通 {acct}",
    ),
    (
        "minutes",
        "議事録\n日時：{date} {time}\n出席：{name}、{name2}、{name3}\n1. 前回の確認　2. 予算 {money}千円　3. その他",
    ),
    ("notice", "健康診断のお知らせ\n対象：全社員　期間：{date}～{date2}\n予約は内線{four}まで。"),
    (
        "notice",
        "年末調整の書類は{date}までに{dept}へ提出してください。扶養控除等申告書の記入例は共有フォルダにあります。",
    ),
    (
        "notice",
        "マイナンバーカードを健康保険証として利用できるようになりました。手続きは各自でお願いします。",
    ),
    (
        "notice",
        "個人番号の収集は書面で行います。メールでは送らないでください。ご質問は{dept}（{tel}）まで。",
    ),
    (
        "newsletter",
        "みどり通信 第{count}号\n■今月の特集：電子帳簿保存法\n■セミナー {date} {time}～（定員{count2}名）\n配信停止は https://www.example.co.jp/mail/stop",
    ),
    (
        "personnel",
        "{date}付で{dept}に異動いたしました。後任は{name}です。内線は{four}に変わります。",
    ),
    (
        "stock",
        "在庫のご報告です。\nA-{four}　{count}個\nB-{four2}　{count2}個\nC-{four3}　{count3}個",
    ),
    (
        "travel",
        "出張の件、{date} {time}発のひかり{count}号、{count2}号車{count3}番を予約しました。宿は{money}円です。",
    ),
    ("address", "新しい住所は〒{zip} {addr}、電話は{tel}です。"),
    (
        "system",
        "{date} {time} よりメンテナンスを行います。バージョン 2.{count}.{count2}、チケット #{four}。",
    ),
    (
        "applicant",
        "応募者の{name}さん（{birth}生）、面接は{date} {time}でお願いします。携帯 {mobile}",
    ),
    (
        "thanks",
        "先日はお忙しいところありがとうございました。いただいた資料は社内で共有いたします。",
    ),
    ("figures", "売上\n4月 {money}\n5月 {money2}\n6月 {money3}\n前年比 {count}%"),
)

HELD_OUT_ORDINARY = (
    (
        "appointment",
        "明後日のお約束、{time}に変更していただくことは可能でしょうか。電車の遅延で間に合いそうにありません。",
    ),
    (
        "appointment",
        "日程候補：①{date} {time}　②{date2} {time2}　③{date3} 終日\nご都合をお知らせください。",
    ),
    (
        "quotation",
        "御見積金額 ¥{money}-（税別）。型番 MX-{four}、数量{count}、送料別。有効期限は発行後30日です。",
    ),
    (
        "invoice",
        "ご入金を確認いたしました。{date}　{money}円　{kana} 様名義\n領収書は PDF でお送りします。",
    ),
    (
        "minutes",
        "【定例】{date}　{time}-{time2}\n決定事項\n・発売日は{date2}\n・価格は{money}円\n・問合せ窓口 {tel}",
    ),
    ("notice", "ストレスチェックの回答期限は{date}です。回答率は現在{count}%です。"),
    (
        "notice",
        "来月から給与明細を電子化します。ログインIDは社員番号（{emp}）です。源泉徴収票も同じ画面で見られます。",
    ),
    (
        "notice",
        "扶養家族に異動のあった方は、{date}までに申し出てください。マイナンバーの提出方法は追って案内します。",
    ),
    (
        "notice",
        "マイナンバー法の改正に関する勉強会を開きます。{date} {time}、オンライン。資料は当日配布。",
    ),
    (
        "newsletter",
        "◆◇ サンライズ便り vol.{count} ◇◆\n今週の人気商品 1位 {money}円　2位 {money2}円\nお問合せ 0120-555-{count2}",
    ),
    ("personnel", "入社式の席次を送ります。新入社員は{count}名、代表あいさつは{name}さんです。"),
    ("stock", "棚卸差異：品番{eight}が{count}個不足、品番{eight2}が{count2}個超過でした。"),
    (
        "travel",
        "NH{count}便 {date} {time} 羽田発、予約クラスY、座席 32K。レンタカーは{money}円でした。",
    ),
    (
        "address",
        "移転のお知らせ\n旧：{addr}\n新：〒{zip} {addr2}\n電話 {tel}（変更なし） FAX {tel2}",
    ),
    (
        "system",
        "エラーコード 0x{hex}、発生時刻 {date} {time}:12.{count}、影響ユーザー {count2} 名。暫定対応済みです。",
    ),
    (
        "applicant",
        "履歴書を拝見しました。TOEIC {count}点、大型免許あり、{birth}生まれとのこと。二次面接にお進みいただきたいです。",
    ),
    ("thanks", "お祝いのお花をありがとうございました。店内に飾らせていただいております。"),
    (
        "figures",
        "KPI\tPV\tCV\n{date}\t{four}\t{count}\n{date2}\t{four2}\t{count2}\n{date3}\t{four3}\t{count3}",
    ),
    (
        "complaint",
        "型番{eight}の電源が入りません。購入は{date}、保証書番号は手元にありません。返品は可能でしょうか。",
    ),
    (
        "English",
        "Hi all,\n\nThe server room will be closed on {date}. Please call {tel} in an emergency. Budget so far: JPY {money}.\n\nThanks",
    ),
)
