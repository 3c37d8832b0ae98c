"""The peers and houses of the e2e tests; each case of a kill has a house of its own."""

from tests.e2e.conftest import build, left_behind, sink

__all__ = ["build", "left_behind", "sink"]
