"""The pack of the tests of papers that lapse.

Read by: ``test_expiry``, ``test_expiry_laws``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from taizhang.rules import Dossier
from taizhang.rules.terms import (
    Pack,
)
from taizhang.rules.worktime import WorkCalendar

PACK = Path(__file__).with_name("expiry_pack.yaml")

CHINA = WorkCalendar.china()

USE = date(2024, 5, 11)  # working day 70, a make-up Saturday: planning 60 days, first registration 10

MORTGAGED = {"mortgaged": True, "married": False}


def with_consent(pack: Pack, until: date | None, **facts: bool) -> Dossier:
    """A case in which the lender's consent is there until a day."""
    known = {**MORTGAGED, **facts}
    ends = {"bank_consent": until} if until else {}
    return Dossier.of(pack, on_hand=["id_docs", "bank_consent"], facts=known, valid_until=ends)
