"""The records; only the office reads and writes them."""

from taizhang.ledger.models.bills import Bill, BillLine, Payment
from taizhang.ledger.models.cases import Screened, ScreeningRound, StatusRecord
from taizhang.ledger.models.facts import FactValue
from taizhang.ledger.models.households import Household
from taizhang.ledger.models.jobs import Job
from taizhang.ledger.models.journal import Anchor, ImportBatch, IssuedNumber, JournalEntry, JournalPart
from taizhang.ledger.models.land import Building, Estate, Unit
from taizhang.ledger.models.meetings import Decision, Meeting
from taizhang.ledger.models.people import Account, Grant, Official, Organisation, Secondment
from taizhang.ledger.models.titles import Certificate, Registration
from taizhang.ledger.models.work import (
    AdoptedPlan,
    Attachment,
    Case,
    Evidence,
    Extension,
    PlanProposal,
    Programme,
    SupervisionNotice,
    Suspension,
    SuspensionRequest,
    Task,
)

__all__ = [
    "Account",
    "AdoptedPlan",
    "Anchor",
    "Attachment",
    "Bill",
    "BillLine",
    "Building",
    "Case",
    "Certificate",
    "Decision",
    "Estate",
    "Evidence",
    "Extension",
    "FactValue",
    "Grant",
    "Household",
    "ImportBatch",
    "IssuedNumber",
    "Job",
    "JournalEntry",
    "JournalPart",
    "Meeting",
    "Official",
    "Organisation",
    "Payment",
    "PlanProposal",
    "Programme",
    "Registration",
    "Screened",
    "ScreeningRound",
    "Secondment",
    "StatusRecord",
    "SupervisionNotice",
    "Suspension",
    "SuspensionRequest",
    "Task",
    "Unit",
]
