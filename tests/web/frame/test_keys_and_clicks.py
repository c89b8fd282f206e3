"""Keys that change while people work, buttons pressed twice, a real browser's scripts."""

# ruff: noqa: F811 - a fixture of the other browser tests is asked for by its name

import http.client
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

from config.current import current
from models.duty import Answer
from models.engine import reading
from notifications import links
from processes.attachment import attached as evidence
from rules.words import DutyState
from tests.support.rows import everything
from tests.web.cast import TestClient, field, secret
from tests.web.duty.test_page import state_of
from tests.web.frame.test_browser import (
    CHROMIUM,
    DESK,
    QUIET,
    served,  # noqa: F401 - a fixture
)
from tests.web.matters import PLAN, Matter
from tests.web.routes import served as routes_of


@pytest.fixture
def li(people, hour, token):
    """Li's duty, and the path of Li's letter."""
    duty = Matter(people, hour.at).duty("respond")
    return duty.id, f"/d/{token(duty.id, 'li')}"


def rotate(*, keep: bool):
    settings = current().settings
    old = settings.secret_key
    settings.secret_key = type(old)("a-new-secret-for-tests-9876543210")
    settings.old_secret_keys = [old] if keep else []


def test_whoever_is_at_work_while_the_key_is_rotated_goes_on(pages, signed_in, li):
    duty, path = li
    browser = signed_in("zhao")
    form = field(browser.get("/raise").text)
    answer_form = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    rotate(keep=True)
    assert browser.get("/duties").status_code == 200
    raised = browser.post(
        "/raise", data={"csrf": form, "title": "x", "owner": "li"}, follow_redirects=False
    )
    assert raised.status_code == 303
    assert pages.post(path, data=answer_form).status_code == 200
    assert state_of(duty) is DutyState.DISCHARGED


def test_a_key_that_was_given_away_opens_nothing_once_it_is_gone(pages, signed_in, li):
    _, path = li
    browser = signed_in("zhao")
    form = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    before = everything()
    rotate(keep=False)
    assert pages.get(path).status_code == 403
    assert pages.post(path, data=form).status_code == 403
    assert browser.get("/duties", follow_redirects=False).status_code == 303
    assert everything() == before


def test_new_links_are_never_signed_with_the_old_key(people, hour):
    old = secret()
    rotate(keep=True)
    made = links.sign(secret(), "duty", (1, people["li"], 1), hour.at)
    with pytest.raises(links.LinkInvalid):
        links.read([old], "duty", made, hour.at, links.timedelta(days=60))


def test_a_button_pressed_twice_at_once_is_one_answer(pages, li):
    duty, path = li
    form = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    together = threading.Barrier(4)

    def press(_):
        browser = TestClient(pages.app, base_url="http://pages.test")
        together.wait()
        return browser.post(path, data=form)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    with reading() as session:
        kept = session.exec(select(Answer).where(col(Answer.duty_id) == duty)).all()
    assert len(kept) == 1


def test_back_and_again_says_what_was_answered(pages, li):
    duty, path = li
    form = {"csrf": field(pages.get(path).text), "act": "answer", **PLAN}
    assert pages.post(path, data=form).status_code == 200
    after = everything()
    again = pages.post(path, data={**form, "cause": "另一个原因"})  # Back, and sent once more
    assert again.status_code == 200
    assert "李娜已于" in again.text
    assert everything() == after
    assert state_of(duty) is DutyState.DISCHARGED


# --- a real server, a real browser -----------------------------------------------------------


@pytest.fixture
def address(served) -> tuple[str, int]:
    host, _, port = served.removeprefix("http://").partition(":")
    return host, int(port)


def asked(address, target: bytes | str, method="GET", headers=None) -> int:
    """Ask a real server; 0 where it hung up."""
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.request(method, target, headers=headers or {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def test_a_real_server_bears_a_token_of_a_megabyte(address, li):
    _, path = li
    before = everything()
    for size in (2_000, 60_000, 1_000_000):
        assert asked(address, "/d/" + "x" * size) in {0, 400, 403, 414, 431}
    assert asked(address, path) == 200  # and is still there
    assert asked(address, path, headers={"cookie": "pdca_session=" + "x" * 30_000}) in {
        200,
        400,
        431,
    }
    assert everything() == before


SCRIPTS = """
    window.ran = true;
    document.querySelectorAll('form').forEach(form => new FormData(form));
    document.querySelectorAll('a, button, input').forEach(one => {
        one.dispatchEvent(new MouseEvent('mouseover')); one.focus && one.focus();
    });
    const ahead = document.createElement('link');
    ahead.rel = 'prefetch'; ahead.href = location.href + '?again=1';
    document.head.appendChild(ahead);
    document.dispatchEvent(new Event('DOMContentLoaded'));
    window.dispatchEvent(new Event('load')); window.dispatchEvent(new Event('beforeunload'));
"""


@pytest.fixture
def scanner() -> Iterator[object]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser.new_context(viewport=DESK).new_page()
        browser.close()


@pytest.mark.browser
def test_a_scanner_with_scripts_that_follows_every_link_changes_nothing(
    scanner,
    served,
    pages,
    li,
    people,
    hour,
    token,
):
    duty, _ = li
    file = evidence.attach(
        duty, person_id=people["li"], name="a.txt", content=io.BytesIO(b"x"), at=hour.at
    )
    sign_in = links.sign(secret(), "sign-in", (people["li"], "n9", "/"), hour.at)
    known = {
        "token": token(duty, "li"), "number": duty, "file": file,
        "/sign-in/{token}": {"token": sign_in},
    }  # fmt: skip
    link_pages = [
        one.filled(known)
        for one in routes_of(pages.app)
        if "GET" in one.methods and "{token}" in one.path
    ]
    before, followed = everything(), set()
    said = []
    scanner.on("console", lambda message: said.append(message.text))
    for page in link_pages:
        if page.rsplit("/", 1)[-1].endswith(".xlsx") or "/evidence/" in page:
            scanner.request.get(served + page)
            continue
        scanner.goto(served + page)
        scanner.evaluate(SCRIPTS)
        for link in scanner.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"):
            if link.startswith(served) and link not in followed:
                followed.add(link)
                scanner.request.get(link)
        scanner.wait_for_timeout(100)
    assert len(link_pages) >= 3
    assert everything() == before
    assert state_of(duty) is DutyState.OPEN
