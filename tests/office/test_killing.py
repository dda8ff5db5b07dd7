"""``kill -9`` at any moment: nothing that was acknowledged is lost, nothing is half done, a rerun completes.

A small city is imported, a plan adopted, tasks swept, everything kept and restored, by the real command
line.  Each of these is killed after a share of the time it takes that is drawn by lot.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

# what is imported here, no child has to import
from taizhang.cli.office import desk, intake, keeping  # noqa: F401
from taizhang.errors import TaizhangError
from taizhang.ledger.models import JournalEntry, Organisation
from taizhang.office.installation import Law, law_of, remember_law
from taizhang.office.keeping import archive
from taizhang.office.keeping.backing_up import back_up
from taizhang.office.organisations import grant_role
from taizhang.verify import verify

from .builders import NOON, OVERLAYS
from .killing import install_in, run_and_kill, taizhang, told_without_times

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
#: Points at which each command is killed: on SQLite, on PostgreSQL, and as a process of its own.
POINTS = {"sqlite": 80, "postgres": 15, "alone": 5} if CHECK else {"sqlite": 3, "postgres": 1, "alone": 1}
COMMANDS = ("import", "adopt", "sweep", "backup", "restore")
DAYS = ("--as-of", "2024-01-29")


@dataclass(frozen=True, slots=True)
class Scene:
    """A command, where it begins, and what it is to lead to.

    Attributes:
        start: Folder of the installation before it; ``database`` is its PostgreSQL database, or empty.
        arguments: The command, with ``{here}`` for the folder of this run.
        seconds: Of a whole run.
        acknowledged: A line of its output -> the number of acts that are done when it is printed.
        tables: Every row afterwards, without times.
        acts: Every act of the journal afterwards.
        again: Exit statuses of a run when everything is done already.
    """

    start: Path
    database: str
    arguments: tuple[str, ...]
    seconds: float
    acknowledged: dict[str, int]
    tables: dict[str, list[tuple[object, ...]]]
    acts: list[tuple[object, ...]]
    again: frozenset[int]


def acts() -> list[tuple[object, ...]]:
    found = list(JournalEntry.objects.order_by("id").values_list("id", "act", "subject", "rows", "parts"))
    connections.close_all()
    return found


def address() -> str:
    return os.environ["TAIZHANG_DATABASE"] or f"{os.environ['TAIZHANG_DATA']}/taizhang.sqlite3"


class Stage:
    """Makes every scene once for a database, and a fresh copy of where it begins for every run."""

    def __init__(self, kind: str, folder: Path, asked: Callable[[str], Any]) -> None:
        self.kind, self.folder, self._asked = kind, folder, asked
        self._runs = 0
        self._steps: dict[str, tuple[Path, str]] = {}
        self._scenes: dict[str, Scene] = {}

    def scene(self, name: str, patch: pytest.MonkeyPatch) -> Scene:
        """A command with what it leads to; the commands before it are done first."""
        if name not in self._scenes:
            self._scenes[name] = self._made(name, patch)
        return self._scenes[name]

    def begin(self, scene: Scene, patch: pytest.MonkeyPatch) -> Path:
        """Lead to a copy of where a scene begins; return the folder of this run."""
        self._runs += 1
        here = self.folder / f"run{self._runs}"
        here.mkdir()
        if scene.start.exists():
            shutil.copytree(scene.start, here / "data")
        database = scene.database
        if database:
            name = f"killed_{self._runs}"
            template = database if database != "empty" else "template0"
            database = self._asked("postgres_cluster").fresh_database(name, template=template)
        install_in(here / "data", database, patch)
        return here

    def end(self, here: Path) -> None:
        connections.close_all()
        shutil.rmtree(here)

    def _made(self, name: str, patch: pytest.MonkeyPatch) -> Scene:
        start, database = self._before(name, patch)
        bare = Scene(start, database, self._arguments(name), 0.0, {}, {}, [], frozenset({0}))
        before = 0 if name == "restore" else len(self._journal(bare, patch))
        here = self.begin(bare, patch)
        whole = run_and_kill(taizhang(*told(bare, here)))
        assert whole.status == 0, whole.printed
        tables, done = told_without_times(opened=name != "restore"), acts()
        self.end(here)
        said = {
            "import": {"批次 1；": before + 1, "已测算方案": len(done)},
            "adopt": {"已采用方案": len(done)},
            "sweep": {"查看任务": len(done)},
            "backup": {"已备份": len(done)},
            "restore": {"已恢复": len(done)},
        }[name]
        assert all(line in whole.printed for line in said), whole.printed
        again = {"adopt": {0, 4}, "restore": {0, 2}}.get(name, {0})
        return Scene(start, database, bare.arguments, whole.seconds, said, tables, done, frozenset(again))

    def _journal(self, scene: Scene, patch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
        here = self.begin(scene, patch)
        found = acts()
        self.end(here)
        return found

    def _arguments(self, name: str) -> tuple[str, ...]:
        return {
            "import": ("import", str(self.folder / "city.xlsx"), *DAYS),
            "adopt": ("adopt", "针织厂家属院（南区）", "--as", "王建国", "--start", "2024-01-29", *DAYS),
            "sweep": ("sweep",),
            "backup": ("backup", "{here}/backup.tar"),
            "restore": ("restore", str(self.folder / "kept.tar")),
        }[name]

    # -- where each begins

    def _before(self, name: str, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        """The step before a command: installed, imported, adopted or kept."""
        step = {"import": "installed", "adopt": "imported", "sweep": "adopted", "backup": "adopted"}.get(
            name, "kept"
        )
        if step not in self._steps:
            self._steps[step] = getattr(self, f"_{step}")(patch)
        return self._steps[step]

    def _installed(self, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        folder, database = self.folder / "installed", ""
        template = self._asked("postgres_template" if self.kind == "postgres" else "sqlite_template")
        if self.kind == "postgres":
            database = "killing_installed"
            self._asked("postgres_cluster").fresh_database(database, template="office_template")
        self._lead(folder, database, patch)
        folder.mkdir()
        if not database:
            shutil.copy(template, folder / "taizhang.sqlite3")
        remember_law(Law("title-certificates", tuple(OVERLAYS), "市专班"))
        (folder / "secret.txt").write_text("the-secret-of-the-sessions", encoding="ascii")
        self._done("demo-city", str(self.folder / "city.xlsx"), "--estates", "3", "--units", "100")
        law_of().on(date(2024, 1, 29))  # what is loaded here, no child has to load
        connections.close_all()  # the law asks for decisions, and a database in use cannot be copied
        return folder, database

    def _imported(self, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        found = self._following("import", "imported", patch)
        self._done("import", str(self.folder / "city.xlsx"), *DAYS)
        grant_role("王建国", "leader", Organisation.objects.get(kind="city"), actor="test", now=NOON)
        connections.close_all()
        return found

    def _adopted(self, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        found = self._following("adopt", "adopted", patch)
        self._done(*self._arguments("adopt"))
        return found

    def _kept(self, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        folder, database = self._before("backup", patch)
        self._lead(folder, database, patch)
        back_up(self.folder / "kept.tar", now=NOON, law={})
        connections.close_all()
        return self.folder / "nothing", "empty" if database else ""

    def _following(self, command: str, step: str, patch: pytest.MonkeyPatch) -> tuple[Path, str]:
        """A copy of where a command begins, to be led on by it."""
        start, database = self._before(command, patch)
        shutil.copytree(start, self.folder / step)
        if database:
            self._asked("postgres_cluster").fresh_database(f"killing_{step}", template=database)
            database = f"killing_{step}"
        self._lead(self.folder / step, database, patch)
        return self.folder / step, database

    def _lead(self, folder: Path, database: str, patch: pytest.MonkeyPatch) -> None:
        install_in(folder, self._asked("postgres_cluster").address(database) if database else "", patch)

    @staticmethod
    def _done(*arguments: str) -> None:
        ended = run_and_kill(taizhang(*arguments))
        assert ended.status == 0, ended.printed


def told(scene: Scene, here: Path) -> list[str]:
    return [one.replace("{here}", str(here)) for one in scene.arguments]


@pytest.fixture(scope="module")
def stages(request, tmp_path_factory):
    made: dict[str, Stage] = {}

    def stage(kind: str) -> Stage:
        if kind not in made:
            made[kind] = Stage(kind, tmp_path_factory.mktemp(f"killing_{kind}"), request.getfixturevalue)
        return made[kind]

    yield stage
    connections.close_all()


# ---------------------------------------------------------------------------- the promises


def look_at_what_is_left(scene: Scene, here: Path, printed: str) -> int:
    """The three promises, before anything is run again; returns the number of acts that were done."""
    name = scene.arguments[0]
    if name == "restore":
        return what_a_restore_left(scene, here, printed)
    assert verify(address()).findings == ()
    done = acts()
    assert done == scene.acts[: len(done)]  # whole acts, in their order; verify has compared their rows
    for line, number in scene.acknowledged.items():
        assert line not in printed or len(done) >= number, f"lost: {line}"
    if name == "backup":
        file = here / "backup.tar"
        assert file.exists() or "已备份" not in printed
        if file.exists():
            archive.check(file)
    return len(done)


def what_a_restore_left(scene: Scene, here: Path, printed: str) -> int:
    """Either an installation or none: no command works with a half one."""
    usable = (here / "data" / "installation.json").exists()
    assert usable or "已恢复" not in printed
    if usable:  # the keys are kept elsewhere: what is sealed comes back as it was
        assert told_without_times() == scene.tables
        assert verify(address()).findings == ()
    return len(scene.acts) if usable else 0


def look_at_the_rerun(scene: Scene, here: Path, ended, left: int) -> None:
    allowed = scene.again if left == len(scene.acts) else {0}
    assert ended.status in allowed, ended.printed
    assert verify(address()).findings == ()
    assert acts() == scene.acts
    assert told_without_times(opened=scene.arguments[0] != "restore") == scene.tables
    if scene.arguments[0] == "backup":
        archive.check(here / "backup.tar")
    assert [one.name for one in here.rglob("*.part")] == []
    assert not (here / "data" / ".restoring").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_killed_leaves_all_or_nothing_and_completes_when_run_again(
    stages, kind, command, monkeypatch
):
    stage = stages(kind)
    scene = stage.scene(command, monkeypatch)
    draw = random.Random(f"{command} {kind} 20261127")
    for number in range(POINTS[kind]):
        # one in every so many, so that also few points lie everywhere
        share = (number + draw.random()) / POINTS[kind]
        here = stage.begin(scene, monkeypatch)
        ended = run_and_kill(taizhang(*told(scene, here)), after=share * scene.seconds)
        with saying(f"{command} killed at {share:.3f} of {scene.seconds:.3f} s: {ended}"):
            left = look_at_what_is_left(scene, here, ended.printed)
            again = run_and_kill(taizhang(*told(scene, here)))
            look_at_the_rerun(scene, here, again, left)
        stage.end(here)


@contextmanager
def saying(where: str):
    try:
        yield
    except (AssertionError, TaizhangError) as broken:
        raise AssertionError(where) from broken


@pytest.mark.parametrize("command", COMMANDS if CHECK else ["backup"])
def test_so_does_a_process_of_its_own(stages, command, monkeypatch):
    """The program as it is started at a terminal, from its first instruction on."""
    stage = stages("sqlite")
    scene = stage.scene(command, monkeypatch)
    draw = random.Random(f"{command} alone 20261127")
    program = [sys.executable, "-m", "taizhang"]
    for number in range(POINTS["alone"]):
        here = stage.begin(scene, monkeypatch)
        start = time.perf_counter()
        subprocess.run([*program, *told(scene, here)], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        stage.end(here)

        here = stage.begin(scene, monkeypatch)
        share = (number + draw.random()) / POINTS["alone"]
        with (here / "printed").open("wb") as printed:
            process = subprocess.Popen([*program, *told(scene, here)], stdout=printed, stderr=printed)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=share * seconds)
            process.kill()
            process.wait()
        with saying(f"{command} killed at {share:.3f} of {seconds:.3f} s"):
            text = (here / "printed").read_text(encoding="utf-8")
            left = look_at_what_is_left(scene, here, text)
            again = run_and_kill(taizhang(*told(scene, here)))
            look_at_the_rerun(scene, here, again, left)
        stage.end(here)
