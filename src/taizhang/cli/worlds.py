"""What is and what would be, from the options of a command.

Shared by ``whatif`` and ``leverage``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from taizhang.cli.console import DATE, said
from taizhang.cli.mappings import Mappings
from taizhang.cli.naming import by_label, meant, path_of, places_alike
from taizhang.cli.supposed import document
from taizhang.errors import InputError, PackError
from taizhang.exchange.excel.dossiers import dossiers_of
from taizhang.exchange.excel.returned.receiving import receive
from taizhang.rules.document import read_document
from taizhang.rules.pack import find_document, load_pack
from taizhang.rules.scope import Nowhere, named_nowhere
from taizhang.rules.supposing import supply, suppose
from taizhang.rules.terms import Dossier, Pack, Supposition
from taizhang.rules.whatif import World
from taizhang.settings import language

__all__ = ["Worlds", "law_options", "notice_lines", "notices_json"]

_F = TypeVar("_F", bound=Callable[..., object])
_ASKED = ("overlay", "decision")


def law_options(command: _F) -> _F:
    """The options that say what is in force already."""
    options = (
        click.option(
            "--pack", "pack_name", default="title-certificates", show_default=True, help="The pack."
        ),
        click.option(
            "--law",
            multiple=True,
            help="Overlay or decision that is in force already, by name or file; may be repeated.",
        ),
        click.option(
            "--as-of", type=DATE, help="The day whose law and knowledge count (default: today in China)."
        ),
        click.option(
            "--prefer",
            type=click.Choice(["cheapest", "fewest"]),
            default="cheapest",
            show_default=True,
            help="What comes after the legal order.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _layers(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Overlays and decisions among the names of documents."""
    overlays: list[str] = []
    decisions: list[str] = []
    for name in names:
        kind = read_document(find_document(name)).kind
        (decisions if kind == "decision" else overlays).append(name)
    return overlays, decisions


