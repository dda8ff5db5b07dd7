"""Results as tables of text, and the page that shows the latest of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "markdown", "shown", "write_page"]

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return [*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else f"{value:.6f}"


def _engines(result: dict[str, Any]) -> list[str]:
    heads = ["engine", "task", "rows", "µs/row: median", "min", "max", "CPU", "input", "times ours (CPU)"]
    rows = [
        [
            row["engine"],
            row["task"],
            f"{row['rows']:,}",
            *(_number(row["answer"][key]) for key in ("median_us", "min_us", "max_us", "cpu_us")),
            _number(row["input"]["cpu_us"]),
            _number(row["times_ours"]),
        ]
        for row in result["rows"]
    ]
    told = [
        f"{task}: {sum(one['compared'].values()):,} answers compared with “{one['with']}”, "
        f"{one['different']} different; of {one['cases']:,} cases {one['none']:,} without a plan, "
        f"{one['zero_or_yes']:,} proved."
        for task, one in result["answers"].items()
    ]
    return [*_table(heads, rows), "", *told]


def _lines(result: dict[str, Any]) -> list[str]:
    heads = result["heads"]
    return _table(heads, [[row.get(head, "") for head in heads] for row in result["rows"]])


def shown(name: str, result: dict[str, Any]) -> str:
    """One result as text: table, what was skipped, where it was measured."""
    machine = result["machine"]
    about = (
        f"{machine['cpu']}, {machine['cores']} cores, load {machine['load']} before and "
        f"{result.get('load_after', machine['load'])} after, Python {machine['python']}; {result['date']}; "
        f"{result.get('rounds', 1)} rounds"
    )
    versions = ", ".join(f"{package} {number}" for package, number in result.get("versions", {}).items())
    pack = ", ".join(f"{value} {key}" if key not in ("pack", "digest") else f"{key} {value}"
                     for key, value in result.get("pack", {}).items())  # fmt: skip
    body = _engines(result) if name == "engines" else _lines(result)
    skipped = [f"SKIPPED {what}: {why}" for what, why in result.get("skipped", {}).items()]
    foot = [
        f"{head}: {text}."
        for head, text in (("Measured on", about), ("Versions", versions), ("Law", pack))
        if text
    ]
    notes = result.get("notes", [])
    return "\n\n".join(filter(None, ("\n".join(body), "\n\n".join(skipped), *notes, "\n\n".join(foot))))


def latest(name: str) -> dict[str, Any] | None:
    """The newest result of a bench."""
    files = sorted(RESULTS.glob(f"*-{name}.json"))
    if not files:
        return None
    found: dict[str, Any] = json.loads(files[-1].read_text(encoding="utf-8"))
    return found


def markdown(names: Sequence[str]) -> str:
    """The latest table of each bench."""
    parts = []
    for name in names:
        result = latest(name)
        told = shown(name, result) if result else "Not measured yet."
        parts.append(f"## {name}\n\n{told}")
    return "\n\n".join(parts)


def write_page(names: Sequence[str]) -> Path:
    """Put the latest tables between the markers of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{markdown(names)}\n\n{END}{after}", encoding="utf-8")
    return PAGE
