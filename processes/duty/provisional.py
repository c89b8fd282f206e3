"""Answers by link that wait for a word of their person (暂定答复): kept, told, settled.

Whatever changes a duty by link passes `kept`. If the answer is provisional, what it changed is
written down, the person hears of it at once, and the duty's own letters are kept back until it
is confirmed, taken back, or the time is over.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from config.current import current
from models import alarms, journal, people, trail
from models.duty import Answer, Duty, Line
from models.engine import reading, transaction
from models.journal import Moved
from models.notice import Notice
from models.provisional import Acquaintance, Provisional
from models.upsert import insert_new
from processes.alarm import wording as says_alarm
from processes.duty import issued as duties
from processes.duty import says
from processes.duty.deed import Deed
from processes.mail.lines import line, post, promise
from rules import provisional as rule
from rules.provisional import BuiltUpon, Doubt, NothingToConfirm, Standing
from rules.words import DutyState, LetterKind, Role

ALARM: Final = "answer_disowned"
DUTY: Final = "duty"  # the table whose rows are withdrawn, never deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """By what somebody came: his browser's mark and his network; `signed` behind a session."""

    browser: str | None
    network: str
    address: str
    signed: bool = False


def of_link(way: Way | None) -> bool:
    """Whether the act came by a letter's link alone, as a scanner's would."""
    return way is not None and not way.signed


def doubt(
    session: Session, duty: Duty, person_id: int, way: Way | None, at: datetime
) -> Doubt | None:
    """Return why an act of this person on this duty is provisional; None if it is not."""
    if way is None or not of_link(way):
        return None
    return rule.doubt(
        given_at=at,
        accepted_at=_accepted(session, duty, person_id, at),
        known_browser=_known(session, person_id, way.browser),
        known_network=_known(session, person_id, way.network),
    )


@contextmanager
def kept(deed: Deed, act: str, why: Doubt | None, way: Way | None) -> Iterator[None]:
    """Watch what an act does; write it down if it is provisional, else learn whose way it is."""
    if why is None or way is None:
        yield
        if way is not None and not deed.operator:
            acquaint(deed.session, deed.person_id, (way.browser, way.network), deed.at)
        return
    with journal.kept(deed.session) as changes:
        yield
    _write(deed, act, why, way, changes)


def acquaint(session: Session, person_id: int, ways: Sequence[str | None], at: datetime) -> None:
    """Remember a browser and a network that this person has used."""
    rows = [
        {"person_id": person_id, "mark": _mark(person_id, way), "since": at}
        for way in ways
        if way is not None
    ]
    insert_new(session, Acquaintance, rows)


def correct(session: Session, duty: Duty, person_id: int, at: datetime) -> None:
    """Take provisional answers back, because their person now answers for certain.

    Where others have gone on from them they stay, and the new answer comes too late.
    """
    for row in _open(session, duty, person_id):
        if row.act == "answer":
            _take_back(session, row, Standing.CORRECTED, at)


def waiting(duty_id: int, person_id: int) -> Provisional | None:
    """Return the newest answer to this duty that waits for a word of this person."""
    with reading() as session:
        return session.exec(
            select(Provisional)
            .where(
                col(Provisional.duty_id) == duty_id,
                col(Provisional.person_id) == person_id,
                col(Provisional.standing) == Standing.OPEN,
            )
            .order_by(col(Provisional.id).desc())
        ).first()


@transaction
def confirm(session: Session, duty_id: int, *, person_id: int, mine: bool, at: datetime) -> str:
    """Take a person's word on what was answered in his name; return what follows.

    "That was not me" brings everything back; where others have gone on from it the quality
    department hears of it instead.
    """
    duty = session.get_one(Duty, duty_id)
    rows = _open(session, duty, person_id)
    if not rows:
        raise NothingToConfirm
    if mine:
        for row in rows:
            _settle(session, row, Standing.CONFIRMED, at, actor=f"person:{person_id}")
            acquaint(session, person_id, (row.browser, row.network), at)
        return says.CONFIRMED
    undone = [_take_back(session, row, Standing.UNDONE, at) for row in rows]
    return says.UNDONE if all(undone) else BuiltUpon.sentence


def settle_due(at: datetime) -> int:
    """Settle what nobody confirmed in time: it lapses or stands; return how many there were."""
    with reading() as session:
        numbers = session.exec(
            select(Provisional.id)
            .where(col(Provisional.standing) == Standing.OPEN, col(Provisional.until) <= at)
            .order_by(col(Provisional.id).desc())
        ).all()
    return sum(_over(number, at) for number in numbers if number is not None)


@transaction
def _over(session: Session, number: int, at: datetime) -> bool:
    row = session.exec(
        select(Provisional).where(col(Provisional.id) == number).with_for_update()
    ).one()
    if row.standing is not Standing.OPEN:
        return False
    if rule.unconfirmed(row.doubt) is Standing.LAPSED:
        if _take_back(session, row, Standing.LAPSED, at):
            _tell(session, row, at, lapsed=True)
        return True
    _settle(session, row, Standing.STOOD, at, actor="clock")
    acquaint(session, row.person_id, (row.browser, row.network), at)
    return True


def next_at(session: Session) -> datetime | None:
    """Return when the first answer that nobody has confirmed is settled."""
    query = select(Provisional.until).where(col(Provisional.standing) == Standing.OPEN)
    return session.exec(query.order_by(col(Provisional.until)).limit(1)).first()


