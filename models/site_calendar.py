"""The working calendars as open duties know them (日历指纹): one row for each calendar."""

from datetime import datetime

from sqlmodel import Field

from models.base import Row


class SiteCalendar(Row, table=True):
    """Which days a calendar had when open duties were last brought into line with it."""

    __tablename__ = "site_calendar"

    name: str = Field(primary_key=True, max_length=64)
    mark: str = Field(max_length=64)  # of its hours, days off and make-up days
    since: datetime
