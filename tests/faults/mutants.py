"""Wrong designs (变异), each switched in for one world at a time; every one must be caught.

Most are what a sensible person builds first. The name says the mistake.
"""

import re
import secrets
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import sqlalchemy as sa
from sqlmodel import col

from models import alarms, trail
from models import outbox as rows
from models.duty import Duty, Line
from models.engine import transaction
from models.notice import Notice, NoticeState
from models.upsert import insert_new
from notifications.replies import Declined
from processes.duty import climbing, extension, missed, returning, succession
from processes.duty import issued as duties
from processes.duty.telling import Episode
from processes.mail import (
    bounces,
    claiming,
    delivery,
    instance,
    lines,
    outbox,
    refusing,
    relaying,
    settling,
)
from processes.mail.delivered import Delivered
from rules import digest, escalation, stepping
from rules.escalation import Heard, Passed
from rules.organisation import Chain, Organisation
from tests.faults import ground
from tests.faults import world as worlds

NOTICE = Notice.__table__


def _kept(**values):
    """Update mails without asking whose they are."""

    def write(session, mail, **more):
        session.connection().execute(
            sa.update(NOTICE).where(NOTICE.c.id == mail.id).values(**{**more, **values})
        )
        return True

    return write


@contextmanager
def _swapped(*swaps):
    with ExitStack() as stack:
        for where, name, what in swaps:
            stack.enter_context(patch.object(where, name, what))
        yield


# --- the mail --------------------------------------------------------------------------------


def send_before_commit():
    """Sends inside the transaction that claims, as a simple loop over the outbox would."""

    def lease(session, mails: Sequence, *, at, until):
        (world,) = ground.living
        for mail in mails:
            world.server.take(relaying.envelope(mail), at)
            _kept(state=NoticeState.SENT, sent_at=at)(session, mail)

    claim = claiming.claim

    def without_mails(*args, **kwargs):
        return replace(claim(*args, **kwargs), mails=())

    return _swapped((rows, "lease", lease), (claiming, "claim", without_mails))


def mark_sent_first():
    """Says sent when it claims, so that nothing is ever sent twice."""
    lease = rows.lease

    def marked(session, mails, *, at, until):
        lease(session, mails, at=at, until=until)
        for mail in mails:
            _kept(state=NoticeState.SENT, sent_at=at)(session, mail)

    return _swapped((rows, "lease", marked))


def lease_never_ends():
    """Trusts that who has claimed a mail will settle it."""
    return _swapped((rows, "run_out", lambda _session, _at, **_wait: (0, [])))


