"""What was not understood, asked at the terminal: headings and words of an office."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import click

from taizhang.cli.console import out, said
from taizhang.exchange.excel.cells import as_text, column_letters, word_of
from taizhang.exchange.excel.examining import Examined
from taizhang.exchange.excel.headings import KEPT, Headings, Meaning, normal
from taizhang.exchange.excel.mapping import LedgerMapping, Reworded
from taizhang.exchange.excel.values import Refusal, read_fact, read_held
from taizhang.rules.terms import Pack

__all__ = ["ask", "notes_of", "proposed"]

_PROPOSED = 3  # names shown for a heading
_SAMPLES = 3  # cells shown of a column
_WORDS = 20  # words asked for, the most frequent first


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading that was not understood."""

    written: str
    sheet: str
    column: str
    samples: tuple[str, ...]


def proposed(found: Sequence[Examined], known: Headings) -> LedgerMapping:
    """The mapping in use, and every heading that is not understood, to be kept until somebody corrects it."""
    used = next((one.mapping for one in found if one.mapping.written or one.mapping.values), LedgerMapping())
    headings, written = dict(used.headings), list(used.written)
    for one in _unknown(found):
        if normal(one.written) and normal(one.written) not in headings:
            headings[normal(one.written)] = Meaning("", "")
            written.append(one.written)
    return replace(used, headings=headings, written=tuple(written))


def notes_of(found: Sequence[Examined], known: Headings) -> dict[str, str]:
    """For each heading that is not understood, names that are like it."""
    names = {one.written: known.alike(one.written, _PROPOSED) for one in _unknown(found)}
    return {heading: "相近：" + "、".join(near) for heading, near in names.items() if near}


def ask(found: Sequence[Examined], pack: Pack, known: Headings, mapping: LedgerMapping) -> LedgerMapping:
    """Ask for each heading, then for each word that was not understood.

    Args:
        found: What was read.
        pack: Gives the facts by which an answer is tried.
        known: Names of fields.
        mapping: What is known already.
    """
    headings = dict(mapping.headings)
    out.print(
        said(
            "回车表示原样保留；也可输入序号或名称。",
            "Enter keeps a column as it is; or give a number or a name.",
        )
    )
    for one in _unknown(found):
        key = normal(one.written)
        if key and not (key in headings and headings[key].field):
            headings[key] = Meaning(_ask_heading(one, known), "")
    values = {field: dict(words) for field, words in mapping.values.items()}
    for field, word, count in _unread(found):
        text = _ask_word(pack, known, field, word, count)
        if text is not None:
            values.setdefault(field, {})[word_of(word)] = Reworded(text, "")
    written = dict.fromkeys([*mapping.written, *(one.written for one in _unknown(found))])
    kept = tuple(one for one in written if normal(one) in headings)
    return replace(mapping, headings=headings, written=kept, values=values)


def _ask_heading(one: _Heading, known: Headings) -> str:
    """The field of a heading, or nothing."""
    near = known.alike(one.written, _PROPOSED)
    shown = "  ".join(f"{number}={name}" for number, name in enumerate(near, 1))
    at, like = f"{one.sheet}!{one.column}", "、".join(one.samples)
    out.print(
        said(
            f"{at} 表头“{one.written}”（如：{like}）是什么？{shown}",
            f"{at} '{one.written}' ({like}) is? {shown}",
        ),
        markup=False,
    )
    while True:
        answer = str(click.prompt(said("含义", "meaning"), default="", show_default=False)).strip()
        if not answer or answer in KEPT:
            return ""
        if answer.isdecimal() and 1 <= int(answer) <= len(near):
            answer = near[int(answer) - 1]
        if field := known.field_of(answer):
            return field
        like = "、".join(known.alike(answer, 5)) or "-"
        out.print(
            said(f"没有“{answer}”，相近的有：{like}", f"There is no '{answer}'; like it: {like}"),
            markup=False,
        )


def _ask_word(pack: Pack, known: Headings, field: str, word: str, count: int) -> str | None:
    """What a word means in a column; nothing where the complaint is to stand."""
    name = known.name_of(field)
    out.print(
        said(
            f"“{name}”中的“{word}”（{count} 处）是什么意思？回车表示不处理；- 表示未填。",
            f"'{word}' in '{name}' ({count} cells) means? Enter: leave it; -: nothing is said.",
        ),
        markup=False,
    )
    while True:
        answer = str(click.prompt(said("含义", "meaning"), default="", show_default=False)).strip()
        if answer in ("", "-"):
            return "" if answer else None
        value = read_fact(pack.facts[field], answer) if field in pack.facts else read_held(answer)
        if not isinstance(value, Refusal):
            return answer
        out.print(said(value.zh, value.en), markup=False)


# ------------------------------------------------------------------------ not understood


def _unknown(found: Sequence[Examined]) -> Iterator[_Heading]:
    """Headings of ledgers that were not understood; of a file without any ledger, those of its tables."""
    seen: set[str] = set()
    for one in found:
        for number, sheet in enumerate(one.sheets):
            if sheet.kind != "ledger" and (one.ledger is not None or sheet.kind != "table"):
                continue
            for column in sheet.columns:
                if (
                    not column.field
                    and column.heading not in seen
                    and not column.reason.startswith("says the same")
                ):
                    seen.add(column.heading)
                    yield _Heading(
                        column.heading, sheet.name, column.column, _samples(one, number, column.column)
                    )


def _samples(one: Examined, number: int, letters: str) -> tuple[str, ...]:
    """A few different cells of a column."""
    sheet = one.sheets[number]
    rows = one.cells[number]
    column = next(at for at in range(16_384) if column_letters(at) == letters)
    texts = dict.fromkeys(
        as_text(rows[row - 1][column])[:20]
        for row in sheet.records[:200]
        if row <= len(rows) and column < len(rows[row - 1]) and rows[row - 1][column] is not None
    )
    return tuple(texts)[:_SAMPLES]


def _unread(found: Sequence[Examined]) -> list[tuple[str, str, int]]:
    """Field and word of the cells that were not understood, and how many there are."""
    counted: dict[tuple[str, str], int] = {}
    for one in found:
        if one.ledger is None:
            continue
        fields = {(column.sheet, column.column): column for column in one.ledger.columns}
        for complaint in one.ledger.complaints:
            column = fields.get((complaint.sheet, complaint.cell.rstrip("0123456789")))
            if complaint.code == "C-VALUE" and column and column.kind in ("fact", "evidence"):
                counted[column.field, complaint.read] = counted.get((column.field, complaint.read), 0) + 1
    ordered = sorted(counted.items(), key=lambda item: -item[1])
    return [(field, word, count) for (field, word), count in ordered[:_WORDS]]
