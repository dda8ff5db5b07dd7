"""The shape of the house: its budgets, and its import contracts seen to break."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "taizhang"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.parent.name != "migrations")  # those are made
NAMES = [str(module.relative_to(SOURCE)) for module in MODULES]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}

# ------------------------------------------------------------------------------- budgets


class Function(NamedTuple):
    """A function and how many lines it takes."""

    where: str
    lines: int


def functions() -> Iterator[Function]:
    for module, name in zip(MODULES, NAMES, strict=True):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield Function(f"{name}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)


def test_no_module_is_longer_than_500_lines():
    lengths = {
        name: len(module.read_text(encoding="utf-8").splitlines())
        for module, name in zip(MODULES, NAMES, strict=True)
    }

    assert {name: lines for name, lines in lengths.items() if lines > 500} == {}


def test_no_function_is_longer_than_80_lines_and_nearly_all_are_within_40():
    found = list(functions())

    assert [function for function in found if function.lines > 80] == []
    assert quantiles([function.lines for function in found], n=20)[-1] <= 40


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "misc", "util", "helper"])
def test_nothing_is_put_into_a_drawer(name):
    assert [path for path in SOURCE.rglob(f"{name}*") if path.stem == name] == []


def test_only_the_command_line_prints():
    printing = {
        name
        for module, name in zip(MODULES, NAMES, strict=True)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }

    assert printing <= {"cli.py"}


def undocumented(name: str, tree: ast.Module) -> list[str]:
    """Public names of one module without a docstring, the module itself included."""
    missing = [] if ast.get_docstring(tree) else [name]
    waiting: list[tuple[str, ast.AST]] = [(name, node) for node in tree.body]
    while waiting:
        place, node = waiting.pop()
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or any(
            isinstance(one, ast.Name) and one.id == "overload" for one in getattr(node, "decorator_list", ())
        ):
            continue
        if not ast.get_docstring(node):
            missing.append(f"{place}:{node.lineno} {node.name}")
        if isinstance(node, ast.ClassDef):
            waiting.extend((place, inner) for inner in node.body)
    return missing


@pytest.mark.parametrize("name", [name for name in NAMES if Path(name).parts[0] == "rules"])
def test_every_public_name_of_the_rules_is_documented(name):
    assert undocumented(name, ast.parse((SOURCE / name).read_text(encoding="utf-8"))) == []


def test_a_missing_docstring_would_be_seen():
    tree = ast.parse('"""A module."""\nclass A:\n    """A."""\n    def b(self): ...\n    def _c(self): ...\n')

    assert undocumented("a.py", tree) == ["a.py:4 b"]


def test_every_room_is_a_package_with_a_door():
    """A folder of Python without ``__init__`` is not seen by the import contracts."""
    folders = {module.parent for module in MODULES}

    assert [
        str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()
    ] == []


# ------------------------------------------------------------------------ import contracts


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run import-linter in ``folder`` with its own sources; return exit status and report."""
    command = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", command, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def broken(report: str) -> set[str]:
    """The contracts that a report says are broken, by id."""
    return {key for key, name in CONTRACTS.items() if re.search(rf"^{re.escape(name)} BROKEN", report, re.M)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources and the configuration, to be spoilt."""
    shutil.copytree(SOURCE, tmp_path / "src" / "taizhang", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_true_tree_keeps_every_contract(copy):
    status, report = lint_imports(copy)

    assert (status, broken(report)) == (0, set()), report
    assert f"{len(CONTRACTS)} kept, 0 broken" in report


#: Contract -> (the module that is spoilt, the line that spoils it)
OFFENCES = [
    ("rooms", "rules/worktime.py", "import taizhang.exchange"),
    ("rooms", "errors.py", "import taizhang.rules.terms"),
    ("rooms", "exchange/offence.py", "import taizhang.cli"),
    ("rooms", "drawer.py", ""),  # a module that is in no room
    ("pure-rules", "rules/worktime.py", "import urllib.request"),
    ("pure-rules", "rules/offence.py", "import xlsxwriter"),
    ("pure-rules", "rules/terms/law.py", "import docx"),
    ("pure-rules", "rules/offence.py", "import django.db.models"),
    ("one-yaml-reader", "rules/worktime.py", "import yaml"),
    ("one-yaml-reader", "exchange/offence.py", "from yaml import safe_load"),
    ("records-of-the-office", "web/rows.py", "from taizhang.ledger.models import Task"),
    ("records-of-the-office", "exchange/offence.py", "import taizhang.ledger.models.work"),
    ("one-solver", "rules/worktime.py", "import highspy"),
    ("one-solver", "exchange/offence.py", "from ortools.sat.python import cp_model"),
    ("exchange-knows-terms", "exchange/offence.py", "from taizhang.rules import worktime"),
    ("exchange-knows-terms", "exchange/offence.py", "from taizhang.rules.marked import read_file"),
    ("no-cycles", "rules/marked.py", "import taizhang.rules.worktime"),
]


@pytest.mark.parametrize(("contract", "module", "line"), OFFENCES)
def test_each_contract_is_seen_to_break(copy, contract, module, line):
    spoilt = copy / "src" / "taizhang" / module
    before = spoilt.read_text(encoding="utf-8") if spoilt.exists() else ""
    spoilt.write_text(before + f"\n{line}  # the offence\n", encoding="utf-8")

    status, report = lint_imports(copy)

    assert status == 1, report
    assert contract in broken(report), report


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("exchange/innocence.py", "from taizhang.rules.terms import Plan"),
        ("exchange/innocence.py", "import taizhang.errors"),
        ("exchange/excel/innocence.py", "from taizhang.rules.worktime import WorkCalendar"),
        ("rules/innocence.py", "import numpy"),
    ],
)
def test_what_is_allowed_is_not_reported(copy, module, line):
    added = copy / "src" / "taizhang" / module
    added.parent.mkdir(exist_ok=True)
    added.write_text(f"{line}\n", encoding="utf-8")

    status, report = lint_imports(copy)

    assert status == 0, report


def test_every_contract_has_an_offence():
    assert {contract for contract, _, _ in OFFENCES} == set(CONTRACTS)


def test_every_function_of_the_rules_door_shows_a_runnable_example():
    """The examples are run as doctests; here they only must exist."""
    import taizhang.rules as door

    for name in door.__all__:
        thing = getattr(door, name)
        texts = [thing.__doc__ or ""]
        texts += [getattr(method, "__doc__", "") or "" for method in vars(thing).values()]

        if name != "AtLeast":  # a record
            assert any(">>>" in text for text in texts), name
