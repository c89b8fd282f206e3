"""Whose fault a reply is: the address's, the message's, ours, or nobody's."""

import pytest

from notifications.replies import Declined, Deferred, Rejected, Unauthorised, judge
from tests.support.providers import REPLIES


def meaning(outcome):
    match outcome:
        case Rejected():
            return "address"
        case Declined(alone=True):
            return "message"
        case Declined():
            return "us"
        case Unauthorised():
            return "login"
        case Deferred():
            return "later"
    return type(outcome).__name__


@pytest.mark.parametrize("reply", REPLIES, ids=lambda one: f"{one.provider} {one.stage} {one.text}")
def test_every_providers_no_is_whose_it_is(reply):
    outcome = judge(reply.stage, reply.code, reply.text.encode())
    wanted = "later" if reply.means == "full" else reply.means  # mailboxes are emptied
    assert meaning(outcome) == wanted
    assert outcome.code == reply.code


@pytest.mark.parametrize("stage", ["data", "dot"])
@pytest.mark.parametrize("code", [550, 551, 552, 553, 554, 571])
@pytest.mark.parametrize("status", ["", "5.0.0 ", "5.1.1 ", "5.2.0 ", "5.3.0 ", "5.7.1 "])
def test_nothing_that_is_said_of_a_text_speaks_against_an_address(stage, code, status):
    assert not isinstance(judge(stage, code, f"{status}no".encode()), Rejected)


@pytest.mark.parametrize("words", ["mail quota is used up", "too many mails", "频率超过限制"])
def test_a_limit_is_never_the_messages_fault(words):
    outcome = judge("dot", 550, words.encode())
    assert isinstance(outcome, Declined)
    assert not outcome.may_be_the_message
    assert judge("dot", 554, b"5.7.1 spam").may_be_the_message
