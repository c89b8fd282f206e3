"""Steps of Plan (策划): the cycles of this instant, and the calendar that deadlines rest on."""

from datetime import datetime

from config.current import current
from processes.cycle import cycles
from processes.plan import drafting as plan_drafting
from processes.plan import expansion as plan_expansion
from processes.plan import letters as plan_letters
from processes.plan import reading as plan_reading
from processes.watch import soundness, waking
from tasks.step import step


@step("Read what is on hold")
def holds() -> frozenset[str]:
    """Return the flows that an operator has paused."""
    return waking.held()


@step("Note the turn")
def note_turned(at: datetime) -> None:
    """Note that the wheel was turned in the present, so that the clock need not."""
    waking.beat(waking.WHEEL, at)


@step("Open the cycles of this period")
def open_cycles(at: datetime) -> list[str]:
    """Open the year, quarter and month of this instant; return the codes that are new."""
    return cycles.open_cycles(at)


@step("Close the cycles that are over")
def close_cycles(at: datetime) -> list[str]:
    """Close what ended before today; return the codes."""
    return cycles.close_cycles(at)


@step("Draft the plans whose time has come")
def draft_plans(at: datetime) -> list[str]:
    """Draft next year's plan and owe it to its author; return the codes that are new."""
    return plan_drafting.draft_due(at)


@step("Keep the activities of the plan in force")
def keep_activities(at: datetime) -> int:
    """Take in what the register has gained since; return how many activities are new."""
    return plan_expansion.keep_up(at)


@step("Tell how far the plan was last month")
def tell_progress(at: datetime) -> int:
    """Promise the month's letter on the plan, once; return to how many people."""
    return plan_letters.send_monthly(at)


@step("Count how far the plan is")
def progress(at: datetime) -> plan_reading.PlanRead | None:
    """Return this year's plan with its progress; None if there is none in force."""
    return plan_reading.present(at, language=current().settings.language)


@step("Check the working calendar")
def judge_calendar(at: datetime) -> str | None:
    """Alarm while a year in use is only assumed."""
    return soundness.judge_calendar(at)
