"""Mails that come back, as servers and people write them."""


def bounce(
    about,
    *,
    status="5.1.1",
    action="failed",
    says="smtp; 550 no such user",
    to="pdca@localhost",
    recipient="li@company.example",
    whole=True,
):
    """Return a report of RFC 3464 about the mail with this Message-ID."""
    head = (
        f"Message-ID: {about}\r\nSubject: =?utf-8?b?5o+Q6YaS?=\r\n" if about else "Subject: x\r\n"
    )
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    body = f"{head}\r\nthe letter\r\n" if whole else head
    return (
        f"From: MAILER-DAEMON@relay.example\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        "Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {says}\r\n\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{body}\r\n--b--\r\n"
    ).encode()


AWAY = [
    {"Auto-Submitted": "auto-replied"},
    {"Auto-Submitted": "auto-replied (vacation)"},
    {"X-Autoreply": "yes"},
    {"Precedence": "auto_reply"},
    {"Subject": "自动回复：提醒"},
    {"Subject": "Automatic reply: reminder"},
    {"Subject": "=?utf-8?b?6Ieq5Yqo5Zue5aSNOiDmj5DphpI=?="},
    {"Subject": "Out of Office: reminder"},
]


def reply(about, *, headers, sender="Li <li@company.example>"):
    """Return a mail that somebody, or somebody's mailbox, sends back."""
    told = {"From": sender, "To": "pdca@localhost", "Subject": "Re: reminder", **headers}
    if about:
        told["In-Reply-To"] = told["References"] = about
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{lines}Content-Type: text/plain; charset=utf-8\r\n\r\n已完成，请关闭。\r\n".encode()
