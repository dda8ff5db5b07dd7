"""What was found in files, at the terminal: a line for each sheet, or each column with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.table import Column, Table

from taizhang.cli.console import out, said
from taizhang.errors import InputError
from taizhang.exchange.excel.examining import Examined, SheetFound
from taizhang.rules.terms import RecognisedColumn
from taizhang.settings import language

__all__ = ["show"]

_KINDS = {
    "ledger": ("台账", "ledger"),
    "table": ("表格（表头未识别）", "table, headings not known"),
    "sideways": ("横表（表头在左列）", "table with headings down the left"),
    "unclear": ("无法判断的表", "unclear"),
    "empty": ("空表", "empty"),
    "hidden": ("隐藏，未读取", "hidden, not read"),
}
_SHOWN = 8  # complaints shown of a file
_WIDE = 150  # characters of a terminal that a line of the overview fits in
_HEADS = (
    ("文件", "file"), ("工作表", "sheet"), ("类型", "kind"), ("单元格", "cells"), ("表头行", "headings"),
    ("记录", "records"), ("合并", "merges"), ("列", "columns"), ("已识别", "known"),
    ("标题行", "titles"), ("合计行", "totals"), ("注释行", "notes"),
    ("其他表", "other tables"), ("核对码", "digest"),
)  # fmt: skip


def show(
    found: Sequence[Examined], refused: Sequence[InputError], names: Mapping[str, str], *, brief: bool
) -> None:
    """Print what was found: a line a sheet, or every column with its reason.

    Args:
        found: The files that were read.
        refused: Why others were not.
        names: Field -> what it is called.
        brief: One line a sheet.
    """
    if brief and out.width >= _WIDE:
        out.print(_overview(found))
    elif brief:
        for one in found:
            for sheet in one.sheets:
                out.print(f"{one.file} · {_headline(sheet)}", markup=False)
    for one in () if brief else found:
        _show_file(one, names)
    for error in refused:
        out.print(error.say(language()), style="red", markup=False)


def _overview(found: Sequence[Examined]) -> Table:
    """One line for each sheet."""
    table = Table(*[said(*one) for one in _HEADS], header_style="bold")
    for one in found:
        for sheet in one.sheets:
            table.add_row(
                one.file,
                sheet.name,
                _kind(sheet),
                f"{sheet.cells:,}",
                _rows(sheet.heading_rows),
                f"{len(sheet.records):,}",
                str(sheet.merges or ""),
                str(len(sheet.columns)),
                str(sum(bool(column.field) for column in sheet.columns)),
                _rows(sheet.titles),
                _rows(sheet.totals),
                _rows((*sheet.hints, *sheet.notes, *sheet.sections)),
                " ".join(sheet.others),
                sheet.digest,
            )
    return table


def _show_file(one: Examined, names: Mapping[str, str]) -> None:
    out.print(one.file, style="bold", markup=False)
    for sheet in one.sheets:
        out.print(_headline(sheet), markup=False)
        if sheet.columns:
            out.print(_columns(sheet.columns, names))
    if one.problem:
        out.print(one.problem.say(language()), style="yellow", markup=False)
    for line in _complaints(one):
        out.print(line, markup=False)


def _kind(sheet: SheetFound) -> str:
    return said(*_KINDS[sheet.kind])


def _headline(sheet: SheetFound) -> str:
    reason = said(sheet.reason_zh, sheet.reason)
    parts = [f"{said('工作表', 'Sheet')} {sheet.name}: {_kind(sheet)}" + (f" ({reason})" if reason else "")]
    for rows, zh, en in (
        (sheet.heading_rows, "表头行", "heading rows"),
        (sheet.titles, "标题行", "titles"),
        (sheet.hints, "提示行", "hints"),
        (sheet.totals, "合计行", "totals"),
        (sheet.notes, "注释行", "notes"),
        (sheet.sections, "分组行", "sections"),
    ):
        if rows:
            parts.append(f"{said(zh, en)} {_rows(rows)}")
    parts.append(said(f"记录 {len(sheet.records):,} 行", f"records {len(sheet.records):,}"))
    parts.append(said(f"单元格 {sheet.cells:,} 个", f"cells {sheet.cells:,}"))
    if sheet.others:
        parts.append(said("未读的其他表 ", "other tables, not read: ") + " ".join(sheet.others))
    return said("；", "; ").join(parts)


def _columns(columns: Sequence[RecognisedColumn], names: Mapping[str, str]) -> Table:
    heads = (("列", "column"), ("表头", "heading"), ("识别为", "taken for"), ("理由", "why"))
    table = Table(*(Column(said(*one), overflow="fold") for one in heads))
    for one in columns:
        taken = names.get(one.field, one.field) or said("（原样保留）", "(kept)")
        table.add_row(one.column, one.heading, taken, said(one.reason_zh, one.reason))
    return table


def _rows(rows: Sequence[int]) -> str:
    """Row numbers, runs of them as 3-5; the first few."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:4]]
    return ",".join(shown) + ("…" if len(runs) > 4 else "")


def _complaints(one: Examined) -> list[str]:
    """The first complaints, and how many there are of each kind."""
    if one.ledger is None or not one.ledger.complaints:
        return []
    found = one.ledger.complaints
    counted = Counter(complaint.code for complaint in found)
    kinds = said("，", ", ").join(f"{code} {count:,}" for code, count in counted.most_common())
    lines = [said(f"需要核对 {len(found):,} 处：{kinds}", f"To be looked at {len(found):,}: {kinds}")]
    for complaint in found[:_SHOWN]:
        at = f"{complaint.sheet}!{complaint.cell}" if complaint.cell else complaint.sheet
        lines.append(f"  {at} [{complaint.read}] {said(complaint.zh, complaint.message)} {complaint.code}")
    if len(found) > _SHOWN:
        more = len(found) - _SHOWN
        lines.append(
            said(f"  另有 {more:,} 处，见 --json 或 plan 的工作表“导入问题”", f"  and {more:,} more")
        )
    return lines