def fresh_message_id():
    """Makes a new Message-ID for each attempt."""
    take = rows.take

    def stamped(session, numbers, at):
        fresh = f"Message-ID: <{secrets.token_hex(8)}@site.example>".encode()
        header = re.compile(rb"^Message-ID:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)
        return [
            _with(mail, mime=header.sub(fresh, mail.mime, count=1)) if mail.mime else mail
            for mail in take(session, numbers, at)
        ]

    return _swapped((rows, "take", stamped))


def rendered_at_sending():
    """Renders the mail anew for each attempt: the second copy is another letter."""
    take = rows.take

    def rewritten(session, numbers, at):
        return [
            _with(mail, mime=mail.mime + f"\n{at:%H:%M:%S}".encode()) if mail.mime else mail
            for mail in take(session, numbers, at)
        ]

    return _swapped((rows, "take", rewritten))


def no_look_when_claiming():
    """Sends what was true when it was written, though it is over."""
    return _swapped((rows, "doubtful", lambda _session, _mails: set()))


def no_fencing():
    """A sender that slept through its lease writes its results, and goes on sending."""

    def unfenced(session, mail, **values):
        return _kept(**values)(session, mail)

    return _swapped(
        (rows, "_fenced", unfenced),
        (delivery._Round, "_late", lambda _self: False),
        (rows, "sent_and_next", _unfenced_fast),
    )


def _unfenced_fast(connection, mail, following, at):
    connection.execute(
        sa.update(NOTICE)
        .where(NOTICE.c.id == mail.id)
        .values(
            state=NoticeState.SENT,
            sent_at=at,
            lease_until=None,
            offered_at=None,
            attempts=NOTICE.c.attempts + 1,
        )
    )
    if following is not None:
        connection.execute(
            sa.update(NOTICE).where(NOTICE.c.id == following.id).values(offered_at=at)
        )
    return True, True


def silent_drop():
    """Gives a refused mail up and tells nobody."""

    def dropped(session, mail, _no, _at):
        rows.settle(session, mail, state=NoticeState.DEAD)

    return _swapped((settling, "_dead", dropped))


def gives_up_after_a_failure():
    """Cancels what could not be sent at the first attempt."""

    def cancelled(session, mail, _no, _at):
        rows.settle(session, mail, state=NoticeState.CANCELLED)

    return _swapped((settling, "_deferred", cancelled))


def doubt_forgotten():
    """Treats a lost answer to the final dot like any other failure."""

    def deferred(session, mail, _lost, at):
        again = at + timedelta(minutes=1)
        rows.settle(session, mail, state=NoticeState.PENDING, next_try_at=again)

    return _swapped((settling, "_unsure", deferred))


def every_no_is_final():
    """Takes a relay's no for the address's: the letter is dead."""
    failed = relaying.failed

    def given_up(mail, others, outcome, *, at, relay, seen):
        if not isinstance(outcome, Declined):
            return failed(mail, others, outcome, at=at, relay=relay, seen=seen)
        return _given_up(mail, others, outcome, at)

    return _swapped((relaying, "failed", given_up))


@transaction
def _given_up(session, mail, others, outcome, at):
    rows.settle(session, mail, state=NoticeState.DEAD, error=outcome.text)
    message = outcome.text
    alarms.raise_alarm(session, kind="mail_refused", ref=mail.key, message=message, at=at)
    rows.give_back(session, others, None)
    return Delivered(dead=1)


def set_aside_at_once():
    """Sets a declined letter aside at the first no, though the relay may decline all of them."""
    concerns = settling.concerns_all

    def never(outcome):
        return not isinstance(outcome, Declined) and concerns(outcome)

    return _swapped((settling, "concerns_all", never))


def set_aside_in_silence():
    """Sets a letter aside and tells nobody."""
    return _swapped((refusing, "note", lambda *_: None))


def a_copy_sends():
    """Sends from whatever database it finds."""
    return _swapped((instance, "ours", lambda _at: True))


# --- the steps -------------------------------------------------------------------------------


def no_unique_key():
    """Writes a line for each step taken, and asks nobody whether it is there."""

    def plain(session, model, values):
        if model is not Line:
            return insert_new(session, model, values)
        if values:
            session.execute(sa.insert(Line), values)
        return len(values)

    return _swapped(
        (climbing, "insert_new", plain),
        (lines, "insert_new", plain),
        (worlds.World, "unkeyed", True),
        (climbing, "_read", _stale_read),
        (climbing, "_MOVE", _MOVE_BLINDLY),
    )


def stale_step():
    """Takes the step that was due when it was read, whoever has taken it meanwhile."""
    return _swapped((climbing, "_read", _stale_read), (climbing, "_MOVE", _MOVE_BLINDLY))


def _stale_read(session, ids, _at):
    return list(session.execute(sa.select(*climbing.COLUMNS).where(col(Duty.id).in_(ids)))), []


_MOVE_BLINDLY = (
    sa.update(Duty.__table__)
    .where(col(Duty.id) == sa.bindparam("b_id"))
    .values(
        level=sa.bindparam("b_level"),
        next_at=sa.bindparam("b_next"),
        nth=col(Duty.nth) + 1,
        rev=sa.bindparam("b_rev") + 1,
    )
)


def two_transactions():
    """Moves the duty in one transaction and writes what is to be told in the next."""
    climb, waiting = climbing.climb, {}

    def later(_session, _model, values):
        waiting[ground.living[0].running.name] = values

    def apart(ids, *, at):
        name = ground.living[0].running.name
        climbed = climb(ids, at=at)
        _tell(waiting.pop(name, []))
        return climbed

    return _swapped((climbing, "climb", apart), (climbing, "insert_new", later))


@transaction
def _tell(session, waiting):
    insert_new(session, Line, waiting)


def skipped_level():
    """Goes to the second one above when the step is late."""

    whom = escalation.whom

    def higher(organisation, *, owner, heard, day):
        chain = organisation.chain(owner).people
        known = heard.people | ({chain[0]} if len(chain) > 1 else set())
        return whom(
            organisation,
            owner=owner,
            heard=Heard(people=frozenset(known), stood_in=heard.stood_in),
            day=day,
        )

    return _swapped((escalation, "whom", higher))


def told_twice():
    """Forgets who was told."""
    return _swapped((Episode, "heard", lambda _self: Heard()))


def two_steps_a_day():
    """Catches up after downtime: every step that is late, at once."""

    def planned(ladder, *, nth, due, taken_at, calendar):
        return stepping.instant_of(ladder, nth=nth, due=due, calendar=calendar)

    return _swapped((stepping, "following", planned))


def drifts():
    """Counts the next step from the last one, not from the deadline."""

    def from_the_last(ladder, *, nth, due, taken_at, calendar):
        before = stepping.step(ladder, nth=nth - 1).after if nth else 0
        apart = max(1, stepping.step(ladder, nth=nth).after - before)
        return calendar.opening(calendar.add(taken_at, apart))

    return _swapped((stepping, "following", from_the_last))


def circle_not_seen():
    """Takes the highest in a circle for the top."""

    def walk(organisation, owner):
        chain = right(organisation, owner)
        return Chain(people=chain.people, ends="top")

    right = Organisation._walk
    return _swapped((Organisation, "_walk", walk))


def delegate_not_barred():
    """Lets the owner, or whoever was told, stand in for the one above."""
    right = Organisation.delegate

    def anybody(organisation, person, day, *, barred):
        return right(organisation, person, day, barred=frozenset())

    return _swapped((Organisation, "delegate", anybody))


def absent_not_replaced():
    """Passes over whoever is away, delegate or not."""

    def nobody(_organisation, _person, _day, *, barred):
        return None

    return _swapped((Organisation, "delegate", nobody))


def no_address_is_told():
    """Promises a letter to somebody without an address."""

    right = escalation.reach

    def hopeful(organisation, person, day, *, barred):
        found = right(organisation, person, day, barred=barred)
        if isinstance(found, Passed) and found.reason == "no_address":
            return escalation.Told(receiver=person, why="chain")
        return found

    return _swapped((escalation, "reach", hopeful))


def acknowledged_again_and_again():
    """Moves the step whenever somebody acknowledges."""
    right = duties.acknowledge

    def forgetful(session, duty, **how):
        moved = right(session, duty, **how)
        duty.acknowledged_level = -1
        return moved

    return _swapped((duties, "acknowledge", forgetful))


def acknowledged_stops():
    """Takes an acknowledgement for an answer: it moves the step by a month."""

    def parked(next_at, calendar):
        return calendar.opening(calendar.add(next_at, 20))

    return _swapped((stepping, "acknowledged", parked))


def end_not_told():
    """Lets those who were told find out by themselves that it is over."""
    return _swapped((duties, "_who_hears_the_end", lambda _session, _duty: []))


def extension_keeps_level():
    """Moves the deadline and goes on climbing where it was."""
    right = extension._begin_episode

    def same_episode(session, duty, asked, *, at):
        level, nth = duty.level, duty.nth
        right(session, duty, asked, at=at)
        duty.level, duty.nth = level, nth

    return _swapped((extension, "_begin_episode", same_episode))


def absent_never_told():
    """Forgets the one for whom somebody stood in."""
    return _swapped((returning, "_untold", lambda _session: []))


def unrecorded_step():
    """Takes a step of which the trail knows nothing."""
    return _swapped((climbing.trail, "record_many", _less(trail.record_many)))


def _less(right):
    def record_many(session, entries):
        right(session, [e for e in entries if e.action != "duty.escalated"])

    return record_many


def lines_left_over():
    """Gathers once, right after the step; what a crash left is nobody's."""
    right = outbox._waiting

    def only_new(session, at, limit):
        return [one for one in right(session, at, limit) if one.line.created_at >= at]

    return _swapped((outbox, "_waiting", only_new))


def no_digest():
    """Writes a letter for each thing that somebody owes."""

    def singly(own):
        return [digest.Mail(shape="single", lines=(told.line,)) for told in own]

    return _swapped((digest, "_own", singly))


def no_table():
    """Sends each level notice alone, were it a hundred."""

    def singly(levels, _digest_above):
        return [digest.Mail(shape="single", lines=(told.line,)) for told in levels]

    return _swapped((digest, "_levels", singly))


def returned_while_sending():
    """Ends what came back only if nobody is at it at that moment."""
    others = tuple(state for state in bounces.OPEN_TO_CHANGE if state is not NoticeState.LEASED)
    return _swapped((bounces, "OPEN_TO_CHANGE", others))


def returned_is_noted():
    """Keeps what came back and calls its mail sent all the same."""
    return _swapped((bounces, "_ended", lambda *_: False))


def owner_left_out():
    """Tells an owner at issue or not at all."""
    return _swapped((missed, "_untold", lambda _session, _at: []))


def stand_in_left_out():
    """Tells a stand-in only what falls due while the absence lasts."""
    return _swapped((missed, "_stood_in_for", lambda _session, _organisation, _at: []))


def passed_over_for_good():
    """Leaves it at the one who was told instead."""
    return _swapped((missed, "_passed_over", lambda _session, _organisation, _at: []))


def decides_for_ever():
    """Leaves a decision with whoever was asked first."""
    return _swapped((succession, "_succeed", lambda _session, _duty, _at: False))


def _with(mail, **values):
    return mail._replace(**values) if hasattr(mail, "_replace") else replace(mail, **values)


MUTANTS = {
    wrong.__name__: wrong
    for wrong in (
        send_before_commit,
        mark_sent_first,
        lease_never_ends,
        fresh_message_id,
        rendered_at_sending,
        no_look_when_claiming,
        no_fencing,
        silent_drop,
        gives_up_after_a_failure,
        doubt_forgotten,
        every_no_is_final,
        set_aside_at_once,
        set_aside_in_silence,
        a_copy_sends,
        no_unique_key,
        stale_step,
        two_transactions,
        skipped_level,
        told_twice,
        two_steps_a_day,
        drifts,
        circle_not_seen,
        delegate_not_barred,
        absent_not_replaced,
        no_address_is_told,
        acknowledged_again_and_again,
        acknowledged_stops,
        end_not_told,
        extension_keeps_level,
        absent_never_told,
        unrecorded_step,
        lines_left_over,
        no_digest,
        no_table,
        returned_while_sending,
        returned_is_noted,
        owner_left_out,
        stand_in_left_out,
        passed_over_for_good,
        decides_for_ever,
    )
}
