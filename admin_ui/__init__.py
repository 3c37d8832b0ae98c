"""People: senders, approvers, auditors, administrators; the command line; the whole composed."""
