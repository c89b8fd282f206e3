"""The records of one audit in a folder (审核记录归档): what an assessor asks for, with an index.

Everything that is kept about it, as files that open anywhere; the index names each with its hash.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models.audit import Audit, AuditProof
from models.base import columns
from models.engine import reading
from models.nonconformity import Evidence
from models.record import Trail
from notifications.meetings import ics
from processes.attachment import files as evidence_files
from processes.audit import meetings as audit_meetings
from processes.audit import papers as audit_documents
from processes.audit import team as audit_team
from processes.audit import view as audit_view
from processes.audit.view import AuditView
from processes.history import told as history
from processes.paper import blocks as paper
from processes.register import registers
from processes.register.query import Filters
from processes.register.rows import plain

INDEX: Final = "INDEX.txt"
MARK: Final = "\ufeff"  # spreadsheets take a file without it for a local encoding


def export(code: str, folder: Path, *, language: str, at: datetime) -> list[str]:
    """Write the records of an audit into a folder of its own; return the names of its files."""
    view = audit_view.audit_of(code, at=at)
    target = folder / code
    target.mkdir(parents=True, exist_ok=True)
    written: list[tuple[str, str, str]] = []
    for name, what, content in _files(view, language, at):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append((name, what, hashlib.sha256(content).hexdigest()))
    index = _index(view, written, language, at)
    (target / INDEX).write_text(index, "utf-8")
    return [INDEX, *(name for name, _, _ in written)]


def _files(view: AuditView, language: str, at: datetime) -> Iterator[tuple[str, str, bytes]]:
    t = partial(say, language)
    year = int(view.row.programme[3:])
    programme = audit_view.programme_of(year, at=at)
    yield (
        "01-procedure.docx",
        t("Procedure of internal audit"),
        paper.word(audit_documents.procedure(language)),
    )
    yield (
        "02-programme.docx",
        t("Audit programme"),
        paper.word(audit_documents.programme(programme, language)),
    )
    yield (
        "03-plan.docx",
        t("Audit plan and checklist"),
        paper.word(audit_documents.plan(view, language)),
    )
    yield "04-independence.json", t("Proofs of independence"), _json(_proofs(view))
    yield "05-checklist.csv", t("Checklist"), _csv(_checklist(view))
    for name, content in _invitations(view, at):
        yield f"06-meetings/{name}", t("Meetings"), content
    yield "07-findings.csv", t("Audit findings"), _csv(_findings(view))
    yield "08-nonconformities.json", t("Nonconformities"), _json(_nonconformities(view, at))
    if view.report is not None:
        blocks = audit_documents.report(view, view.report, language)
        yield "09-report.docx", t("Audit report"), paper.word(blocks)
        yield "09-report.pdf", t("Audit report"), paper.pdf(blocks, language=language)
    yield "10-approval.json", t("Approval and receipt"), _json(_approval(view))
    yield "11-duties.csv", t("What was owed, by whom, until when"), _csv(_duties(view, at))
    yield "12-trail.csv", t("Audit trail"), _csv(_trail(view))
    yield from _evidence(view)


def _proofs(view: AuditView) -> Any:
    with reading() as session:
        rows = session.exec(
            select(AuditProof).where(col(AuditProof.audit_id) == view.audit.id)
        ).all()
        return [
            {
                "person": view.name(row.person_id),
                "at": row.at,
                "facts": row.facts,
                "hash": row.hash,
                "whole": row.hash == audit_team.proof_hash(view.row.code, row),
            }
            for row in rows
        ]


def _checklist(view: AuditView) -> list[dict[str, Any]]:
    return [
        {
            "number": line.number,
            "clause": line.clause,
            "requirement": line.requirement,
            "method": line.method,
            "auditor": view.name(line.person_id),
            "judgement": line.verdict,
            "sample": line.sample,
            "evidence": line.evidence,
            "gap": line.gap,
        }
        for line in view.checklist
    ]


def _findings(view: AuditView) -> list[dict[str, Any]]:
    return [
        {
            "code": f.code,
            "clause": f.clause,
            "grade": f.grade,
            "requirement": f.requirement,
            "evidence": f.evidence,
            "gap": f.gap,
            "state": f.state,
            "answered_by": view.name(f.answered_by_id),
            "answered_at": f.answered_at,
            "answer": f.answer,
            "nonconformity": f.nonconformity,
            "merged_into": f.merged_into,
            "carried_reason": f.carried_reason,
        }
        for f in view.findings
    ]


def _invitations(view: AuditView, at: datetime) -> Iterator[tuple[str, bytes]]:
    with reading() as session:
        audit = session.exec(select(Audit).where(col(Audit.code) == view.row.code)).one()
        for row in audit_meetings.meetings_of(session, audit):
            meeting = audit_meetings.meeting(session, audit, row, cancelled=row.cancelled)
            yield f"{row.kind}.ics", ics(meeting, at=at).encode()


def _nonconformities(view: AuditView, at: datetime) -> list[Any]:
    codes = [f.nonconformity for f in view.findings if f.nonconformity]
    return [asdict(history.of_nonconformity(code, at=at)) for code in codes]


def _approval(view: AuditView) -> Any:
    if view.approval is None:
        return {}
    told = asdict(view.approval)
    people = {name: view.name(told[name]) for name in told if name.endswith("_id")}
    readers = [{"person": view.name(who), "read_at": when} for who, when in view.approval.readers]
    return {**told, **people, "readers": readers}


def _duties(view: AuditView, at: datetime) -> list[dict[str, Any]]:
    subjects = [view.row.code, *(f.code for f in view.findings)]
    rows = [row for s in subjects for row in registers.duties(Filters(subject=s), at=at).rows]
    names = ("id", "kind", "subject", "owner", "issued_at", "due_at", "state", "level", "ended_at")
    return [{name: getattr(row, name) for name in names} for row in rows]


def _trail(view: AuditView) -> list[dict[str, Any]]:
    kept = columns(Trail)
    subjects = [f"audit:{view.row.code}", *(f"audit_finding:{f.code}" for f in view.findings)]
    with reading() as session:
        rows = session.execute(
            sa.select(
                kept.seq, kept.at, kept.actor, kept.action, kept.subject, kept.after, kept.hash
            )
            .where(kept.subject.in_(subjects))
            .order_by(kept.seq)
        )
        return [dict(row) for row in rows.mappings()]


def _evidence(view: AuditView) -> Iterator[tuple[str, str, bytes]]:
    """Yield the files that were attached to the audit, its findings and its nonconformities."""
    subjects = [view.row.code]
    for finding in view.findings:
        subjects += [finding.code, *([finding.nonconformity] if finding.nonconformity else [])]
    with reading() as session:
        for row in _attached(session, subjects):
            path = evidence_files.folder() / row.path
            if path.is_file():
                name = f"13-evidence/{row.id}-{Path(row.name).name}"
                yield name, row.name, path.read_bytes()


def _attached(session: Session, subjects: Sequence[str]) -> Sequence[Evidence]:
    return session.exec(
        select(Evidence).where(
            col(Evidence.subject).in_(subjects), col(Evidence.deleted_at).is_(None)
        )
    ).all()


def _json(value: Any) -> bytes:
    whole = plain(value, current().settings.zone)
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str).encode()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        zone = current().settings.zone
        writer.writerows({name: _cell(plain(v, zone)) for name, v in row.items()} for row in rows)
    return (MARK + text.getvalue()).encode()


def _cell(value: Any) -> Any:
    """Return a cell as text that no spreadsheet computes."""
    if isinstance(value, str) and value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "＝")):
        return f"'{value}"
    return value


def _index(
    view: AuditView, written: list[tuple[str, str, str]], language: str, at: datetime
) -> str:
    head = say(
        language, "Records of the audit {code}: {area}", code=view.row.code, area=view.area.name
    )
    day = say(language, "Written on {day}", day=current().calendar.day(at))
    lines = [f"{name}\t{what}\t{digest}" for name, what, digest in written]
    return "\n".join([head, day, "", *lines, ""])
