"""The small ledger, and somebody who may write the whole database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from taizhang.office import journal
from tests.office.tampering import Tamperer

from .told import write_a_ledger


@pytest.fixture
def small(ledger, monkeypatch) -> str:
    """A written ledger whose acts need more than one part."""
    monkeypatch.setattr(journal, "_LINES", 5)
    write_a_ledger()
    return ledger


@pytest.fixture
def tamperer(small) -> Iterator[Tamperer]:
    somebody = Tamperer(small)
    somebody.drop_triggers()
    yield somebody
    somebody.close()
