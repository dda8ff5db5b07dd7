"""Mutated workbooks: none ends the program, none gives a cell that does not stand in the file.

Each chunk is worked off in a process of its own (``tests/exchange/fuzzing.py``), so that a crash, a hang
and the memory it took are seen from outside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

CHUNKS = 16
CASES = 100_800 if os.environ.get("TAIZHANG_PROFILE") == "check" else 3_200
MOST_MIB = 512


def worked_off(chunk: int, cases: int, folder: Path, spoil: str = "") -> dict:
    command = [sys.executable, "-m", "tests.exchange.fuzzing", str(chunk), str(cases), str(folder)]
    done = subprocess.run([*command, *filter(None, [spoil])], capture_output=True, text=True, check=False)
    last = (folder / f"{chunk}.case").read_text(encoding="utf-8") if done.returncode else ""
    assert done.returncode == 0, f"{last} ended the program ({done.returncode}): {done.stderr[-800:]}"
    return json.loads(done.stdout)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_mutated_file_is_refused_or_read_as_another_reader_reads_it(chunk, tmp_path):
    report = worked_off(chunk, CASES // CHUNKS, tmp_path)
    outcomes = sum((Counter(one) for one in report["outcomes"].values()), Counter())

    assert report["failures"] == []
    assert report["peak_mib"] <= MOST_MIB
    assert outcomes.total() == CASES // CHUNKS
    assert outcomes["read"] > outcomes.total() / 5  # else nothing would be compared
    assert outcomes["crash"] == 0


@pytest.mark.parametrize("how", ["change", "drop", "retype", "move"])
def test_a_value_that_is_changed_behind_the_readers_back_is_reported(how, tmp_path):
    """The judge is judged: whatever a spoilt reader changes is among the failures, case by case."""
    report = worked_off(77, 300, tmp_path, how)
    reported = {failure.split(" ", 1)[0] for failure in report["failures"]}

    assert len(report["planted"]) > 30
    assert set(report["planted"]) - reported == set()


def test_a_file_with_another_value_does_not_pass_for_the_seed(tmp_path):
    report = worked_off(78, 60, tmp_path, "file")
    reported = {failure.split(" ", 1)[0] for failure in report["failures"]}

    assert len(report["planted"]) == 60
    assert set(report["planted"]) == reported
