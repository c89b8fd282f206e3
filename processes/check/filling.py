"""The sheet of a project quality check (检查表内容): its points, and what was observed before.

Two sorts of line: the points of the sheet, and one line for each observation of an earlier
check that is still to be followed. A point that was found nonconforming in the last twelve
months says so, because finding it again weighs more.
"""

from collections.abc import Iterator
from typing import Final

from sqlmodel import Session, col, select

from config.language import label, listed, say, show_date
from models.check import Check, CheckLine
from models.duty import Duty
from models.nonconformity import Evidence
from models.people import organisation
from processes.check import findings as check_findings
from processes.check import sheets as check_sheets
from processes.duty import beside
from processes.worksheet import sheets as worksheet
from rules import check as rule
from rules.check import CheckSheet, Point, Result
from rules.words import DutyKind
from rules.worksheet import Column, Filled, Line, Sheet, Trouble

AMISS: Final = (Result.NONCONFORMING.value, Result.OBSERVATION.value)
COLUMNS: Final = (
    Column(
        name="result",
        kind="choice",
        title="Check result",
        choices=(
            ("conforming", "Conforming"),
            ("nonconforming", "Nonconforming"),
            ("observation", "Observation"),
            ("not_applicable", "Not applicable"),
        ),
    ),
    Column(
        name="problem",
        kind="paragraph",
        title="What is wrong",
        help="Where, what and how many; a nonconformity says no more than this.",
        when=AMISS,
    ),
    Column(
        name="severity",
        kind="choice",
        title="Severity",
        help="Left open, the sheet's own severity counts.",
        choices=(("minor", "Minor"), ("major", "Major")),
        when=(Result.NONCONFORMING.value,),
    ),
    Column(
        name="evidence",
        kind="paragraph",
        title="Evidence",
        help="Which records, samples or people you looked at; needed for a nonconforming point.",
    ),
)
FOLLOWED: Final = "Earlier observation ({check}): {problem}"
FOLLOW_METHOD: Final = "Look whether it has been dealt with; still open, it is carried on."
AGAIN: Final = "Found nonconforming on {day} ({code}). Found again, it is one severity up."


def check_of(session: Session, duty: Duty) -> Check:
    """Return the check that a duty is about."""
    return session.exec(select(Check).where(col(Check.code) == duty.subject)).one()


def sheet(session: Session, duty: Duty, language: str) -> Sheet:
    """Return the sheet of a check, in the version that it was opened with."""
    check = check_of(session, duty)
    assert check.sheet_id is not None
    kept = check_sheets.kept(session, check.sheet_id)
    return Sheet(
        kind=duty.kind,
        subject=check.code,
        version=kept.version,
        title=f"{kept.titles[language]} · {check.code} · {duty.title}",
        lines=lines(session, check, kept, language),
        columns=COLUMNS,
    )


def lines(session: Session, check: Check, kept: CheckSheet, language: str) -> tuple[Line, ...]:
    """Return the lines of a check: its points, then the observations of earlier ones."""
    return (*_points(session, check, kept, language), *_followed(check, kept, language))


def asked(check: Check, kept: CheckSheet) -> tuple[Point, ...]:
    """Return the points that this check asks about: all, or those that a follow-up looks after."""
    wanted = [point for point in kept.points if point.key in (check.points or ())]
    return tuple(wanted) or kept.points


def judge(session: Session, duty: Duty, sheet: Sheet, filled: Filled) -> list[Trouble]:
    """Return what the sheet lacks to be taken."""
    shown = session.exec(
        select(Evidence.facts).where(
            col(Evidence.duty_id) == duty.id, col(Evidence.deleted_at).is_(None)
        )
    )
    with_files = frozenset(str(facts["line"]) for facts in shown if facts.get("line"))
    return rule.incomplete(sheet, filled, with_files=with_files)


def _points(session: Session, check: Check, kept: CheckSheet, language: str) -> Iterator[Line]:
    earlier = check_findings.earlier(session, check)
    on = check.performed_on or check.planned_on
    for number, point in enumerate(asked(check, kept), start=1):
        words = point.words[language]
        again = rule.repeated(earlier.get(point.key, ()), on=on)
        note = say(language, AGAIN, day=again.found_on, code=again.nonconformity) if again else ""
        yield Line(
            key=point.key,
            number=str(number),
            point=words.point,
            criterion=words.criterion,
            method=words.method,
            scoring=words.scoring,
            weight=point.weight,
            note=note,
        )


def _followed(check: Check, kept: CheckSheet, language: str) -> Iterator[Line]:
    first = len(asked(check, kept)) + 1
    for number, one in enumerate(check.carried, start=first):
        point = kept.point(one["point"])
        facts = {"check": one["check"], "problem": one["problem"]}
        yield Line(
            key=one["key"],
            number=str(number),
            point=say(language, FOLLOWED, **facts),
            criterion=point.words[language].criterion if point else "",
            method=say(language, FOLLOW_METHOD),
        )


def facts(session: Session, duty: Duty, language: str) -> list[beside.Fact]:
    """Return what stands beside the sheet: which check it is, whose work, what it came to."""
    check, posts = check_of(session, duty), organisation(session).posts
    manager = posts.get(check.manager_id or 0)
    known = [
        ("Code", check.code),
        ("Kind of check", label(language, check.kind, "check_kind")),
        ("Planned on", show_date(language, check.planned_on)),
        ("Project manager", manager.name if manager else ""),
        ("Follows", check.follows or ""),
        ("Score", str(check.score) if check.score is not None else ""),
        ("Conclusion", _conclusion(language, check)),
        ("Conclusion in words", check.summary),
        ("Nonconformities", listed(language, _raised(session, check))),
    ]
    return [(say(language, name), value) for name, value in known if value]


def _conclusion(language: str, check: Check) -> str:
    return label(language, check.conclusion, "check_conclusion") if check.conclusion else ""


def _raised(session: Session, check: Check) -> list[str]:
    found = session.exec(
        select(CheckLine.nonconformity)
        .where(col(CheckLine.check_id) == check.id, col(CheckLine.nonconformity).is_not(None))
        .order_by(col(CheckLine.id))
    )
    return [code for code in found if code]


beside.FACTS.setdefault(DutyKind.QUALITY_CHECK, []).append(facts)
worksheet.register(worksheet.Provider(kind=DutyKind.QUALITY_CHECK, sheet=sheet, judge=judge))
