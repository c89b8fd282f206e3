"""Something a person does to a duty (办理): who, for whom, when, by which way in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models import people, trail
from models.duty import Duty
from processes.duty import issued as duties
from rules.organisation import Organisation, Post

OPERATOR: Final = "operator "  # how `via` begins when somebody else typed it: "operator root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act on one duty, inside its transaction. A delegate acts on behalf of the absent."""

    session: Session
    duty: Duty
    person_id: int
    on_behalf_of_id: int | None
    at: datetime
    via: str

    @property
    def organisation(self) -> Organisation:
        return people.organisation(self.session)

    @property
    def person(self) -> Post:
        return self.organisation.posts[self.person_id]

    @property
    def hands(self) -> frozenset[int]:
        """Everybody whose hand is in it: who acts, whom he represents, and who typed it.

        Gates judge all of them, so that no way in leads around a gate.
        """
        found = {self.person_id, self.on_behalf_of_id, self._typist()}
        return frozenset(person for person in found if person is not None)

    @property
    def actor(self) -> str:
        """Return who acted as the trail names him."""
        operator = self.operator
        return f"operator:{operator}"[:64] if operator else f"person:{self.person_id}"

    @property
    def represented(self) -> str | None:
        """Return for whom he acted: the person an operator typed for, or the absent one."""
        if self.operator:
            return f"person:{self.person_id}"
        return f"person:{self.on_behalf_of_id}" if self.on_behalf_of_id is not None else None

    @property
    def operator(self) -> str | None:
        """Return the name of the operator who typed it; None if the person did it himself."""
        return self.via.removeprefix(OPERATOR).strip() if self.via.startswith(OPERATOR) else None

    @property
    def files(self) -> int:
        """Return how many files show what was done."""
        assert self.duty.id is not None
        return duties.files(self.session, self.duty.id)

    def discharge(self) -> None:
        """End the duty: it has been answered."""
        duties.discharge(
            self.session, self.duty, by_id=self.person_id, at=self.at, actor=self.actor
        )

    def record(
        self,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write the act into the trail."""
        trail.record(
            self.session,
            at=self.at,
            actor=self.actor,
            on_behalf_of=self.represented,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )

    def _typist(self) -> int | None:
        operator = self.operator
        if operator is None:
            return None
        posts = self.organisation.posts.values()
        return next((post.id for post in posts if post.code == operator), None)
