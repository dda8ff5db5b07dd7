"""OpenFisca-Core as a yes/no engine: one boolean variable per node, vectorised over all homes.

OpenFisca computes no plans.  Enum facts are columns of codes, papers are boolean columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench.cases import Case, lawful_ways, needs_of, reached
from bench.translation import Column, to_numpy
from taizhang.rules.terms import Pack, Way

__all__ = ["calculate", "whole"]

_PERIOD = "2026-11"


class _Law:
    """The pack as a tax-benefit system."""

    def __init__(self, pack: Pack) -> None:
        from openfisca_core.entities import build_entity  # noqa: PLC0415 - a peer that may be missing
        from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # noqa: PLC0415

        self.pack = pack
        self.nodes = reached(pack)
        self.codes = {
            (name, value): code for name, fact in pack.facts.items() for code, value in enumerate(fact.values)
        }
        self.home = build_entity(key="home", plural="homes", label="A home", is_person=True)
        self.system = TaxBenefitSystem([self.home])
        guards = [way.when for node in self.nodes for way in lawful_ways(pack, node)]
        guards += [n[0] for node in self.nodes for way in lawful_ways(pack, node) for n in needs_of(way)]
        read = frozenset().union(*(guard.names for guard in guards if guard))
        self.facts = sorted(read & pack.facts.keys())
        papers = {
            o for n in self.nodes for w in lawful_ways(pack, n) for _, _, names in needs_of(w) for o in names
        }
        self.inputs = [f"held_{node}" for node in self.nodes] + sorted(papers & pack.evidence.keys())
        for name in self.inputs:
            self._add(name, bool)
        for name in self.facts:
            kind = pack.facts[name].type
            self._add(name, {"bool": bool, "enum": int}.get(kind, float))
        for node in self.nodes:
            self._add(node, bool, self._formula(node))

    def _add(self, name: str, kind: type, formula: Callable[[Any, Any], Column] | None = None) -> None:
        from openfisca_core.periods import DateUnit  # noqa: PLC0415 - a peer that may be missing
        from openfisca_core.variables import Variable  # noqa: PLC0415

        body: dict[str, Any] = {
            "value_type": kind,
            "entity": self.home,
            "definition_period": DateUnit.MONTH,
            "label": name,
        }
        if formula:
            body["formula"] = formula
        self.system.add_variable(type(name, (Variable,), body))

    def _formula(self, node: str) -> Callable[[Any, Any], Column]:
        ways = lawful_ways(self.pack, node)

        def formula(home: Any, period: Any) -> Column:
            found: Column = home(f"held_{node}", period)
            for way in ways:
                found = found | self._way(way, home, period)
            return found

        return formula

    def _way(self, way: Way, home: Any, period: Any) -> Column:
        def guard(text: str) -> Column:
            return to_numpy(text, lambda name: home(name, period), lambda f, v: self.codes[f, v])

        found = guard(way.when.text) if way.when else np.ones(home.count, dtype=bool)
        for when, least, names in needs_of(way):
            met = sum(home(name, period).astype(np.int8) for name in names) >= least
            found = found & (met | ~guard(when.text) if when else met)
        return found

    def columns(self, cases: Sequence[Case]) -> tuple[int, dict[str, Column]]:
        """The cases turned into one array per input."""
        found: dict[str, Column] = {}
        for name in self.inputs:
            what = name.removeprefix("held_")
            found[name] = np.fromiter((what in case.on_hand for case in cases), bool, len(cases))
        for name in self.facts:
            if self.pack.facts[name].type == "enum":
                found[name] = np.fromiter(
                    (self.codes[name, str(c.facts[name])] for c in cases), np.int32, len(cases)
                )
            else:
                kind = bool if self.pack.facts[name].type == "bool" else np.float32
                found[name] = np.fromiter((c.facts[name] for c in cases), kind, len(cases))
        return len(cases), found

    def simulation(self, loaded: tuple[int, dict[str, Column]]) -> Any:
        """A simulation with every input set."""
        from openfisca_core.simulations import SimulationBuilder  # noqa: PLC0415 - a peer that may be missing

        count, columns = loaded
        simulation = SimulationBuilder().build_default_simulation(self.system, count)
        for name, column in columns.items():
            simulation.set_input(name, _PERIOD, column)
        return simulation


def calculate(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """Only the calculation is the answer; columns and ``set_input`` are input."""
    law = _Law(pack)
    return (
        lambda cases: law.simulation(law.columns(cases)),
        lambda simulation: simulation.calculate(pack.goal, _PERIOD).tolist(),
    )


def whole(pack: Pack) -> tuple[Callable[[Sequence[Case]], Any], Callable[[Any], Any]]:
    """From columns to the answer: a simulation, ``set_input`` and the calculation."""
    law = _Law(pack)
    return law.columns, lambda loaded: law.simulation(loaded).calculate(pack.goal, _PERIOD).tolist()
