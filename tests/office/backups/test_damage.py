"""Any damage is seen before anything is written, and told with its place."""

from __future__ import annotations

import gzip
import json
import os
import random
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from taizhang.errors import InputError, TaizhangError
from taizhang.office.keeping import archive, tables
from taizhang.office.keeping.manifest import Manifest

from .told import attach, brought_back, kept

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"

FLIPS = 2_000 if CHECK else 120


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
