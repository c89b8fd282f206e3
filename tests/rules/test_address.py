"""Which addresses mail can reach, and how one is kept."""

import pytest

from rules import address as rule

LONG = "d." * 94  # the beginning of a domain, 188 characters


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("li@company.example", "li@company.example"),
        ("  Li.Na@Company.EXAMPLE ", "li.na@company.example"),
        ("o'neill+pdca@a-b.example", "o'neill+pdca@a-b.example"),
        ("li@公司.cn", "li@xn--55qx5d.cn"),
        (f"{'x' * 64}@company.example", f"{'x' * 64}@company.example"),
        (f"{'x' * 63}@{LONG}cn", f"{'x' * 63}@{LONG}cn"),  # 254 characters
        (f"li@{'x' * 63}.example", f"li@{'x' * 63}.example"),
    ],
)
def test_what_can_be_written_to_is_kept_in_small_letters(typed, kept):
    assert rule.normalise(typed) == kept


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        (f"{'x' * 64}@{LONG}cn", rule.TooLong),  # 255
        ("company.example", rule.NotOneAt),
        ("li@na@company.example", rule.NotOneAt),
        ("", rule.NotOneAt),
        ("@company.example", rule.NoSuchName),
        (f"{'x' * 65}@company.example", rule.NoSuchName),
        ("li..na@company.example", rule.NoSuchName),
        ("李@company.example", rule.NoSuchName),
        ("li@company", rule.NoSuchDomain),
        ("li@", rule.NoSuchDomain),
        ("li@company..example", rule.NoSuchDomain),
        ("li@-company.example", rule.NoSuchDomain),
        (f"li@{'x' * 64}.example", rule.NoSuchDomain),
        (f"li@{'公' * 64}.cn", rule.NoSuchDomain),
    ],
)
def test_what_mail_cannot_reach_is_refused_by_what_is_wrong(typed, refusal):
    with pytest.raises(refusal):
        rule.normalise(typed)


def test_a_refusal_says_how_long_it_is():
    with pytest.raises(rule.TooLong, match="has 255 characters, at most 254"):
        rule.normalise(f"{'x' * 64}@{LONG}cn")
