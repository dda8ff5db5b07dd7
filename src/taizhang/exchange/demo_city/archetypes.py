"""The kinds of estate of the made-up city, and how often each answer is given in each kind.

The shares are invented.  They follow what is said of such estates everywhere: what an employer
built for its own people has no planning papers and a builder that is gone; what was sold around
2008 has arrears and a builder that still trades.  Facts that stand here but not in the pack are
passed over; facts of the pack that do not stand here get an answer in ``drawing``.

Reads from: nothing of ours.  Read by: ``drawing``, ``layout``, ``papers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "ARCHETYPES",
    "EVERYWHERE",
    "FOLLOWS",
    "HABITS",
    "KNOWN",
    "KNOWN_OTHERWISE",
    "Archetype",
    "Weights",
]

Weights: TypeAlias = Mapping[str, float]  # answer -> weight; the answers of a bool are yes and no


@dataclass(frozen=True, slots=True)
class Archetype:
    """One kind of estate.

    Attributes:
        share: Its part of all estates.
        years: First and last year of completion.
        size: How many households it has, as a weight against the other kinds.
        ease: How likely it is to be registered early, as a weight.
        price: What its homes cost, in parts of the market price of the year.
        names: Which names it takes, see ``names``.
        facts: Answers in this kind, where they differ from ``EVERYWHERE``.
    """

    share: float
    years: tuple[int, int]
    size: float
    ease: float
    price: float
    names: str
    facts: Mapping[str, Weights] = field(default_factory=dict)


_GONE = {"deregistered": 0.5, "licence_revoked": 0.3, "lost_contact": 0.12, "bankrupt": 0.08}
_YES, _NO = {"yes": 1.0}, {"no": 1.0}
_OLD_PAPERS: Mapping[str, Weights] = {
    "planning_permit_status": {"none": 0.6, "archive_only": 0.3, "partial": 0.1},
    "planning_verification": {"cannot_makeup_old": 0.75, "partial_ok": 0.1, "not_applied": 0.15},
    "construction_permit": {"yes": 0.12, "no": 0.88},
    "completion_acceptance": {"never_accepted": 0.45, "documents_missing": 0.4, "accepted_not_filed": 0.15},
    "fire_status": {"none": 0.8, "police_era_document": 0.2},
    "defence_status": {"not_required": 0.7, "none": 0.3},
    "land_price_arrears": {"yes": 0.04, "no": 0.96},
    "maintenance_fund_status": {"not_required": 0.6, "unpaid": 0.4},
    "project_mortgage": {"none": 0.98, "land": 0.02},
}

# What holds in a kind that says nothing of its own.
EVERYWHERE: Mapping[str, Weights] = {
    "legacy_case": {"yes": 0.975, "no": 0.025},
    "developer_status": {"active": 0.75, "uncooperative": 0.13, "abnormal_taxpayer": 0.12},
    "successor_exists": {"yes": 0.12, "no": 0.88},
    "co_developer_exists": {"yes": 0.04, "no": 0.96},
    "superior_authority_exists": {"yes": 0.1, "no": 0.9},
    "land_status": {"granted_certified": 0.62, "granted_uncertified": 0.33, "illegal_case_open": 0.05},
    "project_type": {"commodity": 1.0},
    "land_price_arrears": {"yes": 0.15, "no": 0.85},
    "developer_tax_arrears": {"yes": 0.14, "no": 0.86},
    "cross_parcel": {"yes": 0.04, "no": 0.96},
    "split_registration_mismatch": {"yes": 0.04, "no": 0.96},
    "planning_permit_status": {"original": 0.7, "archive_only": 0.2, "partial": 0.1},
    "far_exceeded": {"yes": 0.12, "no": 0.88},
    "planning_verification": {"not_applied": 0.45, "passed": 0.35, "failed_correctable": 0.2},
    "construction_permit": {"yes": 0.8, "no": 0.2},
    "completion_acceptance": {
        **{"filed": 0.3, "accepted_not_filed": 0.4},
        **{"never_accepted": 0.2, "documents_missing": 0.1},
    },
    "fire_status": {"accepted": 0.35, "filed": 0.2, "police_era_document": 0.1, "none": 0.35},
    "defence_status": {"accepted": 0.2, "relocation_fee_paid": 0.35, "none": 0.2, "not_required": 0.25},
    "project_seizure": {"none": 0.93, "land": 0.02, "building": 0.02, "units": 0.03},
    "project_mortgage": {"none": 0.88, "land": 0.05, "building": 0.05, "units": 0.02},
    "purchase_basis": {
        **{"presale_contract_filed": 0.72, "contract_unfiled": 0.22, "resale_chain": 0.01},
        **{"court_document": 0.01, "inheritance": 0.03},
    },
    "price_paid_in_full": {"yes": 0.96, "no": 0.04},
    "invoice": {"have": 0.72, "refused": 0.28},
    "minor_or_incapable": {"yes": 0.015, "no": 0.985},
    "unit_seizure": {"none": 0.985, "buyer_debt": 0.01, "developer_debt": 0.005},
    "maintenance_fund_status": {"paid": 0.4, "unpaid": 0.6},
    "residential": {"yes": 0.97, "no": 0.03},
    "family_home_ordinal": {"1": 0.79, "2": 0.17, "3": 0.04},
    "tax_exempt_reason": {"none": 0.985, "spouse": 0.015},
    "vat_rate": {"0.05": 1.0},
    "area_error_pct": {"0": 0.6, "0.8": 0.12, "-1.2": 0.12, "2.4": 0.1, "4.1": 0.06},
    "sold_after_cutoff": {"yes": 0.02, "no": 0.98},
    "advance_notice_registered": {"yes": 0.2, "no": 0.8},
    "bank_loan": {"yes": 0.2, "no": 0.8},
    "agent_used": {"yes": 0.07, "no": 0.93},
    "resale_of_reform_home": {"yes": 0.02, "no": 0.98},
    "school_enrolment": {"yes": 0.09, "no": 0.91},
    "sale_pending": {"yes": 0.04, "no": 0.96},
    "mortgage_pending": {"yes": 0.03, "no": 0.97},
    "lease_pending": {"yes": 0.03, "no": 0.97},
}

# Where another fact has an answer, this one keeps to it: fact -> other fact, its answer, the weights.
FOLLOWS: Mapping[str, tuple[str, Mapping[str, Weights]]] = {
    "tax_exempt_reason": (
        "purchase_basis",
        {
            "inheritance": {"legal_heir": 0.9, "none": 0.1},
            "resettlement_agreement": {"expropriation_resettlement": 0.7, "none": 0.3},
        },
    ),
    "invoice": (
        "developer_status",
        {
            **{status: {"developer_gone": 0.85, "have": 0.15} for status in _GONE},
            "uncooperative": {"refused": 0.55, "have": 0.45},
            "abnormal_taxpayer": {"developer_gone": 0.6, "have": 0.4},
        },
    ),
    "unit_seizure": ("project_seizure", {"units": {"developer_debt": 0.2, "buyer_debt": 0.02, "none": 0.78}}),
    "fire_status": (
        "completion_acceptance",
        {"filed": {"accepted": 0.6, "filed": 0.3, "police_era_document": 0.1}},
    ),
    "planning_verification": (
        "completion_acceptance",
        {"filed": {"passed": 0.9, "partial_ok": 0.1}},
    ),
    "construction_permit": ("completion_acceptance", {"filed": {"yes": 0.97, "no": 0.03}}),
}

ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(  # built by a factory or an office for its own people, with their money
        *(0.19, (1988, 2003), 0.5, 0.5, 0.6, "employer"),
        {
            **_OLD_PAPERS,
            "project_type": {"unit_funded_collective": 1.0},
            "developer_status": {"active": 0.2, "uncooperative": 0.02, **_GONE},
            "superior_authority_exists": {"yes": 0.3, "no": 0.7},
            "land_status": {
                **{"no_procedure": 0.5, "allocated_uncertified": 0.25, "allocated_certified": 0.22},
                "illegal_case_open": 0.03,
            },
            "purchase_basis": {"funded_roster": 0.93, "inheritance": 0.05, "resale_chain": 0.01},
        },
    ),
    Archetype(  # let by an employer, then sold to its tenants
        *(0.09, (1984, 1999), 0.45, 0.9, 0.35, "employer"),
        {
            **_OLD_PAPERS,
            "project_type": {"reform_housing": 1.0},
            "developer_status": {"active": 0.55, **{name: part / 2 for name, part in _GONE.items()}},
            "superior_authority_exists": {"yes": 0.4, "no": 0.6},
            "land_status": {
                "allocated_certified": 0.55,
                "allocated_uncertified": 0.35,
                "no_procedure": 0.1,
            },
            "purchase_basis": {"reform_contract": 0.93, "inheritance": 0.065, "resale_chain": 0.005},
        },
    ),
    Archetype(  # sold while the premium or the taxes were still owed
        *(0.2, (2004, 2013), 1.4, 1.3, 1.0, "commodity"),
        {
            "land_price_arrears": {"yes": 0.8, "no": 0.2},
            "developer_tax_arrears": {"yes": 0.55, "no": 0.45},
            "land_status": {"granted_uncertified": 0.85, "granted_certified": 0.15},
        },
    ),
    Archetype(  # built higher or otherwise than was permitted
        *(0.13, (2003, 2014), 1.5, 0.8, 1.05, "commodity"),
        {
            "far_exceeded": {"yes": 0.6, "no": 0.4},
            "planning_verification": {
                **{"failed_correctable": 0.5, "failed_uncorrectable": 0.25},
                **{"partial_ok": 0.15, "not_applied": 0.1},
            },
            "completion_acceptance": {"accepted_not_filed": 0.45, "never_accepted": 0.4, "filed": 0.15},
        },
    ),
    Archetype(  # its builder went out of business
        *(0.14, (1997, 2011), 0.9, 0.7, 0.9, "commodity"),
        {
            "developer_status": {"uncooperative": 0.05, **_GONE},
            "developer_tax_arrears": {"yes": 0.3, "no": 0.7},
            "planning_permit_status": {"original": 0.3, "archive_only": 0.5, "partial": 0.1, "none": 0.1},
            "completion_acceptance": {
                **{"accepted_not_filed": 0.2, "documents_missing": 0.4},
                **{"never_accepted": 0.3, "filed": 0.1},
            },
            "project_seizure": {"none": 0.8, "land": 0.06, "building": 0.06, "units": 0.08},
        },
    ),
    Archetype(  # given to villagers and tenants whose houses were pulled down
        *(0.13, (2005, 2017), 1.5, 1.2, 0.55, "resettlement"),
        {
            "project_type": {"resettlement": 0.7, "shantytown": 0.3},
            "developer_status": {"active": 0.92, "deregistered": 0.08},
            "superior_authority_exists": {"yes": 0.5, "no": 0.5},
            "land_status": {
                **{"no_procedure": 0.4, "allocated_uncertified": 0.3, "granted_uncertified": 0.2},
                "illegal_case_open": 0.1,
            },
            "planning_permit_status": {"original": 0.3, "archive_only": 0.2, "partial": 0.25, "none": 0.25},
            "purchase_basis": {"resettlement_agreement": 0.95, "inheritance": 0.03, "resale_chain": 0.01},
            "invoice": {"refused": 0.7, "have": 0.3},
            "maintenance_fund_status": {"paid": 0.15, "unpaid": 0.45, "not_required": 0.4},
        },
    ),
    Archetype(  # house and land were registered apart, by two offices, and do not agree
        *(0.06, (1995, 2006), 0.8, 1.3, 0.9, "commodity"),
        {
            "split_registration_mismatch": _YES,
            "land_status": {"granted_certified": 0.6, "allocated_certified": 0.4},
            "completion_acceptance": {"filed": 0.5, "accepted_not_filed": 0.3, "documents_missing": 0.2},
        },
    ),
    Archetype(  # built over the line between two parcels
        *(0.03, (2002, 2012), 1.1, 0.9, 1.0, "commodity"),
        {"cross_parcel": _YES, "land_status": {"granted_certified": 0.7, "granted_uncertified": 0.3}},
    ),
    Archetype(  # sold below the market to households with small means
        *(0.03, (2003, 2014), 1.6, 1.2, 0.6, "commodity"),
        {
            "project_type": {"affordable": 1.0},
            "land_status": {"allocated_certified": 0.5, "allocated_uncertified": 0.5},
            "land_price_arrears": _NO,
        },
    ),
)

# How likely the officer knows the answer, where the ledger of the estate is kept with middling care.
KNOWN: Mapping[str, float] = {
    **{"legacy_case": 1.0, "land_status": 0.98, "project_type": 0.9, "developer_status": 0.86},
    **{"planning_permit_status": 0.68, "land_price_arrears": 0.6, "cross_parcel": 0.5},
    **{"split_registration_mismatch": 0.5, "successor_exists": 0.5, "superior_authority_exists": 0.55},
    **{"co_developer_exists": 0.45, "far_exceeded": 0.45, "defence_status": 0.45},
    **{"developer_tax_arrears": 0.5, "project_seizure": 0.6, "project_mortgage": 0.6},
    **{"completion_acceptance": 0.74, "planning_verification": 0.64, "fire_status": 0.58},
    "construction_permit": 0.48,
    **{"purchase_basis": 0.98, "residential": 0.8, "invoice": 0.6, "price_paid_in_full": 0.6},
    **{"maintenance_fund_status": 0.6, "unit_seizure": 0.5, "tax_exempt_reason": 0.5},
    **{"minor_or_incapable": 0.4, "family_home_ordinal": 0.55},
    **{"sold_after_cutoff": 0.6, "advance_notice_registered": 0.5, "bank_loan": 0.55, "agent_used": 0.6},
    **{"resale_of_reform_home": 0.5, "area_error_pct": 0.4},
    **{"school_enrolment": 0.4, "sale_pending": 0.35, "mortgage_pending": 0.35, "lease_pending": 0.35},
    **{"area_m2": 0.9, "price": 0.6, "price_with_vat": 0.2, "vat_rate": 0.15},
}
# How many homes of an estate have the same answer, where it is a matter of the estate.
HABITS: Mapping[str, float] = {"invoice": 0.75, "maintenance_fund_status": 0.85}
KNOWN_OTHERWISE = 0.5  # of a fact that does not stand above
