"""Acquaintance: who has written to whom, how often, together with whom and in which thread.

Learned from what was delivered (`learner`) and from what is fed on the first day (`feed`), asked
by `recall` for each mail. What need not be read back is a keyed digest; the domains that the
company writes to are in the clear, since others are compared with them by their letters.
"""
