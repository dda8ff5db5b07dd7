"""One estate and its people, for the way from a meeting to the certificate.

Reads from: ``builders``, ``office``.  Read by: the tests of meetings and of results.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from taizhang.ledger.models import (
    Estate,
    Official,
    Organisation,
)
from taizhang.office.access import person_of
from taizhang.office.computing import plan_of
from taizhang.office.installation import Law
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import propose_plans
from taizhang.office.register import register

from .builders import DAY, NOON, OVERLAYS, draft, law

LAW = Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat())
TOMORROW = DAY + timedelta(days=1)
MINUTES = "专题会议纪要〔2024〕3号"


def furnished(made) -> None:
    """One estate imported and planned, and the people of the story."""
    register(
        [made],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    pack = law()
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    roles = {"王建国": "leader", "周立": "leader", "马瑞": "registrar", "钱芳": "cashier"}
    for name, role in roles.items():
        grant_role(name, role, city, actor="test", now=NOON)
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)


def lost():
    """An estate whose developer has been lost: a finding of a meeting is among what it lacks."""
    made = draft()
    facts = dict(made.dossier.facts) | {("developer_status", made.place): "lost_contact"}
    return replace(made, dossier=replace(made.dossier, facts=facts))


def someone(name: str):
    return person_of(Official.objects.get(name=name), DAY)


def lacking(pack) -> set[str]:
    """Papers the estate's plan lacks now."""
    return {gap.item for gap in plan_of(pack, Estate.objects.get()).joint.gaps}
