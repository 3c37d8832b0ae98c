"""The dictionary of confidentiality marks that is shipped: `builtin = "confidential"`.

Its words count only where they stand as a mark (`detectors.facts.marks`).
"""

from __future__ import annotations

from detectors.facts.dictionary import Dictionary, Entry

_POINTS = {
    30: "極秘,厳秘,秘密厳守,機密性3情報,top secret,strictly confidential",
    20: "機密,秘,丸秘,マル秘,関係者外秘,役員限り,機密性2情報,highly confidential",
    10: "社外秘,部外秘,課外秘,社内限り,社内限定,社内用,部内限り,持出禁止,持ち出し禁止,社外持出禁止,"
    "社外持ち出し禁止,社外厳禁,開示禁止,転送禁止,転送厳禁,複製厳禁,複製禁止,複写厳禁,無断複写禁止,"
    "confidential,internal use only,for internal use,company confidential,do not distribute,"
    "not for distribution",
    5: "取扱注意,取扱厳重注意,取り扱い注意,関係者限り,内部資料,restricted",
}

CONFIDENTIAL = Dictionary(
    "confidential",
    tuple(
        Entry(word, points, mark=True)
        for points, words in _POINTS.items()
        for word in words.split(",")
    ),
)
