"""A real server for the tests: ``taizhang serve`` in a process of its own, on a small office.

The office has three estates in two counties.  Gao Xiulan works in the street of the first, Wang Jianguo leads
the city's task force, Zhou Li imports ledgers; the day is 29 January 2024.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from taizhang.ledger.models import Estate, Official, Organisation, Task
from taizhang.office.accounts import open_account
from taizhang.office.installation import Law, remember_law
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.register import register

from .builders import DAY, NOON, OVERLAYS, draft, law

PASSWORD = "a-small-office-2024"


@dataclass(frozen=True, slots=True)
class Served:
    """Where the server listens, and what is there."""

    base: str
    estate: int  #: adopted
    other: int  #: not adopted, in the other county
    tasks: tuple[int, ...]  #: of Gao Xiulan, open
    log: Path

    def said(self) -> str:
        """What the server wrote to its terminal."""
        return self.log.read_text(encoding="utf-8")


def furnish() -> tuple[int, int, tuple[int, ...]]:
    """Fill the empty ledger that Django points at; the keys of two estates and of tasks."""
    remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班", DAY.isoformat()))
    pack = law()
    register(
        [draft(), draft("邮电局家属楼", "茌平区", "振兴街道", 2), draft("酒厂宿舍", "茌平区", "振兴街道", 2)],
        programme="title-certificates",
        file_name="台账.xlsx",
        sha256="0" * 64,
        actor="test",
        now=NOON,
    )
    establish_offices(
        {name: one.zh for name, one in pack.suppliers.items()}, city="市专班", actor="test", now=NOON
    )
    propose_plans(pack, list(Estate.objects.order_by("id")), actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    people = (("王建国", "leader", "wang"), ("周立", "importer", "zhou"), ("陈静", "analyst", "chen"))
    for name, role, username in people:
        official = grant_role(name, role, city, actor="test", now=NOON)
        open_account(official, username, PASSWORD, actor="test", now=NOON)
    street = Organisation.objects.get(kind="street", street="柳园街道")
    gao = Official.objects.get(name="高秀岚", organisation=street)
    open_account(gao, "gao", PASSWORD, actor="test", now=NOON)
    first, second, _ = Estate.objects.order_by("id")
    adopt_plan(pack, first.pk, by=Official.objects.get(name="王建国"), now=NOON, start_on=DAY)
    tasks = Task.objects.filter(responsible=gao, kind="gap").order_by("due_on", "id")
    return first.pk, second.pk, tuple(tasks.values_list("pk", flat=True)[:4])


@contextmanager
def served(
    folder: Path, keys: tuple[int, int, tuple[int, ...]], environment: Mapping[str, str]
) -> Iterator[Served]:
    """Run ``taizhang serve`` on a furnished folder until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "serve.log"
    command = [sys.executable, "-m", "taizhang", "serve", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(base, process, log)
        yield Served(base, *keys, log)
    finally:
        process.terminate()
        process.wait(20)


def _wait(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise AssertionError(log.read_text(encoding="utf-8"))
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=5) as answer:
                assert answer.status == 200
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not answer: {log.read_text(encoding='utf-8')}")
