"""What stands in the cells of the three sheets.

A column is held as the few texts that occur in it and, for each row, the number of its text:
132,600 rows of 60 columns are then eight million small numbers.

Reads from: ``amounts``, ``columns``, ``drawing``, ``identity``, ``layout``, ``papers``, ``sheet``, numpy.
Read by: ``writing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.demo_city.amounts import amount
from taizhang.exchange.demo_city.columns import Column, answer_word
from taizhang.exchange.demo_city.drawing import Answers, answers
from taizhang.exchange.demo_city.identity import Identities
from taizhang.exchange.demo_city.layout import City, Whole, stream
from taizhang.exchange.demo_city.named import KNITTING
from taizhang.exchange.demo_city.papers import HELD, LOST, MISSING, UNCLEAR, paper_states
from taizhang.exchange.demo_city.sheet import BLANK_CELL, Cells
from taizhang.rules.terms import Fact, Pack

__all__ = ["Rows"]

# How an office writes it, by office: there, missing, lost, unclear.
_HANDS = {
    "zh": (
        ("√", "缺", "灭失", "不清楚"),
        ("有", "无", "灭失", "不清楚"),
        ("齐全", "缺", "已灭失", "待核实"),
        ("已办", "未办", "无法补办", "不详"),
    ),
    "en": (("yes", "no", "灭失", "?"),),
}
_SAID = 0.15  # of what is not known, so much is written down as not known
_OVER = {"zh": "不清楚", "en": "?"}


class Rows:
    """The cells of one city under one pack, column by column."""

    def __init__(self, pack: Pack, city: City, language: str) -> None:
        self._pack, self._city, self._language = pack, city, language
        self._facts: Mapping[str, Answers] = answers(pack, city)
        self._identities = Identities(city)
        self._hand = stream(city.seed, "hands").integers(len(_HANDS[language]), size=len(city.units))

    def cells(self, column: Column, sheet: str) -> Cells:
        """The cells of a column on ``estate``, ``building`` or ``unit``."""
        if column.kind == "identity":
            return self._identities.cells(column.field, sheet)
        if column.kind == "paper":
            return self._paper(column.field)
        fact = self._pack.facts[column.field]
        return self._fact(fact) if fact.id in self._facts else amount(fact, self._city)

    def _fact(self, fact: Fact) -> Cells:
        """The answers as they are written; what is not known is mostly left empty."""
        found, city = self._facts[fact.id], self._city
        words: Sequence[str | float] = [
            float(value) if fact.type in ("integer", "decimal") else answer_word(fact, value, self._language)
            for value in found.values
        ]
        said = city.draws(stream(city.seed, f"said {fact.id}"), fact.level) < _SAID
        told = _told(city, fact.level)
        unknown = np.where(said & ~told, len(words), BLANK_CELL)
        codes = np.where(found.known, found.truth, unknown)
        return Cells([*words, _OVER[self._language]], codes)

    def _paper(self, name: str) -> Cells:
        """The states as the office of the estate writes them."""
        city, hands = self._city, _HANDS[self._language]
        level = self._pack.level_of(name)
        states = paper_states(self._pack, city, name, self._facts)
        texts = [word for hand in hands for word in hand]
        kinds = np.full(UNCLEAR + 1, BLANK_CELL)
        kinds[[HELD, MISSING, LOST, UNCLEAR]] = range(4)
        codes = np.where(
            kinds[states] < 0, BLANK_CELL, kinds[states] + 4 * self._hand[city.estates_of(level)]
        )
        told = _told(city, level)
        codes[told] = BLANK_CELL
        if told.any() and name in KNITTING.papers:
            word = _in_english(KNITTING.papers[name]) if self._language == "en" else KNITTING.papers[name]
            codes[told] = len(texts)
            texts.append(word)
        return Cells(texts, codes)


def _told(city: City, level: str) -> NDArray[np.bool_]:
    """The estate of the article and its building: written as they are told."""
    if level not in ("estate", "building"):
        return np.zeros(len(city.estates_of(level)), np.bool_)
    estate: Whole = city.estates_of(level)
    return np.asarray(estate == city.named)


def _in_english(word: str) -> str:
    return {"√": "yes", "有": "yes", "无": "no", "缺": "no"}.get(word, "?")
