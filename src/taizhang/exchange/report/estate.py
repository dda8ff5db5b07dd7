"""Everything the report says about one estate, ready for the template.

Reads from: ``rows``, ``duties``, ``gantt``, ``diagram``.  Read by: ``html`` and the letters.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from taizhang.exchange.diagram import route_diagram
from taizhang.exchange.diagram.reasons import alternative_text, question_change
from taizhang.exchange.diagram.wording import (
    STATUSES,
    answer_text,
    due_text,
    label,
    money_text,
    pick,
    place_name,
    supplier,
    total_text,
    unit_name,
    value_text,
    way_of,
)
from taizhang.exchange.report.duties import DutyRow, duty_rows
from taizhang.exchange.report.gantt import timeline
from taizhang.exchange.report.identity import identity_rows
from taizhang.exchange.report.rows import (
    FeeRow,
    GapRow,
    RouteRow,
    StepRow,
    fee_rows,
    gap_rows,
    places_text,
    route_rows,
    step_rows,
)
from taizhang.rules.terms import EstatePlan, Pack, Question, RouteChoice, UnitPlan

__all__ = [
    "EstateView",
    "OtherRow",
    "QuestionRow",
    "UnitRow",
    "best_outcome",
    "estate_view",
    "lift_lines",
    "other_rows",
    "question_rows",
]


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A way that was not taken, and why."""

    node: str
    way: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """An open fact, who can answer, and what every answer changes."""

    ask: str
    where: str
    who: str
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit in the folded table."""

    name: str
    status: str
    own: str
    shared: int
    total: str
    unknown: str


@dataclass(frozen=True, slots=True)
class EstateView:
    """One estate in the reader's words."""

    number: int
    name: str
    status: str
    status_word: str
    identity: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    units: int
    gap_count: int
    days: int
    until: str
    money: str
    unknown_costs: tuple[str, ...]
    proved: bool
    gaps: tuple[GapRow, ...]
    duties: tuple[DutyRow, ...]
    steps: tuple[StepRow, ...]
    route: tuple[RouteRow, ...]
    diagram: Markup
    gantt: Markup
    others: tuple[OtherRow, ...]
    closed: tuple[OtherRow, ...]  #: ways whose conditions are not met
    questions: tuple[QuestionRow, ...]
    assumes: tuple[str, ...]
    blocked_by: tuple[str, ...]
    left_out: int
    lift: tuple[str, ...]
    fees: tuple[FeeRow, ...]
    fees_total: str
    unit_rows: tuple[UnitRow, ...]


def fact_rows(pack: Pack, plan: EstatePlan, language: str) -> tuple[tuple[str, str], ...]:
    """Return the estate's own facts, in the pack's order."""
    return tuple(
        (label(pack, name, language), value_text(pack, name, plan.facts[name, plan.place.id], language))
        for name in pack.facts
        if (name, plan.place.id) in plan.facts
    )


def other_rows(pack: Pack, plan: EstatePlan, language: str) -> tuple[OtherRow, ...]:
    """Return every way not taken, each once although it may stand open at many places."""
    seen: dict[tuple[str, str, str], OtherRow] = {}
    for other in plan.alternatives:
        way = way_of(pack, other)
        if way is None:
            continue
        text = alternative_text(pack, plan, other, language)
        of_facts = bool(other.detail) and all(name in pack.facts for name in other.detail)
        reason = "guard_false" if of_facts and other.reason == "blocked" else other.reason
        row = OtherRow(label(pack, other.node, language), way.label.in_(language), text, reason)
        seen.setdefault((other.node, other.way, text), row)
    return tuple(seen.values())


def best_outcome(pack: Pack, question: Question) -> int | None:
    """Return which outcome of a question is best in the declared order, ``None`` if all are blocked."""
    open_ = [
        (vector.ordered(pack.objective), at) for at, (_, vector) in enumerate(question.outcomes) if vector
    ]
    return min(open_)[1] if open_ else None


def question_rows(pack: Pack, plan: EstatePlan, language: str) -> tuple[QuestionRow, ...]:
    """Return the open facts worth asking for; places that ask the same for the same reasons are one row."""
    places: dict[tuple[str, str, str, tuple[tuple[str, str], ...]], list[str]] = {}
    for question in plan.questions:
        fact = pack.facts.get(question.fact)
        if fact is None:
            continue
        best = best_outcome(pack, question)
        outcomes = tuple(
            (
                answer_text(pack, question.fact, answers, language),
                question_change(
                    question.outcomes[best][1] if best is not None else None, question, at, language
                ),
            )
            for at, (answers, _) in enumerate(question.outcomes)
        )
        key = (question.fact, fact.ask.in_(language), supplier(pack, fact.who, language), outcomes)
        places.setdefault(key, []).append(question.place)
    return tuple(
        QuestionRow(ask, places_text(plan, where, pack.facts[fact].level, language), who, outcomes)
        for (fact, ask, who, outcomes), where in places.items()
    )


