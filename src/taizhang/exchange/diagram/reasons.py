"""Why a way was not chosen and what an answer changes, said in words.

Reads from: ``wording``.  Read by: the diagram, the report and the letters.
"""

from __future__ import annotations

from collections.abc import Mapping

from taizhang.exchange.diagram.wording import change_text, label, pick, value_text
from taizhang.rules.terms import Alternative, EstatePlan, Pack, Question, Value, Vector

__all__ = ["REASONS", "alternative_text", "known_value", "question_change", "value_at"]

REASONS: Mapping[str, tuple[str, str]] = {
    "dearer": ("代价更高", "dearer"),
    "blocked": ("走不通", "blocked"),
    "guard_false": ("条件不符", "conditions not met"),
    "not_in_force": ("该日未生效或已失效", "not in force on this day"),
    "not_adopted": ("外地做法（未采用）", "practice elsewhere (not adopted)"),
}


def known_value(plan: EstatePlan, fact: str) -> Value | None:
    """Return a fact as the estate's own place says it, else as the first place that does."""
    if (fact, plan.place.id) in plan.facts:
        return plan.facts[fact, plan.place.id]
    return next((value for (name, _), value in plan.facts.items() if name == fact), None)


def value_at(plan: EstatePlan, fact: str, place: str) -> Value | None:
    """Return a fact at a place, or as the nearest coarser place says it."""
    here: str | None = place if place in plan.places else plan.place.id
    while here is not None:
        if (fact, here) in plan.facts:
            return plan.facts[fact, here]
        here = plan.places[here].parent if here in plan.places else None
    return None


def _because(pack: Pack, plan: EstatePlan, other: Alternative, language: str) -> str:
    """Return the names behind a reason: blockers, or facts with what is known of them."""
    zh = language == "zh"
    said: dict[str, None] = {}
    for name in other.detail:
        word = label(pack, name, language)
        if name in pack.facts:
            value = value_at(plan, name, other.place)
            if value is None:
                word += "尚未查明" if zh else ": not known"
            else:
                shown = value_text(pack, name, value, language)
                word += f"为“{shown}”" if zh else f": {shown}"
        said[word] = None
    return ("、" if zh else ", ").join(said)


def alternative_text(pack: Pack, plan: EstatePlan, other: Alternative, language: str = "zh") -> str:
    """Return why a way was not chosen, and its price where it has one."""
    zh = language == "zh"
    of_facts = bool(other.detail) and all(name in pack.facts for name in other.detail)
    key = "guard_false" if other.reason == "blocked" and of_facts else other.reason
    reason = pick(REASONS.get(key, ("未采用", "not chosen")), language)
    if key == "guard_false" and any(value_at(plan, name, other.place) is None for name in other.detail):
        reason = "按推算情形不适用" if zh else "not under the answers assumed"
    price = change_text(other.delta, language) if other.delta is not None else ""
    if key == "dearer":
        return price or reason
    more = "" if key == "not_adopted" else _because(pack, plan, other, language)
    if more and key == "blocked":
        more = f"卡在{more}" if zh else f"stuck at {more}"
    adopt = (f"如采用：{price}" if zh else f"if adopted: {price}") if price else ""
    return ("；" if zh else "; ").join(part for part in (reason, more, adopt) if part)


def question_change(best: Vector | None, question: Question, at: int, language: str = "zh") -> str:
    """Return what one outcome of a question does to the plan."""
    found = question.outcomes[at][1]
    if found is None:
        return "走不通，需先解除障碍" if language == "zh" else "blocked until lifted"
    if best is None:
        zh = f"可办：{found.items} 件材料、{found.days} 个工作日"
        return zh if language == "zh" else f"possible: {found.items} papers, {found.days} working days"
    if found == best:
        return "最省的情形" if language == "zh" else "the best case"
    return change_text(found - best, language)
