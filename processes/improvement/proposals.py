"""Proposals for improvement (改进建议): what one cycle found, and the next plan takes up.

Checks, indicators, audits and nonconformities propose; the draft of the next plan makes a line
of each proposal that no plan has taken up, with its source beside it. Twice is harmless: a
source proposes a thing once a cycle.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from models import trail
from models.engine import transaction
from models.plan import Improvement
from models.upsert import insert_new
from processes import plug
from processes.watch import switches
from rules.improvement import Proposal


@transaction
def collect(session: Session, at: datetime) -> int:
    """Keep what the processes propose at this instant (`proposes`); return how many are new."""
    sources = (key for key in plug.keys("proposes") if not switches.off(_owner(key)))
    found = (one for key in sources for one in plug.one("proposes", key)(session, at))
    return sum(propose(session, one, at) for one in found)


def _owner(key: str) -> str:
    return plug.owner("proposes", key).name


def propose(session: Session, proposal: Proposal, at: datetime) -> bool:
    """Keep one proposal; False if it is known already."""
    new = insert_new(
        session,
        Improvement,
        [
            {
                "source": proposal.source,
                "ref": proposal.ref[:120],
                "cycle": proposal.cycle,
                "text": proposal.text.strip(),
                "proposed_at": at,
            }
        ],
    )
    if new:
        trail.record(
            session,
            at=at,
            actor="clock",
            action="improvement.proposed",
            subject=f"cycle:{proposal.cycle}",
            after={"source": proposal.source, "ref": proposal.ref[:120]},
        )
    return bool(new)


ON: Final = {"improvement.proposed": propose}
