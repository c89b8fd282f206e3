"""What the witness shows: text as text, and no address or link of anybody."""

import pytest

from flows.witness import as_text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("备份失败", "备份失败"),
        ("A_1-2 (b) 50% 1.5", "A_1-2 (b) 50% 1.5"),  # codes and numbers stay as they are
        ("<img src=x onerror=alert(1)>", "＜img src=x onerror=alert(1)＞"),
        ("[x](http://evil)", "［x］(http:\u2060//evil)"),
        ("see www.evil.example", "see www\u2060.evil.example"),
        ("HTTPS://evil", "HTTPS:\u2060//evil"),
        ("li@company.example", "li＠company.example"),
        (
            "# heading | cell `code` *bold* &lt;b&gt;",
            "＃ heading ｜ cell ｀code｀ ＊bold＊ ＆lt;b＆gt;",
        ),
        ("one\r\ntwo\u2028three\x00", "one two three\x00"),
    ],
)
def test_user_text_is_text_in_both_of_prefects_faces(written, shown):
    assert as_text(written) == shown
