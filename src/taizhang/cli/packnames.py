"""States of the law as the commands name them, and the words for what differs between two."""

from __future__ import annotations

from datetime import date

from taizhang.cli.console import DATE, said
from taizhang.rules.document import read_document
from taizhang.rules.pack import find_document, load_pack
from taizhang.rules.terms import Pack

__all__ = ["difference_words", "named_pack"]


def named_pack(name: str, as_of: date) -> Pack:
    """``pack+overlay+decision@2025-06-29`` as a pack on a day."""
    names, _, day = name.partition("@")
    base, *layers = names.split("+")
    kinds = {layer: read_document(find_document(layer)).kind for layer in layers}
    return load_pack(
        base,
        overlays=[layer for layer in layers if kinds[layer] != "decision"],
        decisions=[layer for layer in layers if kinds[layer] == "decision"],
        as_of=DATE.convert(day, None, None) if day else as_of,
    )


def difference_words() -> dict[str, str]:
    """A word for each kind of difference."""
    return {
        "added": said("新增", "added"),
        "removed": said("删除", "removed"),
        "changed": said("修改", "changed"),
        "in force": said("生效", "in force"),
        "no longer in force": said("失效", "no longer in force"),
    }
