"""One document of the law: a pack, an overlay or a decision, as read from its file or folder.

Reads from: ``marked``, ``reading``, ``chapters``, ``scope``.  Read by: ``compose``, ``lint``, ``pack``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from taizhang.errors import PackError
from taizhang.rules.chapters import READERS
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, Sequence_, read_file
from taizhang.rules.reading import Reading, Reference
from taizhang.rules.scope import check_scoped, scope_of
from taizhang.rules.terms import Label, Need, Span, Way

__all__ = ["Change", "Document", "PackTest", "amended", "document_schema", "read_document"]

_HEAD = "kind id version jurisdiction extends level_order title effective last_checked objective case scope"
_CHAPTERS = "sources suppliers params facts evidence nodes fees classes urgency headings"
OBJECTIVE = ("rank", "money", "effort", "items", "days")


@dataclass(frozen=True, slots=True)
class Change:
    """One typed change of an overlay or decision."""

    op: str
    node: str
    way: str
    need: str
    param: str
    value: Way | Need | Marked | None
    because: Label
    effective: Span
    sources: tuple[str, ...]
    marks: dict[str, Mark]

    @property
    def key(self) -> tuple[str, ...]:
        """What it changes; two changes of one key on overlapping dates conflict."""
        if self.op == "set_value":
            return ("param", self.param)
        if self.op in ("add_need", "drop_need", "replace_need"):
            return ("need", self.node, self.way, self.need)
        return ("way", self.node, self.way)


@dataclass(frozen=True, slots=True)
class PackTest:
    """A worked example that travels with the document."""

    name: str
    on: date
    given: dict[str, Marked]
    when: dict[str, Marked]
    then: dict[str, Marked]
    mark: Mark


@dataclass(slots=True)
class Document:
    """What one document says, before it is composed with others."""

    path: Path
    kind: str = "pack"
    id: str = ""
    version: str = ""
    jurisdiction: str = ""
    extends: str = ""
    title: Label = Label("", "")
    effective: Span = Span()
    last_checked: date | None = None
    objective: tuple[str, ...] = OBJECTIVE
    levels: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    chapters: dict[str, dict[str, Any]] = field(default_factory=dict)
    goal: str = ""
    changes: tuple[Change, ...] = ()
    tests: tuple[PackTest, ...] = ()
    references: tuple[Reference, ...] = ()
    errors: list[PackError] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)  #: head key or ``chapter.id`` -> position
    digest: str = ""
    trees: tuple[Marked, ...] = ()  #: the files as read


def read_document(path: Path) -> Document:
    """Read a document from a file or a folder of files.

    Errors of content are collected in ``errors``; the order of files means nothing.

    Raises:
        PackError: ``E-PACK-E00`` no such file, or not YAML; ``E-PACK-E03`` a repeated key.
    """
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise PackError(
            "There is no pack at {path}.",
            hint="Give the name of a shipped pack, a YAML file or a folder of YAML files.",
            zh="{path} 处没有规则包。请给出内置规则包名称、YAML 文件或文件夹。",
            code="E-PACK-E00",
            path=path.name,
        )
    reading = Reading()
    document = Document(path)
    shown = (lambda file: f"{path.name}/{file.name}") if path.is_dir() else (lambda file: file.name)
    trees = [read_file(file, shown_as=shown(file)) for file in files]
    for tree in trees:
        pairs = reading.record(tree, f"{_HEAD} {_CHAPTERS} changes tests")
        if isinstance(tree, Mapping_):
            _head(document, reading, pairs, tree)
            _chapters(document, reading, pairs)
            document.changes += tuple(_change(reading, item) for item in reading.list_(pairs.get("changes")))
            document.tests += tuple(_test(reading, item) for item in reading.list_(pairs.get("tests")))
    document.errors, document.references = reading.errors, tuple(reading.references)
    document.trees = tuple(trees)
    document.digest = sha256("\n".join(sorted(_canonical(tree) for tree in trees)).encode()).hexdigest()
    return document


def document_schema() -> dict[str, Any]:
    """Return the JSON schema of a document's file, for editors and for who writes packs by program.

    It says what :func:`read_document` says of one file; names are looked up only when a pack is composed.

    Source:
        JSON Schema, draft 7: the newest that editors of YAML read.
    """
    text = Path(__file__).with_name("document.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def amended(document: Document, chapter: str, name: str, tree: Marked | None) -> Document:
    """Return the document with one record read again from another tree.

    Args:
        document: As read, without errors.
        chapter: A chapter, or ``changes``.
        name: Id of the record, or the number of the change.
        tree: What stands there instead; ``None`` for nothing (changes only).

    Returns:
        A document whose ``errors`` are those of the record; its digest is of the first reading.
    """
    reading = Reading()
    chapters, changes = document.chapters, list(document.changes)
    if chapter == "changes":
        at = int(name)
        changes[at : at + 1] = [_change(reading, tree)] if tree is not None else []
    elif tree is not None:
        record = READERS[chapter](reading, name, document.marks[f"{chapter}.{name}"], tree)
        chapters = {**chapters, chapter: {**chapters[chapter], name: record}}
    return replace(document, chapters=chapters, changes=tuple(changes), errors=reading.errors)


def _canonical(tree: Marked) -> str:
    """Content without order, comments or layout, for the lock."""
    if isinstance(tree, Scalar):
        return repr(tree.text)
    if isinstance(tree, Mapping_):
        return (
            "{" + ",".join(f"{key!r}:{_canonical(value)}" for key, value in sorted(tree.pairs.items())) + "}"
        )
    return "[" + ",".join(_canonical(item) for item in tree.items) + "]"


def _head(document: Document, reading: Reading, pairs: dict[str, Marked], tree: Mapping_) -> None:
    check_scoped(reading, pairs, tree)
    for key in _HEAD.split():
        if key in pairs:
            document.marks[key] = tree.keys[key]
            if key != "case":  # the number of the case is for people
                setattr(
                    document, "levels" if key == "level_order" else key, _head_value(reading, key, pairs[key])
                )


def _head_value(reading: Reading, key: str, node: Marked) -> object:
    if key == "kind":
        return reading.word(node, "pack overlay decision", "pack")
    if key == "objective":
        parts = reading.list_(node)
        reading.each_once(parts, "the objective", "目标")
        if isinstance(node, Sequence_) and not parts:
            reading.wrong(
                node, "one or more of " + ", ".join(OBJECTIVE), "以下一项或多项：" + " ".join(OBJECTIVE)
            )
        return tuple(reading.word(item, " ".join(OBJECTIVE), "rank") for item in parts) or OBJECTIVE
    if key == "level_order":
        return tuple(reading.text(item) for item in reading.list_(node))
    if key == "scope":
        return scope_of(reading, node)
    readers = {"title": reading.label, "effective": reading.span, "last_checked": reading.day}
    return readers.get(key, reading.text)(node)


def _chapters(document: Document, reading: Reading, pairs: dict[str, Marked]) -> None:
    for chapter in _CHAPTERS.split():
        table = document.chapters.setdefault(chapter, {})
        for name, mark, node in reading.items(pairs.get(chapter)):
            where = f"{chapter}.{name}"
            if where in document.marks or (chapter != "headings" and _taken(document, chapter, name)):
                reading.report(
                    "E03",
                    mark,
                    "'{name}' is defined twice; first at {first}.",
                    "Keep one of the two, or give one another id.",
                    "“{name}”重复定义，首次在 {first}。请保留一处或改用其他标识。",
                    name=name,
                    first=_taken(document, chapter, name) or document.marks[where],
                )
                continue
            document.marks[where] = mark
            table[name] = READERS[chapter](reading, name, mark, node)
            if (
                chapter == "nodes"
                and isinstance(node, Mapping_)
                and reading.flag(node.pairs.get("goal"), False)
            ):
                document.goal = name


def _taken(document: Document, chapter: str, name: str) -> Mark | None:
    """Nodes, papers and facts share one space of names."""
    spaces = ("nodes", "evidence", "facts", "params")
    if chapter in spaces:
        for other in spaces:
            if f"{other}.{name}" in document.marks:
                return document.marks[f"{other}.{name}"]
    return None


def _change(reading: Reading, node: Marked) -> Change:
    allowed = "op node way need param value because effective source"
    pairs = reading.record(node, allowed, "op because source")
    ops = "add_way remove_way replace_way adopt_way add_need drop_need replace_need set_value"
    op = reading.word(pairs.get("op"), ops, "add_way")
    name = reading.text(pairs.get("node"))
    way = reading.text(pairs.get("way"))
    given = pairs.get("value")
    value: Way | Need | Marked | None = given
    if given is not None and op in ("add_way", "replace_way"):
        value = READERS["way"](reading, way, pairs["way"].mark if "way" in pairs else given.mark, given)
    elif given is not None and op in ("add_need", "replace_need"):
        value = READERS["need"](reading, name, given.mark, given)
    return Change(
        op,
        name,
        way,
        reading.text(pairs.get("need")),
        reading.text(pairs.get("param")),
        value,
        reading.label(pairs.get("because")),
        reading.span(pairs.get("effective")),
        reading.sources(pairs.get("source"), "change"),
        {"op": node.mark} | {key: value.mark for key, value in pairs.items()},
    )


def _test(reading: Reading, node: Marked) -> PackTest:
    pairs = reading.record(node, "name on given when then", "name on given when then")
    given = reading.record(pairs.get("given"), "have cannot facts valid_until")
    for _, _, day in reading.items(given.get("valid_until")):
        reading.day(day)
    then = reading.record(
        pairs.get("then"),
        "status blocked_by questions best_case worst_case plan ways cites fees missing duties urgency",
    )
    for key in ("plan", "best_case", "worst_case"):
        reading.record(then.get(key), "rank money effort items days missing critical")
    return PackTest(
        reading.text(pairs.get("name")),
        reading.day(pairs.get("on")) or date(2000, 1, 1),
        given,
        reading.record(pairs.get("when"), "goal fees enable"),
        then,
        node.mark,
    )
