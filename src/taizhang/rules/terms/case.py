"""What is known of a case: places, ledger rows and the dossier of one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar, cast, overload

from taizhang.rules.terms.law import Pack, Value

__all__ = [
    "ByPlace",
    "Cited",
    "Complaint",
    "Difference",
    "Dossier",
    "Entry",
    "Held",
    "Ledger",
    "LedgerRow",
    "Place",
    "RecognisedColumn",
    "SheetCopy",
    "by_place",
]

T = TypeVar("T")
V = TypeVar("V")
_NOTHING: Mapping[str, object] = MappingProxyType({})


class Held(Enum):
    """Whether a paper is there."""

    ON_HAND = "on_hand"
    MISSING = "missing"
    UNOBTAINABLE = "unobtainable"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A city, county, estate, building or unit; ``id`` is unique in a dossier."""

    level: str
    id: str
    parent: str | None = None
    name: str = ""


class ByPlace(Mapping[tuple[str, str], V], Generic[V]):
    """Something by ``(name, place id)``, kept place by place.

    It reads like a flat mapping with such keys, and equals one with the same entries.  The
    entries come place by place, in the order in which the places were given.  What holds at one
    place is one mapping, and places of which the same is said may share it: a reader of many
    units need look at it once.

    >>> papers = ByPlace({"u1": {"filed_contract": Held.ON_HAND}, "u2": {}})
    >>> papers["filed_contract", "u1"].value, ("filed_contract", "u2") in papers, len(papers)
    ('on_hand', False, 1)
    >>> dict(papers.at("u1")) == {"filed_contract": Held.ON_HAND}, dict(papers.at("elsewhere"))
    (True, {})
    """

    __slots__ = ("_at",)

    def __init__(self, at: Mapping[str, Mapping[str, V]] = MappingProxyType({})) -> None:
        """Wrap place id -> name -> value, without a copy: the mappings must not change any more."""
        self._at = at

    def at(self, place: str) -> Mapping[str, V]:
        """Return what is said at ``place``: the mapping that was given, or an empty one."""
        found = self._at.get(place)
        return cast(Mapping[str, V], _NOTHING) if found is None else found

    def by_place(self) -> Iterable[tuple[str, Mapping[str, V]]]:
        """Return each place with what is said there, in the order given."""
        return self._at.items()

    def __getitem__(self, key: tuple[str, str]) -> V:
        name, place = key
        try:
            return self._at[place][name]
        except KeyError:
            raise KeyError(key) from None

    @overload
    def get(self, key: tuple[str, str], /) -> V | None: ...
    @overload
    def get(self, key: tuple[str, str], /, default: V | T) -> V | T: ...
    def get(self, key: tuple[str, str], default: T | None = None) -> V | T | None:
        """Return the value, or ``default``: most of what is asked for is said at a coarser place."""
        found = self._at.get(key[1])
        return default if found is None else found.get(key[0], default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and len(key) == 2 and key[0] in self._at.get(key[1], _NOTHING)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, place) for place, names in self._at.items() for name in names)

    def __len__(self) -> int:
        return sum(map(len, self._at.values()))

    def __repr__(self) -> str:
        return f"ByPlace({self._at!r})"


def by_place(mapping: Mapping[tuple[str, str], V]) -> ByPlace[V]:
    """Return the mapping kept place by place; one that is so already is returned itself.

    >>> by_place({("price", "u1"): 100, ("price", "u2"): 200}).at("u2")
    {'price': 200}
    """
    if isinstance(mapping, ByPlace):
        return mapping
    at: dict[str, dict[str, V]] = {}
    for (name, place), value in mapping.items():
        at.setdefault(place, {})[name] = value
    return ByPlace(at)


def _with(told: Mapping[tuple[str, str], V], more: Mapping[tuple[str, str], V]) -> ByPlace[V]:
    """What is told, and more that counts before it; places of which no more is told stay as they are."""
    known = by_place(told)
    at = {place: known.at(place) for place in dict.fromkeys(place for _, place in (*known, *more))}
    for (name, place), value in more.items():
        at[place] = {**at[place], name: value}
    return ByPlace(at)


