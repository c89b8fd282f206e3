"""What is told about the plan itself (计划通报): each month's progress, and decided changes.

The month's letter goes out on the working day that the policy names, or as soon after it as the
wheel is turned; once a month and person, however often it is turned.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from config.current import current
from config.language import label, say, show_date
from config.plan import plan_policy
from models import people
from models.engine import transaction
from models.plan import Activity, ActivityChange, ActivityState
from processes.mail.lines import post
from processes.plan import reading as plan_reading
from processes.plan import rows
from processes.plan.reading import Progress
from rules.organisation import Post
from rules.recurrence import placed
from rules.words import LetterKind

MOST: Final = 20  # activities that a letter names; the page has the rest


@transaction
def send_monthly(session: Session, at: datetime) -> int:
    """Tell how far last month's activities are; return to how many people."""
    calendar, policy = current().calendar, plan_policy().plan
    today = calendar.day(at)
    if today < placed(today.replace(day=1), policy.summary_working_day, calendar):
        return 0
    last = today.replace(day=1) - timedelta(days=1)
    plan = rows.in_force(session, str(last.year))
    if plan is None:
        return 0
    far = _month(plan_reading.progress_by_line(session, plan, at), last.month)
    if not far.planned and not far.cancelled:
        return 0
    behind = _behind(session, plan.code, last, today)
    readers = rows.holders(session, policy.summary_readers)
    for person in readers:
        reader = people.organisation(session).posts[person]
        facts = _facts(reader, plan.code, last, far, behind)
        ref = f"plan:{plan.code}:{last:%Y-%m}"
        post(
            session,
            letter=LetterKind.PLAN_REPORT,
            ref=ref,
            person_id=person,
            at=at,
            facts=facts,
        )
    return len(readers)


def tell_asker(session: Session, change: ActivityChange, activity: Activity, at: datetime) -> None:
    """Let whoever asked for a change hear what was decided."""
    reader = people.organisation(session).posts[change.asked_by_id]
    language = _language(reader)
    title = activity.title
    if not change.granted:
        lead = say(
            language,
            "The plan stays as it is: {title}, {day}.",
            title=title,
            day=activity.planned_on,
        )
    elif change.until is None:
        lead = say(language, "It is cancelled: {title}.", title=title)
    else:
        lead = say(
            language, "It is postponed: {title}, now {day}.", title=title, day=activity.planned_on
        )
    facts = {
        "subject_line": lead,
        "headline": say(language, "Change of the plan decided"),
        "lead": lead,
        "why": say(language, "You are told because you asked for it."),
        "sentences": [change.note] if change.note else [],
        "link": f"{current().settings.base_url}/activities/{activity.code}",
    }
    post(
        session,
        letter=LetterKind.PLAN_REPORT,
        ref=f"change:{change.id}",
        person_id=reader.id,
        at=at,
        facts=facts,
    )


def _facts(
    reader: Post, code: str, last: date, far: Progress, behind: Sequence[Activity]
) -> dict[str, Any]:
    language = _language(reader)
    month = f"{last:%Y-%m}"
    counts = {n: getattr(far, n) for n in ("planned", "done", "late", "cancelled")}
    return {
        "subject_line": say(
            language,
            "Plan in {month}: {done} of {planned} done, {late} late",
            month=month,
            **counts,
        ),
        "headline": say(language, "Progress of the plan in {month}", month=month),
        "lead": say(
            language,
            "Of {planned} activities planned for {month}, {done} are done, {late} are late and"
            " {cancelled} were cancelled.",
            month=month,
            **counts,
        ),
        "why": say(language, "You are told each month because you answer for the plan."),
        "sentences": [_said(one, language) for one in behind],
        "link": f"{current().settings.base_url}/plan/{code}",
    }


def _said(activity: Activity, language: str) -> str:
    sentence = "Late: {title}, planned for {day} ({state})"
    state = label(language, activity.state, "activity_state")
    day = show_date(language, activity.planned_on)
    return say(language, sentence, title=activity.title, day=day, state=state)


def _behind(session: Session, plan: str, last: date, today: date) -> Sequence[Activity]:
    return session.exec(
        select(Activity)
        .where(
            col(Activity.plan) == plan,
            col(Activity.state).in_((ActivityState.PLANNED, ActivityState.OPEN)),
            col(Activity.planned_on) <= last,
            col(Activity.planned_on) < today,
        )
        .order_by(col(Activity.planned_on), col(Activity.code))
        .limit(MOST)
    ).all()


def _month(far: plan_reading.Far, month: int) -> Progress:
    return sum((line.get(month, Progress()) for line in far.values()), Progress())


def _language(reader: Post) -> str:
    return reader.language or current().settings.language
