"""One file that holds everything, and the way back: into an empty place, whole or not at all.

An office that has done a little of everything is kept and restored, from each database into each.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import random
import resource
import shutil
import stat
import subprocess
import tarfile
import threading
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from taizhang.cli.office.keeping import backup as backup_command
from taizhang.cli.office.keeping import restore as restore_command
from taizhang.errors import InputError, TaizhangError
from taizhang.ledger.models import (
    Account,
    Attachment,
    Estate,
    IssuedNumber,
    JournalEntry,
    JournalPart,
    Official,
    Organisation,
    Task,
)
from taizhang.office.access import person_of
from taizhang.office.household_seals import HouseholdDraft
from taizhang.office.journal import act
from taizhang.office.keeping import archive, tables
from taizhang.office.keeping.backing_up import back_up
from taizhang.office.keeping.manifest import Manifest
from taizhang.office.keeping.restoring import restore
from taizhang.office.key_ring import KeyRing
from taizhang.office.organisations import establish_offices, grant_role
from taizhang.office.planning import adopt_plan, propose_plans
from taizhang.office.register import register
from taizhang.office.supervision import sweep
from taizhang.office.suspending import ask_suspension, decide_suspension
from taizhang.office.workflow import Paper, acknowledge_task, ask_extension, hand_in_evidence
from taizhang.verify import verify

from .builders import DAY, NOON, draft, law
from .killing import install_in, told_without_times

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"
FLIPS = 2_000 if CHECK else 120
LAW = {"pack": "title-certificates", "overlays": [], "city": "市专班"}
SCANS = {"权属来源.pdf": b"%PDF-1.7 one", "测绘报告.pdf": b"%PDF-1.7 two" * 9_999}


def taken_in(*drafts, now=NOON):
    how = {"programme": "title-certificates", "file_name": "台账.xlsx", "sha256": "0" * 64, "actor": "test"}
    return register(drafts, now=now, **how)


def work_a_little() -> None:
    """Something of nearly everything an office does."""
    pack = law()
    first = draft(building_survey="on_hand")
    home = next(place for place in first.dossier.places if place.endswith("›101"))
    people = {home: HouseholdDraft("张三丰", "", "13800000000")}
    taken_in(replace(first, households=people), draft("纺织小区", units=2))
    suppliers = {name: one.zh for name, one in pack.suppliers.items()}
    establish_offices(suppliers, city="市专班", actor="test", now=NOON)
    propose_plans(pack, list(Estate.objects.all()), actor="test", now=NOON)
    city = Organisation.objects.get(kind="city")
    wang = grant_role("王建国", "leader", city, actor="test", now=NOON)
    Account.objects.create(username="wang", password="!", official=wang)
    estate = Estate.objects.order_by("id").first()
    adopt_plan(pack, estate.pk, by=wang, now=NOON, start_on=DAY)
    gao = person_of(Official.objects.get(name="高秀岚"), DAY)
    mine = list(Task.objects.filter(responsible__name="高秀岚").order_by("id")[:3])
    acknowledge_task(gao, mine[0].pk, NOON)
    hand_in_evidence(gao, mine[0].pk, NOON, Paper("棠测〔2024〕12号", DAY))
    ask_suspension(gao, mine[1].pk, NOON, "等待法院裁定")
    decide_suspension(person_of(wang, DAY), mine[1].pk, NOON, granted=True)
    ask_extension(gao, mine[2].pk, NOON, 5, "测绘队排期")
    sweep(NOON + timedelta(days=60))
    for name, content in SCANS.items():
        attach(name, content)
    connection.close()


def attach(name: str, content: bytes) -> Path:
    digest = sha256(content).hexdigest()
    path = stored(Path(os.environ["TAIZHANG_DATA"]), digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    estate = Estate.objects.order_by("id").first()
    with act("attach_file", actor="test", subject="estate:1", now=NOON) as doing:
        kind = "application/pdf"
        row = Attachment(
            estate=estate, county="", sha256=digest, name=name, size=len(content), media_type=kind
        )
        doing.insert([row])
    return path


def stored(folder: Path, digest: str) -> Path:
    return folder / "attachments" / digest[:2] / digest


def furnish(folder: Path) -> None:
    """What ``taizhang init`` leaves in a data folder, and what is remembered there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "installation.json").write_text(json.dumps(LAW), encoding="utf-8")
    (folder / "secret.txt").write_text("the-secret-of-the-sessions", encoding="ascii")
    (folder / "mappings").mkdir()
    (folder / "mappings" / "河西街道.yaml").write_text("headings: {}\n", encoding="utf-8")
    KeyRing.create(folder / "keys.json", NOON)


