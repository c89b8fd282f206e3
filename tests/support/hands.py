"""Answering duties in tests as people do: through the one door, signing with the mailed code."""

import pytest
from sqlmodel import col, select

from models.duty import Line
from models.engine import reading
from processes.duty import answers
from processes.duty.answers import CodeNeeded
from rules.words import LetterKind
from tests.support.cast import codes_by_id, duty_of


def ids():
    """Return everybody's number by code."""
    return {code: number for number, code in codes_by_id().items()}


def mailed_code():
    """Return the code that was promised last."""
    with reading() as session:
        line = session.exec(
            select(Line).where(col(Line.letter) == LetterKind.CODE).order_by(col(Line.id).desc())
        ).first()
    return line.facts["code"]


def reply(who, duty, when, *, via="link", **data):
    """Answer a duty as this person; a signature is given with the code from the mail."""
    facts = {"person_id": ids()[who], "data": data, "at": when, "via": via}
    if not answers.KINDS[duty.kind].signature:
        return answers.answer(duty.id, **facts)
    with pytest.raises(CodeNeeded):
        answers.answer(duty.id, **facts)
    return answers.answer(duty.id, **facts, code=mailed_code())


def answer(who, subject, kind, when, **data):
    """Answer the one open duty of this kind about this subject."""
    return reply(who, duty_of(subject, kind), when, **data)
