"""YAML as text with positions: the only place where YAML is read.

YAML guesses types (``no`` becomes False, ``2026.10`` becomes 2026.1) and lets a repeated key
win in silence.  Here every scalar stays text, every key and value knows its line and
column, and a repeated key is refused.

Read by: ``pack`` and ``worktime``.  Reads from: PyYAML's node level only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml

from taizhang.errors import PackError

__all__ = ["Mapping_", "Mark", "Marked", "Scalar", "Sequence_", "parse_text", "read_file"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A position a person can open."""

    file: str
    line: int  #: from 1
    column: int  #: from 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def shifted(self, columns: int) -> Mark:
        """Return the position ``columns`` further on the same line."""
        return Mark(self.file, self.line, self.column + columns)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, with the position of its first character (after an opening quote)."""

    text: str
    mark: Mark
    plain: bool  #: not quoted, not folded: columns inside it can be counted


@dataclass(frozen=True, slots=True)
class Sequence_:
    """A list."""

    items: tuple[Marked, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Mapping_:
    """A mapping in file order, with the position of every key."""

    pairs: dict[str, Marked]
    keys: dict[str, Mark]
    mark: Mark


Marked: TypeAlias = Scalar | Sequence_ | Mapping_

_REMEMBERED = 64  # texts; the shipped documents have 30 files, and a comparison reads those of two days
_MOST_NODES = 200_000  # thirty times the shipped pack


def read_file(path: Path, *, shown_as: str = "") -> Marked:
    """Read one YAML file.  The tree of the same text under the same name is the same: nobody may change it.

    Args:
        path: The file, UTF-8.
        shown_as: Name used in positions; the file name by default.

    Raises:
        PackError: ``E-PACK-E00`` not YAML or not text, ``E-PACK-E03`` a repeated key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(
            "The file cannot be read as UTF-8 text: {error}.",
            hint="Save it as UTF-8.",
            zh="文件无法按 UTF-8 文本读取：{error}。请另存为 UTF-8。",
            where=shown_as or path.name,
            code="E-PACK-E00",
            error=error,
        ) from error
    return _parsed(text, shown_as or path.name)


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str, file: str) -> Marked:
    """A law's text once: a comparison reads it several times.  What visitors send is not kept."""
    return parse_text(text, file)


def parse_text(text: str, file: str) -> Marked:
    """Parse YAML text; ``file`` is the name used in positions.

    Raises:
        PackError: as :func:`read_file`.

    >>> document = parse_text("on: no", "example.yaml")
    >>> document.pairs["on"].text, str(document.pairs["on"].mark)
    ('no', 'example.yaml:1:5')
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise PackError(
            "Not valid YAML: {problem}.",
            hint="Check indentation, quotes and brackets here.",
            zh="不是有效的 YAML：{problem}。请检查此处的缩进、引号与括号。",
            where=where,
            code="E-PACK-E00",
            problem=error.problem or error.context or "unknown",
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PackError(
            "A character that text may not hold: {character}.",
            hint="Delete it.",
            zh="含有文本中不允许的字符 {character}，请删除。",
            where=f"{file}:{line}",
            code="E-PACK-E00",
            character=f"U+{_code(error.character):04X}",
        ) from error
    if node is None:
        return Mapping_({}, {}, Mark(file, 1, 1))
    try:
        return _marked(node, file, [0])
    except RecursionError as error:
        raise PackError(
            "Lists and mappings are nested too deeply.",
            hint="A pack needs no more than ten levels; check brackets and indentation.",
            zh="列表与键值对嵌套过深。规则包至多需要十层，请检查括号与缩进。",
            where=file,
            code="E-PACK-E00",
        ) from error


def _code(character: str | bytes | int) -> int:
    return character if isinstance(character, int) else ord(character)


def _mark(node: yaml.Node, file: str) -> Mark:
    start = node.start_mark
    quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
    return Mark(file, start.line + 1, start.column + 1 + quoted)


def _marked(node: yaml.Node, file: str, count: list[int]) -> Marked:
    mark = _mark(node, file)
    count[0] += 1
    if count[0] > _MOST_NODES:  # a few aliases of aliases are more than any memory can hold
        raise PackError(
            "The document unfolds to more than {most} entries.",
            hint="Do not nest aliases.",
            zh="文件展开后超过 {most} 项，请勿嵌套别名。",
            where=str(mark),
            code="E-PACK-E00",
            most=_MOST_NODES,
        )
    if isinstance(node, yaml.ScalarNode):
        plain = not node.style and node.start_mark.line == node.end_mark.line
        return Scalar(str(node.value), mark, plain)
    if isinstance(node, yaml.SequenceNode):
        return Sequence_(tuple(_marked(item, file, count) for item in node.value), mark)
    pairs: dict[str, Marked] = {}
    keys: dict[str, Mark] = {}
    for key, value in node.value:
        name = str(key.value)
        here = _mark(key, file)
        if name in pairs:
            raise PackError(
                "Key '{name}' stands twice; first at {first}.",
                hint="Keep one of the two.",
                zh="键“{name}”重复出现，首次在 {first}。请只保留一处。",
                where=str(here),
                code="E-PACK-E03",
                name=name,
                first=keys[name],
            )
        pairs[name] = _marked(value, file, count)
        keys[name] = here
    return Mapping_(pairs, keys, mark)
