"""Holding a management review (召开管理评审): what management saw is kept, what it decided is owed.

The answer keeps the input as it stands at that moment. The decisions come into force when the
review is confirmed by its checker, whom the plan names as top management: nobody gives orders in
its name by filling a form. From then on each is an activity with owner, checker and day, which
climbs like any other; an improvement without owner and date is proposed for the next plan.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import LANGUAGES, label, say
from models.duty import Duty
from models.plan import Activity
from models.review import Review
from models.worksheet import WorksheetLine
from processes.duty.deed import Deed
from processes.duty.issuing import Owed, issue_many
from processes.identity.signatures import content_hash
from processes.improvement import proposals as improvements
from processes.plan import activities, activity_answers
from processes.plan import says as says_plan
from processes.plan.activities import KIND
from processes.plan.activity_answers import OWN, Own
from processes.review import keeping as review_input
from processes.review import says as says_review
from processes.review.followed import ref_of
from processes.review.forms import HoldReview
from processes.worksheet import sheets as worksheet
from rules import review as rule
from rules import text
from rules.organisation import Organisation
from rules.review import Decision
from rules.words import DutyKind, Role
from rules.worksheet import HEAD, Column, Filled, Line, Sheet, SheetRefused, Trouble

CHECKER: Final = Role.QUALITY.value  # of a decision that was carried out
TITLE_MOST: Final = 120  # characters; the detail has the whole decision
CODE: Final = "MR-{activity}"  # the number of a review's record, unless the minutes have one
COLUMNS: Final = (
    Column(
        name="kind",
        kind="choice",
        title="What is decided about",
        help="Leave a line empty that you do not need.",
        choices=(
            ("improvement", "Improvement"),
            ("resource", "Resource"),
            ("change", "Change of the system"),
        ),
    ),
    Column(name="what", kind="paragraph", title="What was decided", most=rule.WHAT_MOST),
    Column(
        name="who",
        kind="line",
        title="Carried out by",
        help="A person's code or a role. An improvement without owner and date goes into the"
        " next plan.",
        most=64,
    ),
    Column(name="until", kind="date", title="To be done by"),
)


def sheet(session: Session, duty: Duty, language: str) -> Sheet:
    """Return the lines on which the decisions are written."""
    del session
    return Sheet(
        kind=duty.kind,
        subject=duty.subject,
        version=1,
        title=f"{say(language, 'Decisions of the management review')} · {duty.subject}",
        lines=tuple(
            Line(key=f"d{n:02}", number=str(n), point=say(language, "Decision {n}", n=n))
            for n in range(1, rule.MOST + 1)
        ),
        columns=COLUMNS,
    )


def hold(deed: Deed, form: HoldReview) -> str:
    """Keep what was seen and decided, and put the review to whoever confirms it."""
    filled = _judged(deed, form)
    activity = activity_answers.of_code(deed.session, deed.duty.subject)
    keep(deed, activity, form, rule.decisions(filled))
    record = form.record or CODE.format(activity=activity.code)
    said = activity_answers.carry_out(
        deed, done_on=form.done_on, result=form.result, record=record, evidence_note=""
    )
    return says_review.HELD if said == says_plan.TO_BE_CHECKED else says_review.DECIDED


def _judged(deed: Deed, form: HoldReview) -> dict[str, dict[str, str]]:
    """Return the lines with people by code, or refuse them line by line."""
    whole = worksheet.complete(deed, form.lines)
    named = _named(deed.organisation)
    filled = {
        key: {**values, "who": named.get(who := values.get("who", "").strip(), who)}
        for key, values in whole.items()
        if key != HEAD
    }
    sheet_ = worksheet.sheet_of(deed.session, deed.duty, "zh")
    today = current().calendar.day(deed.at)
    if found := rule.troubles(sheet_, filled, known=set(named.values()), today=today):
        raise SheetRefused(found)
    return filled


def _named(organisation: Organisation) -> dict[str, str]:
    """Return whom words mean: codes, roles by their stable words and by their names."""
    roles = [role.value for role in Role if organisation.holders(role)]
    called = {label(language, role, "role"): role for language in LANGUAGES for role in roles}
    codes = {post.code: post.code for post in organisation.posts.values() if post.active}
    return {**called, **{role: role for role in roles}, **codes}


def keep(deed: Deed, activity: Activity, form: HoldReview, decided: Sequence[Decision]) -> None:
    """Keep the input as it stands now with what was concluded and decided; twice is harmless."""
    session, duty = deed.session, deed.duty
    assert duty.id is not None
    if session.exec(select(Review.id).where(col(Review.duty_id) == duty.id)).first() is not None:
        return
    seen = review_input.of(activity.code, year=int(activity.nominal_on.year), at=deed.at)
    words = ("attendance", "suitable", "adequate", "effective", "result")
    kept = Review(
        activity=activity.code,
        duty_id=duty.id,
        at=deed.at,
        since=seen.since,
        until=seen.until,
        content=review_input.as_json(seen),
        words={name: str(getattr(form, name)) for name in words},
        decisions=[_as_kept(n, one) for n, one in enumerate(decided, 1)],
        held_by_id=deed.person_id,
    )
    session.add(kept)
    deed.record(
        "review.held",
        f"{KIND}:{activity.code}",
        after={
            "since": seen.since.isoformat(),
            "until": seen.until.isoformat(),
            "decisions": len(decided),
            "content": content_hash("review", kept.content),
        },
    )


def _as_kept(number: int, one: Decision) -> dict[str, Any]:
    return {
        "number": number,
        "kind": one.kind.value,
        "what": one.what,
        "who": one.who,
        "until": one.until.isoformat() if one.until else None,
    }


def confirmed(deed: Deed, activity: Activity) -> None:
    """Put the decisions of the review into force: owed, or proposed for the next plan."""
    held = latest(deed.session, activity.code)
    if held is None or held.confirmed_at is not None:
        return
    held.confirmed_at = deed.at
    deed.session.add(held)
    owed = [_activity(deed, activity, one) for one in held.decisions if one["who"]]
    deed.session.add_all(owed)
    deed.session.flush()
    if owed:
        activities.open_now(deed.session, rule.DECISION, owed, deed.at)
    for one in held.decisions:
        if not one["who"]:
            improvements.propose(
                deed.session,
                source=rule.KIND,
                ref=ref_of(activity.code, one["number"]),
                text=one["what"],
                cycle=str(current().calendar.day(deed.at).year),
                at=deed.at,
            )


def latest(session: Session, activity: str) -> Review | None:
    """Return the last time that a review was held; None if it never was."""
    return session.exec(
        select(Review).where(col(Review.activity) == activity).order_by(col(Review.id).desc())
    ).first()


def _activity(deed: Deed, review: Activity, one: dict[str, Any]) -> Activity:
    """Return the activity that a decision becomes: of the year in which it is to be done.

    No line of a plan asked for it, so its number is empty; it opens at once.
    """
    until, today = date.fromisoformat(one["until"]), current().calendar.day(deed.at)
    return Activity(
        code=ref_of(review.code, one["number"]),
        plan=str(until.year),
        item="",
        kind=rule.DECISION,
        title=text.shortened(text.line(one["what"]), TITLE_MOST),
        detail=one["what"],
        object_kind="decision",  # seen by its owner and those above, not by everybody
        nominal_on=until,
        first_planned_on=until,
        planned_on=until,
        opens_on=today,
        owner=one["who"],
        checker=CHECKER,
        output=review.code,
    )


def open_decisions(session: Session, opened: Sequence[Activity], at: datetime, actor: str) -> None:
    """Owe each decision to whoever carries it out, with the decision in full in his letter."""
    owed = [
        Owed(
            kind=DutyKind.CARRY_OUT,
            subject_kind=KIND,
            subject=activity.code,
            title=activity.title,
            owner_id=activity.owner_id or 0,
            due_at=activity.due_at or at,
            facts={**activities.facts_of(activity), "note": activity.detail, "decision": True},
        )
        for activity in opened
    ]
    for activity, number in zip(opened, issue_many(session, owed, at=at, actor=actor), strict=True):
        activity.duty_id = number


def sent_back(deed: Deed, activity: Activity, number: int) -> None:
    """Lay what was written last time before whoever holds the review again."""
    held = latest(deed.session, activity.code)
    if held is None:
        return
    for row in deed.session.exec(
        select(WorksheetLine).where(col(WorksheetLine.duty_id) == held.duty_id)
    ):
        again = WorksheetLine(
            duty_id=number, key=row.key, filled=row.filled, by_id=row.by_id, at=deed.at
        )
        deed.session.add(again)


def _no_trouble(_session: Session, _duty: Duty, _sheet: Sheet, _filled: Filled) -> list[Trouble]:
    """Judge nothing yet: whether a day is over is asked when it is answered."""
    return []


OWN[rule.KIND] = Own(duty=DutyKind.HOLD_REVIEW, finished=confirmed, sent_back=sent_back)
activities.OPENERS[rule.DECISION] = open_decisions
worksheet.register(worksheet.Provider(kind=DutyKind.HOLD_REVIEW, sheet=sheet, judge=_no_trouble))
