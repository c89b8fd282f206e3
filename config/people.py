"""What the organisation decides about its list of the staff (人员名册参数)."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, with_config

from config import choices
from config.current import current

FILE: Final = "people.toml"
FORBID: Final = ConfigDict(extra="forbid")
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class Leavers:
    """What becomes of people who are not in the file any more."""

    deactivate: Annotated[bool, Field(strict=True)]
    share_percent: Percent
    named_from_percent: Percent


@with_config(FORBID)
@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePolicy:
    """The whole file."""

    leavers: Leavers


def people_policy() -> PeoplePolicy:
    """Return the policy of the home in use."""
    home = current().settings.home
    own = home / choices.FOLDER / FILE
    return load_people_policy(home, own.stat().st_mtime_ns if own.exists() else 0)


@lru_cache(maxsize=8)
def load_people_policy(home: Path, _changed: int = 0) -> PeoplePolicy:
    """Return the policy of a home; raise `Misconfigured` naming everything wrong."""
    return choices.load(PeoplePolicy, FILE, home)
