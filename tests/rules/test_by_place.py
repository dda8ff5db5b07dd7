"""What holds at places: a flat mapping to its readers, one mapping for each place inside."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taizhang.rules.terms import ByPlace, Dossier, Place, by_place

KEYS = st.tuples(st.sampled_from("abc"), st.sampled_from(["u1", "u2", "estate"]))
FLAT = st.dictionaries(KEYS, st.integers() | st.booleans())


@given(FLAT, FLAT)
def test_it_reads_like_the_flat_mapping_with_its_entries(flat, other):
    kept = by_place(flat)

    assert kept == flat
    assert flat == kept
    assert (kept == other) == (flat == other) == (kept == by_place(other))
    assert len(kept) == len(flat)
    assert dict(kept.items()) == {**kept} == flat
    for key in [(name, place) for name in "abcd" for place in ("u1", "u2", "estate", "elsewhere")]:
        assert (key in kept) == (key in flat)
        assert kept.get(key) == flat.get(key)
        assert kept.get(key, "nothing") == flat.get(key, "nothing")


@given(FLAT)
def test_entries_come_place_by_place_in_the_order_in_which_they_were_given(flat):
    places = list(dict.fromkeys(place for _, place in flat))
    wanted = [key for place in places for key in flat if key[1] == place]

    assert list(by_place(flat)) == wanted


@given(FLAT)
def test_at_a_place_is_what_the_flat_mapping_says_of_it(flat):
    kept = by_place(flat)
    for place in ("u1", "u2", "estate", "elsewhere"):
        assert kept.at(place) == {name: value for (name, where), value in flat.items() if where == place}


def test_what_is_given_is_shared_and_not_copied():
    same = {"a": 1}
    kept = ByPlace({"u1": same, "u2": same, "u3": {}})

    assert kept.at("u1") is kept.at("u2") is same
    assert by_place(kept) is kept
    assert kept == {("a", "u1"): 1, ("a", "u2"): 1}
    assert pickle.loads(pickle.dumps(kept)) == kept


@pytest.mark.parametrize("key", [("b", "u1"), ("a", "u2")])
def test_a_missing_entry_is_named_in_the_error(key):
    with pytest.raises(KeyError, match=key[1]):
        ByPlace({"u1": {"a": 1}})[key]


@pytest.mark.parametrize("key", ["au1", ("a",), ("a", "u1", "x"), None])
def test_what_is_no_key_is_not_in_it(key):
    assert key not in ByPlace({"u1": {"a": 1}})


@given(st.lists(st.integers(0, 3), max_size=12))
def test_the_places_below_are_those_whose_chain_leads_there(buildings):
    places = {"city": Place("city", "city"), "e": Place("estate", "e", "city")}
    places |= {f"b{n}": Place("building", f"b{n}", "e") for n in range(4)}
    places |= {f"u{n}": Place("unit", f"u{n}", f"b{b}") for n, b in enumerate(buildings)}
    dossier = Dossier(date(2024, 1, 28), places, {}, {})
    for place in places:
        for level in ("city", "estate", "building", "unit", "county"):
            wanted = [
                one.id for one in places.values() if one.level == level and place in dossier.chain(one.id)
            ]

            assert dossier.below(place, level) == tuple(sorted(wanted))
    assert dossier.below("nowhere", "unit") == ()
    assert dossier.chain("b0") == ("b0", "e", "city")
