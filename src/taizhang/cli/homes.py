"""One home asked about with ``--why``: found as soon as the ledger is read, answered when the rest is.

Reads from: ``naming``, ``worlds``, ``rules.whynot``.  Read by: ``whatif``, ``leverage``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taizhang.cli.console import said
from taizhang.cli.naming import meant, path_of, places_alike
from taizhang.cli.worlds import Worlds
from taizhang.errors import InputError
from taizhang.rules.terms import Supposition
from taizhang.rules.whynot import WhyNot, why_not
from taizhang.settings import language

__all__ = ["Answer", "Home"]


@dataclass(frozen=True, slots=True)
class Home:
    """A home of the ledger, as it was named."""

    where: str
    dossier: int  #: its number
    unit: str  #: place id

    @classmethod
    def named(cls, worlds: Worlds, where: str) -> Home:
        """The home that ``estate/building/unit`` names.

        Raises:
            InputError: ``E-WHATIF-PLACE`` there is none, or several; homes like it are named.
        """
        parts = [part.strip() for part in where.replace("／", "/").split("/")]
        level, found = worlds.before_pack.levels[-1], []
        for number, dossier in enumerate(worlds.dossiers):
            for place in dossier.places.values():
                if place.level == level and place.name == parts[-1]:
                    names = [dossier.places[one].name for one in dossier.chain(place.id)]
                    if all(part in names for part in parts):
                        found.append(cls(where, number, place.id))
        if len(found) == 1:
            return found[0]
        near = (
            [path_of(worlds.dossiers[one.dossier], one.unit) for one in found[:3]]
            if found
            else places_alike(worlds.dossiers, "/".join(parts), (level,))
        )
        zh, en = meant(near)
        raise InputError(
            "There is no single home '{home}' in the ledger.",
            hint=en + "Write ESTATE/BUILDING/UNIT with the names of the ledger.",
            zh="台账中没有唯一的“{home}”这一户。" + zh + "请写作 小区/幢号/户号，名称与台账一致。",
            code="E-WHATIF-PLACE",
            home=where,
        )

    def asked(self, worlds: Worlds, supposed: Sequence[Supposition]) -> Answer:
        """Why it is, or is not, among those that are unlocked."""
        found = why_not(worlds.before(), worlds.after(supposed), self.dossier, self.unit)
        return Answer(self.where, found, tuple(_told(worlds, self.where, found)))


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a home stands in both worlds, and the same in words."""

    where: str
    found: WhyNot
    lines: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """As plain data."""
        one = self.found
        lift = one.lift
        return {
            "home": self.where,
            "before": one.before.word,
            "after": one.after.word,
            "blocked_by": list(one.blocked_by),
            "would_open": {
                "ways": [f"{way.node}.{way.way}" for way in lift.ways],
                "items": [{"item": name, "place": place} for name, place in lift.items],
            }
            if lift
            else None,
            "depends_on": list(one.questions),
            "no_longer_needed": list(one.gone),
            "still_missing": list(one.items),
        }


def _told(worlds: Worlds, where: str, found: WhyNot) -> Iterator[str]:
    lang = language()
    words = {
        "proved": said("已具备", "proved"),
        "open": said("缺件可补", "open"),
        "depends": said("待查明", "depends"),
        "blocked": said("受阻", "blocked"),
    }
    yield said(
        f"{where}：现在{words[found.before.word]}，推演后{words[found.after.word]}。",
        f"{where}: now {words[found.before.word]}, supposed {words[found.after.word]}.",
    )

    def listed(names: Sequence[str]) -> str:
        return said("、", ", ").join(worlds.label(name, lang) for name in names)

    if found.blocked_by:
        yield said(
            f"  仍受阻于：{listed(found.blocked_by)}。", f"  Still blocked by: {listed(found.blocked_by)}."
        )
    if found.lift:
        yield said(
            f"  还须采用或取得：{found.lift_text(worlds.widest, lang)}。",
            f"  It would also take: {found.lift_text(worlds.widest, lang)}.",
        )
    if found.questions:
        yield said(
            f"  取决于尚未查明的事项：{listed(found.questions)}。",
            f"  It depends on: {listed(found.questions)}.",
        )
    if found.gone:
        yield said(f"  不再需要：{listed(found.gone)}。", f"  No longer needed: {listed(found.gone)}.")
    if found.items:
        yield said(f"  推演后仍缺：{listed(found.items)}。", f"  Still missing then: {listed(found.items)}.")
