"""The examples in docstrings outside the rules: run here, because they need an installation around them."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in SOURCE.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8") and "rules" not in path.relative_to(SOURCE).parts
)


def test_there_are_examples_to_run():
    assert len(MODULES) > 20


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_happens(name, sqlite):
    told = doctest.testmod(import_module(name))
    assert told.attempted > 0
    assert told.failed == 0
