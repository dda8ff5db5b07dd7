"""A city planned in one go: marginal plans in columns, joint plans estate by estate.

Reads from: ``joining``, ``portrait``, ``lasting``.  Read by: the doors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from taizhang.rules.bills import bill_columns
from taizhang.rules.estate import Stopwatch, full_plan
from taizhang.rules.joining import join_city
from taizhang.rules.lasting import lasting_plans
from taizhang.rules.plan import declared_order
from taizhang.rules.portrait import Portraits
from taizhang.rules.reviewed import reviewed, verdicts
from taizhang.rules.solver import Library, city_library
from taizhang.rules.table import Table, answer_column, held_column, tabulate
from taizhang.rules.template import Template, compile_pack
from taizhang.rules.terms import Bill, Dossier, EstatePlan, Pack, Value
from taizhang.rules.upward import Upward
from taizhang.rules.worktime import WorkCalendar

__all__ = ["Prepared", "plan_city", "prepare"]

_KEPT = "pieces of a city"
_MOST_KEPT = 50_000  # pieces; a law that has more begins anew


def plan_city(
    pack: Pack,
    dossiers: Sequence[Dossier],
    identities: Sequence[Mapping[str, str]],
    calendar: WorkCalendar,
    *,
    objective: str | Sequence[str] | None = None,
    watch: Stopwatch | None = None,
    progress: Callable[[int, int], None] | None = None,
    library: Library | None = None,
    prepared: Prepared | None = None,
) -> list[EstatePlan]:
    """Plan every estate of a city.

    Args:
        pack: The law on its day.
        dossiers: One estate each, with a place on every level of the pack.
        identities: What the ledger says of each in words.
        calendar: For the dates.
        objective: ``cheapest``, ``fewest``, ``fastest`` or the parts in order.
        watch: Told when each stage is done.
        progress: Told the estates done and all of them.
        library: Pieces solved before, under the same pack; :func:`city_library` makes one.  By
            default those that were solved for the same pack before.
        prepared: The dossiers in columns and their bills, where they are known.

    Cost:
        Where something shared needs something of every home, or days do not come last in the objective, each
        estate is planned by itself, home by home.
    """
    order = declared_order(pack, objective)
    if not dossiers:
        return []
    watch = watch or Stopwatch(lambda: 0.0)
    dossiers = [one.current() for one in dossiers]
    template = compile_pack(pack)
    # columns compare days last; and where something rests on every home, one cannot speak for others
    if template.rests_on_homes or order[-1:] != ("days",):
        each = []
        for one, name in zip(dossiers, identities, strict=True):
            each.append(full_plan(pack, one, name, calendar, objective=order, watch=watch))
            if progress:
                progress(len(each), len(dossiers))
        return each
    own, library = library is None, library or _kept(pack)
    given = prepared or prepare(pack, dossiers)
    last = given.last[-1] if given.last else None
    joined = join_city(
        pack, given.table, dossiers, order, library, before=last, watch=watch, progress=progress
    )
    given.last[:] = [joined.columns.units.tier.up]
    portraits = Portraits(pack, template, joined.columns, joined.walked, given.bills, calendar, order)
    drawn = [
        portraits.of(dossier, identity, one, units)
        for dossier, identity, one, units in zip(
            dossiers, identities, joined.shared, joined.ranges, strict=True
        )
    ]

    def whole(number: int) -> EstatePlan:
        return full_plan(pack, dossiers[number], identities[number], calendar, objective=order)

    told = verdicts(pack, dossiers, drawn, joined, portraits.witnesses)
    plans = lasting_plans(
        pack,
        dossiers,
        list(reviewed(drawn, told, whole)),
        calendar,
        order,
        lambda some, names: plan_city(pack, some, names, calendar, objective=objective, library=library),
    )
    if own and len(library.known) < _MOST_KEPT:
        pack.once[_KEPT] = library
    watch.lap("plan")
    return plans


def _kept(pack: Pack) -> Library:
    """The pieces of this law that were solved before, taken away while somebody plans with them.

    Who plans at the same time, in another thread, finds none and solves them again.
    """
    found = pack.once.pop(_KEPT, None)
    return found if isinstance(found, Library) else city_library()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a city's plans are made of.

    Attributes:
        table: The dossiers in columns.
        bills: One for each unit.
        last: The pass from below that was made last, over these columns or those before them.
    """

    table: Table
    bills: Sequence[Bill]
    last: list[Upward] = field(default_factory=list)

    def changed(self, pack: Pack, dossiers: Sequence[Dossier], name: str, *, fact: bool) -> Prepared:
        """The same where only what is said of one paper, node or fact is another."""
        template = compile_pack(pack)
        names = [one.name for one in (template.problem.facts if fact else template.problem.elements)]
        table = self.table
        if name in names and fact:
            at = names.index(name)
            column = answer_column(template, table, dossiers, at)
            table = replace(table, answers=(*table.answers[:at], column, *table.answers[at + 1 :]))
        elif name in names:
            at = names.index(name)
            held = held_column(template, table, dossiers, at)
            table = replace(table, held=(*table.held[:at], held, *table.held[at + 1 :]))
        bills = _bills(pack, template, table, dossiers) if fact else self.bills
        return Prepared(table, bills, self.last)


def prepare(pack: Pack, dossiers: Sequence[Dossier]) -> Prepared:
    """Return dossiers in columns, with their bills; of dossiers without what lapsed."""
    template = compile_pack(pack)
    table = tabulate(template, dossiers)
    return Prepared(table, _bills(pack, template, table, dossiers))


def _bills(pack: Pack, template: Template, table: Table, dossiers: Sequence[Dossier]) -> Sequence[Bill]:
    """The bill of every unit."""
    level = template.level[template.goal]
    names = {name for fee in pack.fees.values() for name in fee.formula.names}
    names |= {name for fee in pack.fees.values() if fee.when for name in fee.when.names}
    names = (names | {"price_with_vat", "vat_rate"}) & pack.facts.keys()
    places, owner = table.places[level], table.dossier[level].tolist()
    columns: dict[str, list[Value | None]] = {}
    for name in sorted(names):
        columns[name] = [dossiers[at].fact(name, place) for place, at in zip(places, owner, strict=True)]
    return bill_columns(pack, columns, len(places), pack.as_of)