def _without(told: Mapping[tuple[str, str], V], keys: Set[tuple[str, str]]) -> ByPlace[V]:
    """What is told but for some of it; places of which nothing is left out stay as they are."""
    known, touched = by_place(told), {place for _, place in keys}
    at = {place: known.at(place) for place in dict.fromkeys(place for _, place in known)}
    for place in touched:
        at[place] = {name: value for name, value in at[place].items() if (name, place) not in keys}
    return ByPlace(at)


class _Within:
    """Which places lie in which: found when first asked for, once for each dossier."""

    __slots__ = ("below", "chains", "children", "facts", "held")

    def __init__(self) -> None:
        self.chains: dict[str, tuple[str, ...]] = {}  #: place -> itself and its ancestors
        self.children: dict[str, list[str]] | None = None
        self.below: dict[tuple[str, str], tuple[str, ...]] = {}
        self.held: _Heard[Held] | None = None
        self.facts: _Heard[Value] | None = None


class _Heard(Generic[V]):
    """What is said at a place or the nearest that it lies in: the coarser ones are put together once."""

    __slots__ = ("_above", "_at", "_places")

    def __init__(self, told: Mapping[tuple[str, str], V], places: Mapping[str, Place]) -> None:
        self._at, self._places = dict(by_place(told).by_place()), places
        self._above: dict[str | None, Mapping[str, V]] = {None: {}}

    def of(self, name: str, place: str) -> V | None:
        """What is said of a name, the finest place first; ``None`` where nothing is."""
        if (here := self._at.get(place)) is not None and (value := here.get(name)) is not None:
            return value
        parent = self._places[place].parent
        above = self._above.get(parent)
        return (self.above(parent) if above is None else above).get(name)

    def above(self, place: str | None) -> Mapping[str, V]:
        """All that a coarser place and those it lies in say."""
        if (found := self._above.get(place)) is None:
            assert place is not None, "above the coarsest place nothing is said"
            found = self._above[place] = {**self.above(self._places[place].parent), **self._at.get(place, {})}
        return found


