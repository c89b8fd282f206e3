"""答复：人对待办所做的一切只有一个入口。Answers: the one door for what people do to a duty."""

from processes.duty.door import EarlierDeadline, acknowledge, answer, ask_extension
from processes.duty.entitlement import Departed, Standing, standing
from processes.duty.fields import Field, fields, problems
from processes.duty.kind import Kind
from processes.duty.kinds import KINDS
from processes.duty.record import Answered
from processes.identity.signatures import CodeNeeded, CodeUsedUp, CodeWrong
from processes.nonconformity.declarations import AlreadyReported, MayNotReport, straight_up, void

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
