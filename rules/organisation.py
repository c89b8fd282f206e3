"""Who leads whom, and who can be reached (管理链与可达性).

The chain above a person ends well only at somebody who holds the role of top management. It may
also end at a gap (no manager, a manager that nobody knows, one who has left and has none) or in
a circle: people who report to one another, or somebody entered as his own manager. All of these
occur in real files, so none is an error here; each has a rule for who hears next
(`rules/escalation.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from rules.words import Role

End = Literal["top", "gap", "circle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A person as escalation sees one. Dates are local to the site, both ends included."""

    id: int
    code: str
    name: str
    manager_id: int | None = None
    manager_code: str | None = None  # named in the file; without `manager_id` nobody has it: a gap
    active: bool = True
    address: str | None = None
    absent_from: date | None = None
    absent_until: date | None = None
    delegate_id: int | None = None
    roles: frozenset[str] = frozenset()
    unit_id: int | None = None
    unit_name: str = ""
    language: str | None = None

    def absent(self, day: date) -> bool:
        """Whether the person is away on this local day; an open end means until told otherwise."""
        if self.absent_from is None and self.absent_until is None:
            return False
        begun = self.absent_from is None or self.absent_from <= day
        return begun and (self.absent_until is None or day <= self.absent_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The people above somebody, nearest first, and how the line of managers ends.

    `last` is the person at whom it ends: the owner himself where nobody stands above.
    """

    people: tuple[int, ...]
    ends: End
    last: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """Every post by its id, as it is at one instant."""

    posts: Mapping[int, Post]
    _chains: dict[int, Chain] = field(default_factory=dict, compare=False, repr=False)
    _held: dict[Role, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def chain(self, owner: int) -> Chain:
        """Return the managers above, each once; a person never stands above himself."""
        known = self._chains.get(owner)
        if known is None:
            known = self._chains[owner] = self._walk(owner)
        return known

    def holders(self, role: Role) -> tuple[int, ...]:
        """Return the active people who hold the role, in the order of their codes."""
        known = self._held.get(role)
        if known is None:
            found = (p for p in self.posts.values() if p.active and role.value in p.roles)
            known = tuple(p.id for p in sorted(found, key=lambda p: p.code))
            self._held[role] = known
        return known

    def unreachable(self, person: int, day: date, *, barred: frozenset[int]) -> str | None:
        """Why nothing can be told to this person on that day; None if it can.

        `barred` are those whom a delegate may not be: the owner, and whoever was already told.
        """
        post = self.posts[person]
        if not post.active:
            return "inactive"
        if post.absent(day):
            return "absent" if self.delegate(person, day, barred=barred) is None else None
        return None if post.address else "no_address"

    def delegate(self, person: int, day: date, *, barred: frozenset[int]) -> int | None:
        """Who stands in for an absent person: one hop, reachable, and not barred."""
        other = self.posts[person].delegate_id
        if other is None or other == person or other in barred:
            return None
        stand_in = self.posts.get(other)
        if stand_in is None or not stand_in.active or not stand_in.address or stand_in.absent(day):
            return None
        return other

    def gaps(self) -> tuple[Post, ...]:
        """Return those whose named manager nobody knows, by code."""
        open_ends = (
            p for p in self.posts.values() if p.active and p.manager_id is None and p.manager_code
        )
        return tuple(sorted(open_ends, key=lambda p: p.code))

    def circles(self) -> tuple[tuple[Post, ...], ...]:
        """Return each ring of people who report to one another, starting at the lowest code."""
        rings: set[tuple[int, ...]] = set()
        done: set[int] = set()
        for start in self.posts:
            path: dict[int, None] = {}
            at: int | None = start
            while at is not None and at not in path and at not in done:
                path[at] = None
                at = self._manager(at)
            if at is not None and at in path:
                ring = tuple(path)[tuple(path).index(at) :]
                rings.add(self._turned(ring))
            done.update(path)
        return tuple(
            tuple(self.posts[i] for i in ring)
            for ring in sorted(rings, key=lambda r: self.posts[r[0]].code)
        )

    def manages(self, manager: int, person: int) -> bool:
        """Whether one stands anywhere above the other."""
        return manager in self.chain(person).people

    def _manager(self, person: int) -> int | None:
        above = self.posts[person].manager_id
        return above if above in self.posts else None

    def is_top(self, person: int) -> bool:
        """Whether a chain that ends at this person ends well."""
        post = self.posts[person]
        return post.active and Role.TOP_MANAGEMENT.value in post.roles

    def unled(self) -> tuple[Post, ...]:
        """Return those for whom no manager is entered and who are not the top, by code.

        Somebody who has left counts only while active people are entered below him.
        """
        above = {post.manager_id for post in self.posts.values() if post.active}
        found = (
            post
            for post in self.posts.values()
            if post.manager_id is None
            and not post.manager_code
            and not self.is_top(post.id)
            and (post.active or post.id in above)
        )
        return tuple(sorted(found, key=lambda p: p.code))

    def place_of_end(self, owner: int) -> int:
        """Return the person who stands for the end of this chain: one for each gap or circle."""
        chain = self.chain(owner)
        if chain.ends != "circle":
            return chain.last
        ring, at = [chain.last], self._manager(chain.last)
        while at is not None and at not in ring:
            ring.append(at)
            at = self._manager(at)
        return self._turned(tuple(ring))[0]

    def _walk(self, owner: int) -> Chain:
        people: list[int] = []
        last, at = owner, self._manager(owner)
        while at is not None and at != owner and at not in people:
            people.append(at)
            last, at = at, self._manager(at)
        # The top is often entered as his own manager: that is an end, not a circle.
        if at is not None and not (at == last and self.is_top(last)):
            return Chain(people=tuple(people), ends="circle", last=last)
        ends: End = "top" if self.is_top(last) else "gap"
        return Chain(people=tuple(people), ends=ends, last=last)

    def _turned(self, ring: tuple[int, ...]) -> tuple[int, ...]:
        first = min(range(len(ring)), key=lambda i: self.posts[ring[i]].code)
        return ring[first:] + ring[:first]


def of(posts: Iterable[Post]) -> Organisation:
    """Return the organisation made of these posts."""
    return Organisation({post.id: post for post in posts})
