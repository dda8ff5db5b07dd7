"""No sentence calls a plan the best that is not proved to be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from taizhang.exchange.excel.wording import Wording

ROOMS = Path(__file__).resolve().parents[2] / "src" / "taizhang"
#: The only places where the word may stand: beside a plan that was proved.
PROVED_ONLY = {("exchange/excel/wording.py", "已证最优"), ("exchange/excel/wording.py", "proved optimal")}


def said(path: Path) -> list[str]:
    """The strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]


def test_the_word_stands_only_beside_what_was_proved():
    found = {
        (str(path.relative_to(ROOMS)), text)
        for room in ("exchange", "cli")
        for path in sorted((ROOMS / room).rglob("*.py"))
        for text in said(path)
        if "最优" in text or ("optimal" in text.split() and text != "optimal")  # alone it is a column's key
    }

    assert found == PROVED_ONLY


def test_in_a_template_it_stands_behind_the_proof():
    for path in sorted(ROOMS.rglob("*.html")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert "最优" not in line or "{% if proved %}" in line.split("最优")[0], path.name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_proved_is_told_with_its_bound(language):
    words = Wording(language)
    text = words.optimality(False, "件数33" if language == "zh" else "items 33")

    assert "33" in text
    assert "最优" not in text
    assert "optimal" not in text
    assert words.optimality(True, "") in ("已证最优", "proved optimal")
