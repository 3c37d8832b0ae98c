"""The ledger: one stream, one owner, one chain whose entries are RFC 6962 leaves.

`chain`, `tree`, `note` and `verify` are pure and need neither database nor product; `append` is
the writing half.
"""
