"""What a kind of duty is to the one door (待办种类): its form, and what follows from an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from processes.duty.deed import Deed
from rules.words import DutyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of duty. `check` is asked before a code is mailed, `settle` does what follows."""

    kind: DutyKind
    model: type[BaseModel]
    settle: Callable[[Deed, Any], str]
    signature: bool = False
    check: Callable[[Deed, Any], None] = lambda _deed, _form: None
