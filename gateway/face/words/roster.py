"""What a CSV of people changes."""

from gateway.face.i18n import N_, Words

CHANGED = {
    "person": N_("利用者を追加"),
    "name": N_("氏名を変更"),
    "department": N_("部署を変更"),
    "until": N_("最終日を変更"),
    "address": N_("アドレスを追加"),
    "address-": N_("アドレスを削除"),
    "shared": N_("共有アドレスを追加"),
    "shared-": N_("共有アドレスから除外"),
    "role": N_("権限を付与"),
    "role-": N_("権限を終了"),
    "group": N_("グループに追加"),
    "group-": N_("グループから除外"),
    "deputy": N_("代理を設定"),
    "deputy-": N_("代理を終了"),
}


def changed(words: Words, code: str) -> str:
    """「権限を付与」"""
    return words.say(CHANGED[code])
