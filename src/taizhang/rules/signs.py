"""What is recognised by a random number instead of by its content, alike for all laws that say the same.

A structure of a city is recognised by a sum of 64-bit random numbers, one for each element and state.
The numbers follow from what the law says of the element and its ways, not from its place in the
graph: two laws that say the same have the same numbers, and share what was found under either.

Reads from: ``template``.  Read by: ``cuts``, ``view``, ``recall``, ``agree``.

Source:
    Zobrist, "A new hashing method with application for game playing" (1970): among 100,000 structures
    two are taken for one another with a probability below 1e-9.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from taizhang.rules.ground import Condition
from taizhang.rules.template import Template

__all__ = ["Words", "element_sign", "mixed", "random_words", "way_sign", "words_of"]

Words: TypeAlias = NDArray[np.uint64]

_STEP = 0x9E3779B97F4A7C15
_FULL = (1 << 64) - 1


def mixed(keys: Words) -> Words:
    """Numbers spread over all bits, so that sums of them tell what was summed up.

    Source:
        Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
    """
    mixed = keys + np.uint64(_STEP)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def words_of(mask: int, words: int) -> tuple[int, ...]:
    """Bits as so many words, the lowest first; bits beyond them are left out."""
    return tuple(mask >> 64 * word & _FULL for word in range(words))


@lru_cache(maxsize=100_000)
def random_words(count: int, *name: int) -> Words:
    """Random numbers for a name, always the same; not to be changed.

    >>> bool((random_words(4, 1, 2)[:2] == random_words(2, 1, 2)).all())
    True
    """
    start = int.from_bytes(blake2b(repr(name).encode(), digest_size=8).digest(), "little")
    steps = np.arange(count, dtype=np.uint64) * np.uint64(_STEP) + np.uint64(start)
    words = mixed(steps)
    words.setflags(write=False)
    return words


def element_sign(template: Template, number: int) -> int:
    """A number for an element, its ways apart: what it is called, where it stands and what it costs."""
    return _signs(template)[0][number]


def way_sign(template: Template, number: int, at: int) -> int:
    """A number for everything that one way of an element says."""
    return _signs(template)[1][number][at]


def _signs(template: Template) -> tuple[list[int], list[list[int]]]:
    if "signs" not in template.kept:
        template.kept["signs"] = _signed(template)
    found: tuple[list[int], list[list[int]]] = template.kept["signs"]
    return found


def _signed(template: Template) -> tuple[list[int], list[list[int]]]:
    elements = template.problem.elements
    own = [
        _sign(one.name, one.place, one.cost, level, depth)
        for one, level, depth in zip(elements, template.level, template.depth, strict=True)
    ]
    guards = [_guard(template, condition) for condition in template.conditions]
    ways = []
    for number, told in enumerate(template.ways):
        signs = []
        for option, way in zip(elements[number].options, told, strict=True):
            needs = tuple((need.k, tuple(own[one] for one in need.of)) for need in way.needs)
            guard = guards[way.condition] if way.condition >= 0 else 0
            signs.append(_sign(own[number], option.way.id, way.rank, way.step, way.spread, needs, guard))
        ways.append(signs)
    return own, ways


def _guard(template: Template, condition: Condition) -> int:
    """A number for the answers under which a guard holds."""
    facts = []
    for number in condition.facts:
        fact = template.problem.facts[number]
        classes = tuple((one.value, one.answers) for one in fact.classes)
        facts.append((fact.name, template.fact_level[number], classes))
    return _sign(facts, sorted(condition.holds))


def _sign(*content: object) -> int:
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), "little") & _FULL