@pytest.fixture(scope="module")
def worked(request, tmp_path_factory):
    """``worked("sqlite")``: where an installation was made once, in which a little was done."""
    made: dict[str, tuple[Path, str]] = {}

    def once(kind: str) -> tuple[Path, str]:
        if kind not in made:
            folder, address = tmp_path_factory.mktemp(f"worked_{kind}") / "data", ""
            if kind == "postgres":
                request.getfixturevalue("postgres_template")
                cluster = request.getfixturevalue("postgres_cluster")
                address = cluster.fresh_database("office_worked", template="office_template")
            furnish(folder)
            if kind == "sqlite":
                shutil.copy(request.getfixturevalue("sqlite_template"), folder / "taizhang.sqlite3")
            with pytest.MonkeyPatch.context() as patch:
                install_in(folder, address, patch)
                work_a_little()
                connections.close_all()
            made[kind] = folder, address
        return made[kind]

    return once


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, worked, tmp_path, monkeypatch):
    """A copy of that installation, once on each database."""
    folder, address = worked(request.param)
    shutil.copytree(folder, tmp_path / "data")
    if address:
        cluster = request.getfixturevalue("postgres_cluster")
        name = f"kept_{tmp_path.name}".replace("-", "_").lower()[-60:]
        address = cluster.fresh_database(name, template="office_worked")
    install_in(tmp_path / "data", address, monkeypatch)
    yield
    connections.close_all()


@pytest.fixture
def small(sqlite, tmp_path) -> Path:
    """An installation on SQLite with one estate; its folder."""
    taken_in(draft())
    furnish(tmp_path / "data")
    connection.close()
    return tmp_path / "data"


@pytest.fixture
def empty_place(tmp_path, monkeypatch, request):
    """``empty_place("sqlite")`` leads to a folder that does not exist, and a database without a table."""

    def lead(kind: str, name: str = "elsewhere") -> Path:
        address = ""
        if kind == "postgres":
            cluster = request.getfixturevalue("postgres_cluster")
            address = cluster.fresh_database(f"{name}_{tmp_path.name}".replace("-", "_").lower()[-60:])
        install_in(tmp_path / name, address, monkeypatch)
        return tmp_path / name

    yield lead
    connections.close_all()


def kept(path: Path, **how) -> Manifest:
    told = back_up(path, now=NOON, law=LAW, **how)
    connection.close()
    return told.manifest


def brought_back(path: Path):
    found = restore(path, keys=Path(os.environ["TAIZHANG_DATA"]) / "keys.json")
    connection.close()
    return found


def head() -> tuple[int, str]:
    last = JournalEntry.objects.order_by("-id").first()
    connection.close()
    return last.pk, last.digest


def where_it_is() -> str:
    return os.environ["TAIZHANG_DATABASE"] or f"{os.environ['TAIZHANG_DATA']}/taizhang.sqlite3"


