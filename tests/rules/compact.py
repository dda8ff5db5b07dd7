"""Short forms of packs and cases, for the message of a failing property test."""

from __future__ import annotations

from taizhang.rules.terms import AtLeast, Dossier, Each, Pack, Ref


def shown(pack: Pack, dossier: Dossier) -> str:
    """One line a node; what is there, what is lost, what is known."""
    lines = []
    for node in pack.nodes.values():
        ways = []
        for way in node.ways:
            needs = []
            for need in way.needs:
                name = (
                    need.ref
                    if isinstance(need, Ref)
                    else f"{need.k}/{need.of}"
                    if isinstance(need, AtLeast)
                    else f"each {need.ref}"
                    if isinstance(need, Each)
                    else "?"
                )
                needs.append(f"{name} if {need.when.text}" if need.when else name)
            step = (way.step.money_fen, way.step.effort, way.step.days)
            ways.append(
                f"{way.id}[r{way.rank} {step} {way.when.text if way.when else ''}]: {', '.join(needs)}"
            )
        lines.append(f"{node.id}@{node.level} <= " + " | ".join(ways))
    lines += [
        f"{e.id}@{e.level} {(e.cost.money_fen, e.cost.effort, e.cost.days)}" for e in pack.evidence.values()
    ]
    lines.append(str({key: state.value for key, state in dossier.held.items()}))
    lines.append(str(dict(dossier.facts)))
    return "\n".join(lines)
