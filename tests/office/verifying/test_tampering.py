"""Nothing can be changed or lost without being seen.

Somebody who may write the whole database changes it behind the office's back, in ways that are drawn by lot,
and ``verify`` has to see each.
"""

from __future__ import annotations

import hashlib
import os
import random
import zlib
from collections import Counter

from django.db import connection

from taizhang import verify as verifier
from taizhang.ledger.models import (
    JournalEntry,
    JournalPart,
)
from taizhang.office import journal
from taizhang.verify import verify
from tests.office.tampering import ACTS, JOURNAL, NothingDoneError, State, Tamperer

from .told import codes, head, write_a_ledger

CHECK = os.environ.get("TAIZHANG_PROFILE") == "check"

TRIES = {"sqlite": 5_000 if CHECK else 200, "postgresql": 1_000 if CHECK else 100}


def test_every_tampering_is_found(ledger, monkeypatch):
    """Flip, delete, insert, reorder in the journal and in the tables; truncation by an anchor alone."""
    monkeypatch.setattr(journal, "_LINES", 5)
    tamperer = Tamperer(ledger)
    states = write_a_ledger(tamperer)
    last, before = head(), states[-1]
    tamperer.drop_triggers()
    draw = random.Random(20261126)
    seen: Counter[str] = Counter()
    for number in range(TRIES[connection.vendor]):
        kind = draw.choice([*ACTS, "truncate"])
        cut = kind == "truncate"
        where = truncated(tamperer, states, draw) if cut else drawn(tamperer, before, kind, draw)
        verdict = verify(ledger, [last] if cut else [])

        assert verdict.findings, f"{number}: {kind} {where} was not seen"
        seen.update({kind, *(one.code for one in verdict.findings)})
        tamperer.put(before, () if cut else (tamperer.touched,))
    assert verify(ledger, [last]).findings == ()
    tamperer.close()
    assert {*ACTS, "truncate"} <= set(seen)
    assert {*verifier._WORDS} - set(seen) <= {"V-UNREADABLE", "V-ANCHOR", "V-NUMBER"}, seen


def drawn(tamperer: Tamperer, before: State, kind: str, draw: random.Random) -> str:
    while True:
        try:
            return ACTS[kind](tamperer, draw)
        except NothingDoneError:
            tamperer.put(before, (tamperer.touched,))


def truncated(tamperer: Tamperer, states: list[State], draw: random.Random) -> str:
    """The last acts are gone: from the journal alone, or from everything, as if they had never been."""
    earlier = draw.choice(states[1:-1])
    alone = draw.random() < 0.3
    tamperer.put(earlier, JOURNAL if alone else ())
    return f"to {len(earlier['ledger_journalentry'])} entries{' of the journal alone' if alone else ''}"


def test_only_an_anchor_shows_that_a_copy_of_yesterday_was_put_back(ledger):
    tamperer = Tamperer(ledger)
    states = write_a_ledger(tamperer)
    last = head()
    tamperer.drop_triggers()
    tamperer.put(states[4])
    tamperer.close()

    assert codes(ledger) == set()
    assert codes(ledger, last) == {"V-TRUNCATED"}


def test_only_an_anchor_shows_that_the_whole_tail_was_written_anew(small, tamperer):
    """The row, its image and every digest after it agree; what was kept elsewhere does not."""
    last = head()
    entry, part = JournalEntry.objects.last(), JournalPart.objects.last()
    lines = zlib.decompress(bytes(part.images)).replace("费用较低".encode(), "费用最低".encode())
    digest = hashlib.sha256(lines).hexdigest()
    tamperer.connection.execute("UPDATE ledger_adoptedplan SET reason = '费用最低'")
    mark = tamperer.mark
    tamperer.connection.execute(
        f"UPDATE ledger_journalpart SET images = {mark}, digest = {mark} WHERE id = {mark}",
        (zlib.compress(lines), digest, part.pk),
    )
    tamperer.connection.execute(
        f"UPDATE ledger_journalentry SET digest = {mark} WHERE id = {mark}",
        (journal.entry_digest(entry, [digest]), entry.pk),
    )
    connection.close()

    assert codes(small) == set()
    assert codes(small, last) == {"V-ANCHOR"}
