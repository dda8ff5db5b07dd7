"""What goes into the journal has the bytes that the standard library writes, whatever the text.

``verify`` knows nothing of the writer: it makes the same lines with ``json`` alone.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from taizhang.ledger.models import Programme
from taizhang.office.drafts import packed
from taizhang.office.images import gone, image
from taizhang.rules.terms import Value

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # a lone surrogate is no text: nothing is written


@given(_TEXT, _TEXT)
@example("\x00\x1f\x7f\u2028\u2029", '\\"/\b\f\n\r\t\ufeff\U0001f600')
def test_an_image_is_the_line_that_the_standard_library_writes(key: str, name: str) -> None:
    told = {"id": key, "name": name}
    line = json.dumps(["ledger_programme", key, told], ensure_ascii=False, separators=(",", ":"))
    assert image(Programme(id=key, name=name)) == line.encode()
    assert gone("ledger_programme", key) == (line[: line.index(',{"id":')] + ",null]").encode()


@given(st.dictionaries(_TEXT, st.one_of(_TEXT, st.booleans(), st.integers(), st.none())))
def test_recorded_facts_are_sorted_as_the_standard_library_sorts_them(told: dict[str, Value]) -> None:
    line = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert packed(told) == line


def test_numbers_and_days_say_what_they_are() -> None:
    told = {"area": Decimal("89.50"), "since": date(2003, 5, 1), "in": [{"of": Decimal(1)}]}
    assert packed(told) == (
        '{"area":{"decimal":"89.50"},"in":[{"of":{"decimal":"1"}}],"since":{"date":"2003-05-01"}}'
    )
