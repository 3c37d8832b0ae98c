"""Domains where anybody gets an address: free mail, Internet providers and mobile carriers.

Not complete and not meant to be: what is missing is added to the list in the policy file.
"""

from __future__ import annotations

FREEMAIL = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.jp hotmail.com hotmail.co.jp live.jp live.com
    msn.com yahoo.co.jp yahoo.com ymail.ne.jp ymail.com icloud.com me.com mac.com aol.com aol.jp
    proton.me protonmail.com pm.me gmx.com gmx.net mail.com zoho.com tutanota.com tuta.io
    yandex.com mail.ru qq.com 163.com 126.com naver.com daum.net hanmail.net
    excite.co.jp goo.jp mail.goo.ne.jp infoseek.jp inter7.jp nifty.com nifty.ne.jp
    biglobe.ne.jp mx.biglobe.ne.jp ocn.ne.jp so-net.ne.jp plala.or.jp dion.ne.jp odn.ne.jp
    docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp i.softbank.jp vodafone.ne.jp ymobile.ne.jp
    y-mobile.ne.jp willcom.com rakuten.jp rakumail.jp uqmobile.jp
    """.split()
)
