"""From what was found to what is owed about it (检查发现): one nonconformity a failing line.

Its owner is the project manager. Its severity is the graver of what the checker chose and what
the sheet says of the point, and one up if the same point of the same project was found
nonconforming in the twelve months before: then it names the one it repeats.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import say
from models import people
from models.check import Check, CheckLine
from models.nonconformity import Nonconformity
from models.organisation import Project, Unit
from processes.duty.deed import Deed
from processes.nonconformity import raising as nonconformities
from processes.nonconformity import rows as nonconformity
from processes.nonconformity.entry import Known, New
from rules import check as rule
from rules import nonconformity as life
from rules.check import CheckSheet, Earlier, Result
from rules.nonconformity import State
from rules.organisation import Organisation, Post
from rules.refusal import Refused
from rules.text import line as one_line
from rules.text import shortened
from rules.words import Role, Severity
from rules.worksheet import Filled, Sheet

SOURCE: Final = "quality_check"
TITLE: Final = "{point}: {problem}"
DESCRIPTION: Final = "{problem}\n\nEvidence: {evidence}\nCriterion: {criterion}"


class NobodyToOwn(Refused):
    """A finding about a project that nobody answers for."""

    sentence = "{project} has no manager, and nobody above: name a project manager first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One filled line, judged; `earlier` is the finding that it repeats."""

    key: str
    point: str
    number: str
    judged: rule.Judged
    evidence: str
    problem: str
    earlier: Earlier | None = None
    follows: int | None = None  # the line of the observation that it followed


def judged(
    session: Session, check: Check, kept: CheckSheet, sheet: Sheet, filled: Filled
) -> list[Finding]:
    """Return what was found, line by line, each with its severity."""
    repeats = earlier(session, check)
    carried = {one["key"]: one for one in check.carried}
    found = []
    for line in sheet.lines:
        values, before = filled[line.key], carried.get(line.key)
        key = before["point"] if before else line.key
        again = rule.repeated(repeats.get(key, ()), on=check.performed_on or check.planned_on)
        result = Result(values["result"])
        finding = Finding(
            key=line.key,
            point=key,
            number=line.number,
            judged=rule.Judged(
                key=line.key,
                result=result,
                weight=line.weight or rule.NOTHING,
                severity=_severity(kept, key, values.get("severity"), result, again),
            ),
            evidence=values.get("evidence", ""),
            problem=values.get("problem", ""),
            earlier=again if result is Result.NONCONFORMING else None,
            follows=before["line"] if before else None,
        )
        found.append(finding)
    return found


def raise_all(
    deed: Deed, check: Check, kept: CheckSheet, found: Sequence[Finding]
) -> dict[str, str]:
    """Raise a nonconformity for each failing line, in this transaction; return codes by line."""
    failing = [one for one in found if one.judged.result is Result.NONCONFORMING]
    if not failing:
        return {}
    known = Known(deed.session)
    owner = owner_of(deed.session, check)
    return {one.key: _raise(deed, check, kept, one, owner, known) for one in failing}


def owner_of(session: Session, check: Check) -> Post:
    """Return the project manager; without one who is here, the next above, the unit's head."""
    organisation = people.organisation(session)
    project = session.exec(select(Project).where(col(Project.code) == check.project)).one()
    for person in _answerable(session, organisation, project):
        if organisation.posts[person].active:
            return organisation.posts[person]
    raise NobodyToOwn(project=project.name)


def earlier(session: Session, check: Check) -> dict[str, list[Earlier]]:
    """Return what other checks found nonconforming in the same project, by point."""
    rows = session.execute(
        select(col(CheckLine.point), col(CheckLine.nonconformity), col(Check.performed_on))
        .join(Check, col(Check.id) == CheckLine.check_id)
        .join(Nonconformity, col(Nonconformity.code) == CheckLine.nonconformity)
        .where(
            col(Check.project) == check.project,
            col(Check.id) != check.id,
            col(CheckLine.result) == Result.NONCONFORMING,
            col(Nonconformity.state) != State.VOID.value,
        )
    )
    found: dict[str, list[Earlier]] = defaultdict(list)
    for point, code, on in rows:
        found[point].append(Earlier(nonconformity=code, found_on=on))
    return found


def _severity(
    kept: CheckSheet, key: str, chosen: str | None, result: Result, again: Earlier | None
) -> Severity | None:
    if result is not Result.NONCONFORMING:
        return None
    point = kept.point(key)
    least = point.severity if point else Severity.MINOR
    own = rule.severity(chosen=Severity(chosen) if chosen else None, least=least)
    return rule.raised(own, again)


def _raise(
    deed: Deed, check: Check, kept: CheckSheet, one: Finding, owner: Post, known: Known
) -> str:
    language = current().settings.language
    point = kept.point(one.point)
    words = point.words[language] if point else None
    problem = one_line(one.problem)
    title = say(language, TITLE, point=words.point, problem=problem) if words else problem
    new = New(
        title=shortened(title, 300),
        description=_description(language, one, words),
        owner_code=owner.code,
        raised_at=deed.at,
        source=SOURCE,
        source_record=check.code,
        project=check.project,
        unit=check.unit,
        clause=(point.clause or point.key if point else one.point)[:64],
        severity=one.judged.severity,
        raised_by=deed.person.code,
    )
    code = nonconformities.raise_in(deed.session, new, actor=deed.actor, known=known)
    if one.earlier is not None:
        _link(deed, code, one.earlier)
    return code


def _description(language: str, one: Finding, words: rule.Wording | None) -> str:
    return say(
        language,
        DESCRIPTION,
        problem=one.problem,
        evidence=one.evidence or "—",
        criterion=words.criterion if words else "—",
    )[:20_000]


def _link(deed: Deed, code: str, earlier: Earlier) -> None:
    """Name the finding that it repeats; its severity has been raised for it already."""
    row = nonconformity.by_code(deed.session, code)
    row.recurs_from = earlier.nonconformity
    row.severity_reason = life.RECURRENCE.format(code=earlier.nonconformity)
    deed.session.add(row)
    deed.session.flush()
    deed.record(
        "nonconformity.recurs",
        nonconformity.subject(code),
        after={"recurs_from": earlier.nonconformity, "severity": row.severity.value},
    )


def _answerable(session: Session, organisation: Organisation, project: Project) -> list[int]:
    """Return who answers for a project, the nearest first."""
    found: list[int] = []
    if project.manager_id is not None:
        found += [project.manager_id, *organisation.chain(project.manager_id).people]
    unit = session.get(Unit, project.unit_id) if project.unit_id is not None else None
    heads = [
        post.id for post in organisation.posts.values() if unit and post.code == unit.head_code
    ]
    return [*found, *heads, *organisation.holders(Role.QUALITY_HEAD)]


def codes(found: Mapping[str, str]) -> list[str]:
    """Return the codes of what was raised, in their order."""
    return sorted(found.values())
