"""A check as a person reads it in a terminal (检查展示)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.commands import showing
from service.commands.wording import language, t


def show(code: str, *, at: datetime, zone: ZoneInfo, json: bool) -> bool:
    """Print the check of this code with its history; False if there is none."""
    from models.engine import reading
    from processes.check import reading as check_reading
    from processes.check import rows as check_rows
    from processes.register.rows import plain

    with reading() as session:
        if not check_rows.exists(session, code):
            return False
    found = check_reading.of_check(code, at=at, language=language())
    if json:
        showing.as_json({"kind": check_rows.KIND, **plain(asdict(found), zone)})
    else:
        _tell(found, zone)
    return True


def _tell(found: Any, zone: ZoneInfo) -> None:
    from service.commands import telling

    row = found.check
    showing.line(f"{row.code}  {found.project_name}  {showing.called(row.kind, 'check_kind')}")
    telling.tell_facts(
        ("State", showing.called(row.state, "check_state")),
        ("Planned on", showing.cell(row.planned_on, zone)),
        ("Checked on", showing.cell(row.performed_on, zone)),
        ("Checker", _named(found.inspector)),
        ("Project manager", _named(found.manager)),
        ("Planned activity", found.activity or ""),
        ("Follows", found.follows or ""),
        ("Sheet", f"{found.sheet} {found.version}" if found.version else ""),
        ("Score", showing.cell(row.score, zone)),
        (
            "Conclusion",
            showing.called(row.conclusion, "check_conclusion") if row.conclusion else "",
        ),
        ("Conclusion in words", found.summary),
        ("Cancelled because", found.cancelled_why or ""),
    )
    if found.lines:
        _lines(found)
    telling.tell_duties(found.duties, zone)
    telling.tell_history(found, zone)


def _lines(found: Any) -> None:
    heads = ("No.", "What is looked at", "Weight", "Check result", "What is wrong", "Nonconformity")
    showing.table(
        [t(head) for head in heads],
        (
            (
                line.number,
                line.point,
                line.weight,
                showing.called(line.result, "check_result"),
                line.problem,
                line.nonconformity or "",
            )
            for line in found.lines
        ),
        title=t("What was found"),
    )


def _named(person: Any) -> str:
    return f"{person.name} ({person.code})" if person else ""
