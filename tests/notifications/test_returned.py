"""What comes back: bounces name their mail, automatic replies and people are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.returned import Sort, mark_of, marked, number_of, read
from tests.support.returned import AWAY, bounce, reply


def test_a_bounce_names_the_mail_it_quotes_and_why():
    found = read(bounce("<1@x>", status="5.1.1", says="smtp; 550 5.1.1 no such user"))
    assert (found.sort, found.about) == (Sort.BOUNCED, ("<1@x>",))
    assert (found.recipient, found.status) == ("li@company.example", "5.1.1")
    assert found.text == "550 5.1.1 no such user"
    assert found.bad_address


@pytest.mark.parametrize(
    ("status", "action", "sort", "bad"),
    [
        ("5.1.1", "failed", Sort.BOUNCED, True),
        ("5.1.10", "failed", Sort.BOUNCED, True),  # null MX
        ("5.2.1", "failed", Sort.BOUNCED, True),  # mailbox disabled
        ("5.2.2", "failed", Sort.BOUNCED, False),  # full: may be emptied
        ("5.7.1", "failed", Sort.BOUNCED, False),  # policy: about us, not the address
        ("4.4.7", "failed", Sort.BOUNCED, False),  # given up after days of trying
        ("4.4.1", "delayed", Sort.DELAYED, False),
        ("2.1.5", "delivered", Sort.OTHER, False),  # a report of success
        ("2.0.0", "relayed", Sort.OTHER, False),
    ],
)
def test_what_a_status_means(status, action, sort, bad):
    found = read(bounce("<1@x>", status=status, action=action))
    assert (found.sort, found.bad_address) == (sort, bad)


def test_only_headers_are_returned_by_some():
    assert read(bounce("<1@x>", whole=False)).about == ("<1@x>",)


def test_a_return_path_of_its_own_names_the_mail_though_nothing_is_quoted():
    mark = mark_of(7, "mail:7", "secret")
    to = marked("pdca@company.example", mark)
    found = read(bounce(None, to=to))
    assert (found.mark, found.about) == (mark, ())
    assert number_of(mark) == 7
    assert mark_of(7, "mail:7", "another") != mark


def test_an_old_servers_report_in_words():
    text = (
        b"From: MAILER-DAEMON@relay.example\r\nTo: pdca@company.example\r\n"
        b"Subject: failure notice\r\n\r\n<li@company.example>:\r\n550 5.1.1 unknown user\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\nMessage-ID: <1@x>\r\nSubject: y\r\n"
    )
    found = read(text)
    assert (found.sort, found.about, found.status) == (Sort.BOUNCED, ("<1@x>",), "5.1.1")


@pytest.mark.parametrize("headers", AWAY)
def test_an_out_of_office_reply_is_no_answer(headers):
    found = read(reply("<1@x>", headers=headers))
    assert (found.sort, found.about) == (Sort.AUTOMATIC, ("<1@x>",))


def test_somebody_who_answers_by_mail_is_told_apart():
    found = read(reply("<1@x>", headers={"Subject": "Re: 纠正措施"}))
    assert (found.sort, found.about, found.sender) == (
        Sort.PERSONAL,
        ("<1@x>",),
        "li@company.example",
    )


def test_our_own_mail_in_the_mailbox_is_automatic():
    assert read(reply(None, headers={"Auto-Submitted": "auto-generated"})).sort is Sort.AUTOMATIC


@given(st.binary(max_size=400))
def test_nothing_that_comes_back_breaks_the_reader(raw):
    read(raw)
    read(bounce("<1@x>") + raw)
    read(bounce("<1@x>").replace(b"5.1.1", raw))
