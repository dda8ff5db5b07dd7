"""The list of rights: who sees what and who may do what, told from roles and offices alone.

Nothing of ``office.access`` is read here: a :class:`Rights` decides over the plain records of
``rights_world``.  :data:`ROUTES` has an entry for every route of ``taizhang.urls``; a route without one is
a finding, and so is every answer that is another than the one told here.

A new route needs an entry in :data:`ROUTES` and a check in ``rights_pages``, a new role one in
:data:`GIVES`, a new act of a task one in :data:`STATES`; the tests name what is missing.

Reads from: ``rights_people``, ``rights_world``.  Read by: ``rights_acts``, ``rights_pages``,
``rights_doors``, ``test_rights``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from .builders import DAY
from .rights_people import PEOPLE, Post, Someone
from .rights_world import EstateNote, TaskNote, UnitNote, World

_WORK = {"acknowledge_task", "hand_back_task", "hand_in_evidence", "ask_extension", "ask_suspension"}
_STOP = {"decide_suspension", "suspend_task", "resume_task"}
_DECIDE = {"hand_over_task", "accept_evidence", "refuse_evidence", "decide_extension"}
_MEET = {"call_meeting", "put_on_agenda", "record_minutes", "record_decision", "repeal_decision"}
_TITLE = {"record_registration", "cancel_registration", "record_certificate", "hand_out_certificate"}
_FEES = {"issue_bills", "record_payment", "cancel_payment"}
_CASES = {"close_case", "reopen_case"}
#: role -> what it may do
GIVES: Mapping[str, frozenset[str]] = {
    "officer": frozenset(
        {
            *("see", "export", *_WORK, "resume_task", "read_household", "export_ledger"),
            *("put_on_agenda", "hand_out_certificate", "record_fact"),
        }
    ),
    "case_officer": frozenset({"see", "export", *_WORK, "resume_task"}),
    "leader": frozenset(
        {
            *("see", "export", *_DECIDE, *_STOP, "adopt_plan", "read_household", "export_ledger"),
            "record_fact",
            *(*_MEET, *_TITLE, *_FEES, *_CASES),
        }
    ),
    "registrar": frozenset({"see", "export", *_TITLE}),
    "cashier": frozenset({"see", "export", *_FEES}),
    "importer": frozenset({"see", "export", "export_ledger", "import_ledger", "undo_import"}),
    "analyst": frozenset({"see", "export"}),
    "auditor": frozenset({"see"}),
}
#: acts on whole estates, which a bureau, whose tasks are a part of an estate, may not do
WHOLE = frozenset(
    {"adopt_plan", "export_ledger", "import_ledger", "undo_import", "record_fact", *_MEET, *_CASES}
)
RUNNING = frozenset({"open", "acknowledged", "handed_in", "handed_back"})
_OPEN = frozenset({"open", "acknowledged"})
#: act on a task -> the states in which it can be done
STATES: Mapping[str, frozenset[str]] = {
    "acknowledge_task": frozenset({"open"}),
    "hand_in_evidence": frozenset({"acknowledged"}),
    "accept_evidence": frozenset({"handed_in"}),
    "refuse_evidence": frozenset({"handed_in"}),
    "hand_back_task": _OPEN,
    "hand_over_task": _OPEN | {"handed_back"},
    "ask_extension": _OPEN,
    "decide_extension": _OPEN,
    "ask_suspension": _OPEN,
    "decide_suspension": _OPEN,
    "suspend_task": _OPEN,
    "resume_task": _OPEN,
}
STATUSES = {"proved": 0, "open": 1, "depends": 2, "blocked": 3}
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Route:
    """One door of the pages.

    Attributes:
        methods: What is answered there; everything else is 405.
        keys: Words of the address; numbers are 1.
        stranger: Status by method for somebody who has not signed in; else the way to the sign-in.
        no_role: Status by method for somebody without a role in force; else 403.
    """

    methods: tuple[str, ...] = ("GET",)
    keys: Mapping[str, str] = field(default_factory=dict)
    stranger: Mapping[str, int] = field(default_factory=dict)
    no_role: Mapping[str, int] = field(default_factory=dict)


#: every route of ``taizhang.urls``; what is checked behind each stands in ``rights_pages``
ROUTES: Mapping[str, Route] = {
    "desk": Route(),
    "healthz": Route(stranger={"GET": 503}, no_role={"GET": 503}),  # a job waits, and nobody works
    "sign-in": Route(
        ("GET", "POST"),
        stranger={"GET": 200, "POST": 200},
        no_role={"GET": 302, "POST": 302, "DELETE": 302},  # to the desk, whatever is asked
    ),
    "sign-out": Route(("POST",), no_role={"POST": 302}),
    "password": Route(("GET", "POST")),
    "speak": Route(("POST",), stranger={"POST": 302}, no_role={"POST": 302}),
    "estates": Route(),
    "estate": Route(),
    "route": Route(),
    "adopt": Route(("POST",)),
    "on-estate": Route(("POST",), keys={"act": "bill"}),
    "meetings": Route(("GET", "POST")),
    "breakthroughs": Route(("GET", "POST")),
    "meeting": Route(("GET", "POST")),
    "agenda": Route(("POST",)),
    "decision": Route(("POST",), keys={"act": "record"}),
    "on-unit": Route(("POST",), keys={"act": "certify"}),
    "units": Route(),
    "unit": Route(("GET", "POST")),
    "holder": Route(("POST",)),
    "tasks": Route(),
    "task": Route(),
    "do": Route(("POST",), keys={"act": "acknowledge_task"}),
    "exported": Route(keys={"name": "estates"}),
    "ledger": Route(("POST",)),
    "attachment": Route(),
    "statistics": Route(),
    "import": Route(("GET", "POST")),
    "job": Route(),
    "write": Route(("POST",)),
    "batch": Route(("GET", "POST")),
}


def enters(one: Someone) -> str:
    """``nobody`` is sent to the sign-in, ``no role`` is refused, ``in`` is let in."""
    if one.account != "open":
        return "nobody"
    return "in" if in_force(one) else "no role"


def in_force(one: Someone) -> list[Post]:
    """The posts a person holds today."""
    if not one.active:
        return []
    return [post for post in one.posts if post.since <= DAY and (post.until is None or post.until >= DAY)]


@dataclass(frozen=True, eq=False)
class Rights:
    """What somebody may see and do in the world."""

    world: World
    name: str

    @property
    def me(self) -> int:
        """The number of the official."""
        return self.world.officials.get(self.name, 0)

    @cache  # noqa: B019 - a test lives longer than its oracle
    def posts(self, act: str) -> tuple[Post, ...]:
        """The posts that give an act."""
        return tuple(
            one
            for one in in_force(PEOPLE[self.name])
            if act in GIVES[one.role] and not (one.where[2] and act in WHOLE)
        )

    @cache  # noqa: B019
    def tasks(self, act: str = "see") -> frozenset[int]:
        """Tasks that may be seen, or the act be done to."""
        return frozenset(
            key
            for key, one in self.world.tasks.items()
            if any(_there(post, one) and _ours(post, one) for post in self.posts(act))
        )

    @cache  # noqa: B019
    def estates(self, act: str = "see") -> frozenset[int]:
        """Estates that may be seen, or the act be done to: a bureau sees those in which it has a task."""
        found = set()
        for post in self.posts(act):
            for key, one in self.world.estates.items():
                mine = (task for task in self.world.tasks.values() if task.estate == key)
                if _there(post, one) and (not post.where[2] or any(_ours(post, task) for task in mine)):
                    found.add(key)
        return frozenset(found)

    def units(self, act: str = "see") -> frozenset[int]:
        """Units of those estates."""
        seen = self.estates(act)
        return frozenset(key for key, one in self.world.units.items() if one.estate in seen)

    @cache  # noqa: B019
    def meetings(self, act: str = "see") -> frozenset[int]:
        """Meetings of one's county, for city offices all; the city's to come; any with an estate one sees."""
        offices, told = {one.where[0] for one in self.posts(act)}, self.world.results
        theirs = {key for key, one in told.meetings.items() if offices & {"", one.county or "-"}}
        if offices:
            theirs |= {key for key, one in told.meetings.items() if not (one.county or one.minutes)}
        return frozenset(theirs | {told.decisions[key].meeting for key in self.decisions(act)})

    @cache  # noqa: B019
    def decisions(self, act: str = "see") -> frozenset[int]:
        """Decisions of estates that may be seen, or the act be done to."""
        seen = self.estates(act)
        return frozenset(key for key, one in self.world.results.decisions.items() if one.estate in seen)

    def holds(self, act: str, county: str) -> bool:
        """Whether one acts for the task force of a county, or of the city where none is named."""
        return any(one.where[0] in {"", county} and not one.where[1] for one in self.posts(act))

    def files(self) -> frozenset[int]:
        """Files of tasks that may be seen."""
        seen = self.tasks()
        return frozenset(key for key, one in self.world.files.items() if seen & set(one.tasks))

    def jobs(self) -> frozenset[int]:
        """Jobs one has asked for, as long as one may import."""
        if not self.posts("import_ledger"):
            return frozenset()
        return frozenset(key for key, one in self.world.jobs.items() if one.by == self.name)

    def batches(self) -> frozenset[int]:
        """Imports one may take back: in every place of theirs."""
        return frozenset(
            key
            for key, places in self.world.batches.items()
            if all(
                any(
                    one.where[0] in {"", county} and one.where[1] in {"", street}
                    for one in self.posts("undo_import")
                )
                for county, street in places
            )
        )

    def counties(self) -> list[str]:
        """Counties of the estates one sees."""
        return sorted({self.world.estates[key].county for key in self.estates()})

    def streets(self, county: str) -> list[str]:
        """Streets of one county of the estates one sees."""
        seen = (self.world.estates[key] for key in self.estates())
        return sorted({one.street for one in seen if one.county == county})

    def working(self, estate: int) -> bool:
        """Whether one sees a task of an estate that somebody is at work on."""
        mine = (self.world.tasks[key] for key in self.tasks())
        return any(one.estate == estate and one.state in {"acknowledged", "handed_in"} for one in mine)

    def outcome(self, act: str, task: TaskNote) -> str:
        """The code with which an act on a task is refused; empty where it is done."""
        if task.key not in self.tasks(act):
            return "E-ACCESS"
        if task.state not in STATES[act]:
            return "E-TASK-STATE"
        if act in {"accept_evidence", "refuse_evidence"}:
            return "E-FOUR-EYES" if task.handed_in[-1] == self.me else ""
        if act == "decide_extension":
            return {None: "E-NO-EXTENSION", self.me: "E-FOUR-EYES"}.get(task.asked, "")
        if act in {"decide_suspension", "suspend_task"}:
            return self._stopping(act, task)
        refusals = {
            "ask_suspension": (
                "E-SUSPENDED" if task.suspended else "E-SUSPENSION-OPEN",
                task.suspended or task.pause is not None,
            ),
            "resume_task": ("E-NOT-SUSPENDED", not task.suspended),
            "ask_extension": ("E-EXTENSION-OPEN", task.asked is not None),
        }
        code, refused = refusals.get(act, ("", False))
        return code if refused else ""

    def _stopping(self, act: str, task: TaskNote) -> str:
        """Stopping the clock is for somebody else than who asked, or is responsible."""
        if act == "decide_suspension" and task.pause is None:
            return "E-NO-SUSPENSION"
        asked = task.pause if act == "decide_suspension" else None
        if self.me in {task.responsible, asked}:
            return "E-FOUR-EYES"
        return "E-SUSPENDED" if task.suspended else ""

    def offered(self, task: TaskNote) -> set[str]:
        """The buttons on the page of a task."""
        return {act for act in STATES if not self.outcome(act, task)}

    def others(self, task: TaskNote) -> set[str]:
        """Who of the county or of the city a task may be handed to: whoever would then see it."""
        return {
            name
            for name, one in PEOPLE.items()
            if one.posts
            and self.world.officials[name] != task.responsible
            and one.posts[0].where[0] in {"", task.county}
            and any(_would_see(post, one.posts[0], task) for post in in_force(one))
        }

    def may_adopt(self, estate: int) -> bool:
        """Whether the page of an estate offers to adopt its plan."""
        return estate in self.estates("adopt_plan") and self.world.estates[estate].plan == "proposed"

    def listed(self, kind: str, wanted: Mapping[str, str], act: str = "see") -> frozenset[int]:
        """The keys of a list."""
        if kind == "estates":
            rows = self.world.estates
            return frozenset(key for key in self.estates(act) if self._estate(rows[key], wanted))
        if kind == "units":
            return frozenset(key for key in self.units(act) if self._unit(self.world.units[key], wanted))
        return frozenset(key for key in self.tasks(act) if self._task(self.world.tasks[key], wanted))

    def _estate(self, one: EstateNote, wanted: Mapping[str, str]) -> bool:
        tasks = [task for task in self.world.tasks.values() if task.estate == one.key]
        told = {
            "q": lambda text: text in one.name,
            "county": lambda text: text == one.county,
            "street": lambda text: text == one.street,
            "class": lambda text: text in one.classes,
            "status": lambda text: STATUSES[text] == one.status,
            "plan": lambda text: text == one.plan,
            "case": lambda text: self._case(one.key, text),
            "late": lambda _: any(_late(task) for task in tasks),
        }
        return all(told[name](value) for name, value in wanted.items())

    def _unit(self, one: UnitNote, wanted: Mapping[str, str]) -> bool:
        estate = self.world.estates[one.estate]
        told = {
            "q": lambda text: text in one.label.split(),
            "county": lambda text: text == estate.county,
            "estate": lambda text: text == str(one.estate),
            "class": lambda text: text in estate.classes,
            "status": lambda text: STATUSES[text] == one.status,
            "fees": lambda text: (text == "known") == (one.fees is not None),
            "title": lambda text: self._title(one.key, text),
        }
        return all(told[name](value) for name, value in wanted.items())

    def _case(self, estate: int, wanted: str) -> bool:
        told = self.world.results
        if wanted == "closed":
            return told.cases[estate] == "closed"
        return any(told.registered(key) for key, place in told.buildings.items() if place == estate)

    def _title(self, unit: int, wanted: str) -> bool:
        told = self.world.results
        if wanted == "billed":
            return told.bill(unit) is not None
        found = told.certificate(unit)
        return found is not None and (wanted == "certified" or found.collected)

    def _task(self, one: TaskNote, wanted: Mapping[str, str]) -> bool:
        told = {
            "q": lambda text: text in self.world.estates[one.estate].name,
            "county": lambda text: text == one.county,
            "street": lambda text: text == one.street,
            "supplier": lambda text: text == one.supplier,
            "item": lambda text: text == one.item,
            "kind": lambda text: text == one.kind,
            "state": lambda text: one.state in (RUNNING if text == "running" else {text}),
            "due": lambda text: _due(one) == text,
            "estate": lambda text: text == str(one.estate),
            "responsible": lambda text: text == str(one.responsible),
        }
        return all(told[name](value) for name, value in wanted.items())

    @cache  # noqa: B019
    def hidden(self) -> tuple[str, ...]:
        """Words that stand on no page of this person."""
        world = self.world
        seen = [world.estates[key] for key in self.estates()]
        every = list(world.estates.values())
        words: list[Iterable[str]] = [
            {one.name for one in every} - {one.name for one in seen},
            {one.county for one in every} - {one.county for one in seen},
            {one.street for one in every} - {one.street for one in seen},
            (one.name for key, one in world.files.items() if key not in self.files()),
            (one.file for key, one in world.jobs.items() if key not in self.jobs()),
            *(one.words for key, one in world.tasks.items() if key not in self.tasks()),
            *(one.people for one in world.units.values()),  # but where they are read in full
            *self._untold(),
        ]
        return tuple(sorted({word for some in words for word in some}))

    def _untold(self) -> Iterable[Iterable[str]]:
        """Words of meetings, decisions and results that are not seen."""
        told, seen = self.world.results, self.estates()
        yield from (one.words for key, one in told.meetings.items() if key not in self.meetings())
        yield from (one.words for key, one in told.decisions.items() if key not in self.decisions())
        for some in (told.registrations, told.certificates, told.bills, told.payments):
            yield from (one.words for one in some.values() if one.estate not in seen)
        yield from (words for estate, words in told.reasons.items() if estate not in seen)


def _there(post: Post, one: EstateNote | TaskNote) -> bool:
    county, street, _ = post.where
    return county in {"", one.county} and street in {"", one.street}


def _would_see(post: Post, home: Post, task: TaskNote) -> bool:
    """By a post in force, of somebody whose office has the task from then on."""
    ours = post.where[2] in {"", task.supplier, home.where[2]}
    return "see" in GIVES[post.role] and _there(post, task) and ours


def _ours(post: Post, task: TaskNote) -> bool:
    """Not a bureau, or the bureau that supplies the paper or has the task."""
    return post.where[2] in {"", task.supplier, task.given}


def _due(one: TaskNote) -> str:
    if one.state not in RUNNING:
        return "done"
    if one.due is None:
        return "undated"
    return "overdue" if one.due < DAY else "week" if one.due <= DAY + WEEK else "later"


def _late(one: TaskNote) -> bool:
    return _due(one) == "overdue"
