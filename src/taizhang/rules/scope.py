"""For whom a decision is: the estates that it names, and whether a city has them.

A decision of a meeting is for named cases (rules.md C.6).  One that names nobody would count everywhere,
and one whose names are misspelt nowhere: neither may pass without a word.

Reads from: ``marked``, ``reading``, ``terms``.  Read by: ``document`` and the doors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taizhang.rules.marked import Mapping_, Marked, Scalar
from taizhang.rules.reading import Reading, nearest
from taizhang.rules.terms import Dossier, Pack

__all__ = ["LEVEL", "Nowhere", "check_scoped", "named_nowhere", "scope_of"]

LEVEL = "estate"  #: the one level of which a decision names places


def check_scoped(reading: Reading, pairs: dict[str, Marked], tree: Mapping_) -> None:
    """E14: a decision says for whom it is, in the file that says its kind, and nothing else does."""
    kind = pairs.get("kind")
    if not isinstance(kind, Scalar):
        return
    if kind.text == "decision" and "scope" not in pairs:
        reading.report(
            "E14",
            kind.mark,
            "A decision without 'scope' would count for every estate.",
            "Add 'scope: {{level: estate, ids: [name of the estate]}}'.",
            "决定缺少 scope，将及于所有小区。请补上 scope: {{level: estate, ids: [小区名称]}}。",
        )
    if kind.text in ("pack", "overlay") and "scope" in pairs:
        reading.report(
            "E14",
            tree.keys["scope"],
            "Only a decision has a scope; a document of kind '{kind}' counts in its whole jurisdiction.",
            "Leave 'scope' out, or write 'kind: decision'.",
            "只有决定才有 scope，“{kind}”类文件及于其整个适用地区。请删去 scope，或改为 kind: decision。",
            kind=kind.text,
        )


def scope_of(reading: Reading, node: Marked) -> tuple[str, ...]:
    """Read ``{level, ids}``: the names of one estate or more."""
    pairs = reading.record(node, "level ids", "ids")
    level, ids = pairs.get("level"), pairs.get("ids")
    if level is not None and reading.text(level) != LEVEL:
        reading.report(
            "E14",
            level.mark,
            "A decision is for named estates, not for places of level '{level}'.",
            "Write 'level: estate' and the names of the estates; single buildings and units are told apart "
            "by a guard of the way.",
            "决定只能及于指定的小区，不能写“{level}”层级。请写 level: estate 并列出小区名称；"
            "个别楼幢或户室请用办理路径的条件（when）区分。",
            level=reading.text(level),
        )
    items = reading.list_(ids)
    reading.each_once(items, "'ids'", "列表 ids ")
    names = tuple(reading.text(item).strip() for item in items)
    if ids is not None and not all(names or ("",)):
        blank = next((item for item, name in zip(items, names, strict=True) if not name), ids)
        reading.report(
            "E14",
            blank.mark,
            "A decision that names no estate would count for every one.",
            "Write the names of the estates as the ledger has them.",
            "决定没有写明小区，将及于所有小区。请按台账写明小区名称。",
        )
    return names


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A name in the scope of a decision that no estate has.

    Attributes:
        decision: Id of the document.
        name: As written there.
        near: The nearest name of an estate; may be empty.
    """

    decision: str
    name: str
    near: str

    def say(self, language: str = "en") -> str:
        """Return the fact and the next step in ``zh`` or ``en``."""
        if language == "zh":
            hint = f"是否应为“{self.near}”？" if self.near else "请按台账写明小区名称。"
            return f"决定“{self.decision}”所及的“{self.name}”不是台账中的小区，对其不起作用。{hint}"
        hint = f"Did you mean '{self.near}'?" if self.near else "Write it as the ledger has it."
        return f"Decision '{self.decision}' is for '{self.name}', and no estate has this name. {hint}"


def named_nowhere(pack: Pack, dossiers: Sequence[Dossier]) -> list[Nowhere]:
    """Return what the scopes of the decisions in a pack name and no estate of a city is called.

    Args:
        pack: The law with its decisions.
        dossiers: The city.
    """
    estates = [one for dossier in dossiers for one in dossier.places.values() if one.level == LEVEL]
    known = {one.id for one in estates} | {one.name for one in estates}
    asked = {
        (way.origin, name): None for node in pack.nodes.values() for way in node.ways for name in way.scope
    }
    names = {one.name for one in estates if one.name}
    return [
        Nowhere(decision, name, _near(name, names)) for decision, name in sorted(asked) if name not in known
    ]


def _near(name: str, names: Iterable[str]) -> str:
    """The nearest name; of one that is a part of the other, the shortest."""
    told = sorted(names)
    inside = [one for one in told if name in one or one in name]
    return nearest(name, told) or min(inside, key=len, default="")
