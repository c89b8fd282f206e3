"""Real posts, real incidents, real dates: the commands of `docs/how-to/rehearse-on-real-data.md`.

346 posts of a tax authority and two incidents of a service desk that nobody answers; then an
owner answers through the page, a manager grants more time, quality verifies, and it is over.
"""

import csv
import gzip
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from service.main import run
from tests.stories.office import Mail, Office
from tests.support.cast import codes_by_id, nonconformity
from tests.web.cast import field
from web.frame.app import create_app

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
POSTS, UNITS = DATA / "people_hmrc.csv", DATA / "units_hmrc.csv"
LOG = DATA / "uci_incident_event_log.csv.gz"
QUALITY = """code,name,email,manager,unit,roles,language,active,absent_from,absent_until,delegate
QH1,Head of Quality,qh1@hmrc.example,CE1,,quality_head;quality,en,yes,,,
QV1,Quality Verifier,qv1@hmrc.example,QH1,,quality,en,yes,,,
"""
REOPENED, MISSED = "INC0007229", "INC0000370"  # the latter priority 1, its SLA missed in March

PLAN = {
    "decision": "accept",
    "method": "5why",
    "cause": "the routing table still named a group that was dissolved",
    "corrective_action": "the table is checked whenever a group changes",
    "planned_on": "2016-04-08",
}

pytestmark = pytest.mark.skipif(not POSTS.exists(), reason=f"the real data is not in {DATA}")


def slice_of_log(folder: Path) -> Path:
    path = folder / "slice.csv"
    with gzip.open(LOG, "rt", encoding="utf-8") as log, path.open("w", encoding="utf-8") as out:
        reader = csv.DictReader(log)
        writer = csv.DictWriter(out, reader.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in reader if row["number"] in {REOPENED, MISSED})
    return path


@pytest.fixture
def office(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The imported posts at work on Saturday the 5th of March 2016."""
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_SECRET_KEY", "a-secret-for-tests-only-0123456789")
    quality = home / "quality.csv"
    quality.write_text(QUALITY)
    assert run(["import", "units", str(UNITS)]) == 0
    assert run(["import", "people", str(POSTS)]) == 0
    assert run(["import", "people", str(quality)]) == 0
    top = home / "top.csv"  # the chart does not say who is its top
    top.write_text("code,roles\nCE1,top_management\n")
    assert run(["import", "people", str(top)]) == 0
    log = ["--mapping", "uci", "--owners", "round-robin:deepest"]
    assert run(["import", "nonconformities", str(slice_of_log(home)), *log]) == 0
    told = Office("2016-03-05")
    yield told
    told.expect_no_other_letter()


class Browser:
    """A browser without scripts, at the office's hour."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._client = TestClient(create_app(lambda: office.at), base_url="http://pages.test")

    def submits(self, mail: Mail, act: str, **fields: str) -> str:
        """Open the mail's link, fill the form, post it; a code is read from the next mail."""
        path = re.sub(r"^https?://[^/]+", "", mail.link)
        page = self._client.get(path)
        assert page.status_code == 200
        sent = {"csrf": field(page.text), "act": act, **fields}
        answer = self._client.post(path, data=sent)
        assert answer.status_code == 200, answer.text
        self._office.post_comes()
        if 'name="code"' in answer.text:
            code = self._office.mailbox(mail.to).expect(letter="code").code
            signed = {**sent, "csrf": field(answer.text), "code": code, "step": "sign"}
            answer = self._client.post(path, data=signed)
            assert answer.status_code == 200, answer.text
            self._office.post_comes()
        if 'id="confirm"' in answer.text:  # nobody has answered from here before
            self._office.mailbox(mail.to).expect(letter="provisional")
            mine = {"csrf": field(answer.text), "act": "confirm", "mine": "yes"}
            assert self._client.post(path, data=mine).status_code == 200
            self._office.post_comes()
        return answer.text


def chain_above(code: str) -> list[str]:
    with POSTS.open(encoding="utf-8") as posts:
        managers = {row["code"]: row["manager"] for row in csv.DictReader(posts)}
    above = []
    while code := managers[code]:
        above.append(code.lower())
    return above


def test_nobody_answers_then_one_does_and_the_thread_closes(office):
    missed = nonconformity(f"UCI-{MISSED}")
    reopened = nonconformity(f"UCI-{REOPENED}")
    names = codes_by_id()
    first, second = names[missed.owner_id].lower(), names[reopened.owner_id].lower()
    assert first != second  # the posts of the deepest level in turn
    above = chain_above(names[missed.owner_id])

    # Major, seen on Sunday the 6th of March: due Wednesday the 9th at 18:00.
    office.on("2016-03-10", "12:00")
    for letter in ("assignment", "reminder", "overdue"):
        assignment = office.mailbox(first).expect(MISSED, letter=letter)
    for level, (day, person) in enumerate(
        zip(("2016-03-11", "2016-03-15", "2016-03-17", "2016-03-22"), above, strict=True), start=1
    ):
        office.on(day, "12:00")
        office.mailbox(person).expect(f"【Level {level}】", MISSED)
    # Level 4 is the top: every three working days it hears again.
    office.on("2016-03-25", "12:00")
    office.mailbox(above[3]).expect("【Level 4", MISSED)
    # The other one, minor, was seen on Thursday the 24th.
    office.on("2016-03-29", "12:00")
    for letter in ("assignment", "reminder"):
        office.mailbox(second).expect(REOPENED, letter=letter)

    browser = Browser(office)
    browser.submits(assignment, "extend", until="2016-04-06", reason="waiting for the vendor's log")
    asked = office.mailbox(above[3]).expect(MISSED, letter="extension_asked")
    browser.submits(asked, "answer", decision="grant")
    for person in (first, *above, "qh1"):
        decided = office.mailbox(person).expect(MISSED, letter="extension_decided")
        assert decided.thread == asked.thread

    # The minor one: overdue, told to the first manager, and then its owner answers.
    office.on("2016-04-01", "12:00")
    overdue = office.mailbox(second).expect(REOPENED, letter="overdue")
    told = office.mailbox(chain_above(names[reopened.owner_id])[0]).expect("【Level 1】", REOPENED)
    browser.submits(overdue, "answer", **PLAN)
    over = office.mailbox(told.to).expect(REOPENED, letter="over")
    assert over.thread == told.thread
    agree = of_quality(office, "assignment")
    browser.submits(agree, "answer", decision="agree")
    act = office.mailbox(second).expect(REOPENED, letter="assignment")
    browser.submits(act, "answer", done="routing table corrected", evidence_note="CHG0031")
    verify = of_quality(office, "verification_asked")
    browser.submits(verify, "answer", result="effective", note="ten tickets looked at")
    office.mailbox(second).expect(REOPENED, letter="over")
    assert nonconformity(reopened.code).state == "closed"

    # The extended one begins again at its owner, and climbs again.
    office.on("2016-04-07", "12:00")
    for letter in ("reminder", "overdue"):
        office.mailbox(first).expect(MISSED, letter=letter)
    office.on("2016-04-08", "12:00")
    office.mailbox(above[0]).expect("【Level 1】", MISSED)


def of_quality(office: Office, letter: str) -> Mail:
    """Return the letter that one of the two in the quality department got."""
    who = "qh1" if office.mailbox("qh1").mails else "qv1"
    return office.mailbox(who).expect(REOPENED, letter=letter)
