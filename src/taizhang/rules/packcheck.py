"""Everything an author wants to know of a pack: errors, warnings, examples, coverage.

Reads from: ``document``, ``compose``, ``lint``, ``packtest``, ``staleness``, ``unsupported``,
``unusable``.  Read by:
``mutating``, the command ``pack check`` and the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from taizhang.errors import PackError
from taizhang.rules.answers import AnswerClass, answer_classes
from taizhang.rules.compose import compose
from taizhang.rules.document import Document
from taizhang.rules.expressions import Expression
from taizhang.rules.lint import errors_of, needed_names
from taizhang.rules.packtest import Outcome, run_test
from taizhang.rules.staleness import OLD, Staleness, staleness
from taizhang.rules.terms import AtLeast, Label, Node, Pack, Value, Way
from taizhang.rules.unsupported import days_of_sources, unsupported
from taizhang.rules.unusable import unusable_ways

__all__ = ["CheckReport", "PackWarning", "boundary_days", "check_documents"]


@dataclass(frozen=True, slots=True)
class PackWarning:
    """Something that will trouble somebody later."""

    code: str  #: W01 … W12
    where: str
    en: str
    zh: str

    def say(self, language: str = "en") -> str:
        """Place, fact and code in one line."""
        return f"{self.where}: {self.zh if language == 'zh' else self.en} [{self.code}]"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    Attributes:
        pack: The pack as composed for the day of the check.
        errors: Every error, on every day on which the law changes.
        warnings: Every warning.
        outcomes: One per example.
        adopted: Ways that can count on some day, as ``node.way``.
        reached: Those of them that some example reaches.
        days: The days the law was checked on.
        staleness: How fresh its sources and rules are.
    """

    pack: Pack
    errors: tuple[PackError, ...]
    warnings: tuple[PackWarning, ...]
    outcomes: tuple[Outcome, ...]
    adopted: frozenset[str]
    reached: frozenset[str]
    days: tuple[date, ...]
    staleness: Staleness

    @property
    def ok(self) -> bool:
        """No errors, and every example comes out."""
        return not self.errors and not any(outcome.failures for outcome in self.outcomes)


def check_documents(base: Document, layers: Sequence[Document], today: date) -> CheckReport:
    """Check a pack with its layers.

    Args:
        base: The pack.
        layers: Overlays and decisions.  The examples of each document run on the documents
            below it and itself, in the order given.
        today: For the warning on old checks (W05) and the day of the report.
    """
    documents = [base, *layers]
    days = boundary_days(documents, today)
    errors: dict[str, PackError] = {}
    adopted: set[str] = set()
    fresh = staleness(documents, today)
    packs: list[Pack] = []
    for day in days:
        pack, found = compose(base, layers, day)
        packs.append(pack)
        # composition errors make further checks meaningless
        for error in found or errors_of(pack):
            errors.setdefault(str(error), error)
        adopted |= {
            f"{node.id}.{way.id}" for node in pack.nodes.values() for way in node.ways if pack.in_force(way)
        }
    pack, _ = compose(base, layers, today)
    if errors:
        return CheckReport(pack, tuple(errors.values()), (), (), frozenset(adopted), frozenset(), days, fresh)
    outcomes = [
        run_test(_composer(base, layers[:i]), test)
        for i, document in enumerate(documents)
        for test in document.tests
    ]
    reached = frozenset(way for outcome in outcomes for way in outcome.ways)
    warnings = [*_document_warnings(documents, today), *_pack_warnings(pack, packs)]
    first = base.effective.start
    beside = days_of_sources(documents) - set(days)
    later = [compose(base, layers, day)[0] for day in sorted(beside) if first is None or day >= first]
    warnings += _without_source([*packs, *later])
    warnings += [_unreached(pack, way) for way in sorted(adopted - reached)]
    return CheckReport(pack, (), tuple(warnings), tuple(outcomes), frozenset(adopted), reached, days, fresh)


def _composer(base: Document, below: Sequence[Document]) -> Callable[[date], Pack]:
    return lambda day: compose(base, below, day)[0]


