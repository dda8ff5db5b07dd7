"""Goes to every door as somebody, and compares what is answered with the list of rights.

Whatever the page, no link of it leads to what the person may not see, and no word of it tells of it.  What
a request writes is rolled back; one that is refused writes nothing.

Reads from: ``rights``, ``rights_world``, the routes, the acts of the office.  Read by: ``rights_pages``,
``test_rights``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import lxml.html
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from taizhang.errors import TaizhangError
from taizhang.ledger.models import Official
from taizhang.office import suspending, workflow
from taizhang.office.access import person_of

from .builders import DAY, NOON
from .rights import ROUTES, STATES, Rights, enters
from .rights_world import BUREAU, PEOPLE, TaskNote, World

__all__ = ["CHECKS", "LINK", "Visit", "checks", "office", "pulse", "rolled_back", "samples", "visit"]

T = TypeVar("T")
LINK = re.compile(r"^/(estates|units|tasks|attachments|import|batches)/(\d+)")


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever is written inside is forgotten."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


_MOVED = (
    *("journalentry", "job", "attachment", "evidence", "extension", "suspension", "suspensionrequest"),
    *("supervisionnotice", "adoptedplan", "estate", "grant", "official"),
)


def pulse() -> tuple[object, ...]:
    """What every act moves: how many rows there are, which versions, which passwords."""
    counts = ", ".join(f"(SELECT count(*) FROM ledger_{name})" for name in _MOVED)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}, (SELECT sum(version) FROM ledger_task)")
        counted = cursor.fetchone()
        cursor.execute("SELECT password FROM ledger_account ORDER BY id")
        return (*counted, *cursor.fetchall())


def routes() -> dict[str, URLPattern]:
    """Every route by its name."""

    def under(patterns: Sequence[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from under(one.url_patterns)
            else:
                yield one

    return {one.name or str(one.pattern): one for one in under(get_resolver().url_patterns)}


def samples(world: World) -> list[TaskNote]:
    """A task of every kind: by county, by whose it is, and by how it stands."""
    found: dict[tuple[object, ...], TaskNote] = {}
    for one in world.tasks.values():
        whose = (one.supplier == BUREAU, one.given == BUREAU, one.supplier == "household")
        stands = (one.state, one.asked, one.pause, one.suspended, one.handed_in)
        found.setdefault((one.county, whose, stands), one)
    return list(found.values())


@dataclass
class Visit:
    """Somebody's way through the pages.

    Attributes:
        turn: Number of the person; what is not asked in every turn is asked in another.
        share: One of so many questions of a kind is asked; 1: all.
        found: What was otherwise than told.
        asked: How many answers were compared.
    """

    rights: Rights
    client: Client
    turn: int = 0
    share: int = 1
    found: list[str] = field(default_factory=list)
    asked: int = 0

    @property
    def world(self) -> World:
        return self.rights.world

    def pick(self, some: Sequence[T]) -> Sequence[T]:
        """The share of some questions that is asked in this turn."""
        return some[self.turn % self.share :: self.share]

    def same(self, where: str, what: str, is_: object, told: object) -> bool:
        """Compare; note down what is otherwise."""
        self.asked += 1
        if is_ != told:
            self.found.append(f"{self.rights.name}: {where}: {what}: {told!r} expected, {is_!r} found")
        return is_ == told

    def get(self, path: str, status: int = 200, skip: Sequence[str] = ()) -> Any:
        """Ask for a page; the tree of one that is shown, else nothing."""
        answer = self.client.get(path)
        self.same(f"GET {path}", "status", answer.status_code, status)
        return self.look(f"GET {path}", answer, skip)

    def post(
        self,
        path: str,
        status: int,
        told: Mapping[str, object] | None = None,
        *,
        writes: bool,
        skip: Sequence[str] = (),
    ) -> Any:
        """Ask for an act, and forget what it has written."""
        with rolled_back():
            before = pulse()
            answer = self.client.post(path, told or {})
            self.same(f"POST {path}", "status", answer.status_code, status)
            self.same(f"POST {path}", "something written", pulse() != before, writes)
            return self.look(f"POST {path}", answer, skip)

    def look(self, where: str, answer: Any, skip: Sequence[str]) -> Any:
        """No link leads to what the person may not see, no word tells of it."""
        if not answer.get("Content-Type", "").startswith("text/html") or not answer.content:
            return None
        page = lxml.html.fromstring(answer.content.decode())
        for link in set(page.xpath("//@href|//@action|//@formaction|//@hx-get")):
            told = LINK.match(link)
            if told and not self._seen(told[1], int(told[2])) and not where.endswith(link):
                self.same(where, "a link to what may not be seen", link, "none")
        # to whom a task may be handed over is looked at by itself
        text = "".join(page.xpath("//text()[not(ancestor::select[@name='to'])]"))
        words = [word for word in self.rights.hidden() if word in text and word not in skip]
        self.same(where, "words of what may not be seen", words, [])
        return page

    def _seen(self, kind: str, key: int) -> bool:
        rights = self.rights
        if kind == "units":
            return key in rights.units()
        seen = {"estates": rights.estates, "tasks": rights.tasks, "attachments": rights.files}
        seen["batches"] = rights.batches
        return key in seen.get(kind, rights.jobs)()


Check = Callable[[Visit], None]
CHECKS: dict[str, Check] = {}


def checks(*names: str) -> Callable[[Check], Check]:
    """What is checked behind some routes."""

    def kept(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return kept


def visit(world: World, name: str, turn: int = 0, share: int = 1, only: Sequence[str] = ()) -> Visit:
    """Go through every page, or through some, as somebody; ``gate`` stands for every door."""
    going = Visit(Rights(world, name), world.client(name), turn, share)
    with rolled_back():
        if not only or "gate" in only:
            gate(going)
        if enters(PEOPLE[name]) == "in":
            for check in dict.fromkeys(CHECKS[one] for one in only or CHECKS if one != "gate"):
                check(going)
    return going


# ------------------------------------------------------------------------------ every route


def gate(going: Visit) -> None:
    """Every route has an entry; nobody comes in without a role, and by no other method."""
    kind = enters(PEOPLE[going.rights.name])
    every = routes()
    asked = set(going.pick(list(every)) if kind == "in" else every)
    for name, pattern in every.items():
        told = ROUTES.get(name)
        if told is None or (name not in CHECKS and not told.stranger):
            going.found.append(f"route {name} is not on the list of rights")
            continue
        if name not in asked:
            continue
        keys = {key: told.keys.get(key, "1") for key in pattern.pattern.converters}
        path = reverse(name, kwargs=keys)
        for method in ("GET", "POST", "DELETE"):
            if kind == "nobody":
                status = told.stranger.get(method, 302 if method in told.methods else 405)
            elif kind == "no role":
                status = told.no_role.get(method, 403 if method in told.methods else 405)
            elif method not in told.methods and name != "sign-in":
                status = 405
            else:
                continue  # what is behind the door is looked at by itself
            _answers(going, method, path, status)


def _answers(going: Visit, method: str, path: str, status: int) -> None:
    with rolled_back():
        before = pulse()
        answer = going.client.generic(method, path)
        if answer.streaming:
            answer.getvalue()  # and so closes its file
        going.client.cookies.update(going.world.client(going.rights.name).cookies)  # signing out is forgotten
        going.same(f"{method} {path}", "status", answer.status_code, status)
        going.same(f"{method} {path}", "something written", pulse() != before, False)
        if status == 302 and path not in {"/language", "/sign-in"}:
            to_sign_in = answer.get("Location", "").startswith("/sign-in")
            going.same(f"{method} {path}", "leads to the sign-in", to_sign_in, True)


# ------------------------------------------------------------------------- acts of the office

_ACTS: Mapping[str, Callable[[Any, int, Rights], object]] = {
    "acknowledge_task": lambda who, key, _: workflow.acknowledge_task(who, key, NOON),
    "hand_in_evidence": lambda who, key, _: workflow.hand_in_evidence(who, key, NOON, workflow.Paper("1")),
    "accept_evidence": lambda who, key, _: workflow.accept_evidence(who, key, NOON),
    "refuse_evidence": lambda who, key, _: workflow.refuse_evidence(who, key, NOON, "理由"),
    "hand_back_task": lambda who, key, _: workflow.hand_back_task(who, key, NOON, "理由"),
    "hand_over_task": lambda who, key, all_: workflow.hand_over_task(
        who, key, NOON, all_.world.officials["leader-city"]
    ),
    "ask_extension": lambda who, key, _: workflow.ask_extension(who, key, NOON, 3, "理由"),
    "decide_extension": lambda who, key, _: workflow.decide_extension(who, key, NOON, granted=True),
    "ask_suspension": lambda who, key, _: suspending.ask_suspension(who, key, NOON, "理由"),
    "decide_suspension": lambda who, key, _: suspending.decide_suspension(who, key, NOON, granted=True),
    "suspend_task": lambda who, key, _: suspending.suspend_task(who, key, NOON, "理由"),
    "resume_task": lambda who, key, _: suspending.resume_task(who, key, NOON),
}


def office(world: World, name: str, turn: int = 0, share: int = 1, acts: Collection[str] = STATES) -> Visit:
    """Every act of the workflow on a task of every kind, without the pages."""
    going = Visit(Rights(world, name), world.client(name), turn, share)
    with rolled_back():
        person = person_of(Official.objects.get(pk=going.rights.me), DAY)
        for at, act in enumerate(acts):
            for one in samples(world)[(turn + at) % share :: share]:
                code = ""
                with rolled_back():
                    before = pulse()
                    try:
                        _ACTS[act](person, one.key, going.rights)
                    except TaizhangError as error:
                        code = error.code
                    where = f"{act} on task {one.key}"
                    told = going.rights.outcome(act, one)
                    going.same(where, "refusal", code, told)
                    going.same(where, "something written", pulse() != before, not told)
    return going
