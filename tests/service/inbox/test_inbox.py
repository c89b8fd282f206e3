"""The inbox page: for who has the key, from this machine alone, and a mail can do nothing there."""

import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode

import pytest

from config import current as configuration
from service.inbox import door as inbox_door
from service.inbox.door import Door, local
from service.inbox.mailbox import Mailbox
from service.inbox.pages import create_inbox
from service.inbox.sink import Maildir
from tests.web.cast import TestClient

BASE = "http://127.0.0.1:8025"


def mime(subject="测试邮件", *, to="李工 <li@company.example>", html=None, more=""):
    html = (
        html
        or '<html><head></head><body><a href="http://127.0.0.1:8080/d/x">办理</a></body></html>'
    )
    coded = b64encode(subject.encode()).decode()
    return (
        f"From: quality@company.example\r\nTo: {to}\r\nSubject: =?utf-8?b?{coded}?=\r\n"
        f"Date: Mon, 28 Sep 2026 09:00:00 +0800\r\n{more}"
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "您好 <script>alert(1)</script> http://127.0.0.1:8080/d/x\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def maildir(home):
    return Maildir(home / "inbox")


def keep(maildir, *, to="li@company.example", **parts):
    return maildir.keep("quality@company.example", [to], mime(**parts))


@pytest.fixture
def door(home):
    made = Door(home)
    made.open_at(BASE)
    return made


def client(home, door, **options):
    settings = configuration.current().settings.model_copy(update=options)
    app = create_inbox(settings, Mailbox(home / "inbox"), door)
    return TestClient(app, base_url=BASE, follow_redirects=False)


@pytest.fixture
def reader(home, maildir, door):
    """A browser that has used the key."""
    browser = client(home, door)
    assert browser.get(inbox_door.address(home)).status_code == 303
    return browser


# --- the door ---------------------------------------------------------------------------------


def test_without_the_key_nothing_is_shown(home, maildir, door):
    name = keep(maildir, subject="验证码 12345678")
    stranger = client(home, door)
    for path in ("/", f"/mail/{name}", f"/mail/{name}/html", f"/mail/{name}/source", "/?key=x"):
        answer = stranger.get(path)
        assert answer.status_code == 403
        assert "12345678" not in answer.text


def test_the_key_works_once_and_is_a_cookie_from_then_on(home, maildir, door):
    address = inbox_door.address(home)
    browser = client(home, door)
    entered = browser.get(address)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.get("/").status_code == 200
    assert client(home, door).get(address).status_code == 403
    again = client(home, door)
    assert again.get(inbox_door.address(home)).status_code == 303  # the next key is in the home


def test_a_browser_stays_signed_in_over_a_restart(home, reader):
    anew = Door(home)
    anew.open_at(BASE)
    other = client(home, anew)
    other.cookies = reader.cookies
    assert other.get("/").status_code == 200


def test_the_key_is_its_owners_secret(home, door):
    assert (home / inbox_door.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8025", True),
        ("localhost:8025", True),
        ("[::1]:8025", True),
        ("127.0.0.1", True),
        ("evil.example:8025", False),  # a name that was made to point here
        ("127.0.0.1.evil.example", False),
        ("localhost@evil.example", False),
        ("", False),
        (None, False),
    ],
)
def test_only_requests_that_name_this_machine(host, known):
    assert local(host) is known


