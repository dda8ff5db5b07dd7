"""Every place of a document at which something can be left out: needs, ways, citations, dates.

Reads from: ``document``, ``marked``.  Read by: ``mutating``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from taizhang.rules.document import Document
from taizhang.rules.marked import Mapping_, Mark, Marked, Scalar, Sequence_

__all__ = ["KINDS", "Site", "sites_of", "without"]

KINDS = ("needs", "ways", "sources", "dates")

_CHAPTERS = ("params", "evidence", "nodes", "fees", "classes", "urgency")
_CHANGES_OF_NEEDS = ("add_need", "drop_need", "replace_need")

Step: TypeAlias = str | int


@dataclass(frozen=True, slots=True)
class Site:
    """One thing that can be left out.

    Attributes:
        kind: ``needs``, ``ways``, ``sources`` or ``dates``.
        title: What it is, in the ids of the pack.
        mark: Where it stands.
        document: Number of the document.
        chapter: A chapter, or ``changes``.
        name: Id of the record, or the number of the change.
        way: The way concerned, where there is one.
        path: Keys and numbers from the record down; empty for the whole change.
        tree: The record.
    """

    kind: str
    title: str
    mark: Mark
    document: int
    chapter: str
    name: str
    way: str
    path: tuple[Step, ...]
    tree: Marked


def sites_of(documents: Sequence[Document]) -> list[Site]:
    """Return every need, way, citation and date of documents that can be left out, in their order.

    Citations and dates of ``facts`` and of ``sources`` themselves take no part in any rule and are
    passed over.

    >>> from taizhang.rules.document import read_document
    >>> from taizhang.rules.pack import find_document
    >>> minutes = read_document(find_document("demo-decision-knitting-factory"))
    >>> [site.title for site in sites_of([minutes]) if site.kind == "ways"]
    ['add_way responsible_entity.meeting_agent', 'adopt_way land_makeup_form.employer_approval']
    """
    found: list[Site] = []
    for number, document in enumerate(documents):
        changes = 0
        for tree in document.trees:
            if not isinstance(tree, Mapping_):
                continue
            for chapter in _CHAPTERS:
                for name, record in _pairs(tree.pairs.get(chapter)):
                    found += _Walk(number, chapter, name, record).sites(record, (), name)
            listed = tree.pairs.get("changes")
            for record in listed.items if isinstance(listed, Sequence_) else ():
                found += _change(number, str(changes), record)
                changes += 1
    return found


def _pairs(node: Marked | None) -> list[tuple[str, Marked]]:
    return list(node.pairs.items()) if isinstance(node, Mapping_) else []


def _change(document: int, name: str, record: Marked) -> Iterator[Site]:
    """A change itself, and what it holds."""
    told = {key: value.text for key, value in _pairs(record) if isinstance(value, Scalar)}
    op = told.get("op", "")
    target = ".".join(told[key] for key in ("node", "way", "need", "param") if key in told)
    if op != "set_value":
        kind = "needs" if op in _CHANGES_OF_NEEDS else "ways"
        way = told.get("way", "")
        yield Site(kind, f"{op} {target}", record.mark, document, "changes", name, way, (), record)
    yield from _Walk(document, "changes", name, record).sites(record, (), f"{op} {target}")


@dataclass(frozen=True, slots=True)
class _Walk:
    """All that can be left out below one record."""

    document: int
    chapter: str
    name: str
    record: Marked

    def sites(self, node: Marked, path: tuple[Step, ...], title: str) -> Iterator[Site]:
        """Depth first, in the order of the file."""
        if isinstance(node, Sequence_):
            for at, item in enumerate(node.items):
                yield from self.sites(item, (*path, at), title)
            return
        if not isinstance(node, Mapping_):
            return
        dated = path[-1:] == ("effective",) or path[-2:-1] == ("values",)
        for key, value in node.pairs.items():
            here = (*path, key)
            if key in ("from", "to") and dated and isinstance(value, Scalar):
                yield self._site("dates", f"{title} {key} {value.text}", node.keys[key], here)
            elif key == "ways":
                for way, body in _pairs(value):
                    mark = value.keys[way] if isinstance(value, Mapping_) else value.mark
                    yield self._site("ways", f"{title}.{way}", mark, (*here, way))
                    yield from self.sites(body, (*here, way), f"{title}.{way}")
            elif key in ("needs", "source") and isinstance(value, Sequence_):
                yield from self._listed(key, value, here, title)
            elif key in ("needs", "duties") or key not in ("label", "note", "because", "consequence"):
                yield from self.sites(value, here, title)

    def _listed(self, key: str, value: Sequence_, path: tuple[Step, ...], title: str) -> Iterator[Site]:
        for at, item in enumerate(value.items):
            if key == "source":
                yield self._site("sources", f"{title} cites {_named(item)}", item.mark, (*path, at))
            else:
                need = f"{title} needs {_named(item)}"
                yield self._site("needs", need, item.mark, (*path, at))
                yield from self.sites(item, (*path, at), need)

    def _site(self, kind: str, title: str, mark: Mark, path: tuple[Step, ...]) -> Site:
        way = str(path[1]) if len(path) > 1 and path[0] == "ways" else ""
        if self.chapter == "changes":
            told = dict(_pairs(self.record)).get("way")
            way = told.text if isinstance(told, Scalar) else ""
        return Site(kind, title, mark, self.document, self.chapter, self.name, way, path, self.record)


def _named(item: Marked) -> str:
    if isinstance(item, Scalar):
        return item.text
    pairs = dict(_pairs(item))
    for key in ("ref", "id"):
        named = pairs.get(key)
        if isinstance(named, Scalar):
            return named.text
    of = pairs.get("of")
    return "/".join(_named(one) for one in of.items) if isinstance(of, Sequence_) else "?"


def without(tree: Marked, path: Sequence[Step]) -> Marked:
    """Return a tree without what stands at ``path``.

    >>> from taizhang.rules.marked import parse_text
    >>> tree = parse_text("needs: [card, deed]", "example.yaml")
    >>> [item.text for item in without(tree, ("needs", 0)).pairs["needs"].items]
    ['deed']
    """
    step, rest = path[0], path[1:]
    if isinstance(tree, Sequence_):
        assert isinstance(step, int)
        kept = (without(tree.items[step], rest),) if rest else ()
        return Sequence_((*tree.items[:step], *kept, *tree.items[step + 1 :]), tree.mark)
    assert isinstance(tree, Mapping_)
    pairs = {
        key: without(value, rest) if key == step else value
        for key, value in tree.pairs.items()
        if rest or key != step
    }
    keys = {key: mark for key, mark in tree.keys.items() if key in pairs}
    return Mapping_(pairs, keys, tree.mark)
