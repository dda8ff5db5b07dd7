"""A small city for the list of rights: two counties, four streets, six estates, work in every state.

Everybody is called by role and office, as ``officer-street``; nobody's name holds the name of a place, so
that a page which says a place's name says it of itself.  The records below are plain: the oracle of
``rights`` reads them and nothing else.

Reads from: ``office`` to build, ``ledger.models`` to note down what was built.  Read by: ``rights``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.test import Client

from taizhang.ledger.models import (
    Account,
    Attachment,
    Estate,
    Evidence,
    Extension,
    Grant,
    Job,
    JournalEntry,
    Official,
    Organisation,
    Secondment,
    SupervisionNotice,
    Suspension,
    SuspensionRequest,
    Task,
    Unit,
)
from taizhang.office import suspending, workflow
from taizhang.office.access import person_of
from taizhang.office.attachments import attach
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.installation import Law, remember_law
from taizhang.office.keeping.placing import key_file
from taizhang.office.key_ring import KeyRing
from taizhang.office.organisations import establish_offices
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.register import CaseDraft, register
from taizhang.office.supervision import sweep

from .builders import DAY, NOON, OVERLAYS, draft

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
ROLES = ("officer", "case_officer", "leader", "importer", "analyst", "auditor")
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


# ---------------------------------------------------------------------------- plain records


@dataclass(frozen=True, slots=True)
class EstateNote:
    key: int
    name: str
    county: str
    street: str
    status: int | None
    classes: tuple[str, ...]
    plan: str  #: adopted, proposed or none
    units: int


@dataclass(frozen=True, slots=True)
class UnitNote:
    key: int
    estate: int
    label: str
    status: int | None
    fees: int | None
    people: tuple[str, ...] = ()  #: what is known of its household: name, identity number, telephone


@dataclass(frozen=True, slots=True)
class TaskNote:
    key: int
    estate: int
    county: str
    street: str
    supplier: str
    given: str  #: supplier of the organisation that has it
    state: str
    kind: str
    item: str
    due: date | None
    responsible: int | None
    words: tuple[str, ...] = ()  #: said of this task alone
    handed_in: tuple[int, ...] = ()  #: who handed in what is not decided yet
    asked: int | None = None  #: who asked for an extension that is not decided yet
    pause: int | None = None  #: who asked for a suspension that is not decided yet
    suspended: bool = False
    notices: int = 0


@dataclass(frozen=True, slots=True)
class FileNote:
    key: int
    name: str
    content: bytes
    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JobNote:
    key: int
    by: str
    kind: str
    state: str
    file: str


@dataclass(slots=True)
class World:
    """What was built, in plain records."""

    officials: Mapping[str, int]
    estates: Mapping[int, EstateNote] = field(default_factory=dict)
    units: Mapping[int, UnitNote] = field(default_factory=dict)
    tasks: Mapping[int, TaskNote] = field(default_factory=dict)
    files: Mapping[int, FileNote] = field(default_factory=dict)
    jobs: Mapping[int, JobNote] = field(default_factory=dict)
    batches: Mapping[int, frozenset[tuple[str, str]]] = field(default_factory=dict)  #: with their places
    journal: Sequence[str] = ()  #: the subject of every entry
    sessions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)  #: item -> what a paper is called

    def estate(self, name: str) -> int:
        """The key of an estate."""
        return next(one.key for one in self.estates.values() if one.name == name)

    def client(self, name: str) -> Client:
        """A browser in which somebody has signed in."""
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        client.handler = _HANDLER  # which looks for every static file when it is new
        if name in self.sessions:
            client.cookies["sessionid"] = self.sessions[name]
        return client


_HANDLER = Client().handler

# --------------------------------------------------------------------------------- building


def build() -> World:
    """Fill the empty ledger Django points at, and note down what is there."""
    told = Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat())
    remember_law(told)
    pack = told.on(DAY)
    KeyRing.create(key_file(), NOON)
    # three ledgers: one of a street, two that reach over both counties
    names, batches = list(ESTATES), {}
    for at, some in enumerate((names[:1], names[1:3], names[3:])):
        told_of = register(
            [_draft(name) for name in some],
            programme="title-certificates",
            file_name=f"台账{at}.xlsx",
            sha256="0" * 64,
            actor="test",
            now=NOON,
        )
        batches[told_of.batch] = frozenset(ESTATES[name][:2] for name in some)
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    world = World(_people(), sessions={}, batches=batches)
    found = {one.name: one for one in Estate.objects.all()}
    known = [found[name] for name, (_, _, days) in ESTATES.items() if days > -2]
    propose_plans(pack, known, actor="test", now=NOON)
    leader = Official.objects.get(pk=world.officials["leader-city"])
    for name, (_, _, days) in ESTATES.items():
        if days >= 0:
            day = DAY - days * DAYS
            adopt_plan(pack, found[name].pk, by=leader, now=NOON - days * DAYS, start_on=day)
    _make_statuses_differ()
    _work(world, {name: one.pk for name, one in found.items()})
    sweep(NOON)
    _jobs(world)
    _note(world)
    labels = {one.item for one in world.tasks.values()}
    world.labels = {item: (pack.evidence.get(item) or pack.nodes[item]).label.zh for item in labels}
    world.sessions = {name: _session(key) for name, key in world.officials.items()}
    return world


def _draft(name: str) -> CaseDraft:
    """An estate of two units; a household is named in the first."""
    county, street, _ = ESTATES[name]
    told = draft(name, county, street, 2)
    return replace(told, households={f"{told.place}›1›101": HouseholdDraft(*_household(name))})


def _household(estate: str) -> tuple[str, str, str]:
    return f"欧阳{estate[0]}", "371502189809294004", f"1380635{1000 + list(ESTATES).index(estate)}"


def _people() -> Mapping[str, int]:
    offices = {(one.kind, one.county, one.street, one.supplier): one for one in Organisation.objects.all()}
    city = offices["city", "", "", ""]
    top = max(one.pk for one in offices.values()) + 1
    city_bureau = Organisation.objects.create(
        id=top, name="市测绘院", kind="bureau", parent=city, supplier=BUREAU
    )
    offices["bureau", "", "", BUREAU] = city_bureau
    first = (Official.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    found = {}
    for number, one in enumerate(PEOPLE.values()):
        home = _office(offices, one.posts[0]) if one.posts else city
        official = Official.objects.create(
            id=first + number, name=one.name, organisation=home, county=home.county, active=one.active
        )
        for at, post in enumerate(one.posts):
            (Secondment if post.lent else Grant).objects.create(
                id=5000 + 10 * number + at,
                official=official,
                role=post.role,
                organisation=_office(offices, post),
                since=post.since,
                until=post.until,
            )
        if one.account != "none":
            Account.objects.create(official=official, username=one.name, is_active=one.account == "open")
        found[one.name] = official.pk
    return found


def _office(offices: Mapping[tuple[str, str, str, str], Organisation], post: Post) -> Organisation:
    county, street, supplier = post.where
    kind = "bureau" if supplier else "street" if street else "county" if county else "city"
    return offices[kind, county, street, supplier]


def _make_statuses_differ() -> None:
    """Some units complete, some blocked, one estate of other classes: lists have something to narrow."""
    for estate in Estate.objects.all():
        first = Unit.objects.filter(estate=estate).order_by("id").first()
        Unit.objects.filter(pk=first.pk).update(status={0: 0, 1: 3}.get(estate.pk % 3, first.status))
    Estate.objects.filter(name__in=["甲字院", "丙字院"]).update(classes=",ARREARS,SPLIT_REG,", status=1)


def _work(world: World, estates: Mapping[str, int]) -> None:
    """Tasks in every state; who does what is a person of the grid."""

    def of(estate: str, supplier: str) -> list[int]:
        rows = Task.objects.filter(estate=estates[estate], supplier=supplier).order_by("id")
        return list(rows.values_list("pk", flat=True))

    def who(name: str) -> Any:
        return person_of(Official.objects.get(pk=world.officials[name]), DAY)

    def hand_in(name: str, task: int, file: str = "") -> None:
        workflow.acknowledge_task(who(name), task, NOON)
        kept = None
        if file:
            estate = Task.objects.get(pk=task).estate
            kept = attach(who(name), estate, file, [f"%PDF-1.4 {file}".encode()], NOON).pk
        paper = workflow.Paper(f"文号{task:03d}", attachment=kept)
        workflow.hand_in_evidence(who(name), task, NOON, paper)

    def ask(name: str, task: int) -> None:
        workflow.ask_extension(who(name), task, NOON, 5, f"延期缘由{task:03d}")

    home, firm, survey = of("甲字院", "household"), of("甲字院", "developer"), of("甲字院", BUREAU)
    hand_in("officer-street", home[0], "甲院身份证.pdf")
    workflow.acknowledge_task(who("officer-street"), home[1], NOON)
    ask("officer-street", home[2])
    hand_in("two-hats", firm[0], "甲院付款单.pdf")
    ask("two-hats", firm[1])
    hand_in("two-hats", firm[2])  # refused, and handed in again by somebody else
    workflow.refuse_evidence(who("leader-county"), firm[2], NOON, f"退回缘由{firm[2]:03d}")
    workflow.hand_in_evidence(who("officer-street"), firm[2], NOON, workflow.Paper(f"文号{firm[2]:03d}"))
    hand_in("case_officer-bureau", survey[0], "甲院测绘成果.pdf")
    workflow.acknowledge_task(who("case_officer-bureau"), survey[1], NOON)
    suspending.ask_suspension(who("case_officer-bureau"), survey[1], NOON, f"中止缘由{survey[1]:03d}")
    suspending.decide_suspension(who("leader-county"), survey[1], NOON, granted=True)
    suspending.ask_suspension(who("two-hats"), firm[3], NOON, f"停表缘由{firm[3]:03d}")
    archive, tax = of("甲字院", "archive"), of("甲字院", "tax_bureau")
    hand_in("archivist", archive[0], "甲院档案.pdf")
    workflow.accept_evidence(who("leader-county"), archive[0], NOON)
    workflow.hand_back_task(who("archivist"), archive[1], NOON, f"退单缘由{archive[1]:03d}")
    Task.objects.filter(pk=tax[0]).update(state="withdrawn", next_look_on=None)
    workflow.hand_over_task(who("leader-county"), tax[1], NOON, world.officials["case_officer-bureau"])
    hand_in("officer-county", of("乙字院", "household")[0], "乙院身份证.pdf")
    west = of("丙字院", "household")
    hand_in("officer-city", west[0], "丙院身份证.pdf")
    ask("officer-city", west[1])
    hand_in("western-surveyor", of("丁字院", BUREAU)[0], "丁院测绘成果.pdf")
    ask("two-scopes", of("丁字院", "household")[0])


def _jobs(world: World) -> None:
    rows = {level: {"estate": 1, "building": 1, "unit": 2} for level in ("new", "changed", "same")}
    done = {**rows, "batch": 0, "planned": 0, "complaints": 0, "more": 0, "told": [], "columns": []}
    for name, kind, state in (
        ("importer-county", "dry_run", "done"),
        ("importer-county", "dry_run", "waiting"),
        ("importer-city", "dry_run", "done"),
        ("importer-city", "import", "done"),
        ("analyst-city", "dry_run", "done"),  # somebody who has lost the role since
    ):
        number = Job.objects.count() + 1
        Job.objects.create(
            kind=kind,
            argument=json.dumps({"files": [["0" * 64, f"导入{number:03d}.xlsx"]]}),
            asked_by_id=world.officials[name],
            asked_at=NOON,
            state=state,
            result=json.dumps(done if state == "done" else {}),
        )


# --------------------------------------------------------------------------- noting it down


def _note(world: World) -> None:
    names = {key: name for name, key in world.officials.items()}
    plans = set(Task.objects.filter(plan__superseded_at=None).values_list("estate", flat=True))
    world.estates = {
        one.pk: EstateNote(
            one.pk,
            one.name,
            one.county,
            one.street,
            one.status,
            tuple(code for code in one.classes.split(",") if code),
            "adopted" if one.pk in plans else "proposed" if hasattr(one, "proposal") else "none",
            one.units_total,
        )
        for one in Estate.objects.all()
    }
    world.units = {
        one.pk: UnitNote(
            one.pk,
            one.estate_id,
            f"{one.building.name} {one.name}",
            one.status,
            one.fees_fen,
            _household(one.estate.name) if one.name == "101" else (),
        )
        for one in Unit.objects.all()
    }
    world.tasks = {one.pk: _task_note(one) for one in Task.objects.order_by("id")}
    world.files = {
        one.pk: FileNote(
            one.pk,
            one.name,
            f"%PDF-1.4 {one.name}".encode(),
            tuple(Evidence.objects.filter(attachment=one).values_list("task", flat=True)),
        )
        for one in Attachment.objects.all()
    }
    world.jobs = {
        one.pk: JobNote(
            one.pk, names[one.asked_by_id], one.kind, one.state, json.loads(one.argument)["files"][0][1]
        )
        for one in Job.objects.all()
    }
    world.journal = list(JournalEntry.objects.order_by("id").values_list("subject", flat=True))


def _task_note(task: Task) -> TaskNote:
    evidence = list(Evidence.objects.filter(task=task))
    asked = list(Extension.objects.filter(task=task))
    stood = list(Suspension.objects.filter(task=task))
    pauses = list(SuspensionRequest.objects.filter(task=task))
    words = [one.number for one in evidence] + [task.handed_back]
    words += [one.reason for one in (*asked, *stood, *pauses)]
    return TaskNote(
        task.pk,
        task.estate_id,
        task.county,
        task.street,
        task.supplier,
        task.organisation.supplier if task.organisation else "",
        task.state,
        task.kind,
        task.item,
        task.due_on,
        task.responsible_id,
        tuple(one for one in words if one),
        tuple(one.handed_in_by_id for one in evidence if one.accepted is None),
        next((one.asked_by_id for one in asked if one.granted is None), None),
        next((one.asked_by_id for one in pauses if one.granted is None), None),
        any(one.until is None for one in stood),
        SupervisionNotice.objects.filter(task=task).count(),
    )


def _session(official: int) -> str:
    account = Account.objects.filter(official=official).first()
    if account is None:
        return ""
    client = Client(SERVER_NAME="localhost")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return str(client.cookies["sessionid"].value)
