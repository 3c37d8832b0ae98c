"""Why a policy is refused."""

from __future__ import annotations

from gateway.memory.faults import Faulty


class PolicyError(Faulty):
    @property
    def of_a_test(self) -> bool:
        """Whether rules are well written and do not what a test of theirs expects."""
        return any(each.code.startswith("test_failed") for each in self.problems)
