"""What is supposed, held against itself and the law in force: contradictions, repeats, what is so already.

Reads from: ``rules``.  Read by: ``worlds``, ``whatif``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taizhang.cli.console import said
from taizhang.errors import InputError
from taizhang.rules.pack import find_document
from taizhang.rules.supposing import suppose
from taizhang.rules.terms import Pack, Ref, Supposition

__all__ = ["document", "nothing_new", "option_of", "refuse_contradictions", "without_repeats"]


def option_of(one: Supposition) -> str:
    """A supposition as it is written at the terminal."""
    sign = "=" if one.kind == "set" else "@"
    return f"--{one.kind} {one.target}" + (f"{sign}{one.value}" if one.value else "")


def document(name: str) -> Path:
    """The file of an overlay or a decision, by name or path."""
    return find_document(name).resolve()


def without_repeats(supposed: Sequence[Supposition]) -> tuple[tuple[Supposition, ...], tuple[str, ...]]:
    """Each supposition once, and a notice for each that was given again."""
    once = tuple(dict.fromkeys(supposed))
    again = [one for one in once if list(supposed).count(one) > 1]
    return once, tuple(
        said(
            f"{option_of(one)} 重复给出，只计一次。",
            f"{option_of(one)} is given more than once: counts once.",
        )
        for one in again
    )


def refuse_contradictions(supposed: Sequence[Supposition]) -> None:
    """Refuse suppositions that cannot stand together.

    Raises:
        InputError: ``E-WHATIF-CONTRARY`` two values of one parameter, or a need waived and required.
    """
    opposite = {"set": "set", "waive": "require"}
    for one in supposed:
        for other in supposed:
            if other.kind == opposite.get(one.kind) and other.target == one.target and other != one:
                raise InputError(
                    "{one} and {other} contradict each other.",
                    hint="Leave one of them out, or run the command once with each.",
                    zh="{one} 与 {other} 相互矛盾。请只保留其一，或分两次推演。",
                    code="E-WHATIF-CONTRARY",
                    one=option_of(one),
                    other=option_of(other),
                )


def nothing_new(pack: Pack, law: Sequence[str], supposed: Sequence[Supposition]) -> Iterator[str]:
    """A notice for each supposition that is so already under the law in force."""
    kept = {document(name) for name in law}
    for one in supposed:
        if _so_already(pack, one) or (one.kind in ("overlay", "decision") and document(one.target) in kept):
            yield said(
                f"{option_of(one)} 现已如此，推演不会带来变化。",
                f"{option_of(one)} is in force already: it changes nothing.",
            )


def _so_already(pack: Pack, one: Supposition) -> bool:
    """Whether a way is adopted everywhere, a need asked for in every case, or a value the one in force."""
    name, _, rest = one.target.partition(".")
    way_id, _, need = rest.partition(".")
    way = (
        next((way for way in pack.nodes[name].ways if way.id == way_id), None) if name in pack.nodes else None
    )
    if one.kind == "enable" and way:
        return pack.in_force(way) and not way.scope
    if one.kind == "require" and way:
        return any(isinstance(each, Ref) and each.when is None and each.ref == need for each in way.needs)
    if one.kind == "set" and one.target in pack.params:
        param = pack.params[one.target]
        return suppose(pack, (one,)).params[one.target].on(pack.as_of) == param.on(pack.as_of)
    return False
