"""The bytes of a mail, read back by the standard library's parser (faults 58, 63)."""

import base64
import re
from datetime import datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.mime import LONGEST_SUBJECT, AddressUnusable, Parts, compose, mailbox
from rules.text import line

AT = datetime(2026, 10, 19, 9, 0, tzinfo=timezone(timedelta(hours=8)))
HEADERS = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-PDCA-Letter",
    "X-PDCA-Duty",
    "X-PDCA-Level",
    "MIME-Version",
    "Content-Type",
]


def parts(**changed: Any) -> Parts:
    usual: dict[str, Any] = {
        "key": "mail:duty:12:1:3:escalation:7",
        "message_id": "<0123456789abcdef@company.example>",
        "at": AT,
        "subject": "【第2级升级】不符合项 NC-2026-0007 逾期 5 个工作日：标题",
        "from_name": "云岭数字服务有限公司质量部",
        "from_address": "quality@company.example",
        "to_name": "王芳",
        "to_address": "wang@company.example",
        "text": "您好：\n请办理。\n",
        "html": "<p>您好：</p>\n",
        "thread": "<thread.0123@company.example>",
        "marks": (
            ("X-PDCA-Letter", "escalation"),
            ("X-PDCA-Duty", "12"),
            ("X-PDCA-Level", "2"),
        ),
    }
    return Parts(**{**usual, **changed})


def parsed(mime: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(mime)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_has_these_headers_and_no_others() -> None:
    assert parsed(compose(parts())).keys() == HEADERS


def test_a_mail_is_the_same_bytes_each_time() -> None:
    assert compose(parts()) == compose(parts())


def test_a_mail_says_what_it_is_to_machines() -> None:
    message = parsed(compose(parts()))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert (message["X-PDCA-Letter"], message["X-PDCA-Duty"]) == ("escalation", "12")
    assert message["In-Reply-To"] == message["References"] == "<thread.0123@company.example>"
    assert message["Date"].datetime == AT


def test_text_stands_before_html_and_both_are_read_back() -> None:
    message = parsed(compose(parts()))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == "您好：\n请办理。\n"
    assert html.get_content().replace("\r\n", "\n") == "<p>您好：</p>\n"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("plain words\n", "7bit"),
        ("中文\n", "base64"),
        ("x" * 2000, "base64"),  # no line over 998
        ("a\x00b", "base64"),  # nothing that SMTP may not carry
        ("a\rb", "base64"),
        (".\n..\nFrom the start of a line\n", "7bit"),  # dots are the connection's to stuff
    ],
)
def test_a_body_is_carried_as_smtp_can(body: str, encoding: str) -> None:
    mime = compose(parts(text=body))
    part = next(parsed(mime).iter_parts())
    assert part["Content-Transfer-Encoding"] == encoding
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n").rstrip("\n") == body.rstrip("\n")
    assert max(map(len, mime.split(b"\r\n"))) <= 998


def test_every_line_ends_in_crlf() -> None:
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", compose(parts(text="a\nb\n\nc", html="<p>\n")))


INJECTIONS = [
    "x\r\nBcc: evil@x.example",
    "x\nBcc: evil@x.example",
    "x\rBcc: evil@x.example",
    "=?UTF-8?Q?=0A?=Bcc: evil@x.example",
    "=?utf-8?b?Cg==?= Bcc: evil@x.example",
    "x\n",
    "\n",
    "x\x00y",
    "x\u2028Bcc: evil@x.example",
    "x\u2029Bcc: evil@x.example",
    "x\x85Bcc: evil@x.example",
    "x\x0b\x0cBcc: evil@x.example",
    "x\r\n\r\n<script>",
    "x\r\n --boundary",
    "\ud800",
    " " * 500 + "x",
    "word " * 60,
    "a" * 500,
    "字" * 500,
    "👩‍👩‍👧‍👦" * 60,
    '"quoted", <x@y.example>, other',
    "x" * 70 + "  " + "y" * 70 + "   " + "z" * 70,
    "\u202egnp.exe",
]


@pytest.mark.parametrize("text", INJECTIONS, ids=lambda text: ascii(text[:24]))
def test_what_a_user_wrote_adds_no_header(text: str) -> None:
    mime = compose(parts(subject=text, to_name=text, from_name=text))
    message = parsed(mime)
    assert message.keys() == HEADERS
    assert [a.addr_spec for a in message["To"].addresses] == ["wang@company.example"]
    assert [a.addr_spec for a in message["From"].addresses] == ["quality@company.example"]
    assert "\n" not in message["Subject"]
    head = mime.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    assert all(row.strip() for row in head)  # no line of blanks that a relay would take for the end
    assert max(map(len, head)) <= 78


