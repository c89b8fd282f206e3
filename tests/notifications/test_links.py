"""What a signed link promises, and what it does with tokens nobody signed (faults 67, 69, 45)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.links import LinkExpired, LinkInvalid, Purpose, duty_link, read, sign

AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)
KEY, OLD, OTHER = "current-key", "rotated-key", "somebody-else's-key"
AGE = timedelta(days=60)
WHO = (12, 7, 1)


def test_a_link_says_duty_person_and_episode() -> None:
    assert read([KEY], Purpose.DUTY, sign(KEY, Purpose.DUTY, WHO, AT), AT, AGE) == WHO


def test_a_link_is_the_same_each_time_it_is_made() -> None:
    assert sign(KEY, "duty", WHO, AT) == sign(KEY, "duty", WHO, AT)


def test_a_link_is_short_enough_not_to_be_broken_by_mail_programs() -> None:
    token = sign(KEY, Purpose.DUTY, (1_000_000, 100_000, 3), AT)
    assert len(duty_link("https://pdca.example.com/", token)) < 160


def test_a_rotated_key_still_opens_its_links() -> None:
    assert read([KEY, OLD], Purpose.DUTY, sign(OLD, Purpose.DUTY, WHO, AT), AT, AGE) == WHO


def test_new_links_are_signed_with_the_current_key() -> None:
    token = sign(KEY, Purpose.DUTY, WHO, AT)
    with pytest.raises(LinkInvalid):
        read([OLD], Purpose.DUTY, token, AT, AGE)


def test_a_link_lives_exactly_its_age() -> None:
    token = sign(KEY, Purpose.DUTY, WHO, AT)
    assert read([KEY], Purpose.DUTY, token, AT + AGE, AGE) == WHO
    with pytest.raises(LinkExpired):
        read([KEY], Purpose.DUTY, token, AT + AGE + timedelta(seconds=1), AGE)


def test_an_expired_link_of_a_rotated_key_is_expired_and_not_invalid() -> None:
    token = sign(OLD, Purpose.DUTY, WHO, AT)
    with pytest.raises(LinkExpired):
        read([KEY, OLD], Purpose.DUTY, token, AT + 2 * AGE, AGE)


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=900)])
def test_a_link_from_the_future_is_read_because_it_is_the_clock_that_went_back(
    ahead: timedelta,
) -> None:
    token = sign(KEY, Purpose.DUTY, WHO, AT + ahead)
    assert read([KEY], Purpose.DUTY, token, AT, AGE) == WHO


SIGNED = sign(KEY, Purpose.DUTY, WHO, AT)
_BODY, _STAMP, _SEAL = SIGNED.split(".")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "A" * 1_000_000,
        SIGNED + "A" * 1_000_000,
        SIGNED[:-1],
        SIGNED[:-2] + ("A" if SIGNED[-2] != "A" else "B") + SIGNED[-1],
        SIGNED.upper(),
        SIGNED + "\n",
        " " + SIGNED,
        f"{_BODY}.{_STAMP}.",
        f"{_BODY}.{_STAMP}",
        f"{_BODY}..{_SEAL}",
        f".{_STAMP}.{_SEAL}",
        f"{_BODY}.zzzzzzzzzzzz.{_SEAL}",  # a stamp beyond the year 9999
        "eyJhbGciOiJub25lIn0.WzEyLDcsMV0.",  # algorithm none
        sign(OTHER, Purpose.DUTY, WHO, AT),
        sign(KEY, Purpose.SIGN_IN, WHO, AT),
        sign(KEY, "anything", WHO, AT),
        "令牌",
        "\ud800",
        "%00",
        "\x00",
    ],
    ids=lambda token: ascii(token[:24]),
)
def test_what_we_did_not_sign_for_this_is_refused(token: str) -> None:
    with pytest.raises(LinkInvalid):
        read([KEY, OLD], Purpose.DUTY, token, AT, AGE)


@given(st.text(max_size=200))
def test_no_text_at_all_opens_anything(token: str) -> None:
    with pytest.raises(LinkInvalid):
        read([KEY], Purpose.DUTY, token, AT, AGE)


@pytest.mark.parametrize("place", range(len(SIGNED)))
def test_one_character_changed_is_one_too_many(place: int) -> None:
    for other in "A9-_.":
        token = SIGNED[:place] + other + SIGNED[place + 1 :]
        if token == SIGNED:
            continue
        with pytest.raises(LinkInvalid):
            read([KEY], Purpose.DUTY, token, AT, AGE)


def test_a_refusal_quotes_nothing_of_the_token() -> None:
    token = sign(OTHER, Purpose.DUTY, WHO, AT)
    with pytest.raises(LinkInvalid) as refused:
        read([KEY], Purpose.DUTY, token, AT, AGE)
    error: BaseException | None = refused.value
    said = str(error) + repr(error) + repr(getattr(error, "facts", ""))
    assert not any(part in said for part in token.split("."))
    assert error is not None
    assert error.__suppress_context__