# -------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_everything_comes_back_on_either_database(office, target, tmp_path, empty_place):
    """Tables, attachments and head are equal, the journal holds, and work goes on where it stopped."""
    before, last = told_without_times(), head()
    manifest = kept(tmp_path / "backup.tar")

    folder = empty_place(target)
    brought_back(tmp_path / "backup.tar")

    assert told_without_times() == before
    assert {name for name, rows in before.items() if not rows} <= {
        "ledger_secondment",
        "ledger_anchor",
        "ledger_job",
    }
    assert head() == last == (manifest.entry, manifest.head)
    for content in SCANS.values():
        assert stored(folder, sha256(content).hexdigest()).read_bytes() == content
    assert json.loads((folder / "installation.json").read_text(encoding="utf-8")) == LAW
    assert (folder / "secret.txt").read_text(encoding="ascii") == "the-secret-of-the-sessions"
    assert (folder / "mappings" / "河西街道.yaml").is_file()
    assert not (folder / ".restoring").exists()
    assert verify(where_it_is(), [last]).findings == ()
    # The same file again from there, table for table.
    assert kept(tmp_path / "again.tar").tables == manifest.tables
    # What was restored is an office: the journal is protected, and numbers go on.
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        JournalEntry.objects.filter(pk=1).update(actor="somebody else")
    connection.close()
    city = Organisation.objects.get(kind="city")
    li = grant_role("李明", "leader", city, actor="test", now=NOON)
    Account.objects.create(username="li", password="!", official=li)  # its key comes from the database
    assert taken_in(draft("新小区")).new["estate"] == 1
    connection.close()
    assert verify(where_it_is(), [last]).findings == ()


def test_a_backup_is_of_one_moment_and_keeps_nobody_waiting(office, tmp_path, empty_place):
    """Somebody imports an estate after every table that is read; none of it is in the backup."""
    before, done, started = told_without_times(), [], []

    def import_one() -> None:
        done.append(taken_in(draft(f"后来的小区{len(done)}"), now=NOON + timedelta(hours=1)).batch)
        connections.close_all()

    def meanwhile(stage: str, number: int, total: int) -> None:
        if stage == "tables" and number < total and len(done) == len(started):
            started.append(threading.Thread(target=import_one))
            started[-1].start()
            started[-1].join(timeout=15)

    manifest = kept(tmp_path / "backup.tar", progress=meanwhile)
    assert len(done) == len(manifest.tables) - 1

    empty_place("sqlite")
    brought_back(tmp_path / "backup.tar")

    assert told_without_times() == before


def test_a_database_that_waits_for_its_next_version_can_be_kept_and_comes_back_in_this_one(
    tmp_path, empty_place
):
    """The message of an update is: make a backup first."""
    furnish(empty_place("sqlite", "old"))
    call_command("migrate", "ledger", "0001", verbosity=0)
    IssuedNumber.objects.create(series="case:2024", last=7)
    manifest = kept(tmp_path / "backup.tar")
    assert manifest.migrations == ("0001_records",)

    empty_place("sqlite")
    brought_back(tmp_path / "backup.tar")

    assert IssuedNumber.objects.get().last == 7
    assert tables.waiting() == 0


# --------------------------------------------------------------------------- what is in it


def test_keys_stay_elsewhere_unless_they_are_asked_for(small, tmp_path, empty_place):
    secret = json.loads((small / "keys.json").read_bytes())["index_key"].encode()
    kept(tmp_path / "without.tar")
    kept(tmp_path / "with.tar", keys=small / "keys.json")
    assert secret not in (tmp_path / "without.tar").read_bytes()
    assert secret in (tmp_path / "with.tar").read_bytes()

    folder = empty_place("sqlite")
    assert not brought_back(tmp_path / "without.tar").keys
    folder = empty_place("sqlite", "with_keys")
    assert brought_back(tmp_path / "with.tar").keys
    assert (folder / "keys.json").read_bytes() == (small / "keys.json").read_bytes()
    assert stat.S_IMODE((folder / "keys.json").stat().st_mode) == 0o600


