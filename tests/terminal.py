"""The command line in this process: what a process of its own would say, without starting one.

Starting Python and loading the product takes a second.  A test whose promise is the process itself
(another hash seed, a killed program) starts one with ``subprocess``; ``tests/test_journey.py`` holds
this against a process.

Reads from: ``taizhang.cli``.  Read by: the tests that run commands.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from taizhang.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit status, and what it wrote to each stream."""

    returncode: int
    stdout: str
    stderr: str


def taizhang(*arguments: object, language: str = "zh", folder: Path | None = None) -> Done:
    """Run a command as ``python -m taizhang`` does.

    Args:
        arguments: The words after ``taizhang``.
        language: The setting ``TAIZHANG_LANG``.
        folder: Where to stand meanwhile; here by default.

    Raises:
        Exception: What escapes ``main``, of which a user would see a traceback.
    """
    out, err, status = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["taizhang", *map(str, arguments)])
        patch.setenv("TAIZHANG_LANG", language)
        patch.chdir(folder or Path.cwd())
        try:
            main()
        except SystemExit as end:
            assert end.code is None or isinstance(end.code, int)
            status = end.code or 0
    return Done(status, out.getvalue(), err.getvalue())