def _accepted(session: Session, duty: Duty, person_id: int, at: datetime) -> datetime | None:
    """Return when a server last accepted a letter to this person about this duty."""
    return session.exec(
        select(sa.func.max(col(Notice.sent_at)))
        .join(Line, col(Line.notice_id) == col(Notice.id))
        .where(
            col(Line.duty_id) == duty.id,
            col(Line.person_id) == person_id,
            col(Line.letter) != LetterKind.CODE,
            col(Notice.sent_at) <= at,
        )
    ).one()


def _known(session: Session, person_id: int, way: str | None) -> bool:
    if way is None:
        return False
    return session.get(Acquaintance, (person_id, _mark(person_id, way))) is not None


def _mark(person_id: int, way: str) -> str:
    """Return what is kept of a browser or network: enough to know it again, and no more."""
    return sha256(f"{person_id}:{way}".encode()).hexdigest()


def _write(deed: Deed, act: str, why: Doubt, way: Way, changes: journal.Journal) -> None:
    session, duty = deed.session, deed.duty
    assert duty.id is not None
    answer = session.exec(
        select(Answer.id).where(col(Answer.duty_id) == duty.id).order_by(col(Answer.id).desc())
    ).first()
    row = Provisional(
        duty_id=duty.id,
        answer_id=answer,
        person_id=deed.person_id,
        act=act,
        doubt=why,
        given_at=deed.at,
        until=rule.until(current().calendar, deed.at),
        browser=way.browser,
        network=way.network,
        changed=changes.changed(session),
        made=changes.made,
    )
    session.add(row)
    session.flush()
    _tell(session, row, deed.at, address=way.address)
    deed.record(
        "answer.provisional",
        f"duty:{duty.id}",
        after={"act": act, "why": why.value, "until": row.until.isoformat()},
    )


def _tell(
    session: Session, row: Provisional, at: datetime, *, address: str = "", lapsed: bool = False
) -> None:
    """Let the person hear at once what was answered in his name, or that it has lapsed."""
    duty = session.get_one(Duty, row.duty_id)
    facts = {
        "act": row.act,
        "why": row.doubt.value,
        "given_at": row.given_at.isoformat(),
        "until": row.until.isoformat(),
        **({"address": address} if address else {}),
        **({"lapsed": True} if lapsed else {}),
    }
    assert row.id is not None
    occasion = row.id * 2 + lapsed
    letter = LetterKind.PROVISIONAL
    promise(session, [line(duty, letter, row.person_id, at=at, facts=facts, occasion=occasion)])


def _open(session: Session, duty: Duty, person_id: int) -> Sequence[Provisional]:
    return session.exec(
        select(Provisional)
        .where(
            col(Provisional.duty_id) == duty.id,
            col(Provisional.person_id) == person_id,
            col(Provisional.standing) == Standing.OPEN,
        )
        .order_by(col(Provisional.id).desc())
        .with_for_update()
    ).all()


def _settle(
    session: Session, row: Provisional, standing: Standing, at: datetime, *, actor: str
) -> None:
    row.standing, row.settled_at = standing, at
    session.add(row)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=actor,
        action=f"answer.{standing.value}",
        subject=f"duty:{row.duty_id}",
        before={"standing": Standing.OPEN.value},
        after={"standing": standing.value, "act": row.act},
    )


def _take_back(session: Session, row: Provisional, standing: Standing, at: datetime) -> bool:
    """Bring back what an answer changed; False if others have gone on from it, and it stands."""
    person = row.person_id
    actor = "clock" if standing is Standing.LAPSED else f"person:{person}"
    try:
        with session.begin_nested():
            _bring_back(session, row, at)
    except (Moved, DBAPIError):
        if row.act == "acknowledge":  # the step that it put off has been taken since
            _settle(session, row, standing, at, actor=actor)
            return True
        _settle(session, row, Standing.STOOD, at, actor=actor)
        if standing is not Standing.LAPSED:
            _disowned(session, row, at)
        return False
    _settle(session, row, standing, at, actor=actor)
    return True


def _bring_back(session: Session, row: Provisional, at: datetime) -> None:
    own = [one for one in row.made if one[0] != DUTY]
    issued = [session.get(Duty, key[0]) if key else None for name, key in row.made if name == DUTY]
    if any(duty is None or duty.state is DutyState.DISCHARGED for duty in issued):
        raise Moved(DUTY, [])
    for duty in issued:
        if duty is not None and duty.state is DutyState.OPEN:
            duties.withdraw(session, duty, at=at, why=says.TAKEN_BACK)
    journal.restore(session, row.changed, own)
    # What would have said that it is over was kept back. It was never said, and its key is
    # needed when it is over indeed.
    owed_again = {row.duty_id, *(key[0] for name, key, *_ in row.changed if name == DUTY)}
    session.execute(
        sa.delete(Line).where(
            col(Line.duty_id).in_(owed_again),
            col(Line.letter) == LetterKind.OVER,
            col(Line.created_at) >= row.given_at,
            col(Line.notice_id).is_(None),
        )
    )


def _disowned(session: Session, row: Provisional, at: datetime) -> None:
    """Tell operator and quality head that an answer stands which its person did not give."""
    ref = f"duty:{row.duty_id}"
    posts = people.organisation(session).posts
    message = says_alarm.disowned(row.duty_id, posts[row.person_id].code)
    if not alarms.raise_alarm(session, kind=ALARM, ref=ref, message=message, at=at):
        return
    heads = people.holders(session, Role.QUALITY_HEAD)[:1]
    for person in (*heads, None):
        post(
            session,
            letter=LetterKind.ALARM,
            ref=f"{ALARM}:{row.id}",
            person_id=person,
            at=at,
            facts={"kind": ALARM, "ref": ref, "message": message},
        )
