"""Interleaved rounds: every engine once a round, so that a busy machine slows them alike.

CPU seconds of the process stand beside wall seconds: on a shared machine they are the steadier ones.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

__all__ = ["Timed", "interleaved"]


@dataclass(slots=True)
class Timed:
    """Seconds of one piece of work, one entry a round; the warm-up is not among them."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def per(self, rows: int) -> dict[str, float]:
        """Microseconds a row: median, minimum and maximum of the wall, median of the CPU time."""
        scale = 1e6 / rows
        return {
            "median_us": round(median(self.wall) * scale, 4),
            "min_us": round(min(self.wall) * scale, 4),
            "max_us": round(max(self.wall) * scale, 4),
            "cpu_us": round(median(self.cpu) * scale, 4),
        }

    @property
    def seconds(self) -> float:
        """Median wall time."""
        return median(self.wall)


def interleaved(
    work: Mapping[str, tuple[Callable[[], Any], Callable[[Any], Any]]], rounds: int
) -> tuple[dict[str, Timed], dict[str, Timed], dict[str, Any]]:
    """Run every ``(input, answer)`` pair once as warm-up and then once a round.

    Returns:
        Times of the input, times of the answer, and the answers of the warm-up, by name.
    """
    inputs: dict[str, Timed] = {name: Timed() for name in work}
    answers: dict[str, Timed] = {name: Timed() for name in work}
    first: dict[str, Any] = {}
    for number in range(rounds + 1):
        for name, (load, answer) in work.items():
            gc.collect()
            keep = number > 0
            loaded = _clocked(load, inputs[name] if keep else Timed())
            found = _clocked(partial(answer, loaded), answers[name] if keep else Timed())
            if number == 0:
                first[name] = found
    return inputs, answers, first


def _clocked(work: Callable[[], Any], into: Timed) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    into.wall.append(time.perf_counter() - wall)
    into.cpu.append(time.process_time() - cpu)
    return found
