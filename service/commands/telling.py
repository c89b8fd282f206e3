"""A history as a person reads it in a terminal (履历展示)."""

from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.commands import showing
from service.commands.wording import t

# The fields of a round in the order in which they are answered, and what they are called.
ROUND: Final = (
    ("cause", "Cause"),
    ("correction", "Correction"),
    ("corrective_action", "Corrective action"),
    ("preventive_action", "Preventive action"),
    ("look_elsewhere", "Looked for elsewhere"),
    ("planned_on", "Planned for"),
    ("done", "What was done"),
    ("evidence_note", "Evidence"),
    ("verified_at", "Verified"),
    ("effective", "Effective"),
    ("verification_note", "Verification"),
    ("effect_note", "Effect"),
)
OWED: Final = ("No.", "Owed", "Owner", "Due", "State", "Level", "Next step")
TOLD: Final = (
    *("Written", "Letter", "Level", "Receiver"),
    *("On behalf of", "Duty", "Mail", "Sent"),
)
ANSWERED: Final = ("Time", "Who", "On behalf of", "Duty", "What was done", "By way of")
TRAIL: Final = ("No.", "Time", "Who", "On behalf of", "What was done", "Concerns")


def tell(kind: str, found: Any, zone: ZoneInfo) -> None:
    """Print a history: what it is, then what happened, each as a table."""
    {"nonconformity": _nonconformity, "duty": _duty, "person": _person}[kind](found, zone)


def _nonconformity(found: Any, zone: ZoneInfo) -> None:
    row = found.nonconformity
    showing.line(f"{row.code}  {row.title}")
    _facts(
        ("Severity", showing.called(row.severity, "severity")),
        ("Risk", showing.called(row.risk, "risk")),
        ("State", showing.called(row.state, "nonconformity_state")),
        ("Owner", f"{row.owner_name} ({row.owner})"),
        ("Project", row.project or ""),
        ("Clause", row.clause or ""),
        ("Raised", showing.cell(row.raised_at, zone)),
        ("Due", showing.cell(row.due_at, zone)),
        ("Closed", showing.cell(row.closed_at, zone)),
        ("Brought in", _brought(row.brought_in)),
        ("Level", str(row.level)),
        ("Description", found.description),
        ("Void because", found.void_reason or ""),
        ("Straight up because", found.straight_up_reason or ""),
    )
    for round_ in found.rounds:
        _round(round_, zone)
    _duties(found.duties, zone)
    _happened(found, zone)


def _brought(mark: dict[str, Any] | None) -> str:
    """Say where it came from, and what the register did not know."""
    if not mark:
        return ""
    if not mark["unknown"]:
        return t("from {file}", file=mark["file"])
    return t("from {file}; unknown: {fields}", file=mark["file"], fields=", ".join(mark["unknown"]))


def _duty(found: Any, zone: ZoneInfo) -> None:
    row = found.duty
    showing.line(f"{row.id}  {showing.called(row.kind, 'duty_kind')}  {row.subject}  {row.title}")
    _facts(
        ("State", showing.called(row.state, "duty_state")),
        ("Owner", f"{row.owner_name} ({row.owner})"),
        ("Issued", showing.cell(row.issued_at, zone)),
        ("Due", showing.cell(row.due_at, zone)),
        ("Level", str(row.level)),
        ("Next step", showing.cell(row.next_at, zone)),
        ("Ended", showing.cell(row.ended_at, zone)),
    )
    _happened(found, zone)


def _person(found: Any, zone: ZoneInfo) -> None:
    row = found.person
    showing.line(f"{row.code}  {row.name}")
    chain = " → ".join(f"{above.name} ({above.code})" for above in found.chain)
    ends = {"gap": t("then a gap"), "circle": t("then a circle")}.get(found.chain_ends, "")
    _facts(
        ("Address", row.email or ""),
        ("Unit", row.unit or ""),
        ("Roles", "; ".join(showing.called(role, "role") for role in row.roles)),
        ("Absent", _span(row)),
        ("Delegate", row.delegate or ""),
        ("Chain above", f"{chain} {ends}".strip()),
    )
    _duties(found.duties, zone)
    _told(found.told, zone)


def _span(row: Any) -> str:
    if row.absent_from is None and row.absent_until is None:
        return ""
    return f"{row.absent_from or '…'} – {row.absent_until or '…'}"


def _facts(*facts: tuple[str, str]) -> None:
    for name, value in facts:
        if value:
            showing.line(f"  {t(name)}: {value}")


def _round(round_: dict[str, Any], zone: ZoneInfo) -> None:
    said = [(head, showing.cell(round_[name], zone)) for name, head in ROUND]
    if any(value for _, value in said):
        showing.line(t("Round {number}", number=round_["number"]))
        _facts(*said)


def _duties(duties: Iterable[Any], zone: ZoneInfo) -> None:
    showing.table(
        [t(head) for head in OWED],
        (
            (
                str(duty.id),
                showing.called(duty.kind, "duty_kind"),
                duty.owner_name,
                showing.cell(duty.due_at, zone),
                showing.called(duty.state, "duty_state"),
                str(duty.level),
                showing.cell(duty.next_at, zone),
            )
            for duty in duties
        ),
        title=t("Owed"),
    )


def _happened(found: Any, zone: ZoneInfo) -> None:
    _told(found.told, zone)
    _answers(found, zone)
    showing.table(
        [t(head) for head in TRAIL],
        (
            (
                str(entry.seq),
                showing.cell(entry.at, zone),
                entry.actor,
                entry.on_behalf_of or "",
                entry.action,
                entry.subject,
            )
            for entry in found.trail
        ),
        title=t("Trail"),
    )


def _told(told: Iterable[Any], zone: ZoneInfo) -> None:
    showing.table(
        [t(head) for head in TOLD],
        (
            (
                showing.cell(one.at, zone),
                showing.called(one.letter, "letter") + (f" ×{one.again + 1}" if one.again else ""),
                showing.cell(one.level, zone),
                one.person.name if one.person else t("the operator"),
                one.on_behalf_of.name if one.on_behalf_of else "",
                showing.cell(one.duty, zone),
                showing.called(one.mail, "notice_state"),
                showing.cell(one.sent_at, zone),
            )
            for one in told
        ),
        title=t("Told"),
    )


def _answers(found: Any, zone: ZoneInfo) -> None:
    if found.answers:
        showing.table(
            [t(head) for head in ANSWERED],
            (
                (
                    showing.cell(one.at, zone),
                    one.person.name,
                    one.on_behalf_of.name if one.on_behalf_of else "",
                    str(one.duty),
                    one.act,
                    one.via,
                )
                for one in found.answers
            ),
            title=t("Answered"),
        )
    for one in found.extensions:
        asked = {"until": one.until, "who": one.asked_by.name, "duty": one.duty}
        if one.granted is None:
            told = t("Extension to {until} asked by {who} for duty {duty}: not decided", **asked)
        else:
            by = one.decided_by.name if one.decided_by else ""
            sentence = (
                "Extension to {until} asked by {who} for duty {duty}: granted by {by}"
                if one.granted
                else "Extension to {until} asked by {who} for duty {duty}: refused by {by}"
            )
            told = t(sentence, by=by, **asked)
        showing.line(told)


# What other histories are told with.
tell_facts, tell_duties, tell_history = _facts, _duties, _happened
