"""Pictures in mail: inside it, few and small, and each in words for whoever sees none."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from notifications import pictures
from notifications.render import content, render
from tests.notifications.cast import letters

NAMES = ["special_situation", "special_situation_to_quality", "kpi_report"]


def parsed(letter):
    return message_from_bytes(render(letter).mime, policy=policy.default)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_text_or_html_with_its_pictures(language, name):
    mail = parsed(letters(language)[name])
    assert mail.get_content_type() == "multipart/alternative"
    text, related = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    html, picture = related.iter_parts()
    assert html.get_content_type() == "text/html"
    assert picture.get_content_type() == "image/png"
    assert picture.get_content().startswith(b"\x89PNG")
    assert picture.get_content_disposition() == "inline"
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_picture_shows_is_told_in_words(name):
    letter = letters("en")[name]
    words = content(letter)
    for part in (words.text, words.html):
        assert "No data for 2025-08." in part
        assert "Target missed in 2026-01." in part


@pytest.mark.parametrize("name", NAMES)
def test_the_same_letter_is_the_same_bytes(name):
    assert render(letters("zh")[name]).mime == render(letters("zh")[name]).mime


def test_lines_stay_within_what_smtp_carries():
    for name in NAMES:
        raw = render(letters("zh")[name]).mime
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_beyond_the_limit_the_words_stay_and_the_picture_does_not(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    letter = letters("en")["kpi_report"]
    words = content(letter)
    assert "cid:" not in words.html
    assert "No data for 2025-08." in words.html
    assert [part.get_content_type() for part in parsed(letter).iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_a_title_of_a_chart_is_text():
    letter = letters("en")["kpi_report"]
    facts = dict(letter.items[0].facts)
    evil = '"><script>alert(1)</script>\r\nBcc: x@y'
    facts["charts"] = [{**facts["charts"][0], "title": evil}]
    changed = replace(letter, items=(replace(letter.items[0], facts=facts),))
    assert "<script" not in content(changed).html
    assert parsed(changed)["Bcc"] is None


def test_most_letters_have_none():
    assert content(letters("zh")["assignment"]).pictures == ()