def boundary_days(documents: Sequence[Document], today: date) -> tuple[date, ...]:
    """The days on which the law changes, within the pack's span, and today."""
    spans = [document.effective for document in documents]
    for document in documents:
        spans += [change.effective for change in document.changes]
        spans += [change.value.effective for change in document.changes if isinstance(change.value, Way)]
        spans += [fee.effective for fee in document.chapters.get("fees", {}).values()]
        spans += [way.effective for node in document.chapters.get("nodes", {}).values() for way in node.ways]
        spans += [
            row.effective for param in document.chapters.get("params", {}).values() for row in param.values
        ]
    days = {today}
    for span in spans:
        days |= {span.start} if span.start else set()
        days |= {span.end, span.end + timedelta(days=1)} if span.end else set()
    first = documents[0].effective.start
    return tuple(sorted(day for day in days if first is None or day >= first))


def _document_warnings(documents: Sequence[Document], today: date) -> Iterator[PackWarning]:
    for document in documents:
        where = str(document.marks.get("last_checked", document.path.name))
        if document.last_checked is None or today - document.last_checked > OLD:
            yield PackWarning(
                "W05",
                where,
                f"'{document.id}' was last checked {document.last_checked}.",
                f"“{document.id}”上次核对：{document.last_checked}。",
            )
        for source in document.chapters.get("sources", {}).values():
            at = str(document.marks[f"sources.{source.id}"])
            if source.last_checked and today - source.last_checked > OLD:
                yield PackWarning(
                    "W05",
                    at,
                    f"'{source.id}' was last checked {source.last_checked}.",
                    f"“{source.id}”上次核对：{source.last_checked}。",
                )
            if source.verify:
                yield PackWarning(
                    "W10",
                    at,
                    f"The text of '{source.title.en}' was not read in full.",
                    f"没有读到《{source.title.zh}》的全文。",
                )
        for paper in document.chapters.get("evidence", {}).values():
            if paper.valid_for and not paper.sources:
                yield PackWarning(
                    "W11",
                    paper.where,
                    f"No source says how long '{paper.id}' is valid.",
                    f"“{paper.id}”的有效期没有注明依据。",
                )


def _pack_warnings(pack: Pack, packs: Sequence[Pack]) -> Iterator[PackWarning]:
    for then in packs:
        for node in then.nodes.values():
            if not any(then.in_force(way) for way in node.ways):
                yield PackWarning(
                    "W01",
                    node.where,
                    f"'{node.id}' has no way in force on {then.as_of}.",
                    f"“{node.id}”在 {then.as_of} 没有有效的办理路径。",
                )
    reachable = _reachable(pack)
    for name, node in pack.nodes.items():
        yield from _unreachable(name, node.where, reachable)
        yield from _label(name, node.label, node.where)
        for way in node.ways:
            yield from _way_warnings(name, way)
        yield from _dominated(node)
    yield from _unusable(packs)
    for urgency in pack.urgency:
        yield from _label(urgency.id, urgency.label, urgency.when.where)
    for name, paper in pack.evidence.items():
        yield from _unreachable(name, paper.where, reachable)
        yield from _label(name, paper.label, paper.where)
        cost = paper.cost
        if not paper.supplier or (cost.money_fen is None and cost.days == 0 and cost.effort == 0):
            yield PackWarning(
                "W07", paper.where, f"'{name}' has no supplier or no cost.", f"“{name}”未写明提供单位或成本。"
            )


def _unreachable(name: str, where: str, reachable: set[str]) -> Iterator[PackWarning]:
    if name not in reachable:
        yield PackWarning(
            "W04", where, f"'{name}' cannot be reached from the goal.", f"从目标无法到达“{name}”。"
        )


def _way_warnings(name: str, way: Way) -> Iterator[PackWarning]:
    title = f"{name}.{way.id}"
    yield from _label(title, way.label, way.where)
    for duty in way.duties:
        yield from _label(f"{title}: {duty.paper}", duty.consequence, way.where)
    for need in way.needs:
        if isinstance(need, AtLeast) and len(need.of) > 12:
            yield PackWarning(
                "W08",
                way.where,
                f"'{title}' chooses among {len(need.of)}.",
                f"“{title}”需在 {len(need.of)} 项中选择，计算量大。",
            )


