"""A register from before (带入历史台账): nonconformities with states, rounds and dates.

What was decided elsewhere is taken over as it was and marked *brought in*: nobody gets a letter
about it. What is still open is owed from the day on which it was entered; its first step comes
three working days later, from the level above those that were told elsewhere.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from config.current import current
from models import people
from models.duty import Duty, Line
from models.nonconformity import Nonconformity, Round
from models.upsert import insert_new
from notifications.keys import line_key
from processes.duty.telling import Episode
from processes.nonconformity import duties as owed
from processes.nonconformity import rows
from rules import brought, escalation, stepping
from rules import nonconformity as rule
from rules.brought import History
from rules.nonconformity import State
from rules.refusal import Refused
from rules.stepping import Ladder
from rules.words import DutyKind, LetterKind

ELSEWHERE: Final = "elsewhere"  # the fact of a line that another system told
TOLD_OF_A_ROUND: Final = (
    "cause",
    "correction",
    "corrective_action",
    "preventive_action",
    "look_elsewhere",
)


def problems(known: Any, new: Any, *, at: datetime) -> Iterator[tuple[str, Refused]]:
    """Return what is wrong with the history of a row, by column."""
    found: History | None = new.history
    if found is None:
        return
    if found.verified_by and known.person(found.verified_by) is None:
        yield "verified_by", brought.NoSuchVerifier(code=found.verified_by)
    yield from brought.judge(found, owner=new.owner_code, raised_at=new.raised_at, at=at)


def write(
    session: Session,
    nonconformity: Nonconformity,
    found: History,
    known: Any,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Keep a row that was found right with its rounds, and issue what it still owes."""
    nonconformity.state = found.state.value
    nonconformity.rounds = found.rounds
    nonconformity.ineffective = found.rounds - 1
    nonconformity.closed_at = found.closed_at if found.ended else None
    nonconformity.cause_key = rule.cause_key(found.cause)
    nonconformity.brought_in = _mark(found, at)
    session.add(nonconformity)
    session.flush()
    session.add_all(_rounds(nonconformity, found, known, at))
    session.flush()
    rows.record(
        session,
        nonconformity,
        "nonconformity.brought_in",
        at=at,
        actor=actor,
        after={"state": found.state.value, "round": found.rounds, **nonconformity.brought_in},
    )
    duty = None if found.ended else _owe(session, nonconformity, found, at=at, actor=actor)
    if duty is not None:
        begin(session, duty, level=found.level, at=at)


def _mark(found: History, at: datetime) -> dict[str, Any]:
    mark: dict[str, Any] = {"at": at.isoformat(), "file": found.file, "unknown": found.unknown}
    if found.level:
        mark["level"] = found.level
    return mark


def _rounds(
    nonconformity: Nonconformity, found: History, known: Any, at: datetime
) -> Iterator[Round]:
    """Yield its rounds: the earlier ones ineffective, the last one as the register says it."""
    assert nonconformity.id is not None
    for number in range(1, found.rounds):
        yield Round(nonconformity_id=nonconformity.id, number=number, effective=False)
    verifier = known.person(found.verified_by) if found.verified_by else None
    closed, planned = found.state is State.CLOSED, brought.agreed(found.state)
    owner = nonconformity.owner_id
    yield Round(
        nonconformity_id=nonconformity.id,
        number=found.rounds,
        method=found.method,
        **{name: getattr(found, name) or None for name in TOLD_OF_A_ROUND},
        planned_on=current().calendar.day(nonconformity.due_at) if planned else None,
        planned_by_id=owner if planned else None,
        planned_hands=[owner] if planned else [],
        agreed_at=at if planned and not closed else None,
        done=found.done or None,
        done_by_id=owner if brought.done(found.state) else None,
        done_hands=[owner] if brought.done(found.state) else [],
        verified_by_id=verifier.id if verifier else None,
        verified_at=found.verified_at,
        effective=True if closed else None,
        verification_note=found.verification_note or None,
    )


def _owe(
    session: Session, nonconformity: Nonconformity, found: History, *, at: datetime, actor: str
) -> Duty | None:
    """Issue what is owed in this state, without a letter."""
    match found.state:
        case State.PLANNED:
            due_at = nonconformity.due_at
            return owed.act(
                session, nonconformity, due_at=due_at, at=at, actor=actor, announced=False
            )
        case State.DISPUTED:
            kind = DutyKind.DECIDE_DISPUTE
            return owed.give(session, nonconformity, kind, at=at, actor=actor, announced=False)
        case State.IMPLEMENTED:
            kind = DutyKind.VERIFY
            return owed.give(session, nonconformity, kind, at=at, actor=actor, announced=False)
        case _:
            return owed.respond(session, nonconformity, at=at, actor=actor, announced=False)


def begin(session: Session, duty: Duty, *, level: int, at: datetime) -> None:
    """Let a duty go on above `level`, with its first step three working days after entry.

    Who stands at those levels today counts as told: the ladder goes on above them.
    """
    ladder, calendar = Ladder.from_json(duty.ladder), current().calendar
    _keep_told(session, duty, LetterKind.ASSIGNMENT, duty.owner_id, at=at)
    told = _told_elsewhere(session, duty, ladder, level, at) if level else 0
    if told:
        duty.level, duty.nth = told, brought.step_above(ladder, told)
    planned = stepping.instant_of(ladder, nth=duty.nth, due=duty.due_at, calendar=calendar)
    duty.next_at = max(planned, brought.first_step(calendar, at))
    session.add(duty)
    session.flush()


def _told_elsewhere(session: Session, duty: Duty, ladder: Ladder, level: int, at: datetime) -> int:
    """Keep a line for each who stands at these levels, never mailed; return how many there are."""
    organisation, day = people.organisation(session), current().calendar.day(at)
    assert duty.id is not None
    episode, reached = Episode(), 0
    for _ in range(level):
        found = escalation.whom(organisation, owner=duty.owner_id, heard=episode.heard(), day=day)
        if found.again or found.receiver is None:
            break
        reached += 1
        nth = brought.step_above(ladder, reached - 1)
        episode.add(found.receiver, found.stands_for, reached)
        _keep_told(
            session,
            duty,
            LetterKind.ESCALATION,
            found.receiver,
            stands_for=found.stands_for,
            nth=nth,
            level=reached,
            at=at,
        )
    return reached


def _keep_told(
    session: Session,
    duty: Duty,
    letter: LetterKind,
    receiver: int,
    *,
    at: datetime,
    stands_for: int | None = None,
    nth: int = 0,
    level: int | None = None,
) -> None:
    """Keep a line of what another system told: never mailed, and not to be told again."""
    assert duty.id is not None
    told = {
        "key": line_key(duty.id, 1, nth, letter, receiver),
        "duty_id": duty.id,
        "episode": 1,
        "nth": nth,
        "letter": letter,
        "level": level,
        "person_id": receiver,
        "on_behalf_of_id": stands_for,
        "facts": {ELSEWHERE: True},
        "created_at": at,
        "dropped_at": at,
    }
    insert_new(session, Line, [told])
