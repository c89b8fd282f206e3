"""Marks that tell a copy in memory whether it still holds (印记), and one home from another."""

from sqlmodel import Session, col, select

from models.record import Stamp

_installations: dict[str, str] = {}  # by database: it never changes


def organisation(session: Session) -> str:
    """Return the mark that triggers renew with every change of people, units or suppressions."""
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
