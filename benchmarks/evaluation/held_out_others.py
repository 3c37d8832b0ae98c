"""What only looks like a 個人番号, in wordings that no rule was made with."""

# ruff: noqa: E501

from __future__ import annotations

OTHERS = (
    # parcels
    (
        "parcel",
        "出荷が完了しました。\n配送会社：ヤマト運輸\nお問い合わせ伝票番号：{parcel}\nお届け予定：{date}",
    ),
    ("parcel", "本日、福山通運で2個口発送しました（{parcel12}）。"),
    ("parcel", "返品の着払い伝票は {parcel} です。"),
    ("parcel", "サンプルは今朝出しました。追跡はこちら {parcel}"),
    ("parcel", "Your shipment has been dispatched. Tracking number: {parcel12}"),
    ("parcel", "ゆうパックのお届け先が不明で戻ってきました。番号 {parcel}、差出人は弊社です。"),
    (
        "parcel beside a word of My Number",
        "マイナンバーカードの写しを入れた封筒を特定記録で送りました。{parcel} で追跡できます。",
    ),
    (
        "parcel beside a word of My Number",
        "個人番号関係書類（原本）を本日返却しました。\n送り状：{parcel}",
    ),
    (
        "parcel beside a word of My Number",
        "扶養控除等申告書をまとめて発送しました。\n宅急便 {parcel12}",
    ),
    (
        "parcel beside a word of My Number",
        "※マイナンバーの記載された書類は同封しておりません。\n伝票番号　{parcel}",
    ),
    # trade
    ("order", "ご注文ありがとうございます。\nご注文番号　{dated}\n合計　{money}円"),
    ("order", "発注No.{serial} の納期を{date}に変更させてください。"),
    ("order", "PO {serial} has been approved."),
    ("order", "受注伝票{dated}に不備がありました。"),
    ("order", "見積書（{serial}）の有効期限が近づいています。"),
    ("order", "請求書番号：{serial}\nお支払期限：{date}"),
    ("order", "納品書 No {dated} をご確認ください。"),
    ("order", "検収書（管理No.{serial}）に押印をお願いします。"),
    (
        "order beside a word of My Number",
        "マイナンバー収集キット10名分のご注文を承りました。\n受付No：{serial}",
    ),
    (
        "order beside a word of My Number",
        "マイナンバー対応の耐火金庫、注文番号 {dated} で手配済みです。",
    ),
    (
        "order beside a word of My Number",
        "年末調整クラウドの更新見積 {serial} を送ります。個人番号の管理オプションは別見積です。",
    ),
    # customers and contracts
    ("customer", "お客様番号：{serial444}\n検針日：{date}\nご使用量：{count}kWh"),
    ("customer", "契約番号 {serial} の解約手続きが完了しました。"),
    ("customer", "会員番号（12桁）：{serial444}\n有効期限：{date}"),
    ("customer", "証券番号 {serial} の名義変更書類を送ります。"),
    ("customer", "ポイントカードNo. {serial444}（残高 {money} pt）"),
    ("customer", "加入者番号{serial}、回線名義は{co}です。"),
    ("customer", "カスタマーID {serial} でログインしてください。"),
    ("customer", "マイページのIDは {serial} です。初期パスワードは別便でお送りします。"),
    ("customer", "ETC利用照会の登録：車載器管理番号 {serial}"),
    (
        "customer beside a word of My Number",
        "口座開設の本人確認が完了しました。お客様番号は {serial444} です。マイナンバーのご登録は任意です。",
    ),
    (
        "customer beside a word of My Number",
        "保険契約（証券番号{serial}）の支払いに際し、後日マイナンバーの告知をお願いすることがあります。",
    ),
    # offices and papers
    ("office", "e-Taxの受付番号は {dated} でした。"),
    ("office", "特許出願の整理番号 {serial}、審査請求は{date}まで。"),
    ("office", "納付書の納付番号：{serial444}　確認番号：{four}"),
    ("office", "商業登記の会社法人等番号は {serial444} です。"),
    ("office", "許可証番号　第{serial}号"),
    ("office", "自動車検査証の記載：型式指定番号 {four}　車台番号 {serial}"),
    ("office", "免許証番号：{licence}\n有効期限：{date}"),
    ("office", "本人確認書類：運転免許証（{licence}）"),
    ("office", "受験番号 {serial} の方は {time} に集合してください。"),
    ("office", "図書館利用者カード {serial444}"),
    ("office", "診察券の番号（{serial}）を受付でお伝えください。"),
    ("office", "介護保険の事業所番号{ten}、管理コード{serial}"),
    (
        "office beside a word of My Number",
        "マイナンバーカードの交付申請を受け付けました。\n申請書ID：{serial}",
    ),
    (
        "office beside a word of My Number",
        "マイナンバーカードを本人確認に使用しました。\n受付票 {serial}",
    ),
    (
        "office beside a word of My Number",
        "個人番号カード交付通知書の再送依頼。お問い合わせID：{serial}",
    ),
    (
        "office beside a word of My Number",
        "個人番号の提供を拒否された場合の記録簿（様式{four}、文書管理番号 {serial}）を更新しました。",
    ),
    (
        "office beside a word of My Number",
        "算定基礎届の電子申請、到達番号 {dated}。個人番号の入力は不要でした。",
    ),
    # companies, banks, cards
    ("company", "弊社の法人番号：{corp}"),
    ("company", "登録番号 T{corp}（適格請求書発行事業者）"),
    (
        "company",
        "インボイスの番号はT{corp}です。個人事業主の方はマイナンバーではなく登録番号をお知らせください。",
    ),
    ("bank", "振込先：みどり銀行 芝支店（{four}）普通 {acct}"),
    ("bank", "ゆうちょ {yucho} へお願いします。"),
    ("bank", "取引照会番号 {serial}　金額 {money}円　振込依頼人 {kana}"),
    ("bank", "カード番号 {card} の利用明細です。"),
    ("bank", "{card} は期限切れのようです。"),
    ("bank", "総合振込データ 受付通番{dated}"),
    # telephones, meetings
    ("telephone", "携帯が変わりました。{abroad}"),
    ("telephone", "TEL {tel} ／ 直通 {tel2} ／ 携帯 {mobile}"),
    ("telephone", "海外からは {abroad} におかけください。"),
    ("meeting", "Zoomミーティングに参加する\nミーティングID: {serial3333}\nパスコード: {four}"),
    ("meeting", "Webexの会議番号は {serial} です。"),
    ("meeting", "Teams 会議 ID: {serial3333}\n電話会議 ID: {serial}#"),
    (
        "meeting beside a word of My Number",
        "「マイナンバー実務講座」オンライン受講のご案内\n会議ID：{serial3333}　パスコード：{four}",
    ),
    # machines
    ("machine", "シリアル番号 {serial} の保守期限が切れます。"),
    ("machine", "ロット {dated} で不良が{count}件出ました。"),
    ("machine", "JAN {jan} の在庫は{count}です。"),
    ("machine", "UPC {serial} / {co}"),
    ("machine", "AWSアカウント {serial} の請求書です。"),
    ("machine", "S3: s3://logs-{serial}-ap-northeast-1/"),
    ("machine", "s/n:{serial} fw:2.1.{count}"),
    ("machine", "トランザクションID：{serial}\n結果：成功"),
    ("machine", "監視アラート [ID:{serial}] CPU {count}%"),
    ("machine", "SIMカード番号 8981{serial}{four}"),
    ("machine", "Ticket #{serial} was closed by {name}."),
    ("machine", "https://track.example.jp/p?no={serial}"),
    ("machine", "https://www.example.co.jp/news/{stamp}.html をご覧ください。"),
    ("machine", "IMG_{stamp}.jpg を添付しました。"),
    ("machine", "コミット {hex}{serial}{hex2}"),
    (
        "machine beside a word of My Number",
        "個人番号管理システムの監視アラートです。イベントID {serial} を確認してください。",
    ),
    (
        "machine beside a word of My Number",
        "マイナンバーカード読取機（製造番号 {serial}）を{count}台納品します。",
    ),
    (
        "machine beside a word of My Number",
        "[{stamp}] INFO マイナンバー連携バッチ 正常終了 件数={count}",
    ),
    # times and amounts
    ("time", "{stamp} に取得したバックアップから戻しました。"),
    ("time", "ログの該当箇所は {stamp} から3行です。"),
    ("time", "ファイル名は report_{stamp}.csv です。"),
    ("time beside a word of My Number", "マイナンバー連携の停止：{stamp}～（予定）"),
    ("amount", "総額は{serial}円です（税込）。"),
    ("amount", "{four} {four2} {four3} {four4} ← 今月の4店舗の客数です。"),
    ("amount", "売上：4月 {four} 5月 {four2} 6月 {four3}"),
    ("amount", "面積 {four}.{four2}㎡、単価 {money}円、合計 {money2}円"),
    # nothing says what it is
    ("nothing says what", "{serial}"),
    ("nothing says what", "例の番号です。{serial444}"),
    ("nothing says what", "控え：{serial}"),
    # a word of My Number elsewhere in the mail
    (
        "footer on My Number",
        "管理番号 {serial} を更新しました。\n\n※当社ではメールでマイナンバーをお送りいただくことはできません。",
    ),
    (
        "footer on My Number",
        "お荷物は {parcel} でお送りしています。\n\n――\nマイナンバー・社会保険のご相談は中央社会保険労務士事務所へ",
    ),
    (
        "footer on My Number",
        "整理番号：{serial}\n\n*** 個人番号・口座情報の取扱いにご注意ください ***",
    ),
    (
        "quotation on My Number",
        "例の件、伝票 {parcel} で発送済みです。\n\n> {sei}さん\n> マイナンバーの研修資料、ありがとうございました。",
    ),
    (
        "quotation on My Number",
        "予約番号は {serial} です。\n\n> -----Original Message-----\n> 個人番号の保管期限について教えてください。",
    ),
    (
        "subject on My Number",
        "マイナンバー担当の{sei}です。\n備品の発注番号は {serial} でお願いします。",
    ),
    (
        "subject on My Number",
        "個人番号取扱者研修の受講票です。\n受講番号　{serial}\n会場　3階会議室",
    ),
    ("asks for it", "個人番号のご提出をお願いします。提出用URLの整理番号は {serial} です。"),
    (
        "asks for it",
        "マイナンバーをまだいただいていません。お手元の案内状（管理No. {serial444}）をご覧ください。",
    ),
)

