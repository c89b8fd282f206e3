"""What holds on every address, whoever asks and however: found among the routes, not listed."""

import io
import re
import sqlite3
from datetime import timedelta

import pytest

from notifications import links
from processes.attachment import attached as evidence
from tests.support.rows import everything
from tests.web.cast import TEMPTING, TestClient, field, secret
from tests.web.matters import PLAN, Matter
from tests.web.routes import served
from web.frame import csrf, guard
from web.frame.app import create_app
from web.frame.session import LIFE

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
# Mail gateways, previews and browsers that look ahead; each says so in its own way.
SCANNERS = {
    "a gateway": {"user-agent": "Mozilla/5.0 (compatible; BarracudaCentral/3.0)"},
    "a preview": {"user-agent": "WeChat/8.0 MicroMessenger", "x-purpose": "preview"},
    "a prefetch": {"purpose": "prefetch", "sec-purpose": "prefetch;prerender", "x-moz": "prefetch"},
    "a monitor": {"user-agent": "curl/8", "accept": "*/*", "range": "bytes=0-10"},
}
QUERIES = ("", "?act=answer&decision=accept&cause=x&code=12345678&step=sign")


@pytest.fixture
def known(people, hour, token):
    """The parts of addresses, as the owner Li would know them."""
    matter = Matter(people, hour.at, title=TEMPTING)
    duty = matter.duty("respond")
    file = evidence.attach(
        duty.id, person_id=people["li"], name="记录.pdf", content=io.BytesIO(PDF), at=hour.at
    )
    sign_in = links.sign(secret(), "sign-in", (people["li"], "n1", "/"), hour.at)
    return {
        "token": token(duty.id, "li"),
        "number": duty.id,
        "code": matter.code,
        "file": file,
        "/sign-in/{token}": {"token": sign_in},
    }


@pytest.fixture
def state(home):
    """Return what the database and the files are, and whether anything was ever committed."""
    eye = sqlite3.connect(home / "pdca.sqlite")

    def now():
        files = sorted(str(p) for p in home.rglob("*") if p.is_file() and "sqlite" not in p.name)
        return version(), everything(), files

    def version():
        return eye.execute("PRAGMA data_version").fetchone()[0]

    now.version = version
    yield now
    eye.close()


def look(browsers, addresses, ways, state) -> int:
    before, asked = state(), 0
    for browser in browsers:
        for path in addresses:
            for method, headers in ways:
                answer = browser.request(method, path, headers=headers, follow_redirects=False)
                assert answer.status_code < 500 or path.startswith("/health"), (method, path)
                assert "set-cookie" not in answer.headers, path
                asked += 1
            assert state.version() == before[0], f"{path} committed something"
    assert state() == before
    return asked


def gets(app, known):
    return [one.filled(known) for one in served(app) if "GET" in one.methods]


def test_whoever_looks_and_however_changes_nothing(pages, known, signed_in, state):
    browsers = (pages, signed_in("zhao"))
    ways = [("GET", SCANNERS["a prefetch"]), ("HEAD", SCANNERS["a gateway"])]
    assert look(browsers, gets(pages.app, known), ways, state) > 50


@pytest.mark.slow
def test_everybody_who_looks_in_every_way_changes_nothing(pages, known, signed_in, state):
    browsers = (pages, *map(signed_in, ("li", "zhao", "head")))
    ways = [(m, h) for m in ("GET", "HEAD") for h in SCANNERS.values()]
    addresses = [path + query for path in gets(pages.app, known) for query in QUERIES]
    assert look(browsers, addresses, ways, state) > 1000


def test_no_other_word_does_anything(pages, known, signed_in, state):
    browser = signed_in("zhao")
    before = state()
    for one in served(pages.app):
        path = one.filled(known)
        for method in ("PUT", "DELETE", "TRACE", "X" * 90):
            answer = browser.request(method, path, headers={"x-http-method-override": "POST"})
            assert answer.status_code == 405, (method, path)
    assert state() == before


# --- forms -----------------------------------------------------------------------------------

ACTS = (
    "answer",
    "acknowledge",
    "extend",
    "hand_over",
    "instruct",
    "straight_up",
    "attach",
    "void",
    "raise",
    "draft",
)
TYPED = {
    **PLAN,
    "title": "x",
    "owner": "li",
    "reason": "x",
    "until": "2026-09-30",
    "who": "li",
    "note": "x",
    "result": "effective",
    "text": "x",
    "confirm": "yes",
}


def stale(bound, at):
    return csrf.field(bound, at - LIFE - timedelta(days=61))


def test_no_form_acts_without_its_own_field(pages, known, people, hour, signed_in, state):
    """Missing, made up, another reader's, a stale one, and from another site's page."""
    zhao, chen, at = signed_in("zhao"), signed_in("chen"), hour.at
    # A field of Zhao's from a page that was left open too long.
    hour.at -= timedelta(days=200, seconds=1)
    old = signed_in("zhao")
    overdue = field(old.get("/raise").text)
    hour.at = at
    foreign = field(chen.get("/raise").text)
    other_link = csrf.field((csrf.LINK, known["number"], people["chen"], 1), at)
    other_duty = csrf.field((csrf.LINK, 999, people["li"], 1), at)
    good = field(zhao.get("/raise").text)
    fields = [{}, *({"csrf": v} for v in ("", "x", foreign, other_link, other_duty, overdue))]
    tries = [(f, {}) for f in fields] + [({"csrf": good}, {"sec-fetch-site": "cross-site"})]
    before = state()
    for one in served(pages.app):
        if "POST" not in one.methods:
            continue
        path = one.filled(known)
        for number, (own, headers) in enumerate(tries):
            data = {**TYPED, "act": ACTS[number % len(ACTS)], **own}
            for browser in (zhao, pages):
                answer = browser.post(path, data=data, headers=headers, follow_redirects=False)
                assert answer.status_code in {303, 400, 403, 404, 409, 410, 422, 429}, path
                assert answer.status_code != 303 or answer.headers["location"].startswith("/?next")
    assert state()[1:] == before[1:]


