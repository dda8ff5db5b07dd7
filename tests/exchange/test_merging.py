"""A sheet that was sent, edited by several and sorted on the way, and is one again cell by cell."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taizhang.exchange.excel.prints import Printer, prints_in
from taizhang.exchange.excel.returned.aligning import align_columns, align_rows
from taizhang.exchange.excel.returned.merging import Merged, Sent, merge_sheet

HEAD = ["序号", "小区", "证", "备注"]


def sent(rows: list[list[object]], header_rows: tuple[int, ...] = (0,)) -> Sent:
    printer = Printer("salt")
    return Sent(tuple(prints_in(printer.row(row)) for row in rows), header_rows, printer)  # type: ignore[arg-type]


def kinds(merged: Merged) -> list[str]:
    return sorted(change.kind for change in merged.changes)


def table(count: int) -> list[list[object]]:
    return [list(HEAD), *([number, f"小区{number}", None, None] for number in range(1, count + 1))]


def test_what_one_side_changed_is_taken():
    base = table(3)
    back, ours = table(3), table(3)
    back[1][2] = "有"
    ours[2][3] = "已联系"

    merged = merge_sheet(sent(base), back, ours, [])

    assert merged.rows[1] == [1, "小区1", "有", None]
    assert merged.rows[2] == [2, "小区2", None, "已联系"]
    assert kinds(merged) == ["changed"]


def test_what_both_changed_is_a_conflict_in_which_the_ledger_counts():
    back, ours = table(3), table(3)
    back[1][2], ours[1][2] = "有", "灭失"
    back[2][2], ours[2][2] = "有", "有"

    merged = merge_sheet(sent(table(3)), back, ours, [])

    assert merged.rows[1][2] == "灭失"
    (conflict,) = merged.changes
    assert (conflict.kind, conflict.used, conflict.other) == ("conflict", "灭失", "有")


def test_sorting_changes_nothing():
    back = table(30)
    back[1:] = reversed(back[1:])

    merged = merge_sheet(sent(table(30)), back, table(30), [])

    assert (merged.rows, merged.changes) == (table(30), [])


def test_rows_and_columns_that_were_put_in_are_added_and_merges_move_along():
    base = [["台账", None, None, None], *table(3), ["合计", None, None, None]]
    back = [["台账", None, None, None, None], ["序号", "小区", "电话", "证", "备注"]]
    back += [[1, "小区1", "138", None, None], [9, "小区9", None, "缺", None], [2, "小区2", None, None, None]]
    back += [[3, "小区3", None, None, None], ["合计", None, None, None, None]]

    merged = merge_sheet(sent(base, (1,)), back, base, [(0, 0, 0, 3), (5, 0, 5, 1)])

    assert merged.rows[1] == [*HEAD, "电话"]
    assert merged.rows[2] == [1, "小区1", None, None, "138"]
    assert merged.rows[3][:3] == [9, "小区9", "缺"]
    assert merged.merges == [(0, 0, 0, 3), (6, 0, 6, 1)]


def test_a_row_that_was_deleted_stays_and_is_listed():
    back = table(3)
    del back[2]

    merged = merge_sheet(sent(table(3)), back, table(3), [])

    assert merged.rows == table(3)
    (gone,) = merged.changes
    assert (gone.kind, gone.row, gone.used) == ("deleted", 2, 2)


def test_what_was_edited_in_a_row_the_ledger_has_no_more_is_not_lost():
    back, ours = table(3), table(3)
    back[2][2] = "有"
    del ours[2]

    merged = merge_sheet(sent(table(3)), back, ours, [])

    (change,) = merged.changes
    assert (change.kind, change.other) == ("conflict", "有")


def test_without_the_ledger_what_came_back_counts_and_the_changes_are_listed():
    back = table(3)
    back[1][2] = "有"
    back.append([4, "小区4", None, None])

    merged = merge_sheet(sent(table(3)), back, None, [])

    assert merged.rows == back
    assert kinds(merged) == ["added", "added", "changed"]


# ---------------------------------------------------------------------------------- laws

cell = st.sampled_from([None, "有", "缺", "灭失", 1.5, 12])
Edit = tuple[int, int, object]
edits = st.lists(st.tuples(st.integers(1, 8), st.integers(2, 5), cell), max_size=8)


def wide(values: list[list[object]]) -> list[list[object]]:
    head = ["序号", "小区", "甲", "乙", "丙", "丁"]
    return [head, *([number + 1, f"小区{number + 1}", *row] for number, row in enumerate(values))]


bases = st.lists(st.lists(cell, min_size=4, max_size=4), min_size=8, max_size=8)


def edited(rows: list[list[object]], changes: list[Edit]) -> list[list[object]]:
    copy = [list(row) for row in rows]
    for row, column, value in changes:
        copy[row][column] = value
    return copy


@given(bases, edits, edits, st.permutations(range(1, 9)))
def test_every_cell_is_settled_as_three_way_merging_says(values, theirs, mine, order):
    """The oracle looks at one cell at a time, with the cells themselves; the merger has fingerprints."""
    base = wide(values)
    back, ours = edited(base, theirs), edited(base, mine)
    shuffled = [back[0], *(back[number] for number in order)]

    merged = merge_sheet(sent(base), shuffled, ours, [])

    wanted_conflicts = set()
    for row in range(1, 9):
        for column in range(2, 6):
            was, their, our = base[row][column], back[row][column], ours[row][column]
            conflict = their not in (was, our) and our != was
            assert merged.rows[row][column] == (their if our == was else our)
            wanted_conflicts |= {(row, column)} if conflict else set()
    found = {(one.row, one.column) for one in merged.changes if one.kind == "conflict"}
    assert found == wanted_conflicts
    assert {one.kind for one in merged.changes} <= {"conflict", "changed"}


@given(bases, edits)
def test_what_comes_back_unchanged_changes_nothing(values, mine):
    base = wide(values)
    ours = edited(base, mine)

    merged = merge_sheet(sent(base), base, ours, [])

    assert (merged.rows, merged.changes) == (ours, [])


rows = st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "c", "d"])] * 3), max_size=12)


@given(rows, rows)
def test_rows_are_matched_one_to_one_and_equal_rows_always(before, after):
    found = align_rows(before, after)

    taken = [one for one in found if one is not None]
    assert len(found) == len(after)
    assert len(set(taken)) == len(taken) and all(0 <= one < len(before) for one in taken)
    for row in {*before, *after}:
        if any(row):
            matched = sum(
                after[now] == row and before[then] == row
                for now, then in enumerate(found)
                if then is not None
            )
            assert matched == min(before.count(row), after.count(row))


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1), st.data())
def test_columns_are_found_where_they_were_moved_to(heading, data):
    moved = data.draw(st.permutations(heading))

    assert [heading[at] for at in align_columns(tuple(heading), tuple(moved)) if at is not None] == list(
        moved
    )