def _unusable(packs: Sequence[Pack]) -> Iterator[PackWarning]:
    """W02: a way that no case can use, by its own guard or by those of what it needs."""
    by_name = {
        (node.id, way.id): (way, pack) for pack in packs for node in pack.nodes.values() for way in node.ways
    }
    for name, way_id in unusable_ways(packs):
        way, pack = by_name[name, way_id]
        title, guard = f"{name}.{way_id}", way.when
        if guard and not _can_hold(pack, guard, answer_classes(pack)):
            yield PackWarning(
                "W02",
                way.where,
                f"'{title}' can never count: {guard.text}.",
                f"“{title}”的条件永不成立：{guard.text}。",
            )
        else:
            yield PackWarning(
                "W02",
                way.where,
                f"'{title}' can never count: its guard and those of what it needs cannot hold together.",
                f"“{title}”永不可用：其条件与所需各项的条件不能同时成立。",
            )


def _without_source(packs: Sequence[Pack]) -> Iterator[PackWarning]:
    """W12: a rule on a day on which no source it cites is in force."""
    for rule in unsupported(packs):
        named = ", ".join(rule.sources)
        yield PackWarning(
            "W12",
            rule.where,
            f"No source of '{rule.name}' is in force on {rule.day}: {named}.",
            f"“{rule.name}”所列依据在 {rule.day} 都不在施行期内：{named}。",
        )


def _label(name: str, label: Label, where: str) -> Iterator[PackWarning]:
    if not label.zh or not label.en or label.zh == label.en:
        yield PackWarning(
            "W06", where, f"'{name}' needs a label in both languages.", f"“{name}”缺少中英文名称。"
        )


def _can_hold(pack: Pack, guard: Expression, classes: Mapping[str, tuple[AnswerClass, ...]]) -> bool:
    """Whether some combination of answers makes a guard true."""
    names = sorted(guard.names & pack.facts.keys())
    for combo in product(*(classes[name] for name in names)):
        values = {name: group.value for name, group in zip(names, combo, strict=True)}
        if guard.truth(_reader(pack, values)) is not False:
            return True
    return False


def _reader(pack: Pack, values: Mapping[str, Value]) -> Callable[[str], Value | None]:
    return lambda name: values[name] if name in values else pack.params[name].on(pack.as_of)


def _dominated(node: Node) -> Iterator[PackWarning]:
    """W03: a way that asks for all another asks for and more, at no lower rank or cost."""
    for way in node.ways:
        for other in node.ways:
            if way.id != other.id and way.adopted and other.adopted and _dearer(way, other):
                yield PackWarning(
                    "W03",
                    way.where,
                    f"'{node.id}.{way.id}' asks for all that '{other.id}' asks for, and is never better.",
                    f"“{node.id}.{way.id}”所需包含“{other.id}”的全部要求，不会更优。",
                )


def _dearer(way: Way, other: Way) -> bool:
    same = (way.when.text if way.when else "") == (other.when.text if other.when else "")
    more = set(other.needs) < set(way.needs)
    lower = (way.rank, way.step.effort, way.step.days) >= (other.rank, other.step.effort, other.step.days)
    return (same or other.when is None) and more and lower and way.effective == other.effective


def _reachable(pack: Pack) -> set[str]:
    seen: set[str] = set()
    pending = [pack.goal]
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for way in pack.nodes[name].ways if name in pack.nodes else ():
            for need in way.needs:
                pending.extend(needed_names(need))
            pending.extend(duty.paper for duty in way.duties)
    return seen


def _unreached(pack: Pack, name: str) -> PackWarning:
    node, _, way_id = name.partition(".")
    where = next((way.where for way in pack.nodes[node].ways if way.id == way_id), pack.nodes[node].where)
    return PackWarning("W09", where, f"No example reaches '{name}'.", f"没有用例走到“{name}”。")
