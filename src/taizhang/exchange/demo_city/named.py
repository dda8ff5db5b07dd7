"""The one estate of the newspaper page: the same facts as in the example ledger.

Reads from: ``excel.example``.  Read by: ``drawing``, ``layout``, ``papers``, ``rows``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from taizhang.exchange.excel.example import ESTATE

__all__ = ["KNITTING", "Named"]


@dataclass(frozen=True, slots=True)
class Named:
    """An estate that is written as it is told; what is not told is not known."""

    county: str
    identity: Mapping[str, str]
    year: int
    units: int
    form: tuple[int, int, int]  #: storeys, entrances, homes on a landing
    facts: Mapping[str, str]  #: value ids; yes and no for a bool
    papers: Mapping[str, str]  #: words as an officer writes them


KNITTING = Named(
    county="青棠县",
    identity={
        "street": "河西街道",
        "neighbourhood": "纺织路社区",
        "estate": ESTATE,
        "address": "纺织路 18 号",
        "developer_name": "青棠县针织厂",
        "completed_on": "2001年",
        "responsible_official": "周砚（街道）",
        "sponsor": "林晓副县长",
        "remarks": "2002年入住；厂里称土地系划拨，未见文件",
    },
    year=2001,
    units=84,
    form=(7, 3, 4),
    facts={
        "project_type": "unit_funded_collective",
        "land_status": "no_procedure",
        "planning_permit_status": "none",
        "planning_verification": "cannot_makeup_old",
        "completion_acceptance": "never_accepted",
        "fire_status": "none",
        "developer_status": "deregistered",
        "successor_exists": "no",
        "co_developer_exists": "no",
        "superior_authority_exists": "no",
        "legacy_case": "yes",
        "cross_parcel": "no",
        "split_registration_mismatch": "no",
    },
    papers={
        "in_urban_planning_area": "√",
        "state_owned_land": "有",
        "no_ownership_dispute": "不清楚",
        "land_use_certificate": "无",
        "planning_permit_original": "缺",
    },
)
