"""Mail in an operator's hands: held, said, released; refused addresses seen and lifted."""

import json
from datetime import UTC, datetime

from models import outbox
from models.engine import writing
from processes.watch import waking
from tests.service.commands.test_commands import (
    office,  # noqa: F401 - fixtures
    pdca,  # noqa: F401 - fixtures
    raised,
)
from tests.support.returned import bounce


def test_sending_on_hold_is_said_by_letter_and_person_and_released(office):  # noqa: F811
    raised(office)
    assert office("hold")[0] == 0
    code, _, why = office("deliver")
    assert code == 1
    assert "pdca release" in why
    office("turn", "--at", "2026-09-07", "--phase", "act")
    told = json.loads(office("held", "--json")[1])
    assert (told["held"], told["mails"]) == (["pdca-deliver"], 1)
    assert told["people"] == [["li", "李工", 1]]
    assert "李工" in office("held")[1]
    assert office("release")[0] == 0
    assert waking.held() == frozenset()
    assert "was not on hold" in office("release")[1]
    assert office("hold", "pdca-nothing")[0] == 2


def test_a_refused_address_is_listed_and_lifted(office):  # noqa: F811
    with writing() as session:
        at = datetime(2026, 9, 7, tzinfo=UTC)
        outbox.suppress(session, "li@company.example", reason="550 no such user", at=at)
    (one,) = json.loads(office("suppressions", "--json")[1])
    assert (one["address"], one["people"]) == ("li@company.example", ["li"])
    assert "li" in office("lift", "li@company.example")[1]
    code, _, why = office("lift", "li@company.example")
    assert code == 1
    assert "not on the list" in why
    assert office("list", "suppressions", "--json")[1] == "[]\n"


def test_returned_mail_is_read_by_hand(office, tmp_path, monkeypatch):  # noqa: F811
    assert office("bounces")[0] == 3  # no mailbox is set
    for name in ("new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1").write_bytes(bounce("<of-nobody@x>"))
    monkeypatch.setenv("PDCA_MAIL__BOUNCES__MAILDIR", str(tmp_path / "box"))
    visited = json.loads(office("bounces", "--json")[1])
    assert (visited["read"], visited["bounced"], visited["dead"]) == (1, 1, 0)
    (one,) = json.loads(office("list", "returned", "--json")[1])
    assert (one["kind"], one["status"], one["key"]) == ("bounced", "5.1.1", None)
