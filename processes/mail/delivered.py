"""What a delivery came to (投递结果): counted, for the flow's summary and the command line."""

from dataclasses import dataclass, fields
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Mails by what became of them; the rest of what was claimed was given back.

    `unsure`: the final dot went out and no answer came. `fenced`: the result came after another
    sender had taken over. `run_out`: leases of senders that ended. `more`: it ended before the
    outbox did. `rests_until`: the relay failed, or its limit is used up, until then.
    """

    sent: int = 0
    dead: int = 0
    deferred: int = 0
    unsure: int = 0
    cancelled: int = 0
    set_aside: int = 0
    returned: int = 0
    fenced: int = 0
    run_out: int = 0
    more: bool = False
    rests_until: datetime | None = None

    def __add__(self, later: "Delivered") -> "Delivered":
        counts = {
            field.name: getattr(self, field.name) + getattr(later, field.name)
            for field in fields(self)
            if field.type is int
        }
        return Delivered(
            **counts,
            more=self.more or later.more,
            rests_until=later.rests_until or self.rests_until,
        )
