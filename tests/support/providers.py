"""What the mail servers of big providers say, and at which stage, in wording of our own.

Each reply is what its kind looks like: code, enhanced status where that provider gives one, and
words of that sort. `means` is whose fault it is: the address, the mailbox that is full, this
message, us (every mail waits), the login, or nobody (later).
"""

from typing import NamedTuple


class Reply(NamedTuple):
    """One reply of one provider."""

    provider: str
    stage: str
    code: int
    text: str
    means: str


REPLIES = [
    # Exchange Online
    Reply(
        "exchange",
        "rcpt",
        550,
        "5.1.10 RESOLVER.ADR.NotFound; no recipient of this name",
        "address",
    ),
    Reply("exchange", "rcpt", 550, "5.4.1 Recipient address rejected: no access [HK0]", "address"),
    Reply("exchange", "mail", 550, "5.7.708 traffic from this network is not accepted", "login"),
    Reply("exchange", "rcpt", 550, "5.1.8 outbound sender is restricted", "us"),
    Reply("exchange", "rcpt", 550, "5.7.64 TenantAttribution; Relay Access Denied", "us"),
    Reply(
        "exchange",
        "dot",
        554,
        "5.2.0 STOREDRV.Submission; submission quota of the day is used",
        "us",
    ),
    Reply(
        "exchange",
        "dot",
        550,
        "5.7.232 your tenant sends no more to outside recipients today",
        "us",
    ),
    Reply("exchange", "dot", 550, "5.7.501 your account looks as if it sent unwanted mail", "us"),
    Reply("exchange", "dot", 552, "5.3.4 message size exceeds fixed maximum", "message"),
    Reply("exchange", "rcpt", 451, "4.7.500 server busy, please try later", "later"),
    Reply(
        "exchange", "dot", 432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "later"
    ),
    # Gmail
    Reply(
        "gmail", "rcpt", 550, "5.1.1 That mail account does not exist; see the help page", "address"
    ),
    Reply("gmail", "rcpt", 550, "5.2.1 That account is disabled", "address"),
    Reply("gmail", "rcpt", 552, "5.2.2 That inbox is out of storage space", "full"),
    Reply("gmail", "rcpt", 452, "4.2.2 That inbox is out of storage space", "later"),
    Reply("gmail", "dot", 550, "5.7.1 Mail of an unusual kind comes from your address", "us"),
    Reply("gmail", "dot", 550, "5.7.26 Neither SPF nor DKIM speaks for this sender", "us"),
    Reply("gmail", "dot", 550, "5.4.5 Daily user sending limit exceeded", "us"),
    Reply("gmail", "dot", 552, "5.2.3 Your message is larger than what is taken", "message"),
    Reply("gmail", "mail", 530, "5.7.0 Authentication required", "login"),
    Reply("gmail", "dot", 421, "4.7.28 Unusual rate of mail from your network", "later"),
    # Tencent: no enhanced status
    Reply(
        "tencent", "rcpt", 550, "Mailbox not found. http://service.mail.qq.example/550", "address"
    ),
    Reply("tencent", "rcpt", 550, "No such user", "address"),
    Reply("tencent", "rcpt", 550, "Ip frequency limited", "us"),
    Reply("tencent", "rcpt", 550, "Connection frequency limited", "us"),
    Reply("tencent", "dot", 550, "Mail content denied", "us"),
    Reply("tencent", "dot", 550, "Suspected spam message rejected", "us"),
    Reply("tencent", "dot", 550, "Domain frequency limited", "us"),
    Reply("tencent", "mail", 535, "Login fail: the password is not right", "login"),
    Reply("tencent", "dot", 552, "Message too large", "message"),
    # Aliyun
    Reply("aliyun", "rcpt", 559, "Invalid rcptto [@sm000001]", "address"),
    Reply("aliyun", "rcpt", 554, "RCPT (li@firm.example) user not exist", "address"),
    Reply("aliyun", "mail", 553, "Mail from must equal authorized user", "login"),
    Reply("aliyun", "mail", 526, "Authentication failure", "login"),
    Reply("aliyun", "dot", 554, "Reject by content spam", "us"),
    Reply("aliyun", "rcpt", 550, "Daily sending quota exceeded", "us"),
    Reply("aliyun", "rcpt", 554, "IP is blacklisted", "us"),
    # NetEase
    Reply("netease", "rcpt", 550, "User not found: li@firm.example", "address"),
    Reply("netease", "rcpt", 550, "RP:CEL too many mails from your address today", "us"),
    Reply("netease", "dot", 554, "DT:SPM smtp1, this looks like unwanted mail", "us"),
    Reply("netease", "dot", 554, "DT:SUM envelope and header differ", "us"),
    Reply(
        "netease", "mail", 553, "Requested action not taken: NULL sender is not allowed", "login"
    ),
    Reply("netease", "rcpt", 552, "Requested mail action aborted: exceeded mailsize limit", "full"),
    Reply("netease", "rcpt", 550, "用户不存在", "address"),
    Reply("netease", "dot", 554, "发信频率超过限制", "us"),
    # Postfix
    Reply("postfix", "rcpt", 550, "5.1.1 <li@firm.example>: not in the local table", "address"),
    Reply("postfix", "rcpt", 554, "5.7.1 <li@firm.example>: Relay access denied", "us"),
    Reply("postfix", "rcpt", 450, "4.2.0 <li@firm.example>: greylisted", "later"),
    Reply("postfix", "mail", 552, "5.3.4 Message size exceeds fixed limit", "message"),
    Reply("postfix", "dot", 550, "5.7.1 header check: this word is not wanted", "us"),
    Reply("postfix", "dot", 554, "5.7.1 Blocked by the filter", "us"),
    Reply("postfix", "data", 554, "no valid recipients", "us"),
    Reply("postfix", "dot", 552, "5.2.2 mailbox of the sender is over quota", "us"),
    Reply("postfix", "dot", 451, "4.3.0 queue file cannot be written", "later"),
    # an appliance in front of any of them
    Reply("gateway", "rcpt", 550, "#5.1.0 Address rejected.", "address"),
    Reply("gateway", "rcpt", 553, "5.1.3 bad syntax", "address"),
    Reply("gateway", "rcpt", 550, "no such user", "address"),
    Reply("gateway", "rcpt", 554, "not today", "us"),
    Reply("gateway", "dot", 550, "5.1.1 no such user", "message"),
]
