"""The invariants of the specification, each under its own name, read from the bare rows."""

import json
from collections import Counter, defaultdict
from itertools import pairwise

from models import trail
from models.engine import reading
from tests.faults.acts import _utc
from tests.faults.days import local
from tests.faults.postbox import FINAL

STEP_ACTIONS = ("duty.reminded", "duty.overdue", "duty.escalated")
MOST_LEVEL_NOTICES = 10  # that one sweep may send one person one by one
# Letters outside of the ladder, which the oracle leaves to their own tests.
LOOSE = ("code", "sign_in", "alarm")
# What an owner is told may be left untold when it was handed over from him; he may owe it again.
NOT_HIS_ANY_MORE = (
    "(l.letter IN ('assignment', 'reminder', 'overdue', 'extension_asked', 'verification_asked')"
    " AND EXISTS (SELECT 1 FROM trail t"
    " WHERE t.action IN ('duty.handed_over', 'duty.succeeded') AND t.subject = 'duty:' || d.id"
    " AND json_extract(t.before, '$.owner') = coalesce(l.on_behalf_of_id, l.person_id)))"
)


def everything(world):
    """Look at every promise; `world.wrong` then has what was broken."""
    for check in CHECKS:
        for what in check(world):
            world.violated(check.__doc__, what)


def _rows(world, query, *values):
    return world.eye.execute(query, values).fetchall()


def one_line_per_key(world):
    """one line per key"""
    yield from _rows(world, "SELECT key, count(*) FROM line GROUP BY key HAVING count(*) > 1")


def one_notice_per_line(world):
    """one notice per line"""
    yield from _rows(world, "SELECT key FROM line WHERE notice_id IS NULL AND dropped_at IS NULL")
    yield from _rows(
        world,
        "SELECT id FROM notice WHERE id NOT IN (SELECT notice_id FROM line WHERE notice_id > 0)",
    )


def keys_are_the_oracles(world):
    """keys equal the oracle's"""
    expected = set(world.oracle.lines)
    there = {row[0] for row in _lines(world)}
    for key in sorted(expected - there):
        yield f"{key} was never promised"
    for key in sorted(there - expected - world.oracle.optional):
        yield f"{key} should not be"


def recipients_are_the_oracles(world):
    """recipients equal the oracle's"""
    for key, person, stands_for, level, kept in _lines(world):
        tell = world.oracle.lines.get(key)
        if tell is None:
            continue
        facts = json.loads(kept)
        if (person, stands_for, level) != (tell.person, tell.stands_for, tell.level):
            yield f"{key}: {(person, stands_for, level)}, not {tell}"
        if tell.letter == "escalation":
            passed = tuple((p, why) for p, why in facts.get("passed", ()))
            if (facts.get("again", 0), passed) != (tell.again, tell.passed):
                yield f"{key} says {facts}, not {tell}"


def _lines(world):
    """Return the lines of the ladder; what was decided about an open duty is told apart."""
    rows = _rows(
        world,
        "SELECT key, person_id, on_behalf_of_id, level, facts FROM line"
        f" WHERE letter NOT IN {LOOSE} ORDER BY id",
    )
    for key, *row in rows:
        letter, parts = key.split(":")[4], key.count(":")
        if letter == "assignment" and parts > 5 and key not in world.oracle.lines:
            continue
        yield key, *row


def sent_was_delivered(world):
    """nothing says sent that was not delivered"""
    taken = {mail.message_id for mail in world.server.taken}
    for number, message_id in _rows(world, "SELECT id, message_id FROM notice WHERE state='sent'"):
        if message_id not in taken:
            yield f"notice {number} {message_id}"


def what_came_back_is_not_sent(world):
    """nothing says sent of which the last copy came back"""
    sent = {row[0] for row in _rows(world, "SELECT message_id FROM notice WHERE state='sent'")}
    for message_id, what in world.postbox.fate.items():
        if what in FINAL and message_id in sent:
            yield f"{message_id}: {what}"


def every_line_was_told(world):
    """never lost"""
    for line, state, mail in _rows(
        world,
        "SELECT l.key, n.state, n.key FROM line l LEFT JOIN notice n ON n.id = l.notice_id"
        " LEFT JOIN duty d ON d.id = l.duty_id"
        " WHERE (n.state IS NULL OR n.state NOT IN ('sent', 'dead')) AND l.letter NOT IN"
        " ('over', 'code', 'sign_in') AND (d.id IS NULL OR (d.state = 'open' AND"
        f" d.episode = l.episode AND NOT {NOT_HIS_ANY_MORE}))",
    ):
        if not (state == "refused" and mail in world.no_way):
            yield line, state


