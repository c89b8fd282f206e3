"""Mail scanners fetch pages, run scripts and send forms: nothing may come of it.

A scanner here takes every form that it finds, fills in nothing, chooses nothing, and sends it:
as it stands, and with the first button pressed.
"""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from models.duty import Answer, Duty, Line
from models.engine import reading, transaction
from models.nonconformity import Nonconformity
from models.notice import Notice, NoticeState
from models.provisional import Acquaintance, Provisional
from notifications import links
from processes.duty import answers, climbing, kinds, provisional
from processes.mail import outbox
from rules.provisional import Doubt, Standing
from rules.words import DutyState, LetterKind
from tests.support.rows import everything
from tests.web.cast import field, secret
from tests.web.matters import PLAN, Matter, bring_to, code
from web.frame import as_found
from web.frame.session import COOKIE


class Forms(HTMLParser):
    """What a browser would send of each form of a page that nobody has touched."""

    def __init__(self, html):
        super().__init__()
        self.found, self.area, self.select = [], None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.found.append((attrs.get("method", "get"), attrs.get("action"), {}, []))
        elif self.found and (take := getattr(self, f"_{tag}", None)):
            take(attrs, self.found[-1][2])

    def _input(self, attrs, data):
        kind = attrs.get("type", "text")
        untouched = kind in {"radio", "checkbox"} and "checked" not in attrs
        if attrs.get("name") and not untouched and kind not in {"file", "submit", "button"}:
            data[attrs["name"]] = attrs.get("value", "on" if kind == "checkbox" else "")

    def _textarea(self, attrs, data):
        self.area = (data, attrs.get("name"))
        data[attrs.get("name")] = ""

    def _select(self, attrs, data):
        self.select = (data, attrs.get("name"))

    def _option(self, attrs, _data):
        if self.select and self.select[1]:
            chosen, name = self.select
            if name not in chosen or "selected" in attrs:
                chosen[name] = attrs.get("value", "")

    def _button(self, attrs, _data):
        if attrs.get("type", "submit") == "submit":
            self.found[-1][3].append((attrs.get("name"), attrs.get("value", "")))

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, text):
        if self.area is not None:
            data, name = self.area
            data[name] += text


def scan(browser, path):
    """Send every form of a page in every way a scanner does; return how many were sent."""
    sent = 0
    for method, action, data, buttons in Forms(browser.get(path).text).found:
        if method.lower() != "post":
            continue
        for pressed in ([], *([one] for one in buttons[:1])):
            more = {name: value for name, value in pressed if name}
            answer = browser.post(action or path, data={**data, **more}, follow_redirects=False)
            assert answer.status_code < 500
            sent += 1
    return sent


def kept():
    """Everything that an act by link may change; the trail of refusals is not."""
    with reading() as session:
        return (
            [row.model_dump() for row in session.exec(select(Duty).order_by(Duty.id))],
            [row.model_dump() for row in session.exec(select(Answer))],
            [row.model_dump() for row in session.exec(select(Line).order_by(Line.id))],
            [row.model_dump() for row in session.exec(select(Provisional))],
        )


KINDS = ("respond", "agree", "act", "verify", "decide_dispute", "decide")


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_of_a_duty_acts_as_it_is_found(pages, people, hour, token, kind):
    duty, _ = bring_to(kind, people, hour.at)
    owner = next(code for code, number in people.items() if number == duty.owner_id)
    before = kept()
    assert scan(pages, f"/d/{token(duty.id, owner)}") > 0
    assert kept() == before


def test_no_form_of_a_manager_who_was_told_acts_as_it_is_found(pages, people, hour, token):
    duty, row = told_wang(people, hour)
    before = kept()
    assert scan(pages, f"/d/{token(duty.id, 'wang')}") > 0
    assert kept() == before
    assert row.level == 1


def told_wang(people, hour):
    duty, _ = bring_to("respond", people, hour.at)
    row = duty
    while row.level == 0:
        hour.at = row.next_at
        climbing.climb([duty.id], at=hour.at)
        with reading() as session:
            row = session.get(Duty, duty.id)
    return duty, row


