"""The law that the ledgers of these tests are read by."""

from __future__ import annotations

from datetime import date

import pytest

from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Pack


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The shipped pack as Shandong and the demo city use it."""
    overlays = ["title-certificates-shandong", "demo-city-rules"]
    return load_pack("title-certificates", overlays=overlays, as_of=date(2024, 1, 28))
