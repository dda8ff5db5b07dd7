"""The people of a unit are sealed at rest: nothing of them can be read without the keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taizhang.errors import TaizhangError
from taizhang.ledger.models import (
    Household,
)
from taizhang.office.household_seals import open_ring, texts_of
from taizhang.verify import verify

from .told import LI, WANG, found_in, household, taken_in, vars_of, with_people


def test_nothing_of_a_person_can_be_read_in_the_database(office):
    texts = [*vars_of(WANG), *vars_of(LI)]

    assert Household.objects.count() == 2
    assert found_in(office, *texts) == []
    assert found_in(office, "针织厂家属院") == ["针织厂家属院"]  # what is not sealed is found
    assert verify(office).findings == ()


def test_who_has_the_keys_reads_what_was_written(office):
    ring = open_ring()

    assert texts_of(ring, household("101")) == WANG
    assert texts_of(ring, household("102")) == LI
    assert WANG.holder not in repr(WANG)


def test_a_text_that_was_moved_to_another_household_is_noticed(office):
    one, other = household("101"), household("102")
    other.phone_sealed = one.phone_sealed

    with pytest.raises(TaizhangError, match="E-SEAL-SUBJECT"):
        texts_of(open_ring(), other)


def test_the_row_of_an_estate_keeps_no_telephone(ledger, keys):
    told = with_people(u101=WANG)
    taken_in(replace(told, identity={**told.identity, "phone": LI.phone, "id_number": LI.id_number}))

    assert found_in(ledger, LI.phone, LI.id_number) == []
