"""Reports of providers in prose, replies of people and of machines: what each of them is."""

import pytest

from notifications.returned import Sort, read, written
from tests.support.returned import bounce

OURS = "<1@x>"


def prose(sender, subject, body, *, charset="utf-8", kind="plain", **headers):
    """Return a report in words, as a provider writes it, in wording of our own."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"From: {sender}\r\nTo: pdca@localhost\r\nSubject: {subject}\r\n{more}"
    kinds = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n"
    return (head + kinds + "\r\n").encode() + body.encode(charset)


@pytest.mark.parametrize(
    ("raw", "sort", "bad"),
    [
        (
            prose(
                "PostMaster@qq.example",
                "系统退信",
                "您的邮件无法送达 li@firm.example：\n550 Mailbox not found\nMessage-ID: <1@x>\n",
                charset="gb18030",
            ),
            Sort.BOUNCED,
            True,
        ),
        (
            prose(
                "postmaster@163.example",
                "=?utf-8?b?6YCA5L+h?=",
                "<p>收件人 li@firm.example 的邮箱不存在。</p><p>原信 &lt;1@x&gt;</p>",
                kind="html",
                Return_Path="<>",
            ),
            Sort.BOUNCED,
            True,
        ),
        (
            prose(
                "MAILER-DAEMON@relay.example",
                "Delivery delayed",
                "It has not yet been delivered; we will try for three days. <1@x>",
            ),
            Sort.DELAYED,
            False,
        ),
        (
            prose(
                "postmaster@aliyun.example",
                "投递通知",
                "邮件暂时无法送达，系统将稍后重试。Message-ID: <1@x>",
            ),
            Sort.DELAYED,
            False,
        ),
        (
            prose(
                "postmaster@qq.example", "退信", "收件人邮箱已满，邮件被退回。\nMessage-ID: <1@x>"
            ),
            Sort.BOUNCED,
            False,
        ),
        (
            prose("postmaster@qq.example", "退信", "发信频率超过限制。", In_Reply_To=OURS),
            Sort.BOUNCED,
            False,
        ),
        (bounce(OURS, status="5.0.0", says="smtp; 550 5.1.1 nobody here"), Sort.BOUNCED, True),
        (bounce(OURS, status="5.0.0", says="smtp; 550 User not found"), Sort.BOUNCED, True),
        (bounce(OURS, status="5.0.0", says="smtp; 550 5.7.1 spam"), Sort.BOUNCED, False),
        (bounce(OURS, status="5.0.0", says="smtp; 550 no"), Sort.BOUNCED, False),
        (bounce(OURS, action="delayed", status="5.1.1"), Sort.DELAYED, False),
        (bounce(OURS, status="4.4.7", says="smtp; gave up"), Sort.BOUNCED, False),
        (bounce(OURS, action="relayed", status="2.0.0", says="smtp; 250 ok"), Sort.OTHER, False),
    ],
)
def test_a_report_is_read_for_what_it_says(raw, sort, bad):
    found = read(raw)
    assert (found.sort, found.bad_address) == (sort, bad)
    assert OURS in found.about


@pytest.mark.parametrize(
    "quoted",
    [
        "> 您有一项待办\n> 请办理\n",
        "On Monday, PDCA <pdca@x> wrote:\n> reminder\n",
        "在 2026年9月16日，PDCA 写道：\n提醒\n",
        "------------------ 原始邮件 ------------------\n发件人: PDCA\n",
        "-----Original Message-----\nFrom: PDCA <pdca@x>\n",
        "发件人: PDCA <pdca@x>\n主题: 提醒\n",
        "-- \nLi, Operations\n",
    ],
)
def test_of_a_reply_what_was_quoted_is_cut(quoted):
    assert written(f"已完成，见附件。\n\n第二行\n\n{quoted}") == "已完成，见附件。\n\n第二行"
    assert written(quoted) == ""
