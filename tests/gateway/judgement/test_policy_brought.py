"""Settings of add-ins become a policy that loads, and what has no counterpart is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.judgement.policy.brought import rules_from
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load

OKAN = {
    "NameAndDomains.csv": "山田商事,@yamada.example\r\n山田商事,@yamada2.example\r\n",
    "AlertAddressList.csv": "@rival.example,False\r\nkato@third.example,True\r\n",
    "Whitelist.csv": "@partner.example,True\r\n",
    "DeferredDeliveryMinutes.csv": "@,3\r\n@partner.example,10\r\n",
    "ExternalDomainsWarningAndAutoChangeToBccSetting.csv": "10,True,False,True\r\n",
    "AlertKeywordAndMessageList.csv": "見積,ご確認ください,False\r\n",
    "AutoCcBccKeywordList.csv": "見積,Bcc,boss@example.co.jp\r\n",
    "AutoCcBccRecipientList.csv": "@yamada.example,Cc,boss@example.co.jp\r\n",
    "AutoCcBccAttachedFileList.csv": "Bcc,log@example.co.jp\r\n",
}
FLEX = {
    "TrustedDomains.txt": "# 信頼\npartner.example\n*.group.example\n-dev.group.example\n",
    "UnsafeDomains.txt": "gmail.com\n",
    "UnsafeFiles.txt": "社外秘\n",
}


def test_it_works() -> None:
    text = rules_from(OKAN)
    policy = load(text, "brought")
    assert policy.companies["山田商事"].domains == ("yamada.example", "yamada2.example")
    facts = {rule.when.fact for rule in policy.rules}
    assert {"named_elsewhere", "not_named"} <= facts
    assert policy.lists["送信禁止の宛先"].addresses == ("kato@third.example",)
    rules = {rule.name: rule for rule in policy.rules}
    assert rules["brought-banned-address"].then.action == "reject"
    assert rules["brought-warned-address"].when.in_list == ("警告する宛先",)
    assert str(rules["brought-delay-3-all"].then.delay) == "3 min"
    assert rules["brought-delay-10"].when.in_list == ("10分後に送信",)
    many = rules["brought-many-domains"]
    assert 10 in (many.when.outside_companies or ())
    assert many.then.treatment is not None and many.then.treatment.bcc
    copied = rules["brought-copy-1"].then.treatment
    assert copied is not None and copied.add_cc == ("boss@example.co.jp",)
    assert rules["brought-copy-of-files-1"].when.attachments is not None
    for said in (
        "# autoccbcckeywordlist.csv: 1: write the words into a dictionary",
        "# alertkeywordandmessagelist.csv: 1: write the words into a dictionary",
    ):
        assert said in text, said


def test_the_lists_of_flexconfirmmail() -> None:
    text = rules_from(FLEX)
    policy = load(text, "brought")
    assert policy.lists["信頼済みドメイン"].domains == ("partner.example", ".group.example")
    assert "# -dev.group.example: patterns and exclusions have no counterpart" in text
    assert [rule.name for rule in policy.rules] == ["brought-unsafe-domain"]
    assert "# unsafefiles.txt: 1: write the words" in text


def test_other_files_are_not_read() -> None:
    assert rules_from({"readme.md": "x", "empty.csv": ""}) == ""


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30), st.integers(0, 99))
def test_any_name_is_a_policy_or_refused_with_its_place(name: str, minutes: int) -> None:
    files = {
        "NameAndDomains.csv": f'"{name.replace(chr(34), "")}",@x.example\n',
        "DeferredDeliveryMinutes.csv": f"a@x.example,{minutes}\n",
    }
    try:
        load(rules_from(files), "brought")
    except PolicyError as refused:
        assert "brought: " in str(refused)
