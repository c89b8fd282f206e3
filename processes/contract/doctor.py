"""What `pdca doctor` says of contracts (合同体检): drafts, and what contracts in force lack."""

from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label
from models.contract import Contract
from processes.contract import standing
from rules.contract import ContractState

DRAFT: Final = "the contract {contract} is a draft made from a project: it lacks {lacks}"
LACKS: Final = "the contract {contract} lacks {lacks}"
COMPLETE: Final = "the contract {contract} is a draft made from a project: import it with its terms"


def look(session: Session, at: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Return a sentence and its facts for each contract that is not whole."""
    day, language = current().calendar.day(at), current().settings.language
    found = []
    for contract in session.exec(select(Contract).order_by(col(Contract.code))):
        state, holes = standing.state_on(contract, day), standing.holes(session, contract)
        if state is ContractState.ENDED or not (holes or contract.draft):
            continue
        lacks = ", ".join(label(language, hole, "contract_hole") for hole in holes)
        sentence = LACKS if not contract.draft else DRAFT if holes else COMPLETE
        found.append((sentence, {"contract": contract.code, "lacks": lacks}))
    return found


DOCTOR: Final = {"contracts": look}
