"""Marks that tell a copy in memory whether it still holds (印记), and one home from another."""

from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.record import Stamp

_installations: dict[str, str] = {}  # by database: it never changes
_BY: Final = "pdca.stamped"  # the transaction that has renewed it, as the trigger keeps it
_RENEWED: Final = sa.select(
    sa.func.current_setting(_BY, True) == sa.cast(sa.func.txid_current_if_assigned(), sa.Text)
)
_FORGOTTEN: Final = sa.select(sa.func.set_config(_BY, "", True))
_RENEW: Final = (
    sa.update(Stamp)
    .where(col(Stamp.name) == "organisation")
    .values(mark=sa.cast(sa.func.gen_random_uuid(), sa.Text))
)


def organisation(session: Session) -> str:
    """Return the mark that triggers renew with every change of people, units or suppressions.

    On PostgreSQL a transaction renews it once and not with each statement. A mark that is read by
    the transaction that renewed it is therefore renewed again: what changes later must not stand
    under a mark that somebody has seen.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql" and connection.scalar(_RENEWED):
        connection.execute(_RENEW)
        connection.execute(_FORGOTTEN)
    return session.exec(select(Stamp.mark).where(col(Stamp.name) == "organisation")).one()


def installation(session: Session) -> str:
    """Return what tells this home from a trial home on the same mail domain, for ever.

    Without it both would write the same Message-IDs, and mail servers drop what they know.
    """
    where = str(session.get_bind().engine.url)
    if where not in _installations:
        query = select(Stamp.mark).where(col(Stamp.name) == "installation")
        _installations[where] = session.exec(query).one()
    return _installations[where]