def assumption_lines(pack: Pack, plan: EstatePlan, language: str) -> tuple[str, ...]:
    """Return under which answers the plan holds, each once."""
    colon = "：" if language == "zh" else ": "
    said = (
        f"{label(pack, one.fact, language)}{colon}{answer_text(pack, one.fact, one.answers, language)}"
        for one in plan.joint.assumes
    )
    return tuple(dict.fromkeys(said))


def lift_lines(pack: Pack, plan: EstatePlan, language: str) -> tuple[str, ...]:
    """Return what would open a blocked estate, one act a line."""
    if plan.lift is None:
        return ()
    zh = language == "zh"
    said: dict[str, None] = {}
    for name, place in plan.lift.items:
        where = place_name(plan, place, language)
        what = label(pack, name, language)
        said[f"设法取得“{what}”（{where}）" if zh else f"obtain {what} ({where})"] = None
    for choice in plan.lift.ways:
        way = way_of(pack, RouteChoice(choice.place, choice.node, choice.way))
        name = way.label.in_(language) if way else ""
        node = label(pack, choice.node, language)
        said[f"提请会商：{node}采用“{name}”" if zh else f"adopt {name} for {node}"] = None
    after = plan.lift.vector
    if zh:
        said[f"解除后：还需 {after.items} 件材料、{after.days} 个工作日"] = None
    else:
        said[f"after that: {after.items} papers, {after.days} working days"] = None
    return tuple(said)


def _unit_row(pack: Pack, plan: EstatePlan, unit: UnitPlan, language: str) -> UnitRow:
    join = "、" if language == "zh" else ", "
    unknown = {
        label(
            pack, name if name in pack.facts or name in pack.params else name.removesuffix("_fen"), language
        )
        for name in sorted(unit.bill.unknown)
    }
    return UnitRow(
        unit_name(plan, unit.place),
        pick(STATUSES[unit.status], language),
        join.join(label(pack, name, language) for name in unit.own),
        len(unit.shared),
        money_text(unit.bill.total_fen if unit.bill.lines else None, language),
        join.join(sorted(unknown)),
    )


def estate_view(
    pack: Pack, plan: EstatePlan, number: int, language: str = "zh", *, pictures: bool = True
) -> EstateView:
    """Return everything the report says about one estate, on wish without its pictures."""
    gaps, steps = gap_rows(pack, plan, language), step_rows(pack, plan, language)
    others = other_rows(pack, plan, language)
    joint = plan.joint
    billed = [unit.bill.total_fen for unit in plan.units if unit.bill.lines]
    blocked = dict.fromkeys((*plan.blocked_by, *(name for unit in plan.units for name in unit.blocked_by)))
    return EstateView(
        number=number,
        name=plan.place.name or plan.place.id,
        status=plan.status.word,
        status_word=pick(STATUSES[plan.status], language),
        identity=identity_rows(plan, language),
        facts=fact_rows(pack, plan, language),
        classes=tuple(one.label.in_(language) for one in pack.classes if one.id in plan.classes),
        units=len(plan.units),
        gap_count=sum(gap.count for gap in joint.gaps),
        days=joint.vector.days,
        until=due_text(plan, joint.vector.days, language) if joint.route else "",
        money=total_text(joint.vector.money_fen, len(joint.unknown_costs), language),
        unknown_costs=tuple(dict.fromkeys(label(pack, name, language) for name in joint.unknown_costs)),
        proved=joint.proved,
        gaps=gaps,
        duties=duty_rows(pack, plan, language),
        steps=steps,
        route=route_rows(pack, plan, language),
        # both escape every text themselves
        diagram=Markup(route_diagram(pack, plan=plan, language=language) if pictures else ""),
        gantt=timeline(plan, gaps, steps, language) if pictures else Markup(""),
        others=tuple(row for row in others if row.reason not in ("guard_false", "not_in_force")),
        closed=tuple(row for row in others if row.reason in ("guard_false", "not_in_force")),
        questions=question_rows(pack, plan, language),
        assumes=assumption_lines(pack, plan, language),
        blocked_by=tuple(label(pack, name, language) for name in blocked),
        left_out=len(joint.left_out),
        lift=lift_lines(pack, plan, language),
        fees=fee_rows(pack, plan, language),
        fees_total=money_text(sum(billed) if billed else None, language),
        unit_rows=tuple(_unit_row(pack, plan, unit, language) for unit in plan.units),
    )