def test_a_title_that_decodes_to_a_header_is_no_header_when_written_again() -> None:
    """CVE-2024-6923: a gateway on Python that parses and writes the mail would add a Bcc."""
    mime = compose(parts(subject="=?UTF-8?Q?=0A?=Bcc: evil@x.example"))
    again = parsed(parsed(mime).as_bytes(policy=policy.SMTP))
    assert again["Bcc"] is None
    assert again.keys() == HEADERS


@given(text=st.text(max_size=300), name=st.text(max_size=100))
def test_no_text_whatever_changes_headers_or_recipient(text: str, name: str) -> None:
    message = parsed(compose(parts(subject=text, to_name=name)))
    assert message.keys() == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["wang@company.example"]


@given(text=st.text(min_size=1, max_size=LONGEST_SUBJECT))
def test_a_subject_is_read_back_as_it_was(text: str) -> None:
    shown = re.sub(" {2,}", " ", line(text).replace("=?", "= ?"))
    found = str(parsed(compose(parts(subject=text)))["Subject"])
    assert "".join(found.split()) == "".join(shown.split())


@pytest.mark.parametrize(
    "subject",
    [
        "【第2级升级】不符合项 NC-2026-0007 逾期 5 个工作日：核心数据库备份连续三日失败",
        "Nonconformity NC-2026-0007 is 5 working days overdue: backup of the core database failed",
        "字" * LONGEST_SUBJECT,
        "mixed 中英文 subject " * 8,
    ],
)
def test_a_subject_is_read_back_to_the_letter(subject: str) -> None:
    assert parsed(compose(parts(subject=subject)))["Subject"] == subject.strip()


def test_no_encoded_word_cuts_a_character_in_two() -> None:
    mime = compose(parts(subject="字a" * 100))
    words = re.findall(rb"=\?utf-8\?b\?([^?]+)\?=", mime.split(b"\r\n\r\n", 1)[0])
    assert len(words) > 3
    for word in words:
        base64.b64decode(word).decode("utf-8")  # each alone is whole: Outlook shows them so


def test_a_long_subject_ends_in_an_ellipsis() -> None:
    found = str(parsed(compose(parts(subject="字" * 1000)))["Subject"])
    assert len(found) == LONGEST_SUBJECT
    assert found.endswith("…")


@pytest.mark.parametrize(
    ("name", "display"),
    [
        ("张三, 运维", "张三, 运维"),
        ('李"小四"明', '李"小四"明'),
        ("O'Neil, Bob", "O'Neil, Bob"),
        ('Bob "B" Lee', 'Bob "B" Lee'),
        ("Bob \\ Lee", "Bob \\ Lee"),
        ("a@b.example", "a@b.example"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
        ("王" * 200, "王" * 59 + "…"),
    ],
)
def test_a_name_is_one_name_of_one_address(name: str, display: str) -> None:
    message = parsed(compose(parts(to_name=name)))
    (only,) = message["To"].addresses
    assert only.addr_spec == "wang@company.example"
    # This Python's parser puts a blank between two encoded words of a name, against RFC 2047.
    assert only.display_name.replace(" ", "") == display.replace(" ", "")


@pytest.mark.parametrize(
    "address",
    [
        "a@b@c.example",
        '"a@b"@c.example',
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "<a@b.example>",
        "a b@c.example",
        "李@公司.example",
        "@x",
        "x@",
        "a" * 400 + "@x.example",
    ],
    ids=lambda address: ascii(address[:24]),
)
def test_what_is_not_one_address_is_never_put_into_a_header(address: str) -> None:
    with pytest.raises(AddressUnusable):
        mailbox("name", address)


def test_a_mail_to_nobody_is_still_a_mail() -> None:
    """It is kept beside the alarm that says there is no address, and never sent."""
    assert parsed(compose(parts(to_address="")))["To"].addresses == ()


def test_many_duties_are_folded() -> None:
    many = ", ".join(str(number) for number in range(100_000, 100_150))
    mime = compose(parts(marks=(("X-PDCA-Duty", many),)))
    assert parsed(mime)["X-PDCA-Duty"] == many
    assert max(map(len, mime.split(b"\r\n"))) <= 78


def test_no_title_can_foretell_what_parts_the_parts() -> None:
    first, other = (parsed(compose(parts(text=text))).get_boundary() for text in ("one", "two"))
    assert first != other
