"""The people of a small city: two counties, four streets, bureaus; who holds which role where, and when.

Everybody is called by role and office, as ``officer-street``; nobody's name holds the name of a place, so
that a page which says a place's name says it of itself.

Reads from: nothing but the day.  Read by: ``rights``, ``rights_world``, ``rights_results``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from .builders import DAY

DAYS = timedelta(days=1)
EAST, WEST = "东昌府区", "临清新区"
LIU, GU, QING, XIN = "柳园街道", "古楼街道", "青年街道", "新华街道"
#: estate -> county, street, days since its plan was adopted; -1: proposed only; -2: not computed
ESTATES: Mapping[str, tuple[str, str, int]] = {
    "甲字院": (EAST, LIU, 10),
    "乙字院": (EAST, GU, 3),
    "丙字院": (WEST, QING, 70),
    "丁字院": (WEST, XIN, 0),
    "戊字院": (EAST, LIU, -1),
    "己字院": (WEST, QING, -2),
}
ROLES = (
    *("officer", "case_officer", "leader", "registrar", "cashier"),
    *("importer", "analyst", "auditor"),
)
BUREAU = "surveyor"
#: kind of office -> county, street, supplier of the first office of that kind
OFFICES: Mapping[str, tuple[str, str, str]] = {
    "city": ("", "", ""),
    "county": (EAST, "", ""),
    "street": (EAST, LIU, ""),
    "bureau": (EAST, "", BUREAU),
    "west": (WEST, "", ""),
    "xinhua": (WEST, XIN, ""),
    "gulou": (EAST, GU, ""),
    "archive": (EAST, "", "archive"),
    "western-bureau": (WEST, "", BUREAU),
    "city-bureau": ("", "", BUREAU),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A role at an office, between two days."""

    role: str
    office: str
    since: date = DAY - 100 * DAYS
    until: date | None = None
    lent: bool = False  #: a secondment

    @property
    def where(self) -> tuple[str, str, str]:
        """County, street, supplier."""
        return OFFICES[self.office]


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the city, as meant."""

    name: str
    posts: tuple[Post, ...] = ()
    active: bool = True
    account: str = "open"  #: open, closed or none


GRID = tuple(
    Someone(f"{role}-{kind}", (Post(role, kind),))
    for role in ROLES
    for kind in ("city", "county", "street", "bureau")
)
SPECIAL = (
    Someone("nobody", account="none"),
    Someone("without-role"),
    Someone("grant-ended", (Post("leader", "city", until=DAY - DAYS),)),
    Someone("grant-not-begun", (Post("leader", "city", since=DAY + DAYS),)),
    Someone("grant-ends-today", (Post("officer", "street", until=DAY),)),
    Someone("grant-begins-today", (Post("analyst", "west", since=DAY),)),
    Someone("has-left", (Post("leader", "city"),), active=False),
    Someone("account-closed", (Post("leader", "city"),), account="closed"),
    Someone("lent-to-the-west", (Post("leader", "west", lent=True),)),
    Someone(
        "no-longer-lent", (Post("officer", "gulou"), Post("leader", "west", until=DAY - DAYS, lent=True))
    ),
    Someone("two-scopes", (Post("case_officer", "bureau"), Post("officer", "xinhua"))),
    Someone("two-hats", (Post("officer", "street"), Post("leader", "county"))),
    Someone("leads-and-surveys", (Post("leader", "county"), Post("case_officer", "bureau"))),
    Someone("auditor-and-analyst", (Post("auditor", "city"), Post("analyst", "west"))),
    Someone("archivist", (Post("case_officer", "archive"),)),
    Someone("western-surveyor", (Post("case_officer", "western-bureau"),)),
    Someone("city-surveyor", (Post("case_officer", "city-bureau"),)),
)
PEOPLE: Mapping[str, Someone] = {one.name: one for one in (*GRID, *SPECIAL)}