@pytest.mark.parametrize("kind", sorted(kinds.names()))
def test_every_kind_of_form_wants_a_choice_a_text_or_a_word(home, kind):
    """Of every kind: either it cannot be sent as found, or it is signed, or it asks for a word."""
    questions = answers.describe(kind, "en")
    sendable = as_found.needs_a_word(kind, questions, {})
    signed = kinds.of(kind).signature
    if signed or sendable or any(map(as_found.decides, questions)):
        return
    with pytest.raises(ValidationError):
        kinds.of(kind).form.model_validate(as_found.found(questions, {}))


def test_a_sign_in_link_is_not_used_up(pages, people, hour):
    path = "/sign-in/" + links.sign(secret(), "sign-in", (people["li"], "n7", "/"), hour.at)
    before = everything()
    assert scan(pages, path) == 2
    assert COOKIE not in pages.cookies
    assert everything() == before
    entered = pages.post(
        path, data={"csrf": field(pages.get(path).text), "me": "yes"}, follow_redirects=False
    )
    assert entered.status_code == 303


def test_the_question_whether_it_was_you_is_not_answered_by_a_scanner(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    assert scan(pages, path) > 0
    assert of(duty).standing is Standing.OPEN


# --- an answer that is only provisional --------------------------------------------------------


def respond(pages, people, hour, token, *, who="li", **headers):
    """Answer by link with a full plan; return the duty and the path."""
    Matter(people, hour.at)
    with reading() as session:
        duty = session.exec(select(Duty).order_by(col(Duty.id).desc())).first()
    path = f"/d/{token(duty.id, who)}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    assert pages.post(path, data=data, headers=headers).status_code == 200
    return duty, path


def of(duty):
    with reading() as session:
        query = select(Provisional).where(Provisional.duty_id == duty.id)
        return session.exec(query.order_by(col(Provisional.id).desc())).first()


def duty_now(duty):
    with reading() as session:
        return session.get(Duty, duty.id)


def state():
    with reading() as session:
        return session.exec(select(Nonconformity.state)).one()


def say(pages, path, word):
    data = {"csrf": field(pages.get(path).text), "act": "confirm", "mine": word}
    return pages.post(path, data=data)


def letters(letter):
    with reading() as session:
        return session.exec(select(Line).where(Line.letter == letter)).all()


def test_an_answer_from_nowhere_known_counts_and_is_told_at_once(pages, people, hour, token):
    duty, _ = respond(pages, people, hour, token)
    assert duty_now(duty).state is DutyState.DISCHARGED
    assert state() == "planned"
    assert of(duty).doubt is Doubt.STRANGER
    (told,) = letters(LetterKind.PROVISIONAL)
    assert told.person_id == people["li"]
    outbox.gather(hour.at)
    with reading() as session:
        mails = session.exec(select(Notice.letter)).all()
    assert "provisional" in mails


def test_that_was_not_me_brings_everything_back(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    hour.later(minutes=30)
    assert say(pages, path, "no").status_code == 200
    after = duty_now(duty)
    assert (after.state, after.ended_at, after.ended_by_id) == (DutyState.OPEN, None, None)
    assert after.next_at == duty.next_at
    assert state() == "raised"
    assert of(duty).standing is Standing.UNDONE
    with reading() as session:
        assert session.exec(select(Duty.state).where(Duty.kind == "agree")).one() == "withdrawn"
        assert len(session.exec(select(Answer)).all()) == 1  # kept, as evidence


def test_after_that_was_not_me_the_person_answers(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    say(pages, path, "no")
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    assert pages.post(path, data=data).status_code == 200
    assert duty_now(duty).state is DutyState.DISCHARGED
    with reading() as session:
        assert len(session.exec(select(Answer)).all()) == 2


def test_the_end_is_told_when_it_comes_indeed(pages, people, hour, token, signed_in):
    """What was kept back and taken back must not stand in the way of what is said later."""
    duty, _ = told_wang(people, hour)
    path = f"/d/{token(duty.id, 'li')}"
    plan = {**PLAN, "planned_on": f"{hour.at + timedelta(days=3):%Y-%m-%d}"}
    pages.post(path, data={"csrf": field(pages.get(path).text), "act": "answer", **plan})
    say(pages, path, "no")
    assert [line for line in letters(LetterKind.OVER) if line.duty_id == duty.id] == []
    li = signed_in("li")
    shown = li.get(f"/duties/{duty.id}").text
    li.post(f"/duties/{duty.id}", data={"csrf": field(shown), "act": "answer", **plan})
    over = [line for line in letters(LetterKind.OVER) if line.duty_id == duty.id]
    assert [(line.person_id, line.dropped_at) for line in over] == [(people["wang"], None)]


def test_it_was_me_settles_it_and_the_way_is_known_from_then_on(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    say(pages, path, "yes")
    assert of(duty).standing is Standing.CONFIRMED
    with reading() as session:
        assert len(session.exec(select(Acquaintance)).all()) == 2
    second, _ = respond(pages, people, hour, token)
    assert of(second) is None


def test_unconfirmed_it_stands_after_four_working_hours(pages, people, hour, token):
    duty, _ = respond(pages, people, hour, token)
    assert of(duty).until == hour.at + timedelta(hours=4)
    assert provisional.settle_due(hour.at + timedelta(hours=3, minutes=59)) == 0
    assert provisional.settle_due(hour.at + timedelta(hours=4)) == 1
    assert of(duty).standing is Standing.STOOD
    assert state() == "planned"


@transaction
def accepted(session, duty, at):
    """Let a server have accepted the letter about it."""
    line = session.exec(select(Line).where(Line.duty_id == duty.id)).first()
    notice = session.get(Notice, line.notice_id)
    notice.state, notice.sent_at = NoticeState.SENT, at


def answered_fast(pages, people, hour, token, seconds=20):
    Matter(people, hour.at)
    with reading() as session:
        duty = session.exec(select(Duty).order_by(col(Duty.id).desc())).first()
    outbox.gather(hour.at)
    accepted(duty, hour.at)
    hour.later(seconds=seconds)
    path = f"/d/{token(duty.id, 'li')}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    pages.post(path, data=data)
    return duty, path


@pytest.mark.parametrize(
    ("seconds", "doubt"), [(0, Doubt.FAST), (60, Doubt.FAST), (61, Doubt.STRANGER)]
)
def test_within_a_minute_of_its_letter_it_may_be_a_scanner(
    pages, people, hour, token, seconds, doubt
):
    duty, _ = answered_fast(pages, people, hour, token, seconds)
    assert of(duty).doubt is doubt


def test_faster_than_anybody_reads_it_lapses_unconfirmed_and_the_duty_goes_on(
    pages, people, hour, token
):
    duty, _ = answered_fast(pages, people, hour, token)
    until = of(duty).until
    assert provisional.settle_due(until) == 1
    again = duty_now(duty)
    assert (again.state, again.next_at) == (DutyState.OPEN, duty.next_at)
    assert state() == "raised"
    assert of(duty).standing is Standing.LAPSED
    assert [line.facts.get("lapsed") for line in letters(LetterKind.PROVISIONAL)] == [None, True]
    hour.at = again.next_at
    assert climbing.climb([duty.id], at=hour.at).taken == 1  # the next letter was not cancelled


def test_a_letter_of_the_duty_is_kept_back_while_its_answer_waits(pages, people, hour, token):
    duty, row = told_wang(people, hour)
    outbox.gather(hour.at)
    path = f"/d/{token(duty.id, 'li')}"
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    data["planned_on"] = f"{hour.at + timedelta(days=3):%Y-%m-%d}"
    assert pages.post(path, data=data).status_code == 200
    assert of(duty) is not None
    outbox.gather(hour.at)
    over = [line for line in letters(LetterKind.OVER) if line.duty_id == duty.id]
    assert over
    assert all(line.notice_id is None and line.dropped_at is None for line in over)
    with reading() as session:  # the level notice was written before, and is not cancelled
        states = {
            n.state for n in session.exec(select(Notice).where(Notice.letter == "escalation"))
        }
    assert states == {NoticeState.PENDING}
    provisional.settle_due(of(duty).until)
    outbox.gather(hour.at)
    over = [line for line in letters(LetterKind.OVER) if line.duty_id == duty.id]
    assert all(line.notice_id is not None for line in over)
    assert row.level == 1


def test_a_certain_answer_corrects_a_provisional_one_and_both_are_kept(
    pages, people, hour, token, signed_in
):
    duty, _ = respond(pages, people, hour, token)
    li = signed_in("li")
    other = {**PLAN, "cause": "另一个原因：无人复核。"}
    shown = li.get(f"/duties/{duty.id}").text
    data = {"csrf": field(shown), "act": "answer", **other}
    assert li.post(f"/duties/{duty.id}", data=data).status_code == 200
    assert of(duty).standing is Standing.CORRECTED
    with reading() as session:
        causes = [row.data["cause"] for row in session.exec(select(Answer).order_by(Answer.id))]
    assert causes == [PLAN["cause"], other["cause"]]
    assert duty_now(duty).state is DutyState.DISCHARGED


def test_a_second_scanner_changes_nothing_about_the_first_answer(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    data = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN, "cause": "x"}
    assert pages.post(path, data=data).status_code == 200
    with reading() as session:
        assert len(session.exec(select(Answer)).all()) == 1
    assert of(duty).standing is Standing.OPEN


def test_where_others_have_gone_on_it_stands_and_quality_hears(pages, people, hour, token):
    duty, path = respond(pages, people, hour, token)
    with reading() as session:
        agree = session.exec(select(Duty).where(Duty.kind == "agree")).one()
    facts = {"person_id": agree.owner_id, "data": {"decision": "agree"}, "at": hour.at}
    try:
        answers.answer(agree.id, **facts, via="test")
    except answers.CodeNeeded:
        answers.answer(agree.id, **facts, via="test", code=code())
    assert say(pages, path, "no").status_code == 200
    assert of(duty).standing is Standing.STOOD
    alarms = letters(LetterKind.ALARM)
    assert people["head"] in {line.person_id for line in alarms}


def test_a_session_is_never_provisional(pages, people, hour, signed_in):
    Matter(people, hour.at)
    with reading() as session:
        duty = session.exec(select(Duty)).one()
    li = signed_in("li")
    data = {"csrf": field(li.get(f"/duties/{duty.id}").text), "act": "answer", **PLAN}
    assert li.post(f"/duties/{duty.id}", data=data).status_code == 200
    assert of(duty) is None


def test_the_word_is_taken_once(pages, people, hour, token):
    _, path = respond(pages, people, hour, token)
    data = {"csrf": field(pages.get(path).text), "act": "confirm", "mine": "yes"}
    assert pages.post(path, data=data).status_code == 200
    assert pages.post(path, data=data).status_code == 409


def test_the_time_to_confirm_is_working_time(pages, people, hour, token):
    hour.at = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)  # Friday 16:00; Sunday the 20th is worked
    duty, _ = respond(pages, people, hour, token)
    assert of(duty).until == datetime(2026, 9, 20, 3, 0, tzinfo=UTC)


def test_mail_goes_to_the_person_even_at_night(pages, people, hour, token):
    hour.at = datetime(2026, 9, 18, 14, 0, tzinfo=UTC)
    duty, _ = respond(pages, people, hour, token)
    outbox.gather(hour.at)
    with reading() as session:
        found = session.exec(select(Notice).where(Notice.letter == "provisional")).all()
    assert [(one.state, one.person_id) for one in found] == [(NoticeState.PENDING, people["li"])]
    assert of(duty) is not None
