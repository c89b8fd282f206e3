"""The home of an earlier release goes on under this program: nothing lost, nothing said twice.

What is compared is each row before with the same row after; a column or a table that came later
is nobody's promise here.
"""

import email
import re
from collections import Counter
from datetime import UTC
from email import policy

import pytest
import sqlalchemy as sa

from flows.turning import turn
from models import migrate, trail
from models.duty import Duty
from models.engine import reading, writing
from processes.duty import issued as duties
from processes.mail import outbox, restoring
from processes.mail.delivery import deliver
from processes.watch import switches
from rules.words import DutyState
from service.home import seen
from tests.support import upgrades
from tests.support.cast import at
from tests.support.sender import Recorder
from tests.web.cast import Hour, TestClient, field
from tests.web.matters import PLAN
from web.frame.app import begin, create_app

EVE = at("2026-09-30", "18:00")
AFTER = at("2026-10-08", "09:00")  # the first working day after the holiday
LINK = re.compile(r"http://pages\.example(/d/[A-Za-z0-9_.-]+)")


def bytes_of(old, state):
    """Return the kept mails of a state: notice and bytes."""
    mimes = {row["notice_id"]: row["mime"] for row in old.rows("notice_bytes")}
    return [
        (row, mimes[row["id"]]) for row in old.rows("notice", state=state) if row["id"] in mimes
    ]


def link_in(mime):
    message = email.message_from_bytes(mime, policy=policy.default)
    return LINK.search(message.get_body(("plain",)).get_content())


def letter_about(old, kind):
    """Return the sent letter to the owner of an open duty of this kind, and that duty."""
    owed = {row["id"]: row for row in old.rows("duty", state="open", kind=kind)}
    told = {row["notice_id"]: row["duty_id"] for row in old.rows("line") if row["duty_id"] in owed}
    return next(
        (mime, owed[told[notice["id"]]])
        for notice, mime in bytes_of(old, "sent")
        if notice["id"] in told and notice["letter"] != "digest"
    )


@pytest.fixture
def pages(upgraded):
    """A stranger's browser, some days after the letter."""
    app = create_app()
    begin(app, Hour(AFTER))
    with TestClient(app, base_url="http://pages.example") as client:
        yield client


def test_a_release_kept_what_its_promises_are_about(old):
    assert len(old.rows("trail")) > 300
    assert len(old.rows("duty")) > 300
    assert len(old.rows("line")) > 300
    assert [row for row in old.rows("duty", state="open") if row["level"] > 0]
    assert bytes_of(old, "pending")
    assert old.rows("line", notice_id=None)
    assert any(link_in(mime) for _, mime in bytes_of(old, "sent"))


def test_it_comes_to_the_newest_shape(upgraded, scripts):
    assert migrate.current() == migrate.head()
    assert not migrate.pending()
    if scripts == "today's scripts":  # the models do not know what the other one adds
        assert migrate.check() == []


def test_no_row_is_lost_and_none_is_changed(upgraded):
    after = upgrades.everything()
    for table, rows in upgraded.before.items():
        if table in {migrate.VERSION_TABLE, "trail_head"}:  # the head moves with the claim
            continue
        assert len(after[table]) == len(rows), table
        if not rows:
            continue
        same = rows[0].keys() & after[table][0].keys()
        assert Counter(told(row, same) for row in after[table]) == Counter(
            told(row, same) for row in rows
        ), table


def told(row, names):
    return tuple((name, repr(row[name])) for name in sorted(names))


def test_what_protects_rows_is_still_there(old, scripts, request):
    before = upgrades.triggers()
    request.getfixturevalue("upgraded")
    assert upgrades.triggers() >= before
    with pytest.raises(sa.exc.DBAPIError, match="append only"), writing() as session:
        session.execute(sa.text("UPDATE trail SET actor = 'nobody'"))


def test_the_trail_verifies_and_goes_on(upgraded):
    with reading() as session:
        assert trail.verify(session) is None
    with writing() as session:
        trail.record(session, at=AFTER, actor="person:1", action="upgrade", subject="home:1")
    with reading() as session:
        assert trail.verify(session) is None
        rows = session.execute(sa.text("SELECT count(*) FROM trail")).scalar_one()
        assert session.get(trail.TrailHead, 1).seq == rows > len(upgraded.rows("trail"))


def test_what_came_later_is_off_and_what_was_there_is_on(upgraded):
    off = {one.name for one in switches.listed() if not one.on}
    assert {"contract", "availability"} <= off
    assert not off & {"audit", "check", "duty", "improvement", "kpi", "nonconformity", "plan"}


def test_a_duty_owes_the_same_next_step_and_takes_it(upgraded):
    before = {row["id"]: row for row in upgraded.rows("duty", state="open")}
    due = sorted(row["id"] for row in before.values() if instant(row["next_at"]) <= AFTER)
    assert due
    assert sorted(duties.due(AFTER, limit=1000)) == due
    climbing = [number for number in due if before[number]["level"] > 0]
    turn(AFTER, phase="act")
    with reading() as session:
        for number in climbing:
            now = session.get_one(Duty, number)
            assert now.nth == before[number]["nth"] + 1, now.subject
            assert now.level >= before[number]["level"], now.subject
            assert now.due_at == instant(before[number]["due_at"])
        assert any(
            session.get_one(Duty, number).level == before[number]["level"] + 1
            for number in climbing
        )
    turn(AFTER, phase="act")
    with reading() as session:
        assert all(
            session.get_one(Duty, number).nth == before[number]["nth"] + 1 for number in climbing
        )


def instant(value):
    """Return an aware instant of what a database gave; SQLite keeps no zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def test_what_waited_is_sent_with_the_same_bytes_and_not_one_letter_more(upgraded):
    waited = sorted(mime for _, mime in bytes_of(upgraded, "pending"))
    relay = Recorder()
    deliver(EVE, transport=relay)
    assert sorted(envelope.mime for envelope in relay.sent) == waited
    people = {row["person_id"] for row in upgraded.rows("line", notice_id=None)}
    outbox.gather(EVE)
    deliver(EVE, transport=relay)
    assert len(relay.sent) == len(waited) + len(people)
    outbox.gather(EVE)
    deliver(EVE, transport=relay)
    assert len(relay.sent) == len(waited) + len(people)


def test_it_is_not_taken_for_a_restored_backup(upgraded):
    assert seen.look(upgraded.home, EVE) is None
    assert restoring.holding() is None


def test_the_link_in_a_mail_of_before_opens_its_duty_and_answers_it(upgraded, pages):
    mime, duty = letter_about(upgraded, "respond")
    path = link_in(mime)[1]
    page = pages.get(path)
    assert page.status_code == 200
    assert duty["subject"] in page.text
    data = {"csrf": field(page.text), "act": "answer", **PLAN, "planned_on": "2026-10-12"}
    said = pages.post(path, data=data)
    assert said.status_code == 200
    with reading() as session:
        assert session.get_one(Duty, duty["id"]).state is DutyState.DISCHARGED


def test_every_link_of_before_opens(upgraded, pages):
    links = [link_in(mime)[1] for _, mime in bytes_of(upgraded, "sent") if link_in(mime)]
    assert links
    assert {pages.get(path).status_code for path in links} == {200}
