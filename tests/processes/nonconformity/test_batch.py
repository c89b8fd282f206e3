"""Many new nonconformities of a file are what each would have been if it were raised alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import trail
from models.duty import Duty, Line
from models.engine import reading, transaction
from models.nonconformity import Nonconformity, Round
from models.record import Trail
from processes.nonconformity import batch, taken_over
from processes.nonconformity.entry import New
from processes.nonconformity.raising import raise_in
from rules.words import Risk, Severity
from tests.support.cast import at, hire

pytestmark = pytest.mark.usefixtures("home")
NOW = at("2026-09-21", "10:00")
OWN = {"id", "nonconformity_id", "code", "subject", "duty_id", "key", "seq", "hash", "prev_hash"}


def news(letter):
    """The same rows under codes of their own: plain, past due, of three owners, one high risk."""
    rows = [
        New(
            code=f"{letter}{n:02}",
            title=f"巡检记录缺失 {n}",
            owner_code=("li", "sun", "chen")[n % 3],
            raised_at=NOW - timedelta(days=3 * n),
            description="三次漏记" if n % 2 else "",
            severity=(None, Severity.MAJOR, Severity.OBSERVATION)[n % 3],
            risk=Risk.HIGH if n == 5 else None,
            raised_by="zhao" if n == 2 else None,
        )
        for n in range(12)
    ]
    return sorted(rows, key=lambda new: new.raised_at)


@transaction
def singly(session, rows):
    for new in rows:
        raise_in(session, replace(new, entered_at=NOW), actor="operator")


@transaction
def together(session, rows):
    return taken_over.raise_many(session, rows, at=NOW, actor="operator")


def written(letter):
    """Everything about the codes that begin so, without numbers and codes."""
    with reading() as session:
        mine = col(Nonconformity.code).startswith(letter)
        found = session.exec(select(Nonconformity).where(mine).order_by(Nonconformity.code)).all()
        numbers = [one.id for one in found]
        rounds = session.exec(select(Round).where(col(Round.nonconformity_id).in_(numbers))).all()
        duties = session.exec(
            select(Duty).where(col(Duty.subject).startswith(letter)).order_by(col(Duty.id))
        ).all()
        ids = [one.id for one in duties]
        lines = session.exec(
            select(Line).where(col(Line.duty_id).in_(ids)).order_by(col(Line.id))
        ).all()
        trail_of = {f"duty:{n}" for n in ids} | {f"nonconformity:{one.code}" for one in found}
        acts = session.exec(
            select(Trail).where(col(Trail.subject).in_(trail_of)).order_by(col(Trail.seq))
        ).all()
    plain = [[row.model_dump(exclude=OWN) for row in rows] for rows in (found, rounds, duties)]
    told = [line.model_dump(exclude=OWN) for line in lines]
    recorded = [act.model_dump(exclude=OWN) for act in acts]
    for act in recorded:
        act["after"] = {k: v for k, v in act["after"].items() if k != "about"}
    return [*plain, told, recorded]


@pytest.mark.parametrize("at_once", [1, 4, 500])
def test_rows_duties_letters_and_trail_are_those_of_rows_raised_one_by_one(at_once, monkeypatch):
    hire()
    monkeypatch.setattr(batch, "AT_ONCE", at_once)
    singly(news("A"))
    done = together(news("B"))
    assert [one.what for one in done] == ["new"] * 12
    for alone, many in zip(written("A"), written("B"), strict=True):
        assert many == alone
    with reading() as session:
        assert trail.verify(session) is None


def test_a_code_that_stands_twice_is_raised_once():
    hire()
    first, *_ = news("C")
    done = together([first, first])
    assert [one.what for one in done] == ["new", "unchanged"]


def test_the_same_rows_again_change_nothing():
    hire()
    together(news("D"))
    before = written("D")
    assert {one.what for one in together(news("D"))} == {"unchanged"}
    assert written("D") == before