def test_keys_that_are_not_there_cannot_be_in_it(small, tmp_path):
    (small / "keys.json").unlink()

    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar"), "--with-keys"])

    assert done.exception.code == "E-SEAL-MISSING"
    assert not (tmp_path / "backup.tar").exists()


def test_keys_that_were_put_back_before_are_not_replaced(small, tmp_path, empty_place):
    kept(tmp_path / "with.tar", keys=small / "keys.json")
    folder = empty_place("sqlite")
    folder.mkdir()
    (folder / "keys.json").write_text("a later ring", encoding="utf-8")

    brought_back(tmp_path / "with.tar")

    assert (folder / "keys.json").read_text(encoding="utf-8") == "a later ring"


def test_any_tar_opens_it_and_only_its_owner(small, tmp_path):
    kept(tmp_path / "backup.tar")
    listed = subprocess.run(
        ["tar", "-tf", tmp_path / "backup.tar"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert listed[0] == "manifest.json"
    assert listed[-1] == "sha256.txt"
    assert "tables/ledger_unit.jsonl.gz" in listed
    assert stat.S_IMODE((tmp_path / "backup.tar").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_what_is_lost_already_does_not_cost_the_rest(small, tmp_path, empty_place):
    """The backup is written, says what it lacks, and can be restored."""
    gone, spoilt = attach("甲.pdf", b"%PDF gone"), attach("乙.pdf", b"%PDF spoilt")
    attach("丙.pdf", b"%PDF sound")
    gone.unlink()
    spoilt.write_bytes(b"%PDF other")

    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar")])

    assert isinstance(done.exception, TaizhangError)
    assert done.exception.code == "E-BACKUP-LACKS"
    assert "2" in done.exception.say("zh")
    folder = empty_place("sqlite")
    assert sorted(brought_back(tmp_path / "backup.tar").manifest.lacking) == sorted([gone.name, spoilt.name])
    assert [one.name for one in (folder / "attachments").glob("??/*")] == [sha256(b"%PDF sound").hexdigest()]


@contextmanager
def full_at(size: int):
    """No file can grow beyond some bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [2_000, 20_000])
def test_a_disk_that_is_full_leaves_the_backup_before(small, size, tmp_path):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    attach("large.pdf", b"%PDF" + bytes(100_000))

    with full_at(size), pytest.raises(InputError, match="E-BACKUP-WRITE"):
        kept(tmp_path / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("size", [2_000, 40_000, 300_000])
def test_a_disk_that_is_full_leaves_nothing_of_a_restore(small, size, tmp_path, empty_place):
    attach("large.pdf", b"%PDF" + bytes(100_000))
    kept(tmp_path / "backup.tar")
    folder = empty_place("sqlite")

    with full_at(size), pytest.raises(InputError, match="E-RESTORE-WRITE"):
        brought_back(tmp_path / "backup.tar")
    assert list(folder.iterdir()) == []
    brought_back(tmp_path / "backup.tar")

    assert Estate.objects.count() == 1


def test_what_a_killed_backup_left_is_removed_but_not_what_another_is_writing(small, tmp_path):
    left, written = tmp_path / ".backup.tar.abc.part", tmp_path / ".backup.tar.def.part"
    other = tmp_path / ".another.tar.abc.part"
    for one in (left, written, other):
        one.write_bytes(b"half")
    with written.open("rb") as somebody:
        fcntl.flock(somebody, fcntl.LOCK_EX)
        kept(tmp_path / "backup.tar")

    assert sorted(tmp_path.glob(".*.part")) == sorted([written, other])


def test_a_backup_that_fails_leaves_the_one_before(small, tmp_path):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    for wrong in ("opened_on = 'not a day'", "opened_on = '2024-01-29', state = x'ff'"):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_case SET {wrong}")
        with pytest.raises(TaizhangError, match=r"ledger_case.*E-BACKUP-READ"):
            kept(tmp_path / "backup.tar")
    with pytest.raises(InputError, match="E-BACKUP-WRITE"):
        kept(tmp_path / "nowhere" / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert [one.name for one in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_a_ledger_that_is_gone_does_not_replace_the_last_backup_by_nothing(
    small, target, tmp_path, empty_place
):
    kept(tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    furnish(empty_place(target))

    with pytest.raises(InputError, match="E-NO-LEDGER"):
        kept(tmp_path / "backup.tar")

    assert (tmp_path / "backup.tar").read_bytes() == whole
    assert not (tmp_path / "elsewhere" / "taizhang.sqlite3").exists()


def test_neither_way_takes_more_memory_than_a_piece(sqlite, tmp_path, empty_place):
    """20,000 rows, a file of 40 MB and 48 MB of the journal: none is ever held as a whole."""
    furnish(tmp_path / "data")
    taken_in(draft())
    IssuedNumber.objects.bulk_create(
        [IssuedNumber(series=f"series {number}" * 4, last=number) for number in range(20_000)]
    )
    for number in range(48):  # of no entry that tells of them: verify will say so, at the very end
        JournalPart.objects.create(entry_id=1, number=100 + number, images=os.urandom(2**20))
    attach("large.pdf", b"%PDF" + bytes(40 * 2**20))
    tracemalloc.start()
    kept(tmp_path / "backup.tar")
    empty_place("sqlite")
    with pytest.raises(TaizhangError, match="E-RESTORE-UNSOUND"):
        brought_back(tmp_path / "backup.tar")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 44 * 2**20
    assert IssuedNumber.objects.filter(series__startswith="series").count() == 20_000


# ----------------------------------------------------------------------- what is refused


def test_any_damage_is_seen_before_anything_is_written(small, tmp_path, empty_place):
    """A bit is flipped anywhere, the end is cut off anywhere, something is added."""
    attach("甲.pdf", b"%PDF" * 2_000)
    kept(tmp_path / "backup.tar")
    whole, damaged = (tmp_path / "backup.tar").read_bytes(), tmp_path / "damaged.tar"
    folder, draw = empty_place("sqlite"), random.Random(20261127)
    for number in range(FLIPS):
        spoilt = bytearray(whole)
        if number % 4 == 3:
            spoilt = spoilt[: draw.randrange(len(whole))]
        elif number % 40 == 2:
            spoilt += bytes(draw.choice([1, 512, 1024]))
        else:
            spoilt[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        damaged.write_bytes(spoilt)

        with pytest.raises(InputError, match=r"E-BACKUP-(DAMAGED|FORM)") as told:
            brought_back(damaged)
        assert told.value.where == str(damaged)
        assert not folder.exists()


def test_a_damage_is_told_with_its_place(small, tmp_path, empty_place):
    kept(tmp_path / "backup.tar")
    empty_place("sqlite")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        unit, secret = tar.getmember("tables/ledger_unit.jsonl.gz"), tar.getmember("folder/secret.txt")
    spoilt = bytearray((tmp_path / "backup.tar").read_bytes())
    spoilt[unit.offset_data + unit.size // 2] ^= 1
    (tmp_path / "flipped.tar").write_bytes(spoilt)
    (tmp_path / "cut.tar").write_bytes(spoilt[: unit.offset_data] + bytes(10))
    (tmp_path / "unit_whole.tar").write_bytes(
        (tmp_path / "backup.tar").read_bytes()[: secret.offset_data + 1]
    )
    (tmp_path / "ledger.tar").write_bytes(b"PK\x03\x04 no tar at all")

    for name, place in [("flipped", unit.name), ("cut", unit.name), ("unit_whole", secret.name)]:
        with pytest.raises(InputError, match=rf"{place}.*E-BACKUP-DAMAGED"):
            brought_back(tmp_path / f"{name}.tar")
    with pytest.raises(InputError, match="E-BACKUP-FORM"):
        brought_back(tmp_path / "ledger.tar")


def sealed_anew(source: Path, target: Path, change) -> None:
    """Somebody who knows the form changes a member and seals the file again."""
    manifest = json.loads(archive.read_manifest(source).text())
    with tarfile.open(source) as tar, target.open("w+b") as file:
        contents = {one.name: tar.extractfile(one).read() for one in tar}
        change(manifest, contents)
        told = Manifest.of(json.dumps(manifest).encode())
        writing = archive.Archive(file, len(told.text()), 0)
        for name, content in contents.items():
            if name not in {"manifest.json", "sha256.txt"}:
                with writing.member(name) as sink:
                    sink.write(content)
        writing.close(told)


def renamed(member: str, old: str, new: str, *, also_the_digest: bool):
    def change(manifest, contents) -> None:
        text = gzip.decompress(contents[member]).decode().replace(old, new).encode()
        contents[member] = gzip.compress(text)
        table = next(one for one in manifest["tables"] if member.endswith(f"/{one['name']}.jsonl.gz"))
        table["sha256"], table["size"] = sha256(contents[member]).hexdigest(), len(contents[member])
        if also_the_digest:
            table["digest"] = sha256(text).hexdigest()

    return change


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
def test_rows_that_are_not_what_the_manifest_says_leave_nothing_behind(small, target, tmp_path, empty_place):
    kept(tmp_path / "backup.tar")
    change = renamed("tables/ledger_unit.jsonl.gz", '"103"', '"301"', also_the_digest=False)
    sealed_anew(tmp_path / "backup.tar", tmp_path / "forged.tar", change)
    folder = empty_place(target)

    with pytest.raises(InputError, match=r"tables/ledger_unit.*E-BACKUP-DAMAGED"):
        brought_back(tmp_path / "forged.tar")

    assert list(folder.iterdir()) == []
    if target == "postgres":
        assert tables.present() == ()


def test_a_ledger_that_was_tampered_with_is_told_when_it_comes_back(small, tmp_path, empty_place):
    """Who forges every digest of the file cannot forge the journal."""
    kept(tmp_path / "backup.tar")
    change = renamed("tables/ledger_unit.jsonl.gz", '"103"', '"301"', also_the_digest=True)
    sealed_anew(tmp_path / "backup.tar", tmp_path / "forged.tar", change)
    empty_place("sqlite")

    with pytest.raises(TaizhangError, match=r"ledger_unit:3.*V-ROW-CHANGED.*E-RESTORE-UNSOUND"):
        brought_back(tmp_path / "forged.tar")


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest, contents: manifest.update(migrations=[*manifest["migrations"], "9999_later"]),
        lambda manifest, contents: manifest["tables"][0].update(columns=["id"]),
        lambda manifest, contents: manifest.update(entry=manifest["entry"] + 1),
        lambda manifest, contents: contents.pop("tables/ledger_unit.jsonl.gz"),
        lambda manifest, contents: contents.update({"tables/ledger_case.jsonl.gz": b"no gzip"}),
        lambda manifest, contents: contents.update({"folder/secret.txt": b"another"}),
    ],
)
def test_a_backup_that_cannot_be_right_is_refused(small, change, tmp_path, empty_place):
    kept(tmp_path / "backup.tar")
    sealed_anew(tmp_path / "backup.tar", tmp_path / "other.tar", change)
    folder = empty_place("sqlite")

    with pytest.raises(TaizhangError, match=r"E-BACKUP-VERSION|E-BACKUP-DAMAGED|E-RESTORE-DIFFERS"):
        brought_back(tmp_path / "other.tar")

    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_name_is_never_a_way_out_of_the_folder(small, tmp_path):
    manifest = json.loads(kept(tmp_path / "backup.tar").text())
    for name in ("../secret.txt", "/etc/passwd", "mappings/../../x", "mappings/.x", "taizhang.sqlite3"):
        wrong = {**manifest, "files": [{"name": name, "size": 1, "sha256": "0" * 64}]}
        with pytest.raises(ValueError, match="no manifest"):
            Manifest.of(json.dumps(wrong).encode())


def test_nothing_that_is_there_is_overwritten(office, tmp_path, empty_place):
    kept(tmp_path / "backup.tar")
    with pytest.raises(InputError, match="E-RESTORE-FOLDER"):
        brought_back(tmp_path / "backup.tar")

    folder = empty_place("sqlite")
    folder.mkdir()
    (folder / "notes.txt").touch()
    with pytest.raises(InputError, match=r"notes.txt.*E-RESTORE-FOLDER"):
        brought_back(tmp_path / "backup.tar")
    assert [one.name for one in folder.iterdir()] == ["notes.txt"]


def test_a_database_with_rows_is_not_filled(postgres, tmp_path, monkeypatch):
    furnish(tmp_path / "data")
    taken_in(draft())
    kept(tmp_path / "backup.tar")
    taken_in(draft("新小区"))
    install_in(tmp_path / "elsewhere", postgres, monkeypatch)

    with pytest.raises(InputError, match="E-RESTORE-DATABASE"):
        brought_back(tmp_path / "backup.tar")

    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert Estate.objects.count() == 2


def test_a_text_that_the_other_database_does_not_take_is_told(small, tmp_path, empty_place):
    """SQLite holds texts of any length; PostgreSQL does not."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_estate SET county = %s", ["县" * 61])
    kept(tmp_path / "backup.tar")
    folder = empty_place("postgres")

    with pytest.raises(InputError, match=r"too long.*E-RESTORE-WRITE"):
        brought_back(tmp_path / "backup.tar")

    assert list(folder.iterdir()) == []
    assert tables.present() == ()


def test_a_database_that_holds_the_backup_already_only_lacks_its_folder(postgres, tmp_path, monkeypatch):
    """So a restore goes on that was killed between the database and the folder."""
    furnish(tmp_path / "data")
    taken_in(draft())
    kept(tmp_path / "backup.tar")
    install_in(tmp_path / "elsewhere", postgres, monkeypatch)

    brought_back(tmp_path / "backup.tar")

    assert (tmp_path / "elsewhere" / "installation.json").is_file()


def test_a_restore_of_another_backup_that_was_cut_off_is_not_mixed_with_this(
    small, tmp_path, empty_place, monkeypatch
):
    kept(tmp_path / "first.tar")
    taken_in(draft("新小区"))
    kept(tmp_path / "second.tar")
    folder = empty_place("sqlite")
    monkeypatch.setattr(
        "taizhang.office.keeping.staging.Staging.move", lambda self: None
    )  # the light goes out
    with pytest.raises(OSError, match="unable to open"):
        brought_back(tmp_path / "first.tar")
    monkeypatch.undo()
    install_in(folder, "", monkeypatch)

    with pytest.raises(InputError, match="E-RESTORE-CUT"):
        brought_back(tmp_path / "second.tar")
    brought_back(tmp_path / "first.tar")

    assert Estate.objects.count() == 1


# -------------------------------------------------------------------------- at the terminal


def test_at_the_terminal(office, tmp_path, empty_place, monkeypatch):
    monkeypatch.setenv("TAIZHANG_LANG", "en")
    done = CliRunner().invoke(backup_command, [str(tmp_path / "backup.tar")], catch_exceptions=False)
    assert done.exit_code == 0
    number, digest = head()
    assert f"head: {number} {digest}" in done.output
    assert "without the keys" in done.output
    last = json.loads((tmp_path / "data" / "last-backup.json").read_text(encoding="utf-8"))
    assert last["sha256"] == archive.check(tmp_path / "backup.tar")

    empty_place("sqlite")
    done = CliRunner().invoke(restore_command, [str(tmp_path / "backup.tar")], catch_exceptions=False)

    assert done.exit_code == 0
    assert f"head: {digest}" in done.output
    assert "nothing was changed or lost" in done.output
    assert "keys are still missing" in done.output