@dataclass(frozen=True, slots=True)
class Worlds:
    """One city under the law in force and under supposed law.

    Attributes:
        pack_name, law, day: What the law in force is made of.
        before_pack: The law in force.
        widest: The law with all supposed documents, by which ledgers are read.
        dossiers, identities: The city.
        ledgers: Names of the files.
        complaints, unread: How many places of the ledgers could not be used as they stand, and how many
            columns were not understood.
    """

    pack_name: str
    law: tuple[str, ...]
    day: date
    before_pack: Pack
    widest: Pack
    dossiers: tuple[Dossier, ...] = ()
    identities: tuple[Mapping[str, str], ...] = ()
    ledgers: tuple[str, ...] = ()
    complaints: int = 0
    unread: int = 0

    @classmethod
    def of(cls, pack_name: str, law: tuple[str, ...], day: date, supposed: Sequence[Supposition]) -> Worlds:
        """Load the laws; every supposition is tried: a wrong name is said before any ledger is read."""
        before = cls._loaded(pack_name, law, day, ())
        found = cls(pack_name, law, day, before, before)
        found = replace(found, widest=found.after_pack([one for one in supposed if one.kind in _ASKED]))
        for one in supposed:
            found._named_rightly(one)
        return replace(found, widest=found.after_pack(supposed))

    def _named_rightly(self, one: Supposition) -> None:
        """Try one supposition; where a name is unknown, say also what has a label like it."""
        try:
            suppose(self.widest, (one,))
            supply(self.widest, (), (one,))
        except InputError as error:
            if error.code == "E-WHATIF-PLACE":
                return  # no ledger has been read yet
            if error.code == "E-WHATIF-NAME":
                raise by_label(self.widest, one, error) from None
            raise
        except PackError:
            return  # alone it may not stand; together it is tried next

    @staticmethod
    def _loaded(pack_name: str, law: Sequence[str], day: date, more: Sequence[str]) -> Pack:
        named = {document(name): name for name in reversed((*law, *more))}  # each once
        overlays, decisions = _layers([*reversed(named.values())])
        return load_pack(pack_name, overlays=overlays, decisions=decisions, as_of=day)

    def after_pack(self, supposed: Sequence[Supposition]) -> Pack:
        """The law with suppositions."""
        more = [one.target for one in supposed if one.kind in _ASKED]
        pack = self._loaded(self.pack_name, self.law, self.day, more) if more else self.before_pack
        return suppose(pack, supposed)

    def reading(
        self,
        ledgers: Sequence[Path],
        mappings: Mappings,
        tell: Callable[[str, int, int], None],
        supposed: Sequence[Supposition] = (),
    ) -> Worlds:
        """The worlds with what ledgers say; every place that is named is looked up at once."""
        received = receive(
            ledgers, self.widest, mapping=mappings.given, remembered=mappings.remembered, progress=tell
        )
        found = dossiers_of(received, self.widest)
        read = replace(
            self,
            dossiers=found.dossiers,
            identities=found.identities,
            ledgers=tuple(path.name for path in ledgers),
            complaints=found.complaints,
            unread=sum(one.kind == "unknown" for each in received.ledgers for one in each.columns),
        )
        for one in supposed:
            read._placed_rightly(one)
        return read

    def _placed_rightly(self, one: Supposition) -> None:
        """Try the place of a paper that is supplied; say what was meant before anything is planned."""
        try:
            supply(self.widest, self.dossiers, (one,))
        except InputError as error:
            if error.code != "E-WHATIF-PLACE":
                raise
            levels = ("estate", self.widest.level_of(one.target))
            near = [f"{one.target}@{name}" for name in places_alike(self.dossiers, one.value, levels)]
            zh, en = meant(near)
            error.zh, error.hint = error.zh.replace("。请写作", f"。{zh}请写作"), en + error.hint
            raise

    def notices(self) -> list[Nowhere]:
        """What decisions, in force or supposed, name and the ledgers do not have."""
        return named_nowhere(self.widest, self.dossiers)

    def before(self) -> World:
        """What is."""
        return World(self.before_pack, self.dossiers)

    def after(self, supposed: Sequence[Supposition]) -> World:
        """What would be."""
        pack = self.after_pack(supposed)
        return World(pack, supply(pack, self.dossiers, supposed))

    def not_taken(self) -> Iterator[str]:
        """One line where ledgers have places or columns that were not taken as they stand."""
        if self.complaints or self.unread:
            yield said(
                f"台账中有 {self.complaints:,} 处需要核对、{self.unread:,} 列未识别，推演未计入其内容；"
                "逐处说明见 taizhang plan 的工作表“导入问题”或 taizhang look。",
                f"In the ledgers {self.complaints:,} places are to be looked at and {self.unread:,} columns "
                "were not understood; they do not count here. `taizhang plan` or `taizhang look` shows them.",
            )

    def path(self, place: str) -> str:
        """A place by its id, written out as ``estate/building/unit``."""
        found = (one for one in self.dossiers if place in one.places)
        return next((path_of(one, place) for one in found), "")

    def names_of_homes(self, units: Set[str]) -> dict[str, tuple[str, str]]:
        """Of units by their place id: the name of the building, and their own."""
        return {
            one: (
                next((dossier.places[at].name for at in dossier.chain(one)[1:2]), ""),
                dossier.places[one].name or one,
            )
            for dossier in self.dossiers
            for one in units & dossier.places.keys()
        }

    def address(self, place: str) -> str:
        """What ``--supply ITEM@…`` takes for one place: its names, or its id where they are not enough."""
        path = self.path(place)
        meant = [
            each
            for dossier in self.dossiers
            for each, one in dossier.places.items()
            if one.name == path.rpartition("/")[2] and path_of(dossier, each) == path
        ]
        return path if len(meant) == 1 and path.count("/") < 2 else place

    def label(self, name: str, lang: str) -> str:
        """A paper or node in words."""
        return self.widest.label_of(name).in_(lang)

    def basis(self, target: str, lang: str) -> str:
        """The sources of a way, with a mark where no official text was seen."""
        node, _, way_id = target.partition(".")
        way = next(one for one in self.widest.nodes[node].ways if one.id == way_id)
        told: list[str] = []
        for name in way.sources:
            source = self.widest.sources[name]
            mark = said("，待核实", ", to be verified") if source.verify else ""
            told.append(f"{source.title.in_(lang)}{mark}")
        return said("；", "; ").join(told)

    def named(self, one: Supposition, lang: str) -> str:
        """A supposition in words."""
        node, _, way = one.target.partition(".")
        if one.kind in ("enable", "waive", "require") and node in self.widest.nodes:
            way, _, need = way.partition(".")
            ways = {each.id: each.label.in_(lang) for each in self.widest.nodes[node].ways}
            text = f"{self.label(node, lang)}·{ways.get(way, way)}"
            return f"{text}·{self.label(need, lang)}" if need else text
        if one.kind == "supply":
            return (
                f"{self.label(one.target, lang)}@{one.value}" if one.value else self.label(one.target, lang)
            )
        return f"{one.target}={one.value}" if one.value else one.target


def notice_lines(worlds: Worlds) -> Iterator[str]:
    """What should be looked at before the figures are believed."""
    for one in worlds.notices():
        yield f"{one.say(language())} [C-DECISION-ESTATE]"


def notices_json(worlds: Worlds) -> list[dict[str, str]]:
    """The same for programs."""
    return [
        {"code": "C-DECISION-ESTATE", "decision": one.decision, "read": one.name, "near": one.near}
        | {"message": one.say("en"), "zh": one.say("zh")}
        for one in worlds.notices()
    ]
