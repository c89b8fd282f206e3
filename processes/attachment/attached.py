"""Evidence (证据): files attached to a duty, kept outside any web root under generated names.

A file is written and synced before its row is committed, so that a row never lacks its file.
Whoever may see the duty may open the file, nobody else; nothing is found by its hash.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from config.current import current
from models import alarms, people, trail
from models.duty import Duty
from models.engine import reading, transaction
from models.nonconformity import Evidence
from processes.alarm import wording as says
from processes.attachment import files
from processes.attachment.files import Kept
from processes.attachment.retention import mark_deleted
from processes.duty import issued as duties
from processes.duty.entitlement import entitled, standing_in
from rules.refusal import NotEntitled, NotFound, Refused


class TooManyFiles(Refused):
    """The duty has as many files as the policy takes."""

    sentence = "at most {most} files are kept for one duty: put them into one archive"


class NotSaved(Refused):
    """The disk did not take it."""

    sentence = "{name} could not be saved: nothing was recorded, and the operator has been told"


class Gone(Refused):
    """It was deleted when its time was over, or by its owner."""

    sentence = "{name} is no longer kept: it was deleted on {on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file to be handed out: as an attachment, never shown in place."""

    path: Path
    name: str
    content_type: str
    size: int
    sha256: str


def attach(
    duty_id: int,
    *,
    person_id: int,
    name: str,
    content: bytes | BinaryIO,
    at: datetime,
    line: str | None = None,
) -> int:
    """Keep a file with an open duty of this person; return its number, or refuse.

    `line` is the key of the line of a sheet that it shows.
    """
    name = files.shown_name(name)
    _may_attach(duty_id, person_id, at)
    stream = BytesIO(content) if isinstance(content, bytes) else content
    path = f"{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}"
    try:
        kept = files.write(path, stream, name)
        number = _keep(duty_id, person_id, name, path, kept, at, line)
    except OSError as failed:
        files.remove(path)
        _tell_operator(name, failed, at)
        raise NotSaved(name=name) from failed
    except Refused:
        files.remove(path)
        raise
    # Any other failure may have come after the commit: the file stays, or is swept tomorrow.
    files.settle(path)
    return number


def open_(evidence_id: int, *, person_id: int, at: datetime | None = None) -> Opened:
    """Return a file to somebody entitled to see its duty, or refuse."""
    with reading() as session:
        row = session.get(Evidence, evidence_id)
        if row is None:
            raise NotFound(what="file", code=evidence_id)
        _refuse_stranger(session, row, person_id, at or row.at)
        if row.deleted_at is not None:
            raise Gone(name=row.name, on=current().calendar.day(row.deleted_at))
    path = files.settle(row.path)
    if not path.is_file():
        raise NotFound(what="file", code=evidence_id)
    return Opened(
        path=path,
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
    )


def remove(evidence_id: int, *, person_id: int, at: datetime) -> None:
    """Take a file back while its duty is still open; that it was there stays recorded."""
    files.removed(_remove_own(evidence_id, person_id, at))


def _may_attach(duty_id: int, person_id: int, at: datetime) -> None:
    with reading() as session:
        duty = session.get(Duty, duty_id)
        if duty is None:
            raise NotFound(what="duty", code=duty_id)
        entitled(session, duty, person_id, at)
        _refuse_too_many(session, duty_id)


@transaction
def _keep(
    session: Session,
    duty_id: int,
    person_id: int,
    name: str,
    path: str,
    kept: Kept,
    at: datetime,
    line: str | None,
) -> int:
    duty = duties.open_for_update(session, duty_id)
    represented = entitled(session, duty, person_id, at)
    _refuse_too_many(session, duty_id)
    row = Evidence(
        duty_id=duty_id,
        subject_kind=duty.subject_kind,
        subject=duty.subject,
        name=name,
        content_type=kept.content_type,
        size=kept.size,
        sha256=kept.sha256,
        path=path,
        by_id=person_id,
        at=at,
        facts={"line": line} if line else {},
    )
    session.add(row)
    session.flush()
    trail.record(
        session,
        at=at,
        actor=f"person:{person_id}",
        on_behalf_of=f"person:{represented}" if represented is not None else None,
        action="evidence.attached",
        subject=f"{duty.subject_kind}:{duty.subject}",
        after={"evidence": row.id, "duty": duty_id, "sha256": kept.sha256, "size": kept.size},
    )
    assert row.id is not None
    return row.id


@transaction
def _remove_own(session: Session, evidence_id: int, person_id: int, at: datetime) -> list[str]:
    row = session.get(Evidence, evidence_id)
    if row is None:
        raise NotFound(what="file", code=evidence_id)
    duty = duties.open_for_update(session, row.duty_id)
    entitled(session, duty, person_id, at)
    if row.deleted_at is not None:
        return []
    mark_deleted(session, row, at, actor=f"person:{person_id}", why="taken back")
    return [row.path]


def _refuse_too_many(session: Session, duty_id: int) -> None:
    most = current().policy.evidence.max_files
    if duties.files(session, duty_id) >= most:
        raise TooManyFiles(most=most)


def _refuse_stranger(session: Session, row: Evidence, person_id: int, at: datetime) -> None:
    posts = people.organisation(session).posts
    if not standing_in(session, row.duty_id, person_id, at).may_see:
        person, by = posts.get(person_id), posts.get(row.by_id)
        raise NotEntitled(person=person.name if person else "-", owner=by.name if by else "-")


@transaction
def _tell_operator(session: Session, name: str, failed: OSError, at: datetime) -> None:
    alarms.raise_alarm(
        session,
        kind="evidence_not_saved",
        ref=str(files.folder()),
        message=says.not_saved(name, failed.strerror or str(failed)),
        at=at,
    )
