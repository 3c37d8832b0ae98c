"""People: senders, approvers, auditors, administrators; the command line; the whole composed."""

VERSION = "0.1.0"
"""The one place of it: the package's metadata is read from here."""
