"""The most frequent surnames of Japan: two persons of three bear one of the kanji ones.

They tell a column of persons from one of shops or products where no heading does; a single name
proves nothing, the share of a column does.
"""

from __future__ import annotations

KANJI = frozenset(
    """
    佐藤 鈴木 高橋 髙橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 𠮷田 山田 佐々木 山口
    松本 井上 木村 林 斎藤 斉藤 齋藤 齊藤 清水 山崎 山﨑 森 池田 橋本 阿部 石川 山下 中島 中嶋
    石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤 青木 坂本 福田 太田 西村 藤井 金子 岡本
    藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田 原 内田 柴田 酒井 宮崎
    宮﨑 横山 高木 安藤 宮本 大野 小島 谷口 今井 工藤 高田 増田 丸山 杉山 村田 大塚 新井 小山
    平野 藤本 河野 上野 野口 武田 松井 千葉 菅原 岩崎 久保 木下 佐野 野村 松尾 市川 菊地 菊池
    杉本 古川 大西 島田 水野 桜井 櫻井 高野 渡部 吉川 山内 西田 飯田 西川 小松 北村 安田 五十嵐
    川口 平田 関 中田 久保田 服部 東 岩田 土屋 川崎 福島 本田 辻 樋口 秋山 田口 永井 山中 中西
    吉村 川上 石原 大橋 松岡 馬場 浜田 森本 星野 矢野 浅野 大久保 松下 吉岡 小池 野田 荒木 大谷
    熊谷 松浦 黒田 尾崎 永田 川村 望月 田辺 田邊 内藤 荒井 松村 西山 大島 平井 早川 岩本 片山
    高山 堀 栗原 伊東 内山 須藤 黒木 石橋 三宅 本間 堀内 奥村 富田 岡崎 小田 萩原 大川 中井 成田
    宮田 堤 今村 児玉 比嘉 金城 大城 宮城 津田 小西 榎本 神田 青山 村山 吉原 畑 牧野 沢田 澤田
    篠原 川島 河合 大石 坂口 滝沢 中原 植田 落合 稲垣 福井 松永 関口 白井 古賀 上原
    """.split()
)
KANA = frozenset(
    """
    サトウ スズキ タカハシ タナカ イトウ ワタナベ ヤマモト ナカムラ コバヤシ カトウ ヨシダ
    ヤマダ ササキ ヤマグチ マツモト イノウエ キムラ ハヤシ サイトウ シミズ ヤマザキ ヤマサキ
    モリ イケダ ハシモト アベ イシカワ ヤマシタ ナカジマ ナカシマ イシイ オガワ マエダ オカダ
    ハセガワ フジタ ゴトウ コンドウ ムラカミ エンドウ アオキ サカモト フクダ オオタ ニシムラ
    フジイ カネコ オカモト フジワラ ミウラ ナカノ ナカガワ ハラダ マツダ タケウチ オノ タムラ
    ナカヤマ ワダ イシダ モリタ ウエダ ハラ ウチダ シバタ サカイ ミヤザキ ヨコヤマ タカギ
    アンドウ ミヤモト オオノ コジマ タニグチ イマイ クドウ タカダ
    """.split()
)
ROMAJI = frozenset(
    """
    sato satoh suzuki takahashi tanaka ito itoh watanabe yamamoto nakamura kobayashi kato katoh
    yoshida yamada sasaki yamaguchi matsumoto inoue kimura hayashi saito saitoh shimizu yamazaki
    yamasaki mori ikeda hashimoto abe ishikawa yamashita nakajima ishii ogawa maeda okada
    hasegawa fujita goto gotoh kondo murakami endo endoh aoki sakamoto fukuda ota ohta nishimura
    fujii kaneko okamoto fujiwara miura nakano nakagawa harada matsuda takeuchi ono tamura
    nakayama wada ishida morita ueda hara uchida
    """.split()
)
