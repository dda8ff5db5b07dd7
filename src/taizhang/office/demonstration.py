"""A made-up office to look at: people with accounts, plans adopted, tasks under way and late.

Reads from: ``planning``, ``workflow``, ``supervision`` and other acts.  Read by: ``taizhang demo-office``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from taizhang.ledger.models import AdoptedPlan, Estate, Official, Organisation, Task
from taizhang.office.access import Person, person_of
from taizhang.office.accounts import open_account
from taizhang.office.demonstration_results import achieve
from taizhang.office.installation import Law
from taizhang.office.organisations import grant_role
from taizhang.office.planning import adopt_for
from taizhang.office.register import CHINA
from taizhang.office.supervision import sweep
from taizhang.office.suspending import ask_suspension, decide_suspension
from taizhang.office.workflow import Paper, acknowledge_task, hand_in_evidence
from taizhang.rules.terms import Pack

__all__ = ["PARTS", "PASSWORD", "begun", "furnish"]

PASSWORD = "taizhang-2024-demo"  #: of every made-up account; a demonstration holds nothing but made-up data
_ADOPTED = 60  # estates with an adopted plan


@dataclass(frozen=True, slots=True)
class Part:
    """A made-up official of a demonstration."""

    username: str
    name: str
    role: str
    kind: str
    what: tuple[str, str]


PARTS = (
    Part(
        "leader", "王建国", "leader", "city", ("市专班：采用方案、审核、督办", "task force: adopts, accepts")
    ),
    Part("second", "赵明华", "leader", "city", ("市专班：第二审核人", "task force: the second pair of eyes")),
    Part("registrar", "马瑞", "registrar", "city", ("登记机构：首次登记、发证", "registry: registrations")),
    Part("cashier", "钱芳", "cashier", "city", ("收费：缴费清单、缴费", "fees: lists and payments")),
    Part("importer", "周立", "importer", "city", ("市专班：导入台账", "task force: imports ledgers")),
    Part("auditor", "郑明", "auditor", "city", ("审计：只看", "auditor: looks only")),
    Part("bureau", "李敏", "case_officer", "bureau", ("县自然资源局：本局任务", "land bureau: its tasks")),
    Part(
        "officer", "", "officer", "street", ("街道包保人：本街道小区和任务", "officer: the street's estates")
    ),
)


def begun() -> bool:
    """Whether the demonstration has been furnished."""
    return AdoptedPlan.objects.exists()


def furnish(law: Law, pack: Pack, *, actor: str, now: datetime) -> None:
    """Open accounts, adopt plans, begin tasks and show results in a ledger that has been imported."""
    leader = _people(actor, now)
    _begin(pack, leader, now)
    second = person_of(Official.objects.get(account__username="second"), _day(now))
    achieve(law, pack, (leader, second), now)


def _people(actor: str, moment: datetime) -> Person:
    for part in PARTS[:-1]:
        offices = Organisation.objects.filter(kind=part.kind).order_by("id")
        if part.kind == "bureau":
            offices = offices.filter(supplier="land_bureau", county=_first_estate().county)
        official = grant_role(part.name, part.role, offices[0], actor=actor, now=moment)
        open_account(official, part.username, PASSWORD, actor=actor, now=moment)
    open_account(_street_officer(), PARTS[-1].username, PASSWORD, actor=actor, now=moment)
    leader = Official.objects.get(account__username="leader")
    return person_of(leader, _day(moment))


def _first_estate() -> Estate:
    """The estate of the article that the demonstration is about, or the first one."""
    found = (
        Estate.objects.filter(name__startswith="针织厂家属院").first()
        or Estate.objects.order_by("id").first()
    )
    assert found is not None, "a ledger has estates"
    return found


def _street_officer() -> Official:
    estate = _first_estate()
    found = Official.objects.filter(
        organisation__kind="street", organisation__county=estate.county, organisation__street=estate.street
    ).order_by("id")
    return found[0]


def _begin(pack: Pack, leader: Person, moment: datetime) -> None:
    """Adopt plans three months ago, so that some tasks are late, and let some be under way."""
    first = _first_estate()
    others = Estate.objects.exclude(pk=first.pk).filter(proposal__gaps__gt=0).order_by("county", "id")
    near = others.filter(street=first.street)[:5]
    chosen = list(dict.fromkeys([first, *near, *others[:: max(1, others.count() // _ADOPTED)]]))
    past = moment - timedelta(days=70)
    for number, estate in enumerate(chosen[:_ADOPTED]):
        start = past if number % 3 else moment - timedelta(days=14)
        adopt_for(leader, pack, estate.pk, now=start, start_on=start.date())
    _work(_tasks_of(_street_officer()), leader, moment)
    sweep(moment)


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def _tasks_of(official: Official) -> Sequence[Task]:
    return list(Task.objects.filter(responsible=official, kind="gap").order_by("due_on", "id")[:8])


def _work(tasks: Sequence[Task], leader: Person, moment: datetime) -> None:
    """The officer has begun: three acknowledged, two handed in, one suspended."""
    for task in tasks[:6]:
        assert task.responsible is not None
        person = person_of(task.responsible, _day(moment))
        acknowledge_task(person, task.pk, moment)
    for number, task in enumerate(tasks[3:5]):
        assert task.responsible is not None
        person = person_of(task.responsible, _day(moment))
        hand_in_evidence(person, task.pk, moment, Paper(f"演〔2024〕{number + 1}号", _day(moment)))
    for task in tasks[5:6]:
        assert task.responsible is not None
        ask_suspension(person_of(task.responsible, _day(moment)), task.pk, moment, "等待档案馆调档")
        decide_suspension(leader, task.pk, moment, granted=True)
