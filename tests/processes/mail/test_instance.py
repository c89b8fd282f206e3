"""A home that was copied finds itself on hold; the original goes on."""

import pytest
from sqlmodel import select

from config.current import current, use
from models.claim import Claim
from models.engine import reading
from models.record import Trail
from processes.mail import instance, restoring
from processes.mail.delivery import Delivered, deliver
from processes.watch import other_path, waking
from tests.processes.mail.test_delivery import MINUTE, NOW, alarm_kinds, post
from tests.support.sender import Recorder

pytestmark = pytest.mark.usefixtures("home")
HOUR = MINUTE * 60


@pytest.fixture
def elsewhere(tmp_path):
    """Let the same rows be seen from another folder, as after `cp -a`."""
    own = current().settings

    def move(**changes):
        here = {"home": tmp_path / "copy"}
        if own.database_url:  # a file is copied along; a server's rows are by a dump
            here["database_url"] = "postgresql+psycopg://another.example/pdca"
        use(own.model_copy(update={**here, **changes}))

    return move


def claims():
    with reading() as session:
        return sorted((one.name, one.released_at) for one in session.exec(select(Claim)))


def test_the_first_claims_and_goes_on():
    post("li@x.cn")
    assert deliver(NOW, transport=Recorder()).sent == 1
    assert instance.owners() == [instance.mine().name]
    assert waking.held() == frozenset()
    for minutes in range(3):
        assert instance.ours(NOW + MINUTE * minutes)
    with reading() as session:
        written = session.exec(select(Trail.action).where(Trail.action == "database.claimed")).all()
    assert len(written) == 1


def test_a_copy_sends_nothing_is_held_and_says_so_by_the_other_path(elsewhere):
    assert instance.ours(NOW)
    elsewhere()
    post("li@x.cn")
    relay = Recorder()
    for minutes in range(3):
        assert deliver(NOW + HOUR + MINUTE * minutes, transport=relay) == Delivered()
    assert relay.prepared == []
    assert waking.held() == {waking.DELIVER}
    assert alarm_kinds() == ["copied"]
    assert restoring.would_send(NOW + HOUR).mails == 1
    told = []
    other_path.tell(NOW + HOUR, send=lambda _s, _k, message, _at: told.append(message) or True)
    assert len(told) == 1
    assert "pdca release" in told[0]


def test_an_operator_makes_it_its_own_and_the_old_claim_is_over(elsewhere):
    instance.ours(NOW)
    before = instance.mine().name
    elsewhere()
    post("li@x.cn")
    deliver(NOW + HOUR, transport=Recorder())
    assert restoring.release(waking.DELIVER, by="root", at=NOW + HOUR)
    assert alarm_kinds() == []
    assert (before, NOW + HOUR) in claims()
    assert instance.owners() == [instance.mine().name]
    assert deliver(NOW + HOUR, transport=Recorder()).sent == 1


def test_an_operators_own_pause_that_ends_moves_no_claim():
    instance.ours(NOW)
    waking.hold(waking.DELIVER, by="root", at=NOW)
    assert restoring.release(waking.DELIVER, by="root", at=NOW)
    assert claims() == [(instance.mine().name, None)]


def test_a_second_one_without_a_name_sends_nothing_and_stops_nobody(tmp_path):
    instance.ours(NOW)
    first = current().settings
    second = {"home": tmp_path / "second", "database_url": first.url}
    use(first.model_copy(update=second))
    post("li@x.cn")
    assert deliver(NOW, transport=Recorder()) == Delivered()
    assert alarm_kinds() == ["copied"]
    with pytest.raises(instance.NotOurs, match="PDCA_INSTANCE"):
        instance.refuse_to_send(NOW)
    assert waking.held() == frozenset()
    use(first)
    assert deliver(NOW, transport=Recorder()).sent == 1


def test_a_replica_with_a_name_of_its_own_sends(home, elsewhere):
    instance.ours(NOW)
    settings = current().settings
    use(settings.model_copy(update={"instance": "second"}))
    post("li@x.cn")
    assert deliver(NOW, transport=Recorder()).sent == 1
    assert waking.held() == frozenset()
    assert len(instance.owners()) == 2
    assert home
