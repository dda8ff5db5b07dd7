"""The tutorials say what the commands really print.

Every command of a tutorial is run; the block after it is its output, without the names of the
files written.  ``python -m tests.test_tutorial`` writes the blocks anew, to be read before they
are committed.

Of the prose every figure is held against the cells of the plan's workbook, sentence by sentence,
and so is every row of its tables: a sentence that is no longer what the program says fails.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import openpyxl
import pytest

from .terminal import taizhang

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": "docs/tutorial/one-estate.md", "zh": "docs/tutorial/one-estate.zh-CN.md"}
RUN = re.compile(r"```\n((?:taizhang|make demo)[^\n]*)\n```\n\n```\n(.*?)\n```", re.S)


def said(command: str, folder: Path, language: str) -> str:
    """What a command prints, in a folder of its own, without the lines that name files."""
    words = command.replace("make demo-files", "taizhang demo out/demo").split()[1:]
    done = taizhang(*words, language=language, folder=folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return "\n".join(line.rstrip() for line in lines if not re.match(r"\s+.*\.(xlsx|html|docx|svg)$", line))


# Which sheets and columns of the workbook the tables of the page show.  A sheet is named by its place,
# which both languages share; the headings of the page are not those of the sheet, which has more of them.
ABOUT, ESTATES, GAPS, UNITS, QUESTIONS, PROBLEMS = 10, 1, 2, 4, 6, 7
TABLES = {
    "小区台账·": (ABOUT, (0, 1, 2, 3)),
    "Original-": (PROBLEMS, (2, 3, 4, 6)),
    "原表-": (PROBLEMS, (2, 3, 4, 5)),
}
GAP_COLUMNS = (4, 3, 6, 9, 10, 11, 13)


@dataclass(frozen=True)
class Printed:
    """The workbook of one plan."""

    path: Path

    @cached_property
    def sheets(self) -> list[list[list[str]]]:
        """Every sheet as rows of words, days without their hours."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl leaves out what only colours cells
            book = openpyxl.load_workbook(self.path)
        return [
            [[_word(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
        ]

    def rows(self, sheet: int) -> list[list[str]]:
        """Return the rows below the headings that have a number."""
        return [row for row in self.sheets[sheet][4:] if row[0].isdigit()]

    def gap(self, name: str) -> list[str]:
        return next(row for row in self.rows(GAPS) if row[4] == name)


def _word(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _sentences(language: str, before: Printed, after: Printed) -> list[str]:
    """What the page has to say, with the figures of today."""
    estate, later = before.rows(ESTATES)[0], after.rows(ESTATES)[0]
    units = before.rows(UNITS)
    hours, later_hours = f"{int(estate[9]):,}", f"{int(later[9]):,}"
    shared, rows = units[0][11], len(before.rows(GAPS))
    known = sum(float(row[14]) for row in units)
    unpriced = sum(1 for row in units if row[19])
    half = next(row for row in units if row[4] == "3单元101")
    first = units[0]
    land = "land allocation made up" if language == "en" else "补办划拨用地决定"
    minutes = (
        "task-force minutes 2025 no. 9 (fictional)" if language == "en" else "专班会议纪要〔2025〕9号（虚构）"
    )
    due = after.gap(minutes)[10]
    if language == "en":
        said = [
            f"{estate[5]}, {estate[6]} units, {estate[10]} papers, {hours} person-hours, "
            f"{estate[8]} working days, planned end {estate[13]}, {estate[16]}.",
            f"The {estate[10]} are {shared} papers of the estate and its building",
            f"in {rows} rows",
            f'"{estate[12].split("：")[0]}"',
            f"Its *slack* is {before.gap(land)[19]}:",
            f"Open again: {later_hours} hours, {later[8]} working days, planned end {later[13]}.",
            f'"{after.gap(land)[13]}"',
            f"task force on {due}",
            f"For {unpriced} households the bill is not complete. "
            f"What the estate is known to owe, {known:,.2f} yuan",
            f"{float(half[14]):,.2f} is the total",
            f"**{float(first[14]):,.2f}**",
        ]
    else:
        said = [
            f"状态“{estate[5]}”，{estate[6]} 户，{estate[10]} 处缺项，工时 {hours}，"
            f"工期 {estate[8]} 个工作日，预计办结 {estate[13]}，{estate[16]}。",
            f"{estate[10]} 处是怎样来的：小区和幢的 {shared} 件",
            f"归为 {rows} 行",
            f"“{estate[12].split('：')[0]}”",
            f"这一件“机动”为 {before.gap(land)[19]}：",
            f"工时 {later_hours}，{later[8]} 个工作日，预计 {later[13]}。",
            f"“{after.gap(land)[13]}”",
            f"由县级专班在 {due} 前提供",
            f"费用算不全的有 {unpriced} 户。全小区已知应缴 {known:,.2f} 元",
            f"合计 {float(half[14]):,.2f} 元",
            f"**{float(first[14]):,.2f}**",
        ]
    pressing = next(row for row in before.rows(GAPS) if row[19] == "0")
    taxes = next(
        row
        for row in before.rows(QUESTIONS)
        if row[5] in ("developer taxes in arrears", "开发建设单位是否欠税")
    )
    agency = next(
        row
        for row in before.rows(GAPS)
        if row[4] in ("transfer application signed by agent and household", "代办主体与购房人共同申请书")
    )
    quoted = [before.gap(land)[24], taxes[10], agency[25]]
    return [*said, pressing[4], *(f"```\n{one}\n```" for one in quoted)]


def _unlike(text: str, plan: Printed) -> list[str]:
    """Rows of the page's tables that the workbook does not have."""
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    missing = []
    for row in shown:
        for start, (sheet, columns) in TABLES.items():
            if row[0].startswith(start):
                there = {tuple(one[column] for column in columns) for one in plan.sheets[sheet]}
                missing += [] if tuple(row) in there else ["|".join(row)]
        if len(row) == len(GAP_COLUMNS) and row[3].isdigit():
            there = {tuple(one[column] for column in GAP_COLUMNS) for one in plan.rows(GAPS)}
            missing += [] if tuple(row) in there else ["|".join(row)]
    return missing


@pytest.mark.parametrize("language", sorted(PAGES))
def test_the_tutorial_shows_what_is_printed_and_its_prose_the_figures_of_today(language, tmp_path):
    """Every command is run; what the page says of its workbooks is read in them."""
    text = (ROOT / PAGES[language]).read_text(encoding="utf-8")
    runs = RUN.findall(text)
    written: list[Printed] = []

    assert len(runs) >= 5
    if runs[0][0] != "make demo-files":  # which writes what the others read
        said("taizhang demo out/demo", tmp_path, language)
    for command, shown in runs:
        expected = "\n".join(line for line in shown.splitlines() if not re.match(r"\s+out/demo/", line))
        if "template" not in command:
            assert said(command, tmp_path, language) == expected, command
        if "2024-01-28" in command or "--decision" in command:
            newest = max((tmp_path / "out/demo").glob("*.xlsx"), key=lambda one: one.stat().st_mtime_ns)
            kept = newest.rename(tmp_path / f"{len(written)}.xlsx")  # the next run would write over it
            written.append(Printed(kept))

    before, after = written
    flowing = " ".join(text.split())
    assert _unlike(text, before) == []
    absent = [one for one in _sentences(language, before, after) if " ".join(one.split()) not in flowing]
    assert absent == []


if __name__ == "__main__":
    import tempfile

    for language, page in PAGES.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            said("taizhang demo out/demo", folder, language)

            def renew(found: re.Match[str], language: str = language, folder: Path = folder) -> str:
                command, shown = found.groups()
                if "template" in command:
                    return found.group(0)
                files = [line for line in shown.splitlines() if re.match(r"\s+out/demo/", line)]
                text = "\n".join([said(command, folder, language), *files])
                return f"```\n{command}\n```\n\n```\n{text}\n```"

            path = ROOT / page
            path.write_text(RUN.sub(renew, path.read_text(encoding="utf-8")), encoding="utf-8")
