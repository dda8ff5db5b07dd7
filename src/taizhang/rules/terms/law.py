"""What a pack says: frozen records of the law as data, after reading and composing.

One sentence per field.  Money is integer fen, durations are working days, effort is
whole person-hours.  ``None`` for a cost means "not known", never "nothing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import TypeAlias

from taizhang.rules.expressions import Expression
from taizhang.rules.terms.validity import Validity

__all__ = [
    "AtLeast",
    "Cost",
    "Duty",
    "Each",
    "Evidence",
    "Fact",
    "Fee",
    "Label",
    "Need",
    "Node",
    "Pack",
    "Parameter",
    "ParameterValue",
    "ProblemClass",
    "Ref",
    "Share",
    "Source",
    "Span",
    "Urgency",
    "Value",
    "Way",
]

Value: TypeAlias = bool | int | str | Decimal | date


@dataclass(frozen=True, slots=True)
class Label:
    """A name in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Return the text in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which something is in force; both ends belong to it, ``None`` is open."""

    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        """Whether ``on`` lies in the span."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from; ``verify`` until somebody has read its text, if only in a public copy."""

    id: str
    title: Label
    kind: str  #: law, regulation, rule, notice, local, practice, background, minutes, fictional
    verify: bool
    effective: Span = Span()
    note: Label | None = None
    last_checked: date | None = None  #: when somebody last compared the pack with it


@dataclass(frozen=True, slots=True)
class Cost:
    """What it takes to obtain one paper or to do one step."""

    money_fen: int | None = None
    effort: int = 0  #: person-hours, a planning value
    days: int = 0  #: working days, a planning value
    law_days: int | None = None  #: statutory limit in working days, where one is known


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper or a decision that somebody supplies: a leaf of the graph."""

    id: str
    level: str
    label: Label
    supplier: str
    cost: Cost
    kind: str = "evidence"  #: evidence, decision or milestone
    sources: tuple[str, ...] = ()
    confidence: str = ""  #: V VL A Bh Bm Bl, see the pack's introduction
    note: Label | None = None
    where: str = ""  #: ``file:line:column``
    valid_for: Validity | None = None  #: from the day it is issued; None: it does not lapse


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so or not so, and may be unknown; it switches ways on and off."""

    id: str
    level: str
    type: str  #: bool, enum, decimal, integer, date, money or text
    label: Label
    ask: Label
    who: str  #: supplier who can answer
    values: Mapping[str, Label] = field(default_factory=dict)  #: for enum, in pack order
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    find: Cost = Cost(0, 1, 1)  #: what it takes to find out
    where: str = ""
    valid_for: Validity | None = None  #: from the day it was established; afterwards it is unknown again


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One dated value of a parameter; ``None`` means not in force."""

    value: Decimal | date | None
    effective: Span
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A rate, an amount or a limit with its history."""

    id: str
    label: Label
    unit: str
    values: tuple[ParameterValue, ...]
    where: str = ""

    def on(self, day: date) -> Decimal | date | None:
        """Return the value in force on ``day``, or ``None``."""
        for value in self.values:
            if value.effective.holds(day):
                return value.value
        return None


@dataclass(frozen=True, slots=True)
class Ref:
    """A need: one node or paper, perhaps only where a guard holds."""

    ref: str
    when: Expression | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A need: at least ``k`` of the named nodes or papers."""

    k: int
    of: tuple[str, ...]
    when: Expression | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", tuple(self.of))


@dataclass(frozen=True, slots=True)
class Each:
    """A need: the node or paper for every place of a finer level below this one."""

    level: str
    ref: str
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A need: the node or paper for a share of the places of a finer level, rounded up."""

    level: str
    ref: str
    at_least: Fraction
    when: Expression | None = None


Need: TypeAlias = Ref | AtLeast | Each | Share


@dataclass(frozen=True, slots=True)
class Duty:
    """A paper that a way puts off: it stays owed after the certificate and is no gap."""

    paper: str  #: node or evidence id
    days: int  #: working days after the certificate
    supplier: str  #: who owes it
    consequence: Label  #: what follows where it is not supplied in time
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One lawful way to establish a node: all its needs, then its step."""

    id: str
    label: Label
    needs: tuple[Need, ...]
    rank: int = 0  #: 0 is the ordinary procedure
    when: Expression | None = None
    step: Cost = Cost(0, 0, 0)
    step_supplier: str = ""
    sources: tuple[str, ...] = ()
    effective: Span = Span()
    adopted: bool = True  #: False: practice of other places, no law here
    confidence: str = ""
    origin: str = ""  #: document that brought it in (pack, overlay or decision id)
    scope: tuple[str, ...] = ()  #: place names a decision is limited to; empty is everywhere
    note: Label | None = None
    where: str = ""
    duties: tuple[Duty, ...] = ()  #: papers still owed after the certificate where this way is taken


@dataclass(frozen=True, slots=True)
class Node:
    """A requirement: established by any one of its ways."""

    id: str
    level: str
    label: Label
    ways: tuple[Way, ...]
    kind: str = "evidence"
    where: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of a bill."""

    id: str
    level: str
    label: Label
    payer: str
    formula: Expression
    round_to: Decimal  #: in yuan, for example 0.01
    round_mode: str  #: half_up, half_even, up or down
    sources: tuple[str, ...]
    when: Expression | None = None
    effective: Span = Span()
    where: str = ""


@dataclass(frozen=True, slots=True)
class ProblemClass:
    """A class of the official sorting (分类登记), derived from unmet nodes."""

    id: str
    label: Label
    unmet: tuple[str, ...]  #: the class applies where any of these nodes is not proved
    when: Expression | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Urgency:
    """A reason why a household cannot wait: it orders the work and changes no plan."""

    id: str
    label: Label
    when: Expression
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """The law of one programme, composed for one day.

    ``nodes`` hold every way, in force or not; ``as_of`` decides which ones count.
    """

    id: str
    version: str
    title: Label
    jurisdiction: str
    levels: tuple[str, ...]  #: coarse to fine
    goal: str
    objective: tuple[str, ...]
    as_of: date
    sources: Mapping[str, Source]
    params: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    suppliers: Mapping[str, Label]
    evidence: Mapping[str, Evidence]
    nodes: Mapping[str, Node]
    fees: Mapping[str, Fee]
    headings: Mapping[str, tuple[str, ...]]  #: field or fact or evidence id -> column synonyms
    classes: tuple[ProblemClass, ...]
    lock: tuple[tuple[str, str, str], ...]  #: (document id, version, sha256), sorted
    effective: Span = Span()
    urgency: tuple[Urgency, ...] = ()  #: most pressing first
    once: dict[str, object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )  #: what follows from the pack alone, worked out when first asked for

    @property
    def digest(self) -> str:
        """One hash over the lock."""
        return sha256("\n".join("|".join(row) for row in self.lock).encode()).hexdigest()

    def level_of(self, name: str) -> str:
        """Level of a node, paper or fact; ``KeyError`` where the pack has no such name."""
        for table in (self.nodes, self.evidence, self.facts):
            if name in table:
                return table[name].level
        raise KeyError(name)

    def label_of(self, name: str) -> Label:
        """Label of a node, paper or fact; ``KeyError`` where the pack has no such name."""
        for table in (self.nodes, self.evidence, self.facts):
            if name in table:
                return table[name].label
        raise KeyError(name)

    def in_force(self, way: Way) -> bool:
        """Whether a way is adopted here and in force on ``as_of``."""
        return way.adopted and way.effective.holds(self.as_of)
