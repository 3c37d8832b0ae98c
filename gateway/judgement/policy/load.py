"""From the text of a policy file to a `Policy`, or to a list of all that is wrong with it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from pydantic import ValidationError

from gateway.judgement.policy.check import problems
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.layers import expanded
from gateway.judgement.policy.rules import Policy
from gateway.memory.written import Written, explained, no_toml

DEFAULT = files(__package__).joinpath("default.toml")
"""The shipped policy, which holds where the configuration names none."""


@lru_cache(maxsize=4)
def load(text: str, origin: str) -> Policy:
    """Read a policy; `origin` is the file's name as it is shown in errors.

    Its own tests are not run here: `proving.accept` does, and nothing else may activate it. A text
    is read by who checks it, who proves it and who puts it into force: it is parsed once for all.
    Raises PolicyError with a line for each problem.
    """
    try:
        written = Written(text, origin)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(no_toml(error, origin)) from None
    try:
        policy = Policy.model_validate(written.data)
    except ValidationError as error:
        raise PolicyError(*written.located(explained(error, Policy))) from None
    if wrong := list(problems(policy)):
        raise PolicyError(*written.located(wrong))
    return expanded(policy)
