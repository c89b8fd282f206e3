"""What came back to the return path (退信记录): each mail once, whatever it was read from."""

from datetime import datetime

from sqlmodel import Field

from models.base import Row


class ReturnedMail(Row, table=True):
    """One mail that came back; `digest` of its bytes keeps it from being taken twice."""

    __tablename__ = "returned"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64, unique=True)
    at: datetime
    sort: str = Field(max_length=16)  # notifications.returned.Sort
    notice_id: int | None = Field(default=None, foreign_key="notice.id", index=True)
    address: str = Field(default="", max_length=254)
    status: str = Field(default="", max_length=16)
    text: str = Field(default="", max_length=300)
