"""What may be said of an estate's identity in papers that go from hand to hand.

Read by: ``estate`` and the letters.
"""

from __future__ import annotations

from taizhang.exchange.diagram.wording import pick
from taizhang.rules.terms import EstatePlan

__all__ = ["IDENTITY", "given", "identity_rows"]

#: what may be shown of an estate's identity; names and numbers of residents are not among it
IDENTITY: dict[str, tuple[str, str]] = {
    "county": ("县（市、区）", "county"),
    "street": ("街道（镇）", "street"),
    "neighbourhood": ("社区", "neighbourhood"),
    "address": ("坐落", "address"),
    "developer_name": ("建设单位", "developer"),
    "buildings_total": ("幢数", "buildings"),
    "units_total": ("户数", "units"),
    "completed_on": ("竣工时间", "completed"),
    "occupied_on": ("入住时间", "occupied"),
    "responsible_organisation": ("责任单位", "responsible organisation"),
    "responsible_official": ("责任人", "responsible official"),
    "sponsor": ("包保领导", "sponsor"),
}


_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def identity_rows(plan: EstatePlan, language: str) -> tuple[tuple[str, str], ...]:
    """Return the identity fields that are filled in."""
    rows = [(pick(pair, language), given(plan, name)) for name, pair in IDENTITY.items()]
    return tuple((name, value) for name, value in rows if value)


def given(plan: EstatePlan, name: str) -> str:
    """Return an identity field as it is written, with its digits in half width."""
    return plan.identity.get(name, "").translate(_DIGITS).strip()
