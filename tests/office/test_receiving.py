"""A file that was handed in is there after a power cut: its bytes, its name, and the folder it lies in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from taizhang.ledger.models import Estate, Official
from taizhang.office.access import person_of
from taizhang.office.attachments import attach, content_path
from taizhang.office.uploads import keep_upload, upload_path

from .builders import DAY, NOON
from .rows import office


@pytest.fixture
def written(monkeypatch) -> list[str]:
    """Names of what was written down for good, in order; of folders with a slash."""
    found: list[str] = []
    earnest, replace = os.fsync, Path.replace

    def fsync(opened: int) -> None:
        name = str(Path(f"/proc/self/fd/{opened}").readlink())
        found.append(name + "/" * stat.S_ISDIR(os.fstat(opened).st_mode))
        earnest(opened)

    def renamed(path: Path, target: Path) -> Path:
        found.append(f"→ {target}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", renamed)
    return found


def in_order(written: list[str], path: Path) -> None:
    """First the bytes, then the name, then the folders that are new with the folder they are in."""
    at = written.index(f"→ {path}")
    assert any(not one.endswith("/") for one in written[:at])
    assert {f"{path.parent}/", f"{path.parent.parent}/"} <= set(written[at + 1 :])


def test_an_attachment_is_written_down_with_its_folder(sqlite, written):
    estate = office()
    gao = person_of(Official.objects.get(name="高秀岚"), DAY)
    kept = attach(gao, Estate.objects.get(pk=estate.pk), "身份证.pdf", [b"%PDF-1.4 x"], NOON)

    in_order(written, content_path(kept.sha256))


def test_a_ledger_that_is_handed_in_is_written_down_with_its_folder(sqlite, written):
    sha256, name = keep_upload("台账.csv", ["小区\n甲\n".encode()])

    in_order(written, upload_path(sha256, name))
