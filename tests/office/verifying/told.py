"""A small ledger written through the office's own door, and what ``verify`` says of one.

Reads from: ``tampering``.  Read by: the tests of this folder.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from taizhang.ledger.models import (
    AdoptedPlan,
    Building,
    Case,
    Estate,
    Grant,
    ImportBatch,
    JournalEntry,
    Official,
    Organisation,
    Programme,
    Task,
    Unit,
)
from taizhang.office.journal import act
from taizhang.verify import verify
from tests.office.tampering import State, Tamperer

NOON = datetime(2024, 1, 29, 4, tzinfo=UTC)

DAY = date(2024, 1, 29)

PLACE = {"county": "东昌府区"}


def write_a_ledger(watch: Tamperer | None = None) -> list[State]:
    """Nine acts with every kind of column; what the database held after each."""
    states: list[State] = []

    def doing(name: str, minutes: int):
        if watch:
            states.append(watch.state())
        return act(
            name,
            actor="王建国",
            subject='张三 "甲"\\',
            now=NOON + timedelta(minutes=minutes),
            detail={"第": minutes},
        )

    with doing("establish_offices", 0) as now:
        city = Organisation(name="市专班", kind="city")
        now.insert([city])
        bureau = Organisation(name="不动产局", kind="bureau", parent=city, supplier="registry", **PLACE)
        now.insert([bureau])
        wang = Official(name="王建国", organisation=city, subject_key=b"\0key\xff")
        li = Official(name="李明", organisation=bureau, phone_sealed="🔒sealed", **PLACE)
        now.insert([wang, li])
        now.insert([Grant(official=wang, role="leader", organisation=city, since=DAY)])
    with doing("import_ledger", 1) as now:
        now.insert([Programme(id="title-certificates", name="办证")])
        batch = ImportBatch(file_name="台账.xlsx", sha256="0" * 64, imported_at=now.now, imported_by="王建国")
        now.insert([batch])
        estates = [
            Estate(place=f"E{n}", name=f"针织厂{n}", status=n or None, batch=batch, **PLACE) for n in range(3)
        ]
        now.insert(estates)
        buildings = [
            Building(place=f"{one.place}›1", name="1", estate=one, batch=batch, **PLACE) for one in estates
        ]
        now.insert(buildings)
        units = [
            Unit(
                place=f"{one.place}›{n}", name=str(n), estate=one.estate, building=one, exact=n == 1, **PLACE
            )
            for one in buildings
            for n in (1, 2)
        ]
        now.insert(units)
    with doing("open_case", 2) as now:
        case = Case(
            programme_id="title-certificates",
            estate=estates[0],
            number="2024-00001",
            opened_on=DAY,
            state="registered",
            **PLACE,
        )
        now.insert([case])
    with doing("adopt_plan", 3) as now:
        plan = AdoptedPlan(
            case=case,
            estate=estates[0],
            adopted_at=now.now + timedelta(microseconds=4),
            adopted_by=wang,
            best=False,
            reason="费用较低",
            as_of=DAY,
            start_on=DAY,
            pack="p",
            pack_version="1",
            lock="{}",
            dossier_digest="d",
            plan_digest="p",
            money_fen=2**40,
            effort=3,
            days=9,
            content=zlib.compress("方案".encode()),
            **PLACE,
        )
        now.insert([plan])
        tasks = [
            Task(
                estate=estates[0],
                plan=plan,
                kind="gap",
                item=item,
                place="E0",
                level="estate",
                units=2,
                supplier="registry",
                organisation=bureau,
                responsible=li,
                state="open",
                start_on=DAY,
                working_days=5,
                due_on=DAY,
                **PLACE,
            )
            for item in ("survey", "premium")
        ]
        now.insert(tasks)
    with doing("acknowledge_task", 4) as now:
        now.update(tasks[0], state="acknowledged")
    with doing("propose_plans", 5) as now:
        for one in units:
            one.papers, one.fees_fen, one.status = 7, 12_345_600, 1
        now.update_all(units, ["papers", "fees_fen", "status"])
    with doing("merge_units", 6) as now:
        now.delete(units[-1:])
    with doing("sweep", 7) as now:
        now.keep = True  # an act that leaves an entry and no row
    with doing("supersede_plan", 8) as now:
        now.update(plan, superseded_at=now.now)
    connection.close()
    if watch:
        states.append(watch.state())
    return states


def head() -> tuple[int, str]:
    last = JournalEntry.objects.order_by("-id").first()
    connection.close()
    return last.pk, last.digest


def codes(database: str, *anchors: tuple[int, str]) -> set[str]:
    return {one.code for one in verify(database, anchors).findings}
