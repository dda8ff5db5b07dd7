"""Each column explained: what it was taken for and why, or why it is only kept.

Reads from: ``cells``, ``headings``, ``tables``, ``rules.terms``.  Read by: ``reading``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from taizhang.errors import InputError
from taizhang.exchange.excel.cells import address, column_letters
from taizhang.exchange.excel.headings import Headings, Match, Meaning, yuan_of
from taizhang.exchange.excel.tables import Table
from taizhang.rules.terms import Complaint, RecognisedColumn

__all__ = ["QUOTED", "no_headings", "noted", "recognise"]

QUOTED = ("；按近似内容读作：", "; read as: ")  # cells are quoted behind it
_PARTS = {
    "whole": ("heading", "表头"),
    "last": ("lower heading", "下级表头"),
    "both": ("upper and lower heading together", "上下级表头合并后"),
}
_SECOND = "同一内容的第二列，原样保留"
_NO_HOMES = "属于每户的内容，而本表不分户；未采用，原样保留"


def recognise(
    known: Headings, sheet: str, table: Table, caption: str, told: Mapping[str, Meaning] | None = None
) -> tuple[dict[int, Match], list[RecognisedColumn], list[Complaint]]:
    """Say of each column what it means and why; of two that mean the same the first is used.

    Args:
        known: The headings of the pack and the mapping.
        sheet: Name of the sheet.
        table: Its table.
        caption: What is said of units above it.
        told: What the mapping says of single columns, by their letters.
    """
    found: dict[int, Match] = {}
    columns: list[RecognisedColumn] = []
    complaints: list[Complaint] = []
    first: dict[str, str] = {}
    told = told or {}
    matches = {
        number: known.match(parts, told.get(column_letters(number)))
        for number, parts in enumerate(table.headings)
        if parts or column_letters(number) in told
    }
    homes = any(match and match.field == "unit" for match in matches.values())
    for number, match in matches.items():
        heading, letters = "/".join(table.headings[number]), column_letters(number)
        field, kind = "", "unknown"
        if match is None:
            near = known.nearest(heading)
            why = ("not known; kept as it is", "未识别，原样保留")
            if near:
                why = (f"{why[0]} (like '{near}'?)", f"{why[1]}（是否为“{near}”？）")
        elif isinstance(match, Meaning):
            kind = "kept"
            why = (
                f"kept as it is, as the mapping says ({match.where})",
                f"按对照文件原样保留（{match.where}）",
            )
        elif known.is_of_one_home(match.field) and not homes:
            complaints.append(_of_no_home(sheet, address(table.header_rows[-1], number), heading))
            kind, why = "kept", ("belongs to each unit, on a sheet without units; kept as it is", _NO_HOMES)
        elif match.field in first:
            at = address(table.header_rows[-1], number)
            complaints.append(_twice(sheet, at, heading, first[match.field]))
            kind, why = "kept", (f"says the same as column {first[match.field]}; kept as it is", _SECOND)
        else:
            first[match.field], found[number] = letters, match
            field, kind = match.field, match.kind
            why = _reason(match, known.is_money(match.field) and yuan_of(heading, caption) > 1)
        columns.append(RecognisedColumn(sheet, letters, heading, field, kind, *why))
    return found, columns, complaints


def _reason(match: Match, in_wan: bool) -> tuple[str, str]:
    if match.where:
        en, zh = f"the mapping says so ({match.where})", f"按对照文件（{match.where}）"
    else:
        part = _PARTS[match.part]
        en, zh = f"{part[0]} matches '{match.spelling}'", f"{part[1]}与“{match.spelling}”一致"
    return (f"{en}; amounts in 10,000 yuan", f"{zh}；金额单位为万元") if in_wan else (en, zh)


def _twice(sheet: str, at: str, heading: str, first: str) -> Complaint:
    return Complaint(
        "C-HEADING-TWICE",
        sheet,
        at,
        heading,
        f"Column {first} already holds this; the first is used. Rename or remove one.",
        f"与 {first} 列含义相同，采用前者；请改名或删除其一。",
    )


def _of_no_home(sheet: str, at: str, heading: str) -> Complaint:
    return Complaint(
        "C-LEVEL",
        sheet,
        at,
        heading,
        "This belongs to each unit, and the sheet has no units; enter it on the unit sheet.",
        "此项应逐户填写，而本表不分户，未采用；请填入户台账。",
    )


def noted(column: RecognisedColumn, nearly: list[str]) -> RecognisedColumn:
    """Say on the column which cells were read by a part of a choice's name."""
    if not nearly:
        return column
    more, zh_more = (f" and {len(nearly) - 3} more", f" 等 {len(nearly)} 处") if len(nearly) > 3 else ("", "")
    some = "; ".join(nearly[:3])
    return replace(
        column,
        reason=f"{column.reason}{QUOTED[1]}{some}{more}",
        reason_zh=f"{column.reason_zh}{QUOTED[0]}{some}{zh_more}",
    )


def no_headings(file: str, known: Headings, seen: Iterable[str], *, tables: bool) -> InputError:
    """Say which headings were found and are nearest; with ``tables`` only 小区名称 is lacking."""
    close = {one: near for one in seen if (near := known.nearest(one)) and near != one}
    what, zh = "has no sheet whose headings are known", "中没有可识别表头的工作表"
    if tables:
        what = "has no sheet with a column for the name of the estate (小区名称)"
        zh = "的工作表都没有“小区名称”列"
    return InputError(
        "{file} " + what + ". Found: {found}.",
        hint="Nearest known headings: {near}. Compare with: taizhang template blank.xlsx",
        zh="{file} " + zh + "。读到：{found}。相近的表头：{near}。可用 taizhang template 生成空白台账对照。",
        where=file,
        code="E-LEDGER-HEADINGS",
        file=file,
        found="、".join(list(seen)[:12]) or "-",
        near="、".join([f"{one}→{near}" for one, near in close.items()][:5]) or "小区名称、土地状况、总户数",
    )
