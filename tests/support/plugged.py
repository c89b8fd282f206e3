"""A process that joins for one test (接入)."""

from processes import plug
from processes.plug import Process


def join(monkeypatch, table, key, entry):
    """Let a process of this test answer to one key, alone, until the test is over."""
    claims, entries = plug._claims, plug._entry
    own = ((Process(name="of_a_test"), __name__),)

    def claimed(asked):
        return {**claims(asked), key: own} if asked == table else claims(asked)

    def entered(asked, wanted):
        return (entry,) if (asked, wanted) == (table, key) else entries(asked, wanted)

    monkeypatch.setattr(plug, "_claims", claimed)
    monkeypatch.setattr(plug, "_entry", entered)
