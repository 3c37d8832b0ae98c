"""Wordings like those that the rules were made with."""

# ruff: noqa: E501

from __future__ import annotations

from benchmarks.evaluation.ordinary import ORDINARY
from benchmarks.evaluation.scene import Wording
from benchmarks.evaluation.seen_others import OTHER_HEADINGS, OTHERS

WORDING = Wording(
    greetings=(
        "{co}\n{dept} 御中\n\nいつもお世話になっております。{co2}の{sei}です。",
        "{sei}様\n\nお世話になっております。",
        "お疲れ様です。{dept}の{sei}です。",
        "",
    ),
    closings=(
        "ご確認のほど、よろしくお願いいたします。\n--\n{name} TEL {tel} FAX {tel2}",
        "よろしくお願いいたします。\n{co}\n{name}",
        "",
    ),
    subjects=("ご連絡", "書類送付の件", "Re: ご依頼の件", "資料の送付", "ご確認ください", "Fw: ご連絡"),
    covers=("資料をお送りします。", "添付のとおりお送りします。ご確認ください。", "ご依頼のファイルを添付いたします。"),
    labels=(
        "個人番号", "マイナンバー", "個人番号（マイナンバー）", "ﾏｲﾅﾝﾊﾞｰ", "マイナンバーカード番号", "個人識別番号",
        "共通番号", "マイナンバーNo.",
    ),
    sentences=(
        "個人番号：{n}",
        "マイナンバーは {n} です。",
        "【個人番号】{n}",
        "■マイナンバー\n　{n}",
        "◆ 個人番号（12桁）\n{n}",
        "{name}のマイナンバー（12桁）: {n}",
        "マイナンバーカードの番号は{n}です",
        "個人番号(配偶者)　{n}",
        "氏名：{name}\n電話：{mobile}\nマイナンバー：{n}",
        "社員番号 {emp}、個人番号 {n}",
        "１．氏名　{name}\n２．生年月日　{birth}\n３．個人番号　{n}\n４．電話番号　{tel}",
        "支払を受ける者　個人番号又は法人番号　{n}",
        "My Number: {n}",
        "通知カードに書いてある番号 {n}",
        "住民票に記載のマイナンバー {n}",
        "個人番号を訂正いたします。正しくは {n} です。",
        "母のマイナンバーですが、確認したところ {n} とのことでした。",
        "マイナンバーについてですが、下記です。\n\n{n}\n\nよろしくお願いいたします。",
        "個人番号を下記のとおりご連絡いたします。\n\n社員番号：{emp}\n氏名：{name}\n番号：{n}",
        "> マイナンバーをお送りください。\n\n{n} です。",
    ),
    afterwards=(
        "{n}（マイナンバー）が{name}です。", "{n}（私のマイナンバーです）", "{n} が息子のマイナンバーになります。",
        "{n} ← マイナンバー", "{n}\n（個人番号）", "{n}\n上記が私のマイナンバーです。",
    ),
    several=(
        "マイナンバー　本人 {n1}　妻 {n2}",
        "マイナンバー\n本人：{n1}\n配偶者：{n2}\n長男：{n3}",
        "マイナンバー：{n1}（{name1}）、{n2}（{name2}）、{n3}（{name3}）",
        "扶養家族3名分の個人番号です。\n・妻　{n1}\n・長男　{n2}\n・長女　{n3}",
    ),
    lists=(
        ("個人番号は次のとおりです。", "{name} {n}"),
        ("マイナンバー台帳", "{emp},{name},{n}"),
        ("氏名／個人番号／生年月日", "{name}／{n}／{birth}"),
        ("社員コード,氏名,マイナンバー,入社日", "{emp},{name},{n},{date}"),
    ),
    unnamed=("{name}\t{n}", "{emp} {name} {n}"),
    papers=(
        "扶養控除等申告書\n氏名 {name}\n生年月日 {birth} 続柄 妻\n{n}",
        "令和8年分 給与所得者の扶養控除等（異動）申告書\n所轄税務署長　港　市区町村長\nあなたの氏名　{name}\n{n}\nあなたの生年月日　{birth}　世帯主の氏名　{name}　続柄　本人",
        "令和7年分 給与所得の源泉徴収票\n支払を受ける者　住所又は居所　{addr}\n{n}\n氏名 {name}\n支払金額 給与所得控除後の金額 源泉徴収税額 社会保険料等の金額",
        "健康保険・厚生年金保険 被保険者資格取得届\n氏名 {kana} 生年月日 {birth}\n{n}\n取得年月日 {date} 被扶養者 有 報酬月額 {money}",
    ),
    telling=("マイナンバーの件", "個人番号のご連絡", "マイナンバー一覧", "個人番号届出"),
    bare=("{name}\n{n}", "{n}\nです。", "番号をお送りします。\n{n}"),
    machine=(
        '{{"name": "{name}", "my_number": "{n}"}}',
        "name=mori&mynumber={n}",
        "<MyNumber>{n}</MyNumber>",
        "<個人番号>{n}</個人番号>",
        "INSERT INTO employee (name, my_number) VALUES ('{name}', '{n}');",
    ),
    headings=(
        "No.=count 氏名=name 個人番号=n 備考=",
        "社員番号=emp 氏名=name マイナンバー=n",
        "氏名=name 生年月日=birth 個人番号=n",
        "employee_name=name mynumber=n phone=mobile",
        "従業員コード=emp 氏名=name 個人番号=n 入社日=date",
    ),
    files=("一覧", "資料", "list", "社員"),
    forms=("扶養控除等申告書", "個人番号届", "マイナンバー届出書"),
    others=OTHERS,
    other_headings=OTHER_HEADINGS,
    ordinary=ORDINARY,
)  # fmt: skip