def test_a_page_of_another_name_gets_nothing(reader):
    assert reader.get("/", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed_from_there(reader, method):
    assert reader.request(method, "/").status_code == 405


# --- the list ---------------------------------------------------------------------------------


def test_the_newest_is_first_and_says_that_no_mail_leaves(reader, maildir):
    for n in range(3):
        keep(maildir, subject=f"第{n}封", more="X-PDCA-Letter: escalation\r\nX-PDCA-Level: 1\r\n")
    page = reader.get("/").text
    assert page.index("第2封") < page.index("第1封") < page.index("第0封")
    assert "只留在本机" in page
    assert "升级通知" in page
    assert "2026-09-28 09:00" in page


def test_in_english_where_the_site_is(home, reader, maildir, door):
    english = client(home, door, language="en")
    english.cookies = reader.cookies
    keep(maildir)
    assert "No mail leaves this machine" in english.get("/").text


def test_finds_by_recipient_and_by_subject(reader, maildir):
    keep(maildir, subject="给李工")
    keep(maildir, subject="给王经理", to="wang@company.example")
    assert "给李工" not in reader.get("/", params={"to": "wang@"}).text
    assert "给王经理" in reader.get("/", params={"to": "WANG@company.example"}).text
    assert "给王经理" not in reader.get("/", params={"find": "李工"}).text
    assert "这里还没有邮件" in reader.get("/", params={"to": "nobody"}).text


def test_many_mails_are_many_pages(reader, maildir):
    for n in range(120):
        keep(maildir, subject=f"no-{n:03}-")
    first, last = reader.get("/").text, reader.get("/?page=3").text
    assert first.count('class="mail"') == 50
    assert last.count('class="mail"') == 20
    assert "no-119-" in first
    assert "no-000-" in last
    assert "no-000-" in reader.get("/?page=99999").text


def test_a_mail_that_came_or_went_is_noticed(home, reader, maildir):
    name = keep(maildir, subject="先来")
    assert "先来" in reader.get("/").text
    (home / "inbox" / "new" / name).unlink()
    keep(maildir, subject="后来")
    page = reader.get("/").text
    assert "先来" not in page
    assert "后来" in page


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00 no mail at all",
        b"Subject: =?utf-8?b?%%%?=\r\nDate: yesterday\r\n\r\n",
        b"Subject: =?klingon?q?x?=\r\nTo: \xe6\x9d\x8e\r\n\r\n",
        b"Content-Type: text/html; charset=klingon\r\n\r\n<b>x</b>",
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n',
        b"Date: Mon, 28 Sep 99999 09:00:00 +0800\r\n\r\n",
    ],
)
def test_a_broken_mail_takes_no_page_with_it(reader, maildir, content):
    keep(maildir, subject="gut")
    name = maildir.keep("a@b.cn", ["c@d.cn"], content)
    assert "gut" in reader.get("/").text
    for view in ("", "?view=text", "?view=headers", "/html", "/source"):
        assert reader.get(f"/mail/{name}{view}").status_code == 200


# --- a mail -----------------------------------------------------------------------------------


def test_a_mails_html_stands_in_a_frame_without_rights(reader, maildir):
    name = keep(maildir)
    page = reader.get(f"/mail/{name}")
    assert f'src="/mail/{name}/html"' in page.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    framed = reader.get(f"/mail/{name}/html")
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert framed.headers["referrer-policy"] == "no-referrer"
    assert '<head><base target="_blank">' in framed.text  # links open the pages outside the frame


def test_what_people_wrote_is_text(reader, maildir):
    attack = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    name = keep(maildir, subject=attack, to="li@company.example")
    for path in ("/", f"/mail/{name}", f"/mail/{name}?view=text", f"/mail/{name}?view=headers"):
        page = reader.get(path).text
        assert "<script" not in page
        assert "<img" not in page
    assert reader.get("/", params={"to": attack, "find": attack}).text.count("<script") == 0


def test_the_text_part_has_links_that_open_the_pages(reader, maildir):
    page = reader.get(f"/mail/{keep(maildir)}?view=text").text
    assert '<a href="http://127.0.0.1:8080/d/x" rel="noopener noreferrer" target="_blank"' in page


def test_headers_and_the_raw_file_are_there(reader, maildir):
    name = keep(maildir, more="X-PDCA-Level: 2\r\n")
    assert "X-PDCA-Level" in reader.get(f"/mail/{name}?view=headers").text
    raw = reader.get(f"/mail/{name}/source")
    assert raw.content.endswith(mime(more="X-PDCA-Level: 2\r\n"))
    assert raw.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fpdca.toml", "%2e%2e", "x" * 300, "a%00b"])
def test_no_name_leads_out_of_the_inbox(reader, home, name):
    (home / "pdca.toml").write_text("secret")
    for path in (f"/mail/{name}", f"/mail/{name}/html", f"/mail/{name}/source"):
        answer = reader.get(path)
        assert answer.status_code == 404
        assert "secret" not in answer.text


def test_every_answer_is_kept_by_nobody(reader, maildir):
    for path in ("/", f"/mail/{keep(maildir)}", "/mail/none"):
        headers = reader.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


# --- the process ------------------------------------------------------------------------------


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def started(home, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "service.inbox.listener"],
        env={"PDCA_HOME": str(home), "PATH": "/usr/bin:/bin", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_prints_its_address_and_leaves_nothing_behind(home):
    process = started(home, PDCA_MAIL__INBOX_PORT="0")
    try:
        wait_for(lambda: inbox_door.address(home) or process.poll() is not None)
        address = process.stdout.readline().strip().partition("：")[2]
        assert address == inbox_door.address(home)
        host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
        with socket.create_connection((host, int(port))) as asked:
            asked.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"403" in asked.recv(100)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not (home / "run" / "sink.json").exists()
    finally:
        process.kill()
        process.communicate()


def test_a_port_that_is_taken_is_one_sentence(home):
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = started(home, PDCA_MAIL__INBOX_PORT=str(other.getsockname()[1]))
        _, said = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "mail.inbox_port" in said
    assert "Traceback" not in said
