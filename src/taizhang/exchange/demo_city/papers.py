"""The papers: which are there, which are missing, and which can no longer be had.

A paper follows from what is so (a permit whose original exists is probably on hand) and from how
far its estate or home has come.  Its shares are invented, like those of the facts.

Reads from: ``drawing``, ``layout``, ``named``, ``rules.terms``, numpy.  Read by: ``rows``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from taizhang.exchange.demo_city.drawing import Answers
from taizhang.exchange.demo_city.layout import CERTIFIED, REGISTERED, City, Whole, stream
from taizhang.rules.terms import Pack

__all__ = ["BLANK", "HELD", "LOST", "MISSING", "STEPS", "UNCLEAR", "paper_states"]

BLANK, HELD, MISSING, LOST, UNCLEAR = range(5)

# The requirements that a list records as done: steps somebody took, with a date and a stamp.
STEPS = (
    *("case_in_scope", "case_accepted", "one_case_plan", "task_force_minutes", "plan_public_notice"),
    *("planning_verification_cert", "planning_determination_opinion", "joint_acceptance_opinion"),
    *("legacy_completion_opinion", "building_table", "first_reg_accepted", "first_registration"),
    *("unit_survey_sheet", "fee_list_issued", "transfer_registration", "ownership_certificate"),
)

# Where a paper can exist at all: its fact, and the answers with which it does.
_EXISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "land_use_certificate": ("land_status", ("granted_certified", "allocated_certified")),
    "grant_contract": ("land_status", ("granted_certified", "granted_uncertified")),
    "allocation_decision": ("land_status", ("allocated_certified", "allocated_uncertified")),
    "land_price_receipt": ("land_price_arrears", ("no",)),
    "arrears_recovery_started": ("land_price_arrears", ("yes",)),
    "developer_tax_certificate": ("developer_tax_arrears", ("no",)),
    "land_illegal_case_closed": ("land_status", ("illegal_case_open",)),
    "land_disposal_plan": ("land_status", ("no_procedure", "illegal_case_open")),
    "parcel_merge": ("cross_parcel", ("yes",)),
    "parcel_boundary_makeup": ("cross_parcel", ("yes",)),
    "cross_parcel_note": ("cross_parcel", ("yes",)),
    "chain_of_title_clear": ("split_registration_mismatch", ("yes",)),
    "planning_permit_original": ("planning_permit_status", ("original",)),
    "planning_permit_archive_copy": ("planning_permit_status", ("archive_only", "partial")),
    "planning_verification_cert": ("planning_verification", ("passed",)),
    "planning_violation_finding": ("planning_verification", ("failed_correctable", "failed_uncorrectable")),
    "planning_penalty_decision": ("planning_verification", ("failed_correctable", "failed_uncorrectable")),
    "penalty_payment_receipt": ("planning_verification", ("failed_correctable", "failed_uncorrectable")),
    "planning_determination_opinion": ("planning_verification", ("cannot_makeup_old",)),
    "illegal_part_separated": ("planning_verification", ("partial_ok",)),
    "completion_filing_form": ("completion_acceptance", ("filed",)),
    "quality_acceptance_report": ("completion_acceptance", ("filed", "accepted_not_filed")),
    "joint_acceptance_opinion": ("completion_acceptance", ("accepted_not_filed",)),
    "legacy_completion_opinion": ("completion_acceptance", ("documents_missing", "never_accepted")),
    "structural_appraisal": ("completion_acceptance", ("documents_missing", "never_accepted")),
    "fire_acceptance_opinion": ("fire_status", ("accepted",)),
    "fire_filing_record": ("fire_status", ("filed",)),
    "fire_police_era_doc": ("fire_status", ("police_era_document",)),
    "fire_safety_assessment": ("fire_status", ("none",)),
    "fire_makeup_acceptance": ("fire_status", ("none",)),
    "fire_commitment": ("fire_status", ("none",)),
    "defence_acceptance": ("defence_status", ("accepted",)),
    "defence_relocation_fee": ("defence_status", ("relocation_fee_paid",)),
    "defence_not_required": ("defence_status", ("not_required",)),
    "defence_opinion": ("defence_status", ("none",)),
    "acceptance_paper_commitment": ("completion_acceptance", ("documents_missing", "never_accepted")),
    "quality_supervision_record": ("completion_acceptance", ("documents_missing", "accepted_not_filed")),
    "as_built_planning_survey": (
        "planning_verification",
        ("partial_ok", "cannot_makeup_old", "failed_correctable", "failed_uncorrectable"),
    ),
    "spatial_plan_consistency": ("planning_verification", ("cannot_makeup_old",)),
    "archive_certified_copies": ("planning_permit_status", ("archive_only", "partial")),
    "allocation_makeup": ("land_status", ("no_procedure", "allocated_uncertified")),
    "defence_undertaking": ("defence_status", ("none",)),
    "court_ordered_transfer": ("developer_status", ("uncooperative",)),
    "developer_applies": ("developer_status", ("active",)),
    "developer_extinct_proof": ("developer_status", ("deregistered", "licence_revoked")),
    "zombie_state_finding": ("developer_status", ("uncooperative", "lost_contact", "abnormal_taxpayer")),
    "bankruptcy_ruling": ("developer_status", ("bankrupt",)),
    "bankruptcy_administrator_acts": ("developer_status", ("bankrupt",)),
    "gov_designation_letter": ("developer_status", ("deregistered", "licence_revoked", "lost_contact")),
    "designated_agency_acts": ("developer_status", ("deregistered", "licence_revoked", "lost_contact")),
    "successor_entity_acts": ("successor_exists", ("yes",)),
    "co_developer_acts": ("co_developer_exists", ("yes",)),
    "superior_authority_acts": ("superior_authority_exists", ("yes",)),
    "seizure_released": ("project_seizure", ("land", "building", "units")),
    "seizing_court_opinion": ("project_seizure", ("land", "building", "units")),
    "mortgage_released": ("project_mortgage", ("land", "building", "units")),
    "collateral_swapped": ("project_mortgage", ("land", "building", "units")),
    "mortgagee_consent": ("project_mortgage", ("land", "building", "units")),
    "filed_contract": ("purchase_basis", ("presale_contract_filed",)),
    "original_contract": ("purchase_basis", ("contract_unfiled", "resale_chain")),
    "net_sign_makeup": ("purchase_basis", ("contract_unfiled",)),
    "resettlement_agreement": ("purchase_basis", ("resettlement_agreement",)),
    "reform_purchase_docs": ("purchase_basis", ("reform_contract",)),
    "funded_housing_roster": ("purchase_basis", ("funded_roster",)),
    "court_document": ("purchase_basis", ("court_document",)),
    "inheritance_documents": ("purchase_basis", ("inheritance",)),
    "resale_chain_resolved": ("purchase_basis", ("resale_chain",)),
    "sale_invoice": ("invoice", ("have",)),
    "invoice_issued_by_tax_order": ("invoice", ("refused",)),
    "payment_receipts": ("invoice", ("developer_gone",)),
    "guardian_documents": ("minor_or_incapable", ("yes",)),
    "deed_tax_exemption": ("tax_exempt_reason", ("legal_heir", "spouse", "expropriation_resettlement")),
    "deed_tax_receipt": ("tax_exempt_reason", ("none",)),
    "late_sale_decision": ("sold_after_cutoff", ("yes",)),
    "advance_notice_conversion": ("advance_notice_registered", ("yes",)),
    "agent_authority": ("agent_used", ("yes",)),
    "loan_bank_arrangement": ("bank_loan", ("yes",)),
    "household_land_income": ("resale_of_reform_home", ("yes",)),
    "maintenance_fund_deposited": ("maintenance_fund_status", ("paid", "unpaid")),
    "consumer_buyer_release": ("unit_seizure", ("developer_debt",)),
    "buyer_debt_cleared": ("unit_seizure", ("buyer_debt",)),
    "joint_application": ("developer_status", ("active", "abnormal_taxpayer", "bankrupt")),
    "agency_joint_application": ("developer_status", ("deregistered", "licence_revoked", "lost_contact")),
    "single_party_application": ("developer_status", ("deregistered", "licence_revoked", "lost_contact")),
}
# How likely a paper that can exist is on hand, by stage: three of an estate, four of a home.
_ESTATE, _UNIT = (0.18, 0.42, 0.8), (0.12, 0.5, 0.85, 0.45)
_LADDER: Mapping[str, tuple[float, ...]] = {
    **dict.fromkeys(("case_in_scope", "case_accepted", "one_case_plan"), (0.08, 0.6, 1.0)),
    **dict.fromkeys(("task_force_minutes", "plan_public_notice"), (0.0, 0.4, 1.0)),
    **dict.fromkeys(("first_registration", "building_table"), (0.0, 0.0, 1.0)),
    **{"building_survey": (0.12, 0.4, 1.0), "parcel_survey": (0.15, 0.45, 1.0)},
    "first_reg_accepted": (0.0, 0.0, 0.9),
    **dict.fromkeys(("joint_acceptance_opinion", "legacy_completion_opinion"), (0.0, 0.05, 0.9)),
    **dict.fromkeys(("planning_determination_opinion", "planning_penalty_decision"), (0.03, 0.15, 0.9)),
    **dict.fromkeys(("structural_appraisal", "fire_safety_assessment"), (0.06, 0.25, 0.85)),
    **dict.fromkeys(("fire_makeup_acceptance", "seizure_released", "mortgage_released"), (0.02, 0.1, 0.5)),
    **dict.fromkeys(
        ("allocation_makeup", "land_price_assessed", "spatial_plan_consistency"), (0.02, 0.12, 0.8)
    ),
    "court_ordered_transfer": (0.01, 0.03, 0.1, 0.1),
    **dict.fromkeys(("land_use_certificate", "planning_permit_original"), (0.75, 0.85, 0.9)),
    **dict.fromkeys(("allocation_decision", "grant_contract", "completion_filing_form"), (0.6, 0.8, 0.95)),
    **dict.fromkeys(("in_urban_planning_area", "state_owned_land"), (0.5, 0.8, 0.95)),
    "ownership_certificate": (0.0, 0.0, 0.0, 1.0),
    "transfer_registration": (0.0, 0.0, 0.0, 0.85),
    "registration_fee_paid": (0.0, 0.0, 0.15, 0.5),
    **dict.fromkeys(("deed_tax_receipt", "deed_tax_exemption"), (0.02, 0.06, 1.0, 0.6)),
    "fee_list_issued": (0.0, 0.1, 1.0, 0.3),
    "unit_survey_sheet": (0.05, 0.3, 0.9, 0.5),
    "planning_verification_cert": (0.5, 0.75, 0.95),
    "applicant_identity": (0.35, 1.0, 1.0, 0.5),
    "buyer_roster_verified": (0.1, 0.6, 0.9, 0.4),
    **dict.fromkeys(("joint_application", "agency_joint_application"), (0.0, 0.15, 0.6, 0.35)),
    "single_party_application": (0.0, 0.05, 0.2, 0.2),
}
# How likely a paper that could exist is gone for good: what employers kept, and carelessly.
_GONE = {"funded_housing_roster": 0.012, "reform_purchase_docs": 0.012, "original_contract": 0.01}
_ALIKE = 0.99  # of the buildings of an estate, and of the papers of a household
_NEVER_THERE = 0.25  # a paper that cannot exist is noted as missing, and otherwise not spoken of
_NOTED = (0.5, 0.35, 0.15, 0.0)  # one that is not there is noted as missing, by stage


def paper_states(pack: Pack, city: City, name: str, facts: Mapping[str, Answers]) -> Whole:
    """Draw the state of one paper or step at every place of its level.

    Args:
        pack: Gives the level.
        city: The places and their stages.
        name: A paper, or a node that a ledger may record as done.
        facts: What is so.

    Returns:
        ``BLANK``, ``HELD``, ``MISSING``, ``LOST`` or ``UNCLEAR`` of each place.
    """
    level = pack.level_of(name)
    estate = city.estates_of(level)
    stage = city.unit_stage if level == "unit" else city.stage[estate]
    chance = stream(city.seed, name)
    draw, noted = _turn(city, level, chance), city.draws(chance, level, _ALIKE)
    ladder = np.array(_LADDER.get(name, _UNIT if level == "unit" else _ESTATE))
    exists = _exists(pack, city, name, facts)
    held = exists & (draw < ladder[np.minimum(stage, len(ladder) - 1)])
    quiet = 0.3 if name in pack.nodes else 1.0  # of a step not yet taken few lists speak
    missing = ~held & (noted < np.where(exists, np.array(_NOTED)[stage], _NEVER_THERE) * quiet)
    states = np.where(held, HELD, np.where(missing, MISSING, BLANK))
    states[exists & ~held & (noted > 0.98)] = UNCLEAR
    states[exists & ~held & (draw > 1 - _GONE.get(name, 0.0))] = LOST
    if name == "allocation_decision":  # see drawing: these estates cannot go on
        states[city.blocked[estate] & exists] = LOST
    _finished(city, level, states)
    return states


def _turn(city: City, level: str, chance: np.random.Generator) -> NDArray[np.float64]:
    """How late each place is with this paper: who is late with one is mostly late with all."""
    own = city.draws(chance, level, _ALIKE)
    if level != "unit":
        return own
    always = city.draws(stream(city.seed, "late"), level)
    return np.where(chance.random(len(own)) < _ALIKE, always, own)


def _exists(pack: Pack, city: City, name: str, facts: Mapping[str, Answers]) -> NDArray[np.bool_]:
    """Whether the paper can exist at each place of its level."""
    estate = city.estates_of(level := pack.level_of(name))
    fact, wanted = _EXISTS.get(name, ("", ()))
    if fact not in facts:
        return np.ones(len(estate), np.bool_)
    found = facts[fact].among(wanted)
    coarser = pack.facts[fact].level
    if coarser != level:
        if coarser != "estate":
            return np.ones(len(estate), np.bool_)
        found = found[estate]
    return found


def _finished(city: City, level: str, states: Whole) -> None:
    """Where the last step is done nothing is noted as lost or unclear any more."""
    done = (
        city.unit_stage == CERTIFIED if level == "unit" else city.stage[city.estates_of(level)] == REGISTERED
    )
    states[done & (states > MISSING)] = BLANK