@dataclass(frozen=True, slots=True)
class Dossier:
    """The frozen facts of a scope on one day.

    Held papers and known facts are keyed by ``(name, place id)``.  A place that says
    nothing of its own inherits what the nearest coarser place says.
    """

    as_of: date
    places: Mapping[str, Place]
    held: Mapping[tuple[str, str], Held]
    facts: Mapping[tuple[str, str], Value]
    valid_until: Mapping[tuple[str, str], date] = field(
        default_factory=dict
    )  #: last day of what is held or known there; what is not named does not lapse
    _within: _Within = field(default_factory=_Within, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        pack: Pack,
        *,
        on_hand: Iterable[str] = (),
        unobtainable: Iterable[str] = (),
        facts: Mapping[str, Value] | None = None,
        as_of: date | None = None,
        valid_until: Mapping[str, date] | None = None,
    ) -> Dossier:
        """Return the dossier of one case: a single place on every level.

        Args:
            pack: The law; its levels give the places, and each place is named after its level.
            on_hand: Papers and nodes that are there.
            unobtainable: Papers that can no longer be had.
            facts: Known facts; those not named are unknown. Money as integer fen (``price_fen``).
            as_of: Day of the knowledge; the pack's day by default.
            valid_until: Last day on which a paper, node or fact counts; it does not lapse by default.

        Raises:
            KeyError: A name that the pack does not define.

        >>> from taizhang.rules import Dossier, load_pack
        >>> pack = load_pack("title-certificates", as_of=date(2024, 1, 28))
        >>> case = Dossier.of(pack, on_hand=["filed_contract"], facts={"price_fen": 35_800_000})
        >>> case.state("filed_contract", "unit").value, case.fact("price", "unit")
        ('on_hand', 35800000)
        """
        places: dict[str, Place] = {}
        parent: str | None = None
        for level in pack.levels:
            places[level] = Place(level, level, parent, level)
            parent = level
        held: dict[tuple[str, str], Held] = {}
        for name in unobtainable:
            held[name, pack.level_of(name)] = Held.UNOBTAINABLE
        for name in on_hand:
            held[name, pack.level_of(name)] = Held.ON_HAND
        known: dict[tuple[str, str], Value] = {}
        for name, value in (facts or {}).items():
            fact = name.removesuffix("_fen") if name not in pack.facts else name
            known[fact, pack.facts[fact].level] = value
        until = {(name, pack.level_of(name)): day for name, day in (valid_until or {}).items()}
        return cls(as_of or pack.as_of, places, held, known, until)

    @property
    def unnamed(self) -> bool:
        """Whether this is a case without names, as ``Dossier.of`` makes it."""
        return all(place.id == place.level for place in self.places.values())

    def chain(self, place: str) -> tuple[str, ...]:
        """Return the place and its ancestors, finest first."""
        known = self._within.chains
        if (found := known.get(place)) is None:
            parent = self.places[place].parent
            found = known[place] = (place,) if parent is None else (place, *self.chain(parent))
        return found

    def ancestor(self, place: str, level: str) -> str | None:
        """Return the place of ``level`` that ``place`` is in, itself included."""
        for candidate in self.chain(place):
            if self.places[candidate].level == level:
                return candidate
        return None

    def state(self, name: str, place: str) -> Held:
        """Return whether ``name`` is there at ``place``; coarser places speak for finer ones.

        What lapsed before ``as_of`` is missing.
        """
        if (heard := self._within.held) is None:
            heard = self._within.held = _Heard(self.current().held, self.places)
        return heard.of(name, place) or Held.MISSING

    def fact(self, name: str, place: str) -> Value | None:
        """Return the value of a fact at ``place``, or ``None`` where it is unknown.

        What lapsed before ``as_of`` is as if it had not been said.
        """
        if (heard := self._within.facts) is None:
            heard = self._within.facts = _Heard(self.current().facts, self.places)
        return heard.of(name, place)

    def last_day(self, name: str, place: str) -> date | None:
        """Return the last day on which the paper or node held at ``place`` counts.

        ``None``: it does not lapse, or nothing is said of it.  Of what is planned as missing because
        it lapses, it is the day on which it does.

        >>> case = Dossier(
        ...     date(2024, 1, 28),
        ...     {"E": Place("estate", "E"), "U": Place("unit", "U", "E")},
        ...     {("consent", "E"): Held.ON_HAND},
        ...     {},
        ...     {("consent", "E"): date(2024, 3, 1)},
        ... )
        >>> case.last_day("consent", "U")
        datetime.date(2024, 3, 1)
        """
        if self.valid_until:
            for candidate in self.chain(place):
                if (name, candidate) in self.held:
                    return self.valid_until.get((name, candidate))
        return None

    def current(self) -> Dossier:
        """Return the dossier without what lapsed before ``as_of``; itself where nothing did.

        A lapsed paper is missing, a lapsed fact is not there; both keep their last day.
        """
        old = [key for key, last in self.valid_until.items() if last < self.as_of]
        lost = [key for key in old if self.held.get(key) is Held.ON_HAND]
        forgotten = {key for key in old if key in self.facts}
        if not lost and not forgotten:
            return self
        facts = _without(self.facts, forgotten) if forgotten else self.facts
        held = _with(self.held, dict.fromkeys(lost, Held.MISSING)) if lost else self.held
        return replace(self, held=held, facts=facts)

    def without(self, papers: Mapping[tuple[str, str], date]) -> Dossier:
        """Return the dossier with papers counted as missing that lapse on the given days."""
        held = _with(self.held, dict.fromkeys(papers, Held.MISSING))
        return replace(self, held=held, valid_until={**self.valid_until, **papers})

    def below(self, place: str, level: str) -> tuple[str, ...]:
        """Return the places of ``level`` inside ``place``, in id order."""
        known = self._within.below
        if (found := known.get((place, level))) is None:
            found = known[place, level] = tuple(sorted(self._inside(place, level)))
        return found

    def _inside(self, place: str, level: str) -> Iterator[str]:
        """The places of ``level`` inside ``place``, itself included; of one that is not known, none."""
        children = self._within.children
        if children is None:
            children = self._within.children = {}
            for one in self.places.values():
                if one.parent is not None:
                    children.setdefault(one.parent, []).append(one.id)
        waiting = [place] if place in self.places else []
        while waiting:
            candidate = waiting.pop()
            if self.places[candidate].level == level:
                yield candidate
            waiting += children.get(candidate, ())