def dead_is_alarmed(world):
    """nothing dead without alarm"""
    alarmed = {row[0] for row in _rows(world, "SELECT ref FROM alarm")}
    for number, key, address in _rows(
        world, "SELECT id, key, address FROM notice WHERE state='dead'"
    ):
        if key not in alarmed and address not in alarmed:
            yield f"notice {number} {key} to {address}"


def only_an_address_kills(world):
    """nothing dead but for its address"""
    gone = world.server.dead | world.postbox.gone
    ended = world.postbox.returned
    for number, address, message_id, error in _rows(
        world, "SELECT id, address, message_id, error FROM notice WHERE state = 'dead'"
    ):
        if address and address not in gone and message_id not in ended:
            yield f"notice {number} to {address}: {error}"


def set_aside_while_others_go(world):
    """nothing set aside unless the relay took others meanwhile"""
    for subject in _rows(world, "SELECT subject FROM trail WHERE action = 'notice.refused'"):
        number = int(subject[0].removeprefix("notice:"))
        ((message_id,),) = _rows(world, "SELECT message_id FROM notice WHERE id = ?", number)
        log = world.server.log
        mine = [n for n, (taken, about) in enumerate(log) if about == message_id and not taken]
        certain = any(log[n][0] is None for n in mine)
        between = log[mine[0] : mine[-1]] if mine else []
        if not certain and not any(taken for taken, _ in between):
            yield f"notice {number}: {len(mine)} times declined, and none taken in between"


def refused_is_alarmed(world):
    """nothing set aside without alarm"""
    left = _rows(world, "SELECT count(*) FROM notice WHERE state = 'refused'")[0][0]
    alarms = _rows(
        world,
        "SELECT count(*) FROM alarm WHERE kind = 'mail_set_aside' AND cleared_at IS NULL",
    )[0][0]
    if bool(left) != bool(alarms):
        yield f"{left} are set aside, {alarms} alarms are open"


def cancelled_only_if_closed(world):
    """cancelled only if closed"""
    yield from _rows(
        world,
        "SELECT n.id, l.key FROM notice n JOIN line l ON l.notice_id = n.id"
        " JOIN duty d ON d.id = l.duty_id WHERE n.state = 'cancelled' AND d.state = 'open'"
        f" AND d.episode = l.episode AND l.letter <> 'over' AND NOT {NOT_HIS_ANY_MORE}",
    )
    yield from _rows(
        world,
        "SELECT l.key FROM line l JOIN duty d ON d.id = l.duty_id WHERE l.dropped_at IS NOT NULL"
        " AND d.state = 'open' AND d.episode = l.episode AND l.letter <> 'over'"
        f" AND NOT {NOT_HIS_ANY_MORE}",
    )


def one_message_id(world):
    """one Message-ID per notice"""
    known = dict(_rows(world, "SELECT message_id, mime_hash FROM notice"))
    seen = defaultdict(set)
    for mail in world.server.taken:
        seen[mail.message_id].add(mail.digest)
    for message_id, digests in seen.items():
        if len(digests) > 1:
            yield f"{message_id} has {len(digests)} texts"
        elif message_id in known and digests != {known[message_id]}:
            yield f"{message_id} is not the text that was kept"


def copies_are_explained(world):
    """every extra copy explained by a recorded ambiguity"""
    taken = Counter(mail.message_id for mail in world.server.taken)
    for message_id, copies in _rows(world, "SELECT message_id, copies FROM notice"):
        if taken[message_id] > 1 + copies:
            yield f"{message_id} was taken {taken[message_id]} times, unsure {copies} times"


def no_phantom(world):
    """no phantom mail"""
    known = dict(_rows(world, "SELECT message_id, address FROM notice"))
    for mail in world.server.taken:
        if known.get(mail.message_id) != mail.recipient:
            yield f"{mail.message_id} to {mail.recipient}"


def _steps(world):
    """Return the steps in the trail: duty -> [(episode, nth, level, at)], as recorded."""
    found = defaultdict(list)
    for subject, at, written in _rows(
        world, f"SELECT subject, at, after FROM trail WHERE action IN {STEP_ACTIONS} ORDER BY seq"
    ):
        after = json.loads(written)
        number = int(subject.removeprefix("duty:"))
        found[number].append((after["episode"], after["nth"], after["level"], _utc(at)))
    return found


def steps_are_contiguous(world):
    """steps contiguous"""
    for number, steps in _steps(world).items():
        expected, level = defaultdict(int), defaultdict(int)
        for episode, nth, reached, _ in steps:
            if nth != expected[episode]:
                yield f"duty {number}: step {nth} of episode {episode}, not {expected[episode]}"
            if reached - level[episode] > (2 if nth <= 2 else 1):
                yield f"duty {number}: level {reached} after {level[episode]}"
            expected[episode], level[episode] = nth + 1, reached


