"""Alarms as a register (告警台账), those still on first."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from models.base import table_of
from models.record import Alarm
from processes.register.query import Filters, Page, columns, page, same, since
from processes.register.registers import Register
from processes.register.rows import (
    AlarmRow,
)


def alarms(
    filters: Filters, *, at: datetime, limit: int | None = None, offset: int = 0
) -> Page[AlarmRow]:
    """Return the alarms, those still on first; state is `open` or `cleared`."""
    del at
    alarm = table_of(Alarm)
    query = sa.select(*columns(alarm, AlarmRow)).order_by(
        alarm.c.cleared_at.is_not(None), alarm.c.first_at, alarm.c.id
    )
    query = same(query, alarm, filters, "kind")
    if filters.state:
        ended = alarm.c.cleared_at.is_not(None)
        query = query.where(ended if filters.state == "cleared" else ~ended)
    return page(since(query, alarm.c.first_at, filters), lambda r: AlarmRow(**r), limit, offset)


REGISTERS: Final = {
    "alarms": Register(
        read=alarms,
        filters=("state", "kind", "since"),
        states=("open", "cleared"),
        heads=(
            ("kind", "Alarm"),
            ("ref", "Concerns"),
            ("message", "Message"),
            ("first_at", "Since"),
            ("cleared_at", "Cleared"),
        ),
    ),
}
