"""What a search for breakthroughs (突破口) found, in the visitor's words.

Reads from: ``door``, ``wording``, ``office.selectors.acting``, ``office.why_home``.  Read by: the view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taizhang.office.selectors.acting import Acting, Paper, acting_on
from taizhang.office.why_home import HomeWhy, Taken
from taizhang.rules.terms import Pack, Status, Way
from taizhang.web.door import Visitor
from taizhang.web.wording import (
    STATUS_LABELS,
    building_name,
    fen_text,
    paper_name,
    source_titles,
    supplier_name,
    word,
)

__all__ = ["found_words", "why_words"]


def found_words(found: Mapping[str, Any], visitor: Visitor) -> Mapping[str, Any]:
    """What was found, in the visitor's words."""
    pack, language = visitor.pack, visitor.language
    shift = found.get("shift")  # until it is worked out, there is none
    items = [item for one in found["sets"] for item in one["items"]]
    papers = {(one["estate"], one["item"], one["place"]) for one in items if one["place"]}
    acted = acting_on(visitor.person, pack, papers)
    return {
        **found,
        "rows": [(paper_name(pack, item, language), *counts) for item, *counts in found["rows"]],
        "opens": [(paper_name(pack, item, language), units) for item, units in found["opens"]],
        "sets": [
            {**one, "items": [_item_words(item, acted, visitor) for item in one["items"]]}
            for one in found["sets"]
        ],
        "decisions": any(not one["place"] for one in items),
        "shift": shift and _shift_words(shift, language),
    }


def _shift_words(shift: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """What would change, by estate; of those that are not told one by one, the sums."""
    rest = shift.get("rest") or {}
    estates = [
        (name, unlocked, eased, harmed, fen_text(fen, language), effort, days)
        for name, unlocked, eased, harmed, fen, effort, days in shift["estates"]
    ]
    told = {"estates": estates, "shown": len(estates), "all": len(estates) + rest.get("estates", 0)}
    return {**shift, **told, "rest": {**rest, "fen": fen_text(rest["fen"], language)} if rest else {}}


def _item_words(
    item: Mapping[str, Any], acted: Mapping[Paper, Acting], visitor: Visitor
) -> Mapping[str, Any]:
    """A paper at its place, or a decision for the whole city with what it rests on."""
    pack, language = visitor.pack, visitor.language
    if not item["place"]:
        return {"decision": _way_name(pack, item["item"], language), "sources": _basis(item["item"], visitor)}
    where = building_name(item["where"], language) if item["where"] else ""
    paper = paper_name(pack, item["item"], language)
    told = acted[item["estate"], item["item"], item["place"]]
    return {
        "paper": paper,
        "item": item["item"],
        "estate": item["estate"],
        "name": item["name"],
        "where": where,
        "decided": told.decided,
        "owner": supplier_name(pack, told.supplier, language),
        "task": told.task,
        "planned": told.planned,
    }


def _way_of(pack: Pack, target: str) -> Way | None:
    """The way that ``node.way`` names; ``None`` where the law no longer has it."""
    node, _, way = target.partition(".")
    ways = pack.nodes[node].ways if node in pack.nodes else ()
    return next((one for one in ways if one.id == way), None)


def _way_name(pack: Pack, target: str, language: str) -> str:
    """A way in words; one that the law no longer has keeps its id."""
    node, _, way = target.partition(".")
    found = _way_of(pack, target)
    return f"{paper_name(pack, node, language)}·{found.label.in_(language) if found else way}"


def _basis(target: str, visitor: Visitor) -> list[tuple[str, bool]]:
    """What a way that is no law here rests on, with whether that is still to be verified."""
    found = _way_of(visitor.pack, target)
    return source_titles(visitor.pack, found.sources if found else (), visitor.language)


def why_words(found: HomeWhy, items: Sequence[Mapping[str, Any]], visitor: Visitor) -> Iterator[str]:
    """Why a home is, or is not, opened by the items of a set; line by line."""
    pack, language, said, told = visitor.pack, visitor.language, visitor.said, found.told

    def listed(names: Sequence[str]) -> str:
        return said("、", ", ").join(dict.fromkeys(_any_name(pack, name, language) for name in names))

    taken = said("、", ", ").join(_taken_name(one, items, visitor) for one in found.helps)
    nothing = "" if taken else said("无，这一组各项都不改变本户的情况", "nothing of the set, for this home")
    opened = told.after in (Status.OPEN, Status.PROVED) and not found.shared
    before, after = (word(STATUS_LABELS, one.word, language) for one in (told.before, told.after))
    lines = (
        (said("现在：", "Now: "), before + said("；采纳之后：", "; then: ") + after),
        (said("起作用的：", "What makes the difference: "), taken or nothing),
        (said("仍受阻于：", "Still blocked by: "), listed(told.blocked_by)),
        (said("还须采用或取得：", "It would also take: "), told.lift_text(pack, language)),
        (said("取决于尚未查明的事项：", "It depends on what is not known: "), listed(told.questions)),
        (
            said("改走别的路径，不再需要：", "No longer needed, as it goes another way: "),
            listed(found.spared),
        ),
        (
            said("最省的路径上仍缺的共用材料：", "Shared papers still missing on its cheapest way: "),
            listed(found.shared),
        ),
        (said("那时仍缺的本户材料：", "Papers of its own still missing then: "), listed(found.own)),
        (
            said("共用材料：", "Shared papers: "),
            said("不再缺，这户已打开", "none is missing any more: it is opened") if opened else "",
        ),
    )
    yield from (label + text for label, text in lines if text)


def _taken_name(one: Taken, items: Sequence[Mapping[str, Any]], visitor: Visitor) -> str:
    """An item of a set in words, with its building where it is of one."""
    item, place = one
    if not place:
        return visitor.said("全市采用", "adopting ") + _way_name(visitor.pack, item, visitor.language)
    where = next((each["where"] for each in items if (each["item"], each["place"]) == one), "")
    told = paper_name(visitor.pack, item, visitor.language)
    building = building_name(where, visitor.language) if where else ""
    return told + (visitor.said(f"（{building}）", f" ({building})") if building else "")


def _any_name(pack: Pack, name: str, language: str) -> str:
    """A paper, node or fact in words."""
    return pack.facts[name].label.in_(language) if name in pack.facts else paper_name(pack, name, language)
