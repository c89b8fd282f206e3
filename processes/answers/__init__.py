"""答复：人对待办所做的一切只有一个入口。Answers: the one door for what people do to a duty."""

from processes.answers.declarations import AlreadyReported, MayNotReport, straight_up, void
from processes.answers.door import EarlierDeadline, acknowledge, answer, ask_extension
from processes.answers.entitlement import Departed, Standing, standing
from processes.answers.fields import Field, fields, problems
from processes.answers.kind import Kind
from processes.answers.kinds import KINDS
from processes.answers.record import Answered
from processes.signatures import CodeNeeded, CodeUsedUp, CodeWrong

__all__ = [
    "KINDS",
    "AlreadyReported",
    "Answered",
    "CodeNeeded",
    "CodeUsedUp",
    "CodeWrong",
    "Departed",
    "EarlierDeadline",
    "Field",
    "Kind",
    "MayNotReport",
    "Standing",
    "acknowledge",
    "answer",
    "ask_extension",
    "describe",
    "fields",
    "problems",
    "standing",
    "straight_up",
    "void",
]


def describe(kind: str, language: str) -> list[Field]:
    """Return the questions of a kind of duty in that language."""
    return fields(KINDS[kind].model, language)
