"""The examples in the docstrings of the gateway are true."""

import doctest
import importlib
import pkgutil

import pytest

import gateway

MODULES = [
    info.name
    for info in pkgutil.walk_packages(gateway.__path__, "gateway.")
    if ".migrations" not in info.name and not info.name.endswith("worker")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0
