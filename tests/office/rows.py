"""A small office without computed plans: quick to make where a test is about people, clocks or papers.

One estate in Liuyuan street, with its officer Gao Xiulan, and Wang Jianguo, who leads the city's task force.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from taizhang.ledger.models import AdoptedPlan, Case, Estate, Official, Organisation, Task
from taizhang.office.installation import Law, remember_law
from taizhang.office.journal import act
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.register import register

from .builders import DAY, NOON, OVERLAYS, draft


def office(*, people: Mapping[str, str] | None = None, bureaus: Mapping[str, str] | None = None) -> Estate:
    """An estate, its offices, and people by name and role at the city's task force."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    register(
        [draft()],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    establish_offices(bureaus or {}, city="市专班", actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    for name, role in (people or {"王建国": "leader"}).items():
        grant_role(name, role, city, actor="test", now=NOON)
    return Estate.objects.get()


def plan_in_force(gaps: Sequence[Mapping[str, Any]] = ()) -> AdoptedPlan:
    """The plan of the estate, made where there is none; of its content only what a test looks at."""
    estate = Estate.objects.order_by("id")[0]
    found = AdoptedPlan.objects.filter(estate=estate, superseded_at=None).first()
    if found is not None:
        return found
    content = {"gaps": list(gaps), "duties": [], "units": [], "route": [], "questions": [], "blocked_by": []}
    with act("adopt_plan", actor="test", subject=f"estate:{estate.pk}", now=NOON) as doing:
        plan = AdoptedPlan(
            county=estate.county,
            case=Case.objects.get(estate=estate),
            estate=estate,
            adopted_at=doing.now,
            adopted_by=Official.objects.order_by("id")[0],
            best=True,
            as_of=DAY,
            start_on=DAY,
            pack="title-certificates",
            pack_version="1",
            lock="[]",
            dossier_digest="0" * 64,
            plan_digest="0" * 64,
            money_fen=0,
            effort=0,
            days=0,
            content=zlib.compress(json.dumps(content).encode()),
        )
        doing.insert([plan])
    return plan


def task_of(responsible: Official | None, number: int = 1, **told: Any) -> Task:
    """A task of the plan in force that names an official."""
    estate, plan = Estate.objects.order_by("id")[0], plan_in_force()
    usual = {
        "county": estate.county,
        "street": estate.street,
        "estate": estate,
        "plan": plan,
        "kind": "gap",
        "item": f"paper_{number}",
        "place": estate.place,
        "level": "estate",
        "units": 1,
        "supplier": "household",
        "organisation": responsible.organisation if responsible else None,
        "responsible": responsible,
        "state": "open",
        "start_on": DAY,
        "working_days": 10,
        "next_look_on": DAY,
    }
    with act("open_task", actor="test", subject=f"estate:{estate.pk}", now=NOON) as doing:
        task = Task(**(usual | told))
        doing.insert([task])
    return task
