"""Estates to work with: a small ledger as the exchange would hand it over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from taizhang.office.register import CaseDraft
from taizhang.rules.pack import load_pack
from taizhang.rules.terms import Dossier, Held, Place

DAY = date(2024, 1, 29)
NOON = datetime(2024, 1, 29, 4, tzinfo=UTC)  # twelve o'clock in China
OVERLAYS = ["title-certificates-shandong", "demo-city-rules"]


@cache  # pieces that were solved under a law are kept with it, as long as it is the same one
def law(day: date = DAY):
    return load_pack("title-certificates", overlays=OVERLAYS, as_of=day)


def draft(
    name: str = "针织厂家属院",
    county: str = "东昌府区",
    street: str = "柳园街道",
    units: int = 3,
    **held: str,
) -> CaseDraft:
    """An estate of one building; ``held`` are papers of the building, as ``building_survey="on_hand"``."""
    estate = f"county›{county}›{name}"
    building = f"{estate}›1"
    places = {
        "city": Place("city", "city", None, ""),
        f"county›{county}": Place("county", f"county›{county}", "city", county),
        estate: Place("estate", estate, f"county›{county}", name),
        building: Place("building", building, estate, "1"),
    }
    for number in range(1, units + 1):
        unit = f"{building}›{100 + number}"
        places[unit] = Place("unit", unit, building, str(100 + number))
    papers = {(item, building): Held(state) for item, state in held.items()}
    facts = {("land_status", estate): "granted_uncertified", ("project_type", estate): "commodity"}
    identity = {
        "county": county,
        "street": street,
        "responsible_official": "高秀岚（街道）",
        "sponsor": "陈英明副县长",
    }
    return CaseDraft(Dossier(DAY, places, papers, facts), identity)


def measured(made: CaseDraft) -> CaseDraft:
    """The same estate, all of whose units have been measured and have a price: their bills are known."""
    facts, held = dict(made.dossier.facts), dict(made.dossier.held)
    for place in (one for one, told in made.dossier.places.items() if told.level == "unit"):
        held["unit_survey_sheet", place] = Held.ON_HAND
        facts |= {
            ("area_m2", place): 100,
            ("price", place): 30_000_000,
            ("residential", place): True,
            ("family_home_ordinal", place): 1,
            ("tax_exempt_reason", place): "none",
            ("maintenance_fund_status", place): "not_required",
        }
    return replace(made, dossier=replace(made.dossier, held=held, facts=facts))
