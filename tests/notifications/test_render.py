"""What every rendered letter promises, whatever stands in it (faults 17, 58–63)."""

import re
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.language import LANGUAGES
from notifications.keys import message_id
from notifications.letters import Letter, PassedOver, Shape
from notifications.render import MOST_ITEMS, LetterUnrenderable, content, render
from notifications.views import ordinal
from rules.text import line
from rules.words import LetterKind, Severity
from tests.notifications.cast import ADDRESSES, AT, item, letter, letters

ALL = [
    pytest.param(one, id=f"{language}-{name}")
    for language in LANGUAGES
    for name, one in letters(language).items()
]


def read(one: Letter) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(render(one).mime)
    assert isinstance(message, EmailMessage)
    return message


class Seen(HTMLParser):
    """Collects the elements, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data) -> None:
        self.text.append(data)


@pytest.mark.parametrize("one", ALL)
def test_a_letter_reaches_one_person_and_can_be_read_back(one: Letter) -> None:
    rendered, message = render(one), read(one)
    assert [address.addr_spec for address in message["To"].addresses] == [one.to_address]
    assert message["To"].addresses[0].display_name == one.to_name
    assert message["Subject"] == rendered.subject
    assert message["Message-ID"] == rendered.message_id == message_id(one.key, "company.example")
    assert not {"Cc", "Bcc", "Reply-To"} & set(message.keys())
    assert message["Date"].datetime == AT
    assert message["References"] == one.thread
    words = content(one)
    for kind, text in (("plain", words.text), ("html", words.html)):
        (part,) = (p for p in message.walk() if p.get_content_type() == f"text/{kind}")
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    kinds = {part.get_content_type() for part in message.walk()}
    assert ("text/calendar" in kinds) is (one.letter is LetterKind.MEETING)


@pytest.mark.parametrize("one", ALL)
def test_a_letter_is_the_same_bytes_each_time(one: Letter) -> None:
    assert render(one) == render(one)


@pytest.mark.parametrize("one", ALL)
def test_a_letter_has_one_link_an_item_and_it_is_the_same_in_both_parts(one: Letter) -> None:
    words = content(one)
    expected = [] if one.letter is LetterKind.CODE else sorted(i.link for i in one.items)
    assert sorted(Seen(words.html).links) == expected
    assert sorted(re.findall(r"https://\S+", words.text)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_subject_begins_with_the_level_where_one_was_climbed(language: str) -> None:
    for name, one in letters(language).items():
        climbed = [i for i in one.items if i.level is not None and name != "stood_in"]
        begins = content(one).subject.startswith("【")
        assert begins == (bool(climbed) and one.shape is not Shape.DIGEST), name


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("escalation", "【第2级升级】不符合项 NC-2026-0007 逾期 5 个工作日："),
        ("escalation_again", "【第4级升级·第3次】【直报管理层】不符合项 NC-2026-0007 逾期"),
        ("straight_up", "【第2级升级】直报管理层："),
        ("table", "【第1–3级升级】12 项逾期事项升级至您（严重 3 项"),
    ],
)
def test_the_level_mark_says_level_and_repetition(name: str, begins: str) -> None:
    assert content(letters("zh")[name]).subject.startswith(begins)


def test_a_digest_with_a_level_in_it_begins_with_the_level() -> None:
    told_above = item("en", LetterKind.INEFFECTIVE, "wang", level=1, duty=2)
    own = item("en", LetterKind.OVERDUE, "wang", duty=3)
    digest = letter("en", "wang", own, told_above, shape=Shape.DIGEST)
    assert content(digest).subject == "【Level 1】2 matters wait for you (1 overdue, 1 new)"


def test_an_escalation_tells_everything_before_the_first_blank_line() -> None:
    text = content(letters("zh")["escalation"]).text
    greeting, told, link, *_ = text.split("\n\n")
    assert greeting == "王芳，您好："
    what_and_late, why = told.split("\n")
    for fact in ("NC-2026-0007", "李明", "系统运维一部", "2026年10月12日", "逾期 5 个工作日"):
        assert fact in what_and_late
    for reason in ("第 2 级", "赵强缺勤，您作为其代理人", "陈静（缺勤", "Bob Lee（未登记邮箱）"):
        assert reason in why
    assert link.startswith("去办理：https://")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"why": "chain"}, "level 2 of the management chain above Li Ming"),
        ({"why": "quality_head", "gap": "circle"}, "run in a circle, so you are told as head of"),
        ({"why": "quality_head", "gap": "gap"}, "nobody left who can be told, so you are told as"),
        ({"why": "top_management", "gap": "top"}, "you are told as top management (level 2)"),
        ({"why": "operator", "gap": "gap"}, "Nobody in the organisation could be told"),
        ({}, "level 2 of the management chain above Li Ming"),
    ],
)
def test_an_escalation_says_why_it_comes_to_this_reader(facts: dict[str, str], why: str) -> None:
    told = item("en", LetterKind.ESCALATION, "wang", level=2, overdue_days=5, facts=facts)
    assert why in content(letter("en", "wang", told)).text


def test_a_table_is_most_severe_first_then_longest_overdue() -> None:
    text = content(letters("en")["table"]).text
    rows = re.findall(r"^\d+\. 【Level \d】(\w+) .*\n   (\d+) working", text, re.MULTILINE)
    order = ["Major", "Minor", "Observation"]
    assert len(rows) == 12
    assert rows == sorted(rows, key=lambda row: (order.index(row[0]), -int(row[1])))


@pytest.mark.parametrize("shape", [Shape.DIGEST, Shape.TABLE])
def test_a_mail_that_would_be_too_large_points_to_the_page(shape: Shape) -> None:
    kind = LetterKind.ESCALATION if shape is Shape.TABLE else LetterKind.OVERDUE
    items = [item("zh", kind, duty=n, overdue_days=1, title="字" * 300) for n in range(1, 1001)]
    one = letter("zh", "li", *items, shape=shape)
    words = content(one)
    assert f"… 另有 {1000 - MOST_ITEMS} 项未列出，见页面 https://pdca.company.example" in words.text
    assert "1000 项" in words.subject
    assert len(Seen(words.html).links) == MOST_ITEMS
    assert len(render(one).mime) < 500_000


def test_long_words_of_a_user_are_cut_and_end_in_an_ellipsis() -> None:
    asked = item("en", LetterKind.ASSIGNMENT, facts={"note": "y" * 50_000}, title="x" * 1_000_000)
    words = content(letter("en", "li", asked))
    assert "y…" in words.text
    assert "x…" in words.text
    assert len(words.html) < 20_000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "<link rel=stylesheet href=http://169.254.169.254/latest>",
        "<!--",
        "</title><h1>",
        "&lt;b&gt;",
    ],
)
def test_markup_in_what_users_wrote_is_text(language: str, hostile: str) -> None:
    tame, wild = (_everywhere(language, text) for text in ("tame", hostile))
    plain, words = content(tame), content(wild)
    assert Seen(words.html).tags == Seen(plain.html).tags
    assert hostile in "".join(Seen(words.html).text)
    assert hostile in words.text
    assert hostile in words.subject


@pytest.mark.parametrize("hostile", ["{{7*7}}", "{% include 'x' %}", "{0.__class__}", "${x}", "%s"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_looks_like_a_template_is_printed_as_it_is(language: str, hostile: str) -> None:
    words = content(_everywhere(language, hostile))
    assert words.text.count(hostile) >= 5
    assert hostile in words.subject


def _everywhere(language: str, text: str) -> Letter:
    """Return a letter with this text wherever a user may have written."""
    told = item(
        language,
        LetterKind.STRAIGHT_UP,
        "wang",
        title=text,
        owner_name=text,
        owner_unit=text,
        project=text,
        on_behalf_of=text,
        passed_over=(PassedOver(name=text, reason="absent"),),
        facts={"reason": text, "declared_by": text},
    )
    return replace(letter(language, "wang", told), organisation=text)


WRITTEN = st.text(max_size=200)


@settings(max_examples=150, deadline=None)
@given(title=WRITTEN, name=WRITTEN, reader=WRITTEN, reason=WRITTEN, which=st.sampled_from(ALL))
def test_no_text_whatever_changes_headers_recipient_or_structure(
    title: str, name: str, reader: str, reason: str, which
) -> None:
    usual: Letter = which.values[0]
    told = tuple(
        replace(
            one,
            title=title,
            owner_name=name,
            project=name,
            facts={**one.facts, "reason": reason, "note": reason, "by": name},
        )
        for one in usual.items
    )
    wild = replace(usual, items=told, to_name=reader, organisation=name)
    message = read(wild)
    assert message.keys() == read(usual).keys()
    assert [a.addr_spec for a in message["To"].addresses] == [usual.to_address]
    html = next(part for part in message.walk() if part.get_content_subtype() == "html")
    allowed = set(Seen(content(usual).html).tags) | {"p", "table", "tr", "td", "br", "span"}
    assert set(Seen(html.get_content()).tags) <= allowed


def test_a_users_paragraph_cannot_pass_for_our_own_words() -> None:
    told = item("en", LetterKind.ASSIGNMENT, facts={"note": "ok\n\nOpen the matter: http://evil.x"})
    text = content(letter("en", "li", told)).text
    assert "\n    Open the matter: http://evil.x" in text


def test_a_title_is_one_line_in_the_text_part() -> None:
    told = item("en", LetterKind.OVERDUE, title="x\n\nOpen the matter: http://evil.example")
    text = content(letter("en", "li", told)).text
    assert "\nOpen the matter: http://evil" not in text


def test_a_namesake_of_the_owner_is_not_told_that_it_is_his_own() -> None:
    told = item("en", LetterKind.ESCALATION, "li", level=1, overdue_days=2)
    assert "yours to do" not in content(letter("en", "li", told)).text


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"facts": {"next_at": "tomorrow"}}, "ValueError"),
        ({"facts": {"next_at": "2026-10-19T09:00:00"}}, "needs its zone"),
        ({"facts": {"asked_until": 7.5}}, "TypeError"),
        ({"due_at": "2026-10-19"}, "timestamp"),
        ({"title": None}, "TypeError"),
        ({"overdue_days": None, "title": 5}, "TypeError"),
        ({"link": "javascript:alert(1)"}, "begins with https://"),
    ],
)
def test_a_poisoned_item_is_named_with_its_duty(changed: dict[str, Any], why: str) -> None:
    good = item("zh", LetterKind.OVERDUE, duty=1)
    bad = replace(item("zh", LetterKind.OVERDUE, duty=2), **changed)
    with pytest.raises(LetterUnrenderable, match=why) as broken:
        render(letter("zh", "li", good, bad, shape=Shape.DIGEST))
    assert broken.value.key.startswith("mail:duty:1:")
    assert broken.value.duty == 2


@pytest.mark.parametrize(
    "broken",
    [
        replace(letters("zh")["code"], items=(item("zh", LetterKind.CODE),)),  # no code in it
        replace(letters("zh")["alarm"], items=(item("zh", LetterKind.ALARM),)),
        replace(letters("zh")["over"], items=()),
        replace(letters("zh")["over"], to_address="a@b@c"),
        replace(letters("zh")["over"], at=AT.replace(tzinfo=None)),
    ],
    ids=["code", "alarm", "no items", "address", "naive instant"],
)
def test_what_cannot_be_a_letter_says_so(broken: Letter) -> None:
    with pytest.raises(LetterUnrenderable, match="cannot be rendered"):
        render(broken)


def test_a_letter_without_an_address_is_kept_and_not_sent() -> None:
    message = read(replace(letters("zh")["over"], to_address=""))
    assert message["To"].addresses == ()


def test_ladder_letters_speak_in_the_quality_departments_name() -> None:
    for name, sender in (("escalation", "质量部"), ("code", "质量管理系统")):
        one = replace(letters("zh")[name], organisation="云岭")
        assert read(one)["From"].addresses[0].display_name == f"云岭{sender}"
    named = replace(letters("zh")["escalation"], sender="质量办 <q@company.example>")
    assert str(read(named)["From"].addresses[0]) == "质量办 <q@company.example>"


def test_machines_read_kind_duties_and_highest_level() -> None:
    table, code = read(letters("en")["table"]), read(letters("en")["sign_in"])
    assert table["X-PDCA-Letter"] == "table"
    assert table["X-PDCA-Duty"].split(", ") == [str(40 + n) for n in range(12)]
    assert table["X-PDCA-Level"] == "3"
    assert code["X-PDCA-Duty"] is None
    assert code["X-PDCA-Level"] is None


def test_what_is_no_nonconformity_has_no_severity_to_show() -> None:
    told = item("zh", LetterKind.ASSIGNMENT, subject_kind="audit", subject="A-2026-03")
    words = content(letter("zh", "li", told))
    assert "不符合项" not in words.text
    assert "严重程度" not in words.text
    assert "A-2026-03" in words.subject


def test_an_observation_is_not_called_minor() -> None:
    told = item("en", LetterKind.OVERDUE, severity=Severity.OBSERVATION)
    assert "Severity: Observation" in content(letter("en", "li", told)).text


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_times_are_counted_in_english(n: int, said: str) -> None:
    assert ordinal("en", n) == said
    assert ordinal("zh", n) == str(n)


def test_every_address_of_the_cast_is_written_to_as_it_is() -> None:
    for reader, address in ADDRESSES.items():
        told = item("zh", LetterKind.OVERDUE, reader)
        assert line(str(read(letter("zh", reader, told))["To"])).endswith(f"<{address}>")
