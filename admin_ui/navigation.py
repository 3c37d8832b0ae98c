"""The navigation: what each role finds in it."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from admin_ui.access import Visitor
from gateway.face import words as spoken
from gateway.face.i18n import N_, Words
from gateway.face.pages import Context, NavItem


@dataclass(frozen=True, slots=True)
class Place:
    href: str
    icon: str
    label: str
    roles: frozenset[str] = frozenset()
    """any of them; empty: everybody who signed in"""


def _for(*roles: str) -> frozenset[str]:
    return frozenset(roles)


PLACES = (
    Place("/", "inbox", N_("対応が必要なもの")),
    Place(
        "/holds", "shield-check", N_("承認待ち一覧"), _for("approver", "auditor", "system_admin")
    ),
    Place("/holds?mine", "mail-warning", N_("自分の保留メール")),
    Place("/transfers", "link", N_("送信済みファイル")),
    Place("/queue", "send", N_("送信待ち"), _for("system_admin")),
    Place("/audit", "scroll-text", N_("監査ログ"), _for("auditor", "system_admin")),
    Place(
        "/policy", "shield-alert", N_("送信ルール"), _for("policy_admin", "auditor", "system_admin")
    ),
    Place(
        *("/addressees", "building-2", N_("送付先台帳")), _for("handler", "policy_admin", "auditor")
    ),
    Place("/people", "users", N_("利用者と承認者"), _for("system_admin", "auditor")),
    Place("/health", "activity", N_("稼働状況"), _for("system_admin")),
    Place("/settings", "settings", N_("設定"), _for("system_admin", "auditor")),
    Place("/account", "user", N_("アカウント")),
)


def frame_of(visitor: Visitor | None, words: Words, offered: frozenset[str]) -> Context:
    """What "app.html" needs; nothing for those who did not sign in, who get "solo.html"."""
    if visitor is None:
        return {}
    places = [
        each
        for each in PLACES
        if each.href.partition("?")[0] in offered and (not each.roles or each.roles & visitor.roles)
    ]
    roles = [spoken.role(words, role) for role in sorted(visitor.roles)]
    return {
        "nav": [NavItem(each.href, each.icon, words.say(each.label)) for each in places],
        "person": SimpleNamespace(
            name=visitor.name, note=" · ".join(filter(None, [visitor.department, *roles]))
        ),
    }