OTHER_HEADINGS = (
    ("order", "発注番号=serial 品名=co 数量=count 納期=date"),
    ("order", "受注No=dated 得意先=co 金額=money"),
    ("order", "InvoiceNo=serial Customer=co Amount=money"),
    ("parcel", "出荷日=date 送り状No.=parcel お届け先=co 個口=count"),
    ("parcel", "問合せ番号=parcel12 届け先=name 状態=mark 発送日=date"),
    ("parcel beside a word of My Number", "書類名=mark 発送先=name 伝票番号=parcel 個人番号記載の有無=mark 発送日=date"),
    ("customer", "会員番号=serial 氏名=name 入会日=date 生年月日=birth"),
    ("customer", "お客様コード=serial444 会社名=co 担当者=name"),
    ("customer", "契約ID=serial 契約者=name 保険料=money"),
    ("customer beside a word of My Number", "顧客番号=serial 氏名=name マイナンバー提出済=mark 続柄=mark 生年月日=birth"),
    ("office", "免許証番号=licence 氏名=name 交付日=date 生年月日=birth"),
    ("office", "受付番号=dated 申請者=name 申請日=date"),
    ("office", "診察券番号=serial 氏名=name 生年月日=birth"),
    ("office", "資格者証番号=serial 氏名=name 交付年月日=date"),
    ("office beside a word of My Number", "管理台帳No.=serial 従業員氏名=name 個人番号受領日=date 廃棄予定日=date2"),
    ("company", "法人番号=corp 商号=co 所在地=addr"),
    ("company", "登録番号=corp 事業者名=co 登録年月日=date"),
    ("bank", "取引番号=serial 日時=date 金額=money 摘要=co"),
    ("bank", "カード番号=card 名義=kana 利用額=money"),
    ("machine", "シリアル=serial 機種=co 設置日=date"),
    ("machine", "AccountId=serial AccountName=co Owner=mail"),
    ("machine", "JAN=jan 商品名=co 在庫=count"),
    ("machine", "event_time=stamp level=mark message=co"),
    ("machine", "資産管理番号=serial 使用者=name 貸与日=date"),
    ("nothing says what", "番号=serial 名称=co 備考=mark"),
    ("nothing says what", "コード=serial 氏名=name 所属=dept"),
    ("nothing says what", "=serial =co =date"),
    ("internal numbers called 個人番号", "個人番号=serial 氏名=name 所属=dept"),
)  # fmt: skip
