"""What would follow: decisions and papers imagined, and what they would open.

Two worlds are never mixed: what is (*before*) and what would be (*after*).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from taizhang.rules.terms.case import Place
from taizhang.rules.terms.result import LeverageRow, Status, Vector

__all__ = ["Bundle", "BundleItem", "EstateShift", "Leverage", "Shift", "Supposition", "UnitShift"]


@dataclass(frozen=True, slots=True)
class Supposition:
    """One thing that is supposed to be otherwise than it is.

    Attributes:
        kind: ``overlay``, ``decision``, ``enable``, ``waive``, ``require``, ``set`` or ``supply``.
        target: Document, ``node.way``, ``node.way.need``, parameter or paper.
        value: New value of a parameter; the place at which a paper is supplied.
    """

    kind: str
    target: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class UnitShift:
    """A unit whose certificate comes nearer, or moves away."""

    place: Place
    estate: str  #: place id
    before: Status
    after: Status
    kind: str  #: unlocked, eased or harmed
    cost_before: Vector | None  #: marginal; ``None``: blocked
    cost_after: Vector | None


@dataclass(frozen=True, slots=True)
class EstateShift:
    """What changes for one estate; costs are of its joint plan, each shared paper once."""

    place: Place
    county: str
    classes: tuple[str, ...]  #: as it is classed now
    units: int
    unlocked: int
    eased: int
    harmed: int
    planned_before: int  #: units that the joint plan can include
    planned_after: int
    before: Vector
    after: Vector
    proved: bool  #: whether both joint plans are the optimum for certain


@dataclass(frozen=True, slots=True)
class Shift:
    """Two worlds compared.

    Attributes:
        suppositions: What is supposed, in the order given.
        units: Those whose case comes nearer or moves away, in the order of the ledger.
        estates: Those with such units, or with another joint plan.
        bottlenecks: Shared papers with the units that wait for them before and after, where
            more wait than before; most first.
        eased_papers: Likewise, where fewer wait.
        singly: Of several suppositions, what each would do alone: unlocked, eased, harmed.
        digests: Of the two worlds: law and dossiers.
        reached: Estates the suppositions could concern; the others are as they were.
        estimated: Units whose cost is an estimate in one of the worlds; they are not compared by cost.
    """

    suppositions: tuple[Supposition, ...]
    units: tuple[UnitShift, ...]
    estates: tuple[EstateShift, ...]
    bottlenecks: tuple[tuple[str, int, int], ...]
    eased_papers: tuple[tuple[str, int, int], ...]
    singly: tuple[tuple[Supposition, int, int, int], ...] = ()
    digests: tuple[str, str] = ("", "")
    reached: int = 0
    estimated: int = 0

    def count(self, kind: str) -> int:
        """How many units are ``unlocked``, ``eased`` or ``harmed``."""
        return sum(one.kind == kind for one in self.units)


@dataclass(frozen=True, slots=True, order=True)
class BundleItem:
    """A shared paper at its place, or a way that would be adopted in the whole city (no place)."""

    item: str
    place: str = ""  #: place id
    estate: str = ""  #: name of the estate, for the reader


@dataclass(frozen=True, slots=True)
class Bundle:
    """The best set of so many items.

    Attributes:
        k: How many items may be taken.
        items: Those that are; fewer than ``k`` where more would open nothing.
        units: Units they open.
        greedy_units: Units that taking the best next item, or the cheapest next estate, opens.
        proved: Whether no set of ``k`` opens more.
        bound: No set of ``k`` opens more than this.
    """

    k: int
    items: tuple[BundleItem, ...]
    units: int
    greedy_units: int
    proved: bool
    bound: int


@dataclass(frozen=True, slots=True)
class Leverage:
    """Which papers and decisions open most.

    Attributes:
        rows: Every shared paper that some joint plan uses, sole ones first.
        bundles: For 1, 2, … items.
        mode: ``obtainable``: a unit counts as open when only papers of its own are missing, and
            all of them can be had; ``ready``: when none of them is missing either.
        waiting: Units with no route on which nothing shared is missing; a unit whose plan uses a
            shared paper, but which could do without it at a higher rank or price, is not held back.
        opens: Every kind of shared paper that is missing somewhere, with the units it would open if
            it were obtained wherever it can be; most first.
    """

    rows: tuple[LeverageRow, ...]
    bundles: tuple[Bundle, ...] = field(default=())
    mode: str = "obtainable"
    waiting: int = 0
    opens: tuple[tuple[str, int], ...] = ()

    @property
    def proved(self) -> bool:
        """Whether every bundle is the best for certain."""
        return all(one.proved for one in self.bundles)
