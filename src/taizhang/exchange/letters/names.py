"""File names made from the names of estates, safe on Windows, Linux and in an archive.

Reads from: nothing.  Read by: ``dossier_plan``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["file_names"]

_FORBIDDEN = frozenset('<>:"/\\|?*')
_LONGEST = 60


def _clean(text: str) -> str:
    """Return a text without anything that a file system takes for more than a letter.

    >>> _clean("../x"), _clean("a/b"), _clean("  ")
    ('x', 'a_b', '')
    """
    flat = unicodedata.normalize("NFC", text)
    kept = "".join(
        "_" if character in _FORBIDDEN else character
        for character in flat
        if unicodedata.category(character)[0] != "C"
    )
    return " ".join(kept.split()).strip("._ ")[:_LONGEST].strip("._ ")


def file_names(names: Iterable[tuple[str, str]], *, before: str, suffix: str) -> tuple[str, ...]:
    """Return one file name for each pair of county and estate, no two alike on any system.

    The words before the name keep it from being a device of Windows such as ``CON``.

    >>> file_names([("甲县", "CON"), ("", "a/b"), ("", "A_B")], before="处置方案", suffix=".docx")
    ('处置方案_甲县_CON.docx', '处置方案_a_b.docx', '处置方案_A_B_2.docx')
    """
    used: dict[str, int] = {}
    found: list[str] = []
    for county, estate in names:
        parts = [part for part in (before, _clean(county), _clean(estate) or "未命名") if part]
        stem = "_".join(parts)
        key = stem.casefold()
        number = used.get(key, 0) + 1
        used[key] = number
        candidate = stem if number == 1 else f"{stem}_{number}"
        while number > 1 and candidate.casefold() in used:
            number += 1
            candidate = f"{stem}_{number}"
        used[key] = number
        used.setdefault(candidate.casefold(), 1)
        found.append(candidate + suffix)
    return tuple(found)