def one_step_a_day(world):
    """at most one step a day"""
    for number, steps in _steps(world).items():
        days = [local(at).date() for _, _, _, at in steps]
        if any(later <= earlier for earlier, later in pairwise(days)):
            yield f"duty {number}: {days}"


def nothing_of_the_ladder_at_night(world):
    """ladder steps only in working hours"""
    for row, duty, at in _rows(
        world, f"SELECT seq, subject, at FROM trail WHERE action IN {STEP_ACTIONS}"
    ):
        if world.days_at(row).opening(_utc(at)) != _utc(at):
            yield f"{duty}: a step at {local(_utc(at))}"


def late_steps_keep_their_distance(world):
    """what is long overdue is never told every day"""
    for number, steps in _steps(world).items():
        severity = world.oracle.duties[number].severity
        for before, later in pairwise(steps):
            past = later[1] > 6 and later[0] == before[0]
            first, last = local(before[3]).date(), local(later[3]).date()
            if past and world.days.between(first, last) < 3:  # the shortest table's `every`
                yield f"duty {number} ({severity}): step {later[1]} on {last}, after {first}"


def one_trail_row_a_step(world):
    """exactly one trail row a step"""
    taken = Counter((number, episode, nth) for number, episode, nth, _ in world.oracle.steps)
    written = Counter(
        (number, episode, nth)
        for number, steps in _steps(world).items()
        for episode, nth, _, _ in steps
    )
    for step in sorted(taken.keys() | written.keys()):
        if (taken[step], written[step]) != (1, 1):
            yield f"{step}: taken {taken[step]} times, written {written[step]} times"


def a_morning_is_bearable(world):
    """one digest and ten level notices, or one level table, to a person in a sweep"""
    digests, notices, tables = defaultdict(set), defaultdict(set), defaultdict(set)
    for person, at, letter, notice, of_notice in _rows(
        world,
        "SELECT l.person_id, l.created_at, l.letter, n.id, n.letter FROM line l"
        " JOIN notice n ON n.id = l.notice_id"
        " WHERE l.letter IN ('reminder', 'overdue', 'escalation')",
    ):
        if letter != "escalation":
            digests[person, at].add(notice)
        elif of_notice != "straight_up":  # one mail, both marks
            (tables if of_notice == "table" else notices)[person, at].add(notice)
    for sweep, mails in digests.items():
        if len(mails) > 1:
            yield f"{sweep}: {len(mails)} digests"
    for sweep in notices.keys() | tables.keys():
        single, table = len(notices[sweep]), len(tables[sweep])
        if single > MOST_LEVEL_NOTICES or table > 1 or (single and table):
            yield f"{sweep}: {single} level notices, {table} level tables"


def trail_holds(world):
    """trail chain intact"""
    with reading() as session:
        broken = trail.verify(session)
    if broken is not None:
        yield str(broken)


def closing_stops_all(world):
    """closing stops everything"""
    yield from _rows(
        world,
        "SELECT n.code, d.id FROM nonconformity n JOIN duty d ON d.subject = n.code"
        " AND d.subject_kind = 'nonconformity' WHERE n.state IN ('closed', 'void')"
        " AND d.state = 'open'",
    )


def nothing_forgotten(world):
    """nothing owed is ever forgotten"""
    yield from _rows(
        world,
        "SELECT n.code, n.state FROM nonconformity n WHERE n.state NOT IN ('closed', 'void')"
        " AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.subject = n.code AND d.state = 'open')"
        " AND NOT EXISTS (SELECT 1 FROM alarm a WHERE a.ref = 'nonconformity:' || n.code"
        " AND a.cleared_at IS NULL)",
    )


CHECKS = (
    one_line_per_key,
    one_notice_per_line,
    keys_are_the_oracles,
    recipients_are_the_oracles,
    sent_was_delivered,
    what_came_back_is_not_sent,
    every_line_was_told,
    dead_is_alarmed,
    only_an_address_kills,
    set_aside_while_others_go,
    refused_is_alarmed,
    cancelled_only_if_closed,
    one_message_id,
    copies_are_explained,
    no_phantom,
    steps_are_contiguous,
    one_step_a_day,
    nothing_of_the_ladder_at_night,
    late_steps_keep_their_distance,
    one_trail_row_a_step,
    a_morning_is_bearable,
    trail_holds,
    closing_stops_all,
    nothing_forgotten,
)
