"""Names as people write them, and the names that were meant: labels for ids, estates and homes nearly alike.

Reads from: ``rules.terms``.  Read by: ``worlds``, ``homes``, ``leverage``.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from taizhang.errors import InputError
from taizhang.rules.terms import Dossier, Pack, Supposition

__all__ = ["alike", "by_label", "meant", "path_of", "places_alike", "quoted"]

_MOST = 3  # names that are proposed
_PLAIN = re.compile(r"[\w@%+=:,./·›-]+")


def quoted(words: Iterable[str]) -> str:
    """Words as a line that can be copied to the terminal."""
    quote = (lambda text: f'"{text}"') if os.name == "nt" else shlex.quote
    return " ".join(one if _PLAIN.fullmatch(one) else quote(one) for one in words)


def alike(name: str, names: Iterable[str], cutoff: float = 0.4) -> list[str]:
    """The names most like one, those that hold it, or are held in it, first."""
    known = list(dict.fromkeys(one for one in names if one))
    inside = [one for one in known if name and (name in one or one in name)]
    close = get_close_matches(name, known, _MOST, cutoff)
    return list(dict.fromkeys((*inside, *close)))[:_MOST]


def meant(names: Sequence[str]) -> tuple[str, str]:
    """A question after the names that were meant, in Chinese and English; nothing where there are none."""
    if not names:
        return "", ""
    return f"是否应为：{'、'.join(names)}？", f"Did you mean: {', '.join(names)}? "


def by_label(pack: Pack, one: Supposition, error: InputError) -> InputError:
    """The error of an unknown name, with what has a label like it: a person knows labels, not ids.

    Args:
        pack: Gives the labels.
        one: What was supposed.
        error: ``E-WHATIF-NAME`` of the rules, with the id that is nearest.
    """
    labels = dict(_labels(pack, one))
    names = list(
        {labels[label]: f"{labels[label]}（{label}）" for label in alike(one.target, labels)}.values()
    )
    if one.target.isascii() or not names:
        return error
    zh, en = meant(names)
    return InputError(
        "'{name}' of --{kind} is not in the pack.",
        hint=en + "Ids are listed by 'taizhang pack show'.",
        zh="--{kind} 中的“{name}”在规则包中不存在。" + zh + "标识可用 taizhang pack show 查看。",
        code="E-WHATIF-NAME",
        name=one.target,
        kind=one.kind,
    )


def _labels(pack: Pack, one: Supposition) -> Iterator[tuple[str, str]]:
    """Labels with the ids that stand for them, of what this kind of supposition names."""
    for lang in ("zh", "en"):
        if one.kind in ("enable", "waive", "require"):
            for node in pack.nodes.values():
                for way in node.ways:
                    way_id = f"{node.id}.{way.id}"
                    yield f"{node.label.in_(lang)}·{way.label.in_(lang)}", way_id
                    yield way.label.in_(lang), way_id
        elif one.kind == "set":
            yield from ((param.label.in_(lang), name) for name, param in pack.params.items())
        else:
            for name in (*pack.evidence, *pack.nodes):
                yield pack.label_of(name).in_(lang), name


def path_of(dossier: Dossier, place: str) -> str:
    """A place written out from its estate down: ``estate/building/unit``."""
    chain = [dossier.places[one] for one in dossier.chain(place)]
    levels = [one.level for one in chain]
    inside = chain[: levels.index("estate") + 1] if "estate" in levels else chain
    return "/".join(one.name for one in reversed(inside) if one.name)


def places_alike(dossiers: Sequence[Dossier], where: str, levels: Sequence[str]) -> list[str]:
    """Places whose names are like ``estate/building/unit``, written out in the same way.

    Args:
        dossiers: The city.
        where: What was written.
        levels: On which of them the place should be.
    """
    parts = [part.strip() for part in where.split("/")]
    roots: dict[str, list[Dossier]] = {}
    for dossier in dossiers:
        for place in dossier.places.values():
            if place.level == "estate":
                roots.setdefault(place.name, []).append(dossier)
    if parts[0] not in roots:
        return ["/".join((name, *parts[1:])) for name in alike(parts[0], roots)]
    paths = [
        path_of(dossier, place.id)
        for dossier in roots[parts[0]]
        for place in dossier.places.values()
        if place.level in levels
    ]
    return alike("/".join(parts), paths, 0.0)
