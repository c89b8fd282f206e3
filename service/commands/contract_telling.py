"""What `pdca show` says of a contract (合同说明): its terms, its SLA, and what was attained."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.commands import showing
from service.commands.wording import t


def show(code: str, *, at: datetime, zone: ZoneInfo, json: bool) -> bool:
    """Show the contract of this code; False if it is not one's."""
    from processes.contract import view
    from rules.refusal import NotFound

    try:
        found = view.read(code, at=at, people=None)
    except NotFound:
        return False
    if json:
        showing.as_json(_document(found, zone))
        return True
    row = found.row
    showing.line(f"{row.code}  {row.name}  {showing.called(row.state, 'contract_state')}")
    facts = (
        ("Customer", row.customer_name),
        ("Term", f"{row.start or '–'} – {row.end or '–'}"),
        ("Contract manager", row.manager_name),
        ("Service time", row.service_time or "–"),
        ("Services", ", ".join(row.services)),
        ("Lacks", ", ".join(showing.called(hole, "contract_hole") for hole in row.lacks)),
    )
    for name, text in facts:
        if text:
            showing.line(f"{t(name)}: {text}")
    _lines(found, zone)
    return True


def _lines(found: Any, zone: ZoneInfo) -> None:
    heads = ("Version", "State", "Code", "Indicator", "Target", "Actual", "Period")
    showing.table(
        [t(head) for head in heads],
        (
            [
                str(one.version.version),
                showing.called(one.version.state.value, "sla_state"),
                seen.line.code,
                seen.line.indicator,
                f"{seen.line.direction.value} {seen.line.target} {seen.line.unit}",
                showing.cell(seen.actual, zone),
                seen.period,
            ]
            for one in found.versions
            for seen in one.lines
        ),
    )


def _document(found: Any, zone: ZoneInfo) -> Any:
    from processes.register.rows import as_json, plain

    lines = [
        {
            **seen.line.model_dump(exclude={"id", "sla_id", "service_id"}),
            "version": one.version.version,
            "state": one.version.state.value,
            "service": seen.service,
            "actual": seen.actual,
            "of": seen.period or None,
            "judgement": seen.judgement,
        }
        for one in found.versions
        for seen in one.lines
    ]
    parts = {
        name: [plain(asdict(one), zone) for one in getattr(found, name)]
        for name in ("months", "outages", "exclusions", "requirements", "problems")
    }
    return {
        "kind": "contract",
        **as_json(found.row, zone),
        **parts,
        "by_service": [plain(asdict(one), zone) for one in found.services],
        "sla": plain(lines, zone),
    }