def test_a_field_of_another_session_of_the_same_person_acts_nowhere(signed_in, hour, state):
    first = signed_in("zhao")
    field_of_first = field(first.get("/raise").text)
    hour.later(seconds=1)
    second, before = signed_in("zhao"), state()
    answer = second.post("/raise", data={"csrf": field_of_first, "title": "x", "owner": "li"})
    assert answer.status_code == 403
    assert 'value="x"' in answer.text  # nothing typed is lost
    assert state()[1] == before[1]


# --- what every answer carries ---------------------------------------------------------------

NEEDS = {name.decode(): value.decode() for name, value in guard.HEADERS}


def private(answer, *, where):
    for name, value in NEEDS.items():
        assert answer.headers.get_list(name) == [value], (where, name)
    assert answer.headers.get_list("cache-control") == ["no-store"], where
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src" not in policy  # default-src 'none' stands for it
    kind = answer.headers.get("content-type", "")
    if answer.content:
        assert kind, where
    if kind.startswith("text/"):
        assert "charset=utf-8" in kind, where
    if kind.startswith("text/html"):
        needs_nothing(answer.text, where)
    else:
        assert "script" not in kind


def needs_nothing(html, where):
    """No script, no style of its own, no address elsewhere: the policy would forbid them."""
    for bad in (
        r"<script",
        r"<style",
        r"\sstyle\s*=",
        r"<iframe",
        r"<object",
        r"<base",
        r"<meta[^>]+refresh",
    ):
        assert not re.search(bad, html, re.IGNORECASE), (where, bad)
    for tag in re.findall(r"<[a-z][^>]*>", html, re.IGNORECASE):
        assert not re.search(r"\son[a-z]+\s*=", re.sub(r'"[^"]*"', '""', tag), re.IGNORECASE), (
            where,
            tag,
        )
        for name in ("href", "src", "action", "formaction"):
            for address in re.findall(rf'\s{name}="([^"]*)"', tag):
                assert re.match(r"/(?!/)|#|\?|mailto:|$", address), (where, tag)


def test_every_answer_of_every_address_is_private(pages, known, signed_in):
    seen = set()
    for browser in (pages, signed_in("zhao")):
        for one in served(pages.app):
            bad = one.filled({"token": "bad", "code": "nothing"})
            for path in [one.filled(known), *([bad] if browser is pages else [])]:
                for method in {"GET", "POST", *one.methods} - {"HEAD"}:
                    answer = browser.request(method, path, follow_redirects=False)
                    private(answer, where=(method, path))
                    seen.add(answer.status_code)
    assert {200, 303, 403, 404, 405} <= seen


def test_pages_of_refusals_and_faults_are_private_too(people, hour, known, monkeypatch):
    from processes.duty import registers as duty_registers
    from web.frame import posted
    from web.identity import sign_in

    monkeypatch.setattr(posted, "most_bytes", lambda: 100_000)
    browser = TestClient(create_app(hour), base_url="http://p.test", raise_server_exceptions=False)
    path = f"/d/{known['token']}"
    browser.app.state.bad_tokens = sign_in.Limit(burst=1, per_minute=0)
    found = {
        400: browser.post(path, content=b"x", headers={"content-type": "text/plain"}),
        413: browser.post(path, data={"act": "x" * 200_000}),
        404: browser.get("/nothing"),
        405: browser.delete("/"),
        403: browser.get("/d/bad"),
        429: browser.get("/d/bad"),
    }
    monkeypatch.setattr(duty_registers, "duties", lambda *_a, **_k: 1 // 0)
    found[500] = browser.get(path)
    for status, answer in found.items():
        assert (
            answer.status_code in {status, 403} if status == 400 else answer.status_code == status
        )
        private(answer, where=status)


def test_files_of_ours_are_ours_alone(pages, home):
    for path in (
        *("/static/", "/static/%2e%2e/show.py", "/static/..%2f..%2fpyproject.toml"),
        *(
            "/static//etc/passwd",
            f"/static/{home}/pdca.sqlite",
            "/static/%00",
            "/static/" + "x" * 5000,
        ),
    ):
        answer = pages.get(path)
        assert answer.status_code in {404, 405}, path
        private(answer, where=path)


def test_evidence_is_never_handed_out_by_what_it_is(pages, known, signed_in, people):
    from models.engine import reading
    from models.nonconformity import Evidence

    li = signed_in("li")
    with reading() as session:
        row = session.get(Evidence, known["file"])
    for name in (
        row.sha256,
        row.path,
        row.path.split("/")[-1],
        row.name,
        f"../{row.path}",
        "0x1",
        "1e0",
    ):
        for path in (f"/evidence/{name}", f"/d/{known['token']}/evidence/{name}"):
            for browser in (pages, li):
                assert browser.get(path, follow_redirects=False).status_code in {303, 404}, path
    assert signed_in("chen").get(f"/evidence/{known['file']}").status_code == 404
    answer = pages.get(f"/d/{known['token']}/evidence/{known['file']}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
