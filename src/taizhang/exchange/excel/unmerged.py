"""Two rows of headings whose merged cells are gone, as in a workbook saved as text.

What was merged stands in its first cell only: a group above blanks, a heading above a blank below.

Reads from: nothing of ours.  Read by: ``tables``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["lost_merges"]

_Merge = tuple[int, int, int, int]


def lost_merges(
    texts: Sequence[Sequence[str]], merges: Sequence[_Merge], known: Callable[[str], bool]
) -> list[_Merge]:
    """Return the merges that two neighbouring rows of headings must have had.

    Args:
        texts: The first rows of a sheet, all equally long, blank cells as ``""``.
        merges: Those the sheet still has; beside one of them nothing is supposed.
        known: Whether a text is a heading that is known.

    >>> lost_merges([["小区", "用地", ""], ["", "证", "费"]], [], {"小区", "证", "费"}.__contains__)
    [(0, 0, 1, 0), (0, 1, 0, 2)]
    """
    for row in range(len(texts) - 1):
        if not any(top <= row + 1 and row <= bottom for top, _, bottom, _ in merges):
            found = _between(row, texts[row], texts[row + 1], known)
            if found:
                return found
    return []


def _between(
    row: int, upper: Sequence[str], lower: Sequence[str], known: Callable[[str], bool]
) -> list[_Merge]:
    """The merges of a row of headings and groups over the row that names their parts, or nothing."""
    alone = [column for column, text in enumerate(upper) if text and not lower[column]]
    parts = [text for text in lower if text]
    if not any(known(upper[column]) for column in alone) or sum(map(known, parts)) < max(2, len(parts) / 2):
        return []
    groups: list[_Merge] = []
    for column, text in enumerate(lower):
        if text and upper[column]:
            groups.append((row, column, row, column))
        elif text:
            if not groups or groups[-1][3] != column - 1:
                return []  # a part of nothing: no row of parts
            groups[-1] = (*groups[-1][:3], column)
    wide = [group for group in groups if group[3] > group[1]]
    return [(row, column, row + 1, column) for column in alone] + wide if wide else []