@dataclass(frozen=True, slots=True)
class Complaint:
    """One cell, row or sheet that could not be used as it stands, for the officer to act on."""

    code: str  #: stable, for example ``C-DATE``
    sheet: str
    cell: str  #: ``F17``, or empty where the whole sheet is meant
    read: str  #: what stands there
    message: str  #: English: what is wrong and what is expected, with an example
    zh: str  #: the same in Chinese


@dataclass(frozen=True, slots=True)
class Cited:
    """What stands in one cell of one file."""

    ledger: str  #: name of the file
    sheet: str
    cell: str  #: ``F17``
    text: str  #: as it stands there; empty for an empty cell


@dataclass(frozen=True, slots=True)
class Difference:
    """Two cells that say something else of the same thing, side by side; one of them counts."""

    kind: str  #: disagree (two rows or ledgers), conflict (both edited), changed, added or deleted
    place: tuple[str, str, str, str]  #: county, estate, building and unit, empty where coarser
    what: str  #: identity field, fact or evidence id, or the heading as written where it is none of them
    used: Cited  #: the one that counts
    other: Cited


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wrote into a plan workbook of a paper or a fact: a value, or how far the work is."""

    place: tuple[str, str, str, str]  #: county, estate, building and unit, empty where coarser
    what: str  #: fact or evidence id
    text: str  #: as written
    origin: Cited


@dataclass(frozen=True, slots=True)
class RecognisedColumn:
    """What was understood of one column, and why."""

    sheet: str
    column: str  #: ``F``
    heading: str  #: as written, levels of a merged heading joined by ``/``
    field: str  #: identity field, fact or evidence id; empty where kept verbatim only
    kind: str  #: identity, fact, evidence; kept: known but not used; unknown
    reason: str  #: English
    reason_zh: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of a ledger, understood as far as it goes; nothing is guessed."""

    level: str  #: estate, building or unit
    sheet: str
    row: int  #: row number in the file, from 1
    estate: str  #: name of the estate
    building: str  #: number of the building, empty on an estate row
    unit: str  #: number of the unit, empty on estate and building rows
    identity: Mapping[str, str] = field(
        default_factory=dict
    )  #: county, street, responsible_official, sponsor …
    facts: Mapping[str, Value] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)  #: field -> cell address
    entered: bool = False  #: an entry of a plan workbook, and no row of a table
    valid_until: Mapping[str, date] = field(default_factory=dict)  #: paper -> last day on which it counts


@dataclass(frozen=True, slots=True)
class SheetCopy:
    """Every cell of one sheet as it was read, to be given back unchanged."""

    name: str
    rows: tuple[tuple[Value | float | None, ...], ...]
    merges: tuple[
        tuple[int, int, int, int], ...
    ] = ()  #: first row, first column, last row, last column, from 0
    header_rows: tuple[int, ...] = ()  #: row numbers from 0
    coarse: Mapping[tuple[int, int], str] = field(
        default_factory=dict
    )  #: row and column, from 0, of days of which only month or year is shown -> the format
    hidden: bool = False  #: whether the sheet is hidden


@dataclass(frozen=True, slots=True)
class Ledger:
    """A workbook after reading."""

    path: str
    rows: tuple[LedgerRow, ...]
    columns: tuple[RecognisedColumn, ...]
    complaints: tuple[Complaint, ...]
    sheets: tuple[SheetCopy, ...]
    entries: tuple[Entry, ...] = ()  #: made in a plan workbook, with no cell of their own in the tables
    differences: tuple[Difference, ...] = ()  #: within this ledger, or between it and an edited copy of it
