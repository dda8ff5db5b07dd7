"""The work of ``bench_office`` on one database; prints its rows as JSON.

python -m bench.office_work city.xlsx ESTATES UNITS SECONDS     # with TAIZHANG_DATA set
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.test import Client

import taizhang.cli.office  # noqa: F401  sets Django up
from taizhang.errors import TransitionError
from taizhang.exchange.demo_city import write_demo_city
from taizhang.exchange.importing import Imported, import_files
from taizhang.ledger.models import Account, AdoptedPlan, Estate, Official, Organisation, Task
from taizhang.office import journal
from taizhang.office.access import Person, Scope, person_of
from taizhang.office.accounts import open_account
from taizhang.office.installation import Law, remember_law
from taizhang.office.organisations import grant_role
from taizhang.office.planning import adopt_plan, refresh_plan
from taizhang.office.selectors.estate import estate_sheet
from taizhang.office.undoing import undo_import
from taizhang.office.visitors import open_visitors
from taizhang.office.workflow import (
    Paper,
    accept_evidence,
    acknowledge_task,
    hand_in_evidence,
    hand_over_task,
)
from taizhang.settings import data_folder, database, setting
from taizhang.verify import verify

DAY = date(2024, 1, 28)
NOW = datetime(2024, 1, 28, 4, tzinfo=UTC)
LAW = Law("title-certificates", ("title-certificates-shandong", "demo-city-rules"), "市专班", DAY.isoformat())
ROWS: list[dict[str, Any]] = []


def told(work: str, size: int, seconds: list[float], result: object = "") -> None:
    """Keep one row."""
    some = len(seconds) > 1
    ranked = sorted(seconds)
    ROWS.append(
        {
            "work": work,
            "size": size,
            "seconds": "" if some else round(seconds[0], 2),
            "median ms": round(1000 * median(ranked), 1) if some else "",
            "p95 ms": round(1000 * ranked[int(0.95 * len(ranked))], 1) if some else "",
            "most ms": round(1000 * ranked[-1], 1) if some else "",
            "result": result,
        }
    )
    sys.stderr.write(f"{ROWS[-1]}\n")


def timed(work: str, size: int, do: Callable[[], Any], say: Callable[[Any], object] = lambda _: "") -> Any:
    """Do something once and keep how long it took."""
    started = time.perf_counter()
    found = do()
    told(work, size, [time.perf_counter() - started], say(found))
    return found


def imported(path: Path, *, plans: bool = True) -> Imported:
    """The city taken in."""
    pack = LAW.on(DAY)
    return import_files([path], pack, programme=LAW.pack, city=LAW.city, actor="bench", now=NOW, plans=plans)


def people() -> tuple[Person, list[Official]]:
    """A leader and two officials who tasks are handed to."""
    city = Organisation.objects.get(kind="city")
    found = [grant_role(f"人员{at}", "leader", city, actor="bench", now=NOW) for at in range(2)]
    open_account(found[0], "leader", "a-bench-of-the-office", actor="bench", now=NOW)
    return person_of(found[0], DAY), found


@contextmanager
def without_queue() -> Iterator[None]:
    """The peer: writers try again at random, as SQLite lets them."""
    kept = journal.waiting_in_line
    journal.waiting_in_line = lambda _: nullcontext()
    try:
        yield
    finally:
        journal.waiting_in_line = kept


def writers(
    count: int, seconds: float, pause: float, leader: Person, to: list[Official], *, apart: bool = False
) -> tuple[list[float], int, int]:
    """Waits of all acts, errors and lost updates of so many writers.

    ``apart``: they begin one after the other, spread over the pause; else all act in the same instant.
    """
    tasks = list(Task.objects.filter(state="open").order_by("id")[: max(10, count)])
    before = sum(Task.objects.get(pk=one.pk).version for one in tasks)
    waits: list[float] = []
    errors: list[str] = []
    end = time.monotonic() + seconds

    def work(number: int) -> None:
        turn = number
        time.sleep(pause * number / count if apart else 0.0)
        while time.monotonic() < end:
            started = time.perf_counter()
            task = tasks[turn % len(tasks)]
            try:
                hand_over_task(leader, task.pk, NOW, to[turn % 2].pk)
                waits.append(time.perf_counter() - started)
            except Exception as error:  # noqa: BLE001  whatever it is, it is counted
                errors.append(f"{type(error).__name__}: {error}")
            turn += 7
            if pause:
                time.sleep(max(0.0, pause - (time.perf_counter() - started)))
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    after = sum(Task.objects.get(pk=one.pk).version for one in tasks)
    sys.stderr.writelines(f"{one}\n" for one in sorted(set(errors))[:3])
    return waits, len(errors), len(waits) - (after - before)


def one_paper(leader: Person, other: Official) -> None:
    """A paper accepted, its estate planned again, the difference of its tasks shown."""
    pack, officer = LAW.on(DAY), Person(other.pk, other.name, leader.scopes)
    waits = []
    seen: set[int] = set()
    for task in Task.objects.filter(state="open", kind="gap", level__in=["estate", "building"]).order_by(
        "id"
    ):
        if task.estate_id in seen or len(seen) == 20:
            continue
        seen.add(task.estate_id)
        acknowledge_task(_may_work(leader), task.pk, NOW)
        hand_in_evidence(_may_work(leader), task.pk, NOW, Paper("1"))
        started = time.perf_counter()
        accept_evidence(officer, task.pk, NOW)
        refresh_plan(pack, task.estate_id, actor="bench", now=NOW)
        estate_sheet(leader, task.estate_id)
        waits.append(time.perf_counter() - started)
    told("a paper accepted, its estate planned again, the difference read", len(seen), waits)


def _may_work(person: Person) -> Person:
    return Person(person.official, person.name, (Scope("officer"),))


def pages() -> None:
    """Time in the server."""
    client = Client(SERVER_NAME="localhost")
    account = Account.objects.get(username="leader")
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    estates = list(Estate.objects.order_by("-units_total").values_list("pk", flat=True)[:5])
    task = Task.objects.order_by("id")[0].pk
    addresses = ["/", "/statistics", "/estates", "/estates?status=blocked", "/units", "/units?status=open"]
    addresses += ["/tasks", "/tasks?due=overdue", f"/tasks/{task}", *(f"/estates/{one}" for one in estates)]
    for address in addresses:
        waits = []
        for _ in range(5):
            started = time.perf_counter()
            answer = client.get(address)
            waits.append(time.perf_counter() - started)
            assert answer.status_code == 200
        told(f"page {address.split('/')[1] or 'desk'} {address}", len(answer.content), waits)


def address() -> str:
    """Where the ledger is, as ``verify`` wants it."""
    return setting("TAIZHANG_DATABASE") or database()["NAME"]


def refused(batch: int) -> str:
    """The code with which an undo is refused."""
    try:
        undo_import(batch, actor="bench", now=NOW)
    except TransitionError as error:
        return error.code
    return "undone"


def main(path: Path, estates: int, units: int, seconds: int) -> None:
    """Measure everything on the database of the settings."""
    data_folder().mkdir(parents=True, exist_ok=True)
    remember_law(LAW)
    (data_folder() / "secret.txt").write_text("bench" * 10, encoding="ascii")
    call_command("migrate", verbosity=0)
    open_visitors()
    if not path.exists():
        write_demo_city(path, estates=estates, units=units, seed=1, pack=LAW.on(DAY))
    bare = timed("import without plans", units, lambda: imported(path, plans=False))
    timed("undo of it", units, lambda: refused(bare.registered.batch), str)
    assert not Estate.objects.exists()
    first = timed(
        "import with all plans", units, lambda: imported(path), lambda found: f"{found.planned} plans"
    )
    again = timed(
        "import again", units, lambda: imported(path), lambda found: f"batch {found.registered.batch}"
    )
    assert again.registered.batch == 0
    leader, others = people()
    pack = LAW.on(DAY)
    chosen = Estate.objects.filter(proposal__gaps__gt=0).order_by("id")[:40]
    began = time.perf_counter()
    for estate in chosen:
        adopt_plan(pack, estate.pk, by=others[0], now=NOW, start_on=DAY)
    told("plans adopted", AdoptedPlan.objects.count(), [time.perf_counter() - began])
    for count, pause, apart, what in (
        (50, 0.0, False, "unpaced"),
        (20, 1.0, False, "one act a second each, all in the same instant"),
        (20, 1.0, True, "one act a second each, spread over the second"),
    ):
        waits, errors, lost = writers(count, seconds, pause, leader, others, apart=apart)
        told(f"{count} writers, {what}", len(waits), waits, f"{errors} errors, {lost} lost")
    if database()["ENGINE"].endswith("sqlite3"):
        with without_queue():
            waits, errors, lost = writers(50, seconds, 0.0, leader, others)
        told("50 writers, unpaced, without the queue", len(waits), waits, f"{errors} errors, {lost} lost")
    one_paper(leader, others[1])
    pages()
    connections.close_all()
    timed("verify", units, lambda: verify(address()), lambda found: f"{len(found.findings)} findings")
    timed("undo after people have acted", units, lambda: refused(first.registered.batch), str)
    sys.stdout.write(json.dumps(ROWS, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
