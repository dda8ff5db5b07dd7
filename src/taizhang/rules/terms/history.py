"""What was done before, and what is told of the days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

__all__ = ["Backtest", "Completed", "Desk", "EstateOutlook", "Forecast"]


@dataclass(frozen=True, slots=True)
class Completed:
    """One piece of work that is done, as a log tells it."""

    item: str  #: node or paper id
    supplier: str  #: who did it
    received: date  #: it could be begun
    begun: date
    ended: date


@dataclass(frozen=True, slots=True)
class Backtest:
    """How a forecast of the end of the log would have come true.

    Attributes:
        since: Work received from this day on was forecast from what had ended before it.
        tested: How many pieces of work that are.
        within: By percentile, such as 80: the share of them that ended by the day told.
        reliable: Whether the share for 80 is at least 0.7, and that for 95 at least 0.85.
    """

    since: date
    tested: int
    within: Mapping[int, float]
    reliable: bool


@dataclass(frozen=True, slots=True)
class EstateOutlook:
    """When an estate's last home has its certificate.

    Attributes:
        place, name: The estate.
        units: Homes that take part.
        path: Working days along the critical path of its work, were nobody ever busy with something else.
        days: Working days by percentile.
        dates: Likewise as dates; ``None`` where no holiday notice is out yet.
        change: Mean working days that it ends later with other desks, the same runs compared; 0 where
            nothing is supposed.
    """

    place: str
    name: str
    units: int
    path: int
    days: Mapping[int, int]
    dates: Mapping[int, date | None]
    change: float = 0.0


@dataclass(frozen=True, slots=True)
class Desk:
    """How busy a supplier is.

    Attributes:
        supplier: Who.
        desks: Pieces of work it does at a time.
        pieces: Pieces of work that wait for it in all.
        busy: Share of the desks' time that is worked until the last piece is done, 0 to 1.
        wait: Mean working days that a piece waits for a desk.
        change: By how much that mean is higher with other desks, the same runs compared.
    """

    supplier: str
    desks: int
    pieces: int
    busy: float
    wait: float
    change: float = 0.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """When work will be done, as far as a log allows to say.

    Attributes:
        start: The first day.
        known: Share of the remaining work of which the log tells how long it takes, 0 to 1.
        runs, seed: Simulated runs, and where their chances begin.
        ranked: Whether most homes go first; otherwise who comes first.
        estates: In the order of the plans; without those in which nothing is planned.
        desks: The busiest first.
        assumed: Papers and steps done too seldom to tell how long they take: planned or legal days count.
        unseen: Suppliers that are not in the log and of whom nobody says how much they do: one desk counts.
        backtest: Without it nothing is told.
    """

    start: date
    known: float
    runs: int
    seed: int
    ranked: bool
    estates: tuple[EstateOutlook, ...]
    desks: tuple[Desk, ...]
    assumed: tuple[str, ...]
    unseen: tuple[str, ...]
    backtest: Backtest
