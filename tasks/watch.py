"""Steps of the watch (看守): what stands still, and the operator told by the other path."""

from datetime import datetime

from config.current import current
from config.schedule import load_schedule
from processes.alarm import other_path
from processes.watch import silence
from processes.watch.silence import Silence
from tasks.step import step


@step("Look whether everything moves")
def look(at: datetime) -> list[Silence]:
    """Return what should have moved and did not, for as long as the policy says."""
    return silence.look(at, load_schedule(current().settings.home))


@step("Tell the operator by the other path", retries=0)
def tell(at: datetime) -> int:
    """Tell the operator of each silence that nobody was told of; return how many."""
    return other_path.tell(at)
