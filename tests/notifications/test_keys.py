"""What a key promises: the same thing told to the same person is the same key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.keys import LINE_LIMIT, line_key, loose_key, message_id, notice_key, thread_root


def test_a_line_is_keyed_by_duty_episode_step_letter_and_person() -> None:
    assert line_key(12, 1, 3, "escalation", 7) == "duty:12:1:3:escalation:7"


def test_the_operator_stands_where_no_person_is() -> None:
    assert line_key(12, 1, 3, "escalation", None) == "duty:12:1:3:escalation:operator"
    assert loose_key("alarm", "4", None) == "alarm:4:operator"


def test_a_letter_that_may_come_twice_in_one_step_says_which() -> None:
    asked = [line_key(1, 1, 2, "extension_decided", 7, round_=n) for n in (1, 2)]
    assert asked == ["duty:1:1:2:extension_decided:7:1", "duty:1:1:2:extension_decided:7:2"]


def test_a_long_reference_is_hashed_and_not_cut() -> None:
    one, other = (loose_key("alarm", "x" * 500 + end, None) for end in "ab")
    assert one != other
    assert max(len(one), len(other)) <= LINE_LIMIT


def test_a_notice_is_keyed_by_its_first_line() -> None:
    assert notice_key("duty:12:1:3:escalation:7") == "mail:duty:12:1:3:escalation:7"


def test_a_message_id_is_made_from_the_key_and_nothing_else() -> None:
    first = message_id("mail:duty:1:1:0:overdue:7", "quality.example.cn")
    assert first == message_id("mail:duty:1:1:0:overdue:7", "quality.example.cn")
    assert first != message_id("mail:duty:1:1:0:overdue:8", "quality.example.cn")


def test_two_homes_of_one_domain_do_not_share_message_ids() -> None:
    assert message_id("k", "example.cn", "trial") != message_id("k", "example.cn", "real")


def test_a_thread_has_one_root_a_subject() -> None:
    root = thread_root("nonconformity", "NC-2026-0007", "example.cn")
    assert root == thread_root("nonconformity", "NC-2026-0007", "example.cn")
    assert root != thread_root("audit", "NC-2026-0007", "example.cn")


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("Example.CN", "example.cn"),
        ("127.0.0.1:8080", "127.0.0.18080"),  # odd, but a header
        ("x>\r\nBcc: evil@x", "xbccevilx"),
        ("", "localhost"),
        ("公司.cn", "cn"),
    ],
)
def test_a_domain_that_is_none_still_makes_a_header(domain: str, shown: str) -> None:
    assert message_id("k", domain).endswith(f"@{shown}>")


@given(key=st.text(), domain=st.text())
def test_whatever_the_key_the_message_id_is_one_short_word(key: str, domain: str) -> None:
    made = message_id(key, domain)
    assert made.isascii()
    assert made.isprintable()
    assert " " not in made
    assert len(made) < 200  # the column's width
