"""The households of an import: those that are new, those of which the ledger says something else.

What a ledger says nothing of is left alone, and so is a household that was erased: the same ledger
read again must not bring back who asked to be forgotten.  A new holder comes in once somebody has said so
(``households.admit_new_holder``).

Reads from: ``household_seals``, ``journal``, ``ledger.models``.  Read by: ``register``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice

from taizhang.ledger.models import Household, ImportBatch, Unit
from taizhang.office.household_seals import (
    HouseholdDraft,
    open_ring,
    require_fitting,
    says_nothing_new,
    seal_changed,
    seal_new,
    texts_of,
)
from taizhang.office.journal import Act
from taizhang.office.key_ring import KeyRing

__all__ = ["HouseholdIntake"]

_TOGETHER = 2_000  # rows sealed and written at a time
_SAMPLE = 100  # households by which a key file is known
_SEALED = ("holder_sealed", "id_number_sealed", "phone_sealed", "id_number_index", "told")


class HouseholdIntake:
    """Households of an import, by the place of their unit, compared with those that are known.

    Raises:
        InputError: ``E-SEAL-MISSING`` and others of the key file.
        TaizhangError: ``E-SEAL-KEY`` the key file belongs to another ledger.
    """

    def __init__(self, counties: Collection[str], drafts: Mapping[str, HouseholdDraft]) -> None:
        """Compare; nothing is written, and where no household is known no key file is asked for."""
        self.new = dict(drafts)
        self.changed: dict[int, HouseholdDraft] = {}
        self.same = 0
        self._ring: KeyRing | None = None
        known = _known(counties) if drafts else []
        if known:
            self._ring = ring = open_ring()
            require_fitting(ring, (wrapped.decode() for _, _, wrapped, _ in known))
            for key, place, wrapped, told in known:
                draft = self.new.pop(place, None)
                if draft is None:
                    continue
                if not wrapped or says_nothing_new(ring, told, draft):
                    self.same += 1
                else:
                    self.changed[key] = draft

    def __bool__(self) -> bool:
        return bool(self.new or self.changed)

    @property
    def counts(self) -> dict[str, int]:
        """How many are new, changed and the same."""
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same}

    def write(self, doing: Act, batch: ImportBatch, units: Mapping[str, Unit]) -> None:
        """Seal and write them within the act of the import.

        Args:
            doing: The act.
            batch: Which brings them.
            units: By place, with their keys.

        Raises:
            InputError: ``E-SEAL-MISSING`` and others of the key file.
            TaizhangError: ``E-SEAL-KEY`` the key file belongs to another ledger.

        Cost:
            About 0.1 ms a household with three texts; 130,000 are a city.
        """
        if not self:
            return
        ring = self._ring or open_ring(make_at=doing.now)
        newest = Household.objects.exclude(subject_key=b"").order_by("-pk")  # wherever they are
        require_fitting(ring, (bytes(one.subject_key).decode() for one in newest[:_SAMPLE]))
        keys = sorted(self.changed)
        pieces = (keys[at : at + 500] for at in range(0, len(keys), 500))
        rows = [row for some in pieces for row in Household.objects.filter(pk__in=some).order_by("id")]
        for row in rows:
            seal_changed(ring, row, self.changed[row.pk].over(texts_of(ring, row)))
        doing.update_all(rows, _SEALED)
        numbers = doing.numbers("ledger_household", len(self.new)) if self.new else range(0)
        fresh = zip(numbers, self.new.items(), strict=True)
        while some := list(islice(fresh, _TOGETHER)):
            rows = []
            for key, (place, draft) in some:
                unit = units[place]
                row = Household(id=key, county=unit.county, unit_id=unit.pk, batch_id=batch.pk)
                seal_new(ring, row, draft)
                rows.append(row)
            doing.insert(rows)


def _known(counties: Collection[str]) -> list[tuple[int, str, bytes, bytes]]:
    """Key, place of the unit, wrapped key and ``told`` of the households there."""
    rows = Household.objects.filter(county__in=counties)
    columns = rows.values_list("pk", "unit__place", "subject_key", "told")
    return [(key, place, bytes(wrapped), bytes(told)) for key, place, wrapped, told in columns.iterator(5000)]
