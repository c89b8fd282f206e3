"""Signing in: the same answer for everybody, a link that works once, a sign-out that is final."""

import pytest
from sqlmodel import select

from models.duty import Line
from models.engine import reading
from notifications import links
from rules.words import LetterKind
from tests.web.cast import field, secret
from web.frame import csrf
from web.frame.session import COOKIE


def ask(client, who: str, **more: str):
    return client.post("/sign-in", data={"csrf": field(client.get("/").text), "who": who, **more})


def mailed() -> list[Line]:
    with reading() as session:
        return list(session.exec(select(Line).where(Line.letter == LetterKind.SIGN_IN)))


def path_of(line: Line) -> str:
    return line.facts["link"].removeprefix("http://127.0.0.1:8080")


def test_a_known_address_is_mailed_a_link_that_signs_in(pages, people):
    assert ask(pages, "LI@company.example ").status_code == 200
    (line,) = mailed()
    assert line.person_id == people["li"]
    shown = pages.get(path_of(line))
    assert "李娜" in shown.text
    entered = pages.post(
        path_of(line), data={"csrf": field(shown.text), "me": "yes"}, follow_redirects=False
    )
    assert entered.status_code == 303
    assert "李娜" in pages.get("/").text


def test_a_person_code_will_do(pages, people):
    ask(pages, "smith")
    assert [line.person_id for line in mailed()] == [people["smith"]]


@pytest.mark.parametrize("who", ["nobody@company.example", "gone", "", "<script>", "li' OR 1=1"])
def test_a_stranger_reads_the_same_and_gets_no_mail(pages, who):
    known, unknown = ask(pages, "li"), ask(pages, who)
    assert known.status_code == unknown.status_code == 200
    assert len(mailed()) == 1
    assert "<script>" not in unknown.text


def test_looking_at_the_link_uses_nothing_up(pages):
    ask(pages, "li")
    path = path_of(mailed()[0])
    for _ in range(3):
        assert pages.get(path).status_code == 200
        assert pages.head(path).status_code == 200
    assert COOKIE not in pages.cookies


def test_a_link_works_once(pages):
    ask(pages, "li")
    path = path_of(mailed()[0])
    data = {"csrf": field(pages.get(path).text), "me": "yes"}
    assert pages.post(path, data=data, follow_redirects=False).status_code == 303
    pages.cookies.clear()
    again = pages.post(path, data=data, follow_redirects=False)
    assert again.status_code == 409
    assert COOKIE not in pages.cookies
    assert pages.get(path).status_code == 409


def test_a_link_lives_a_quarter_of_an_hour(pages, hour):
    ask(pages, "li")
    path = path_of(mailed()[0])
    hour.later(minutes=15, seconds=1)
    assert pages.get(path).status_code == 403


def test_a_duty_link_signs_nobody_in(pages, people, hour):
    token = links.sign(secret(), links.Purpose.DUTY, (1, people["li"], 1), hour.at)
    assert pages.get(f"/sign-in/{token}").status_code == 403


def test_a_session_ends_after_twelve_hours(signed_in, hour):
    browser = signed_in("li")
    assert "李娜" in browser.get("/").text
    hour.later(hours=12, seconds=1)
    assert "李娜" not in browser.get("/").text


def test_signing_out_is_final_even_for_a_copied_cookie(signed_in):
    browser = signed_in("li")
    kept = browser.cookies[COOKIE]
    left = browser.post("/sign-out", data={"csrf": field(browser.get("/").text)})
    assert "李娜" not in left.text
    browser.cookies.set(COOKIE, kept)
    assert "李娜" not in browser.get("/").text


def test_signing_out_needs_the_form(signed_in):
    browser = signed_in("li")
    assert browser.post("/sign-out", data={}).status_code == 403
    assert "李娜" in browser.get("/").text


def test_whoever_left_is_signed_out_at_once(signed_in):
    from models.engine import writing
    from models.organisation import Person

    browser = signed_in("li")
    with writing() as session:
        session.exec(select(Person).where(Person.code == "li")).one().active = False
    assert "李娜" not in browser.get("/").text


def test_a_session_for_somebody_else_cannot_be_made_up(pages, people, hour):
    forged = links.sign("another-key-0123456789", "session", (people["li"], "n"), hour.at)
    pages.cookies.set(COOKIE, forged)
    assert "李娜" not in pages.get("/").text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
def test_the_way_back_never_leads_away(pages, back):
    ask(pages, "li", next=back)
    path = path_of(mailed()[0])
    entered = pages.post(
        path, data={"csrf": field(pages.get(path).text), "me": "yes"}, follow_redirects=False
    )
    assert entered.headers["location"] == "/"


def test_the_way_back_is_kept(pages):
    ask(pages, "li", next="/nonconformities")
    path = path_of(mailed()[0])
    entered = pages.post(
        path, data={"csrf": field(pages.get(path).text), "me": "yes"}, follow_redirects=False
    )
    assert entered.headers["location"] == "/nonconformities"


def test_another_sites_page_cannot_ask(pages):
    data = {"csrf": field(pages.get("/").text), "who": "li"}
    answer = pages.post("/sign-in", data=data, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert not mailed()


def test_a_mailbox_is_not_flooded(pages):
    for _ in range(8):
        assert ask(pages, "li").status_code == 200
    assert len(mailed()) == 5


def test_one_address_cannot_ask_without_end(pages):
    statuses = [ask(pages, f"nobody{n}").status_code for n in range(31)]
    assert statuses[:30] == [200] * 30
    assert statuses[30] == 429


def test_the_cookie_is_for_servers_only(pages):
    ask(pages, "li")
    path = path_of(mailed()[0])
    entered = pages.post(
        path, data={"csrf": field(pages.get(path).text), "me": "yes"}, follow_redirects=False
    )
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # this home is served over http on one machine


def test_a_form_field_is_bound_to_its_reader(signed_in, hour):
    browser = signed_in("li")
    stolen = csrf.field(("session", 999, "other"), hour.at)
    assert browser.post("/sign-out", data={"csrf": stolen}).status_code == 403
