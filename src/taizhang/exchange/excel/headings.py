"""Which column means what: headings against the synonyms of the pack, each with its reason.

Reads from: ``rules.terms``.  Read by: ``reading``, ``tables``, ``template``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from taizhang.rules.terms import Pack

__all__ = ["Headings", "Match", "normal"]

_IGNORED = re.compile(r"[\s*＊:：、,，.。·\-—_/\\|()（）\[\]【】《》<>“”\"']+")
_UNITS = re.compile(r"[(（\[【](元|万元|㎡|m2|m²|平方米|平米|户|套|幢|栋|%|年|年月|年月日|必填|选填|是/否|有/无)[)）\]】]")


def normal(text: object) -> str:
    """A heading without what does not tell headings apart: width, spaces, brackets, units."""
    plain = unicodedata.normalize("NFKC", str(text))
    return _IGNORED.sub("", _UNITS.sub("", plain)).casefold()


@dataclass(frozen=True, slots=True)
class Match:
    """What a heading was taken for."""

    field: str
    kind: str  #: identity, fact or evidence
    spelling: str  #: the synonym that matched
    part: str  #: whole, last or first: which part of a merged heading matched


class Headings:
    """The synonyms of one pack, ready to be asked."""

    def __init__(self, pack: Pack) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._kinds: dict[str, str] = {}
        for field, synonyms in pack.headings.items():
            self._add(pack, field, *synonyms)
        for table in (pack.facts, pack.evidence, pack.nodes):
            for name in table:
                label = pack.label_of(name)
                self._add(pack, name, name, label.zh, label.en)

    def _add(self, pack: Pack, field: str, *spellings: str) -> None:
        kind = "fact" if field in pack.facts else "identity"
        if field in pack.evidence or field in pack.nodes:
            kind = "evidence"
        self._kinds[field] = kind
        for spelling in spellings:
            self._known.setdefault(normal(spelling), (field, spelling))

    def match(self, parts: tuple[str, ...]) -> Match | None:
        """What a (merged) heading means: the whole first, then its last, then its first part."""
        tries = [("whole", "".join(parts))]
        if len(parts) > 1:
            tries += [("last", parts[-1]), ("whole", "".join(parts[-2:]))]
        for part, text in tries:
            found = self._known.get(normal(text))
            if found:
                return Match(found[0], self._kinds[found[0]], found[1], part)
        return None

    def knows(self, text: str) -> bool:
        """Whether a single cell is a known heading."""
        return bool(text) and normal(text) in self._known

    def nearest(self, text: str) -> str:
        """The known spelling most like an unknown heading, or nothing."""
        close = get_close_matches(normal(text), self._known, 1, 0.6)
        return self._known[close[0]][1] if close else ""
