"""`sekisho demo`: the whole house on one machine, with a mailbox of its own and people to play."""
