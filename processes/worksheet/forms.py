"""The answer to a duty that has a sheet (检查表答复): lines beside the kind's own questions."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from processes.duty.forms import Form
from rules import worksheet as rule


class SheetForm(Form):
    """An answer with a sheet: its lines by key, beside what the kind's own form asks.

    Lines may be left out (what was saved as a draft counts), given as a table
    `[lines.p1] result = "conforming"`, or flat as `line.p1.result`.
    """

    lines: dict[str, dict[str, str]] = Field(
        default_factory=dict, json_schema_extra={"asked": False}
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_lines(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        flat = rule.gathered(data)
        if not flat:
            return data
        rest = {name: value for name, value in data.items() if not name.startswith(rule.PREFIX)}
        return {**rest, "lines": {**rest.get("lines", {}), **flat}}
