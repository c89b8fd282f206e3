"""Running a flow now (即时运行): before a witness if one is there, without one if not.

The witness never delays what is owed. If the API does not answer, or has not let the flow begin
within a moment, or falls silent between two steps, the same flow runs unwitnessed: every step
may be taken twice. What was done alone is counted, and said when the witness is back.
"""

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx

from config.current import current
from config.language import say
from flows.parameters import Turn
from tasks.step import WATCH, Watch

PATIENCE: Final = 1.0  # seconds that a flow may take to begin before a witness
RECORD_EVERY: Final = 20.0  # seconds: a burst of a thousand deadlines is not a thousand runs
SILENCE: Final = 20.0  # seconds between two steps after which the witness is given up
ANSWER: Final = 0.5  # seconds that the API may take to answer at all
DISTRUST: Final = 5.0  # seconds for which an API that did not answer is not asked again
LOOK: Final = 0.05
WITNESSES: Final = frozenset({"prefect", "httpx", "httpcore", "websockets", "anyio"})


class Api:
    """Whether Prefect's API answers, asked at most once in a few seconds when it does not."""

    def __init__(self, url: str | None, secret: str | None = None) -> None:
        self.url = url
        self.auth = tuple(secret.split(":", 1)) if secret and ":" in secret else None
        self.trusted_at = 0.0

    def answers(self) -> bool:
        """Whether a run may be recorded now."""
        if self.url is None or time.monotonic() < self.trusted_at:
            return False
        try:
            said = httpx.get(f"{self.url}/health", timeout=ANSWER, auth=self.auth)  # type: ignore[arg-type]
        except httpx.HTTPError:
            return self.distrust()
        return said.is_success or self.distrust()

    def distrust(self) -> bool:
        """Do not ask again for a moment; returns False."""
        self.trusted_at = time.monotonic() + DISTRUST
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run came to, and whether it is on record.

    `spared` says that no record was wanted: the one before is a moment old, and the next one
    will show what this one did.
    """

    result: Any
    witnessed: bool
    spared: bool = False


class Runs:
    """Runs of one flow, one at a time; a run that the witness has let hang is left behind."""

    def __init__(self, flow: Any, api: Api) -> None:
        self.flow, self.api = flow, api
        self._left: _Recorded | None = None
        self._recorded_at = -RECORD_EVERY

    def run(self, turn: Turn | None = None) -> Ran:
        """Run the flow to its end in this thread; raises what the flow's own work raises."""
        given = turn or Turn()
        if time.monotonic() - self._recorded_at < RECORD_EVERY:
            return Ran(result=asyncio.run(self.flow.fn(given)), witnessed=False, spared=True)
        late = False
        if self._may_record():
            recorded = _Recorded(self.flow, given)
            recorded.start()
            if self._accompanied(recorded) and not recorded.failed_as_witness():
                self._recorded_at = time.monotonic()
                return Ran(result=recorded.outcome(), witnessed=True)
            self.api.distrust()
            late = recorded.is_alive()  # begins later, finds nothing to do, and is on record
        return Ran(result=asyncio.run(self.flow.fn(given)), witnessed=late)

    def _may_record(self) -> bool:
        if self._left is not None and self._left.is_alive():
            return False
        self._left = None
        return self.api.answers()

    def _accompanied(self, recorded: "_Recorded") -> bool:
        """Wait until its work is done; False if the witness keeps it from its work."""
        started = time.monotonic()
        while recorded.is_alive():
            if recorded.watch.done.wait(LOOK):
                self._left = recorded
                return True
            late = not recorded.watch.begun and time.monotonic() - started > PATIENCE
            if recorded.is_alive() and (late or recorded.watch.idle() > SILENCE):
                self._left = recorded
                return False
        return True


async def _tagged(flow: Any, turn: Turn) -> Any:
    """Run it with the tags by which an operator tells the clock's runs from the schedule's."""
    from prefect import tags

    own = current().settings
    with tags("PDCA", own.site, say(own.language, "clock")):
        return await flow(turn)


class _Recorded(threading.Thread):
    """A run before the witness, in a thread and loop of its own that nobody has to wait for."""

    def __init__(self, flow: Any, turn: Turn) -> None:
        super().__init__(name=f"recorded {flow.name}", daemon=True)
        self.flow, self.turn = flow, turn
        self.watch = Watch()
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        WATCH.set(self.watch)
        try:
            self._result = asyncio.run(_tagged(self.flow, self.turn))
        except BaseException as failed:  # noqa: BLE001 - `outcome` raises it in the other thread
            self._error = failed

    def failed_as_witness(self) -> bool:
        """Whether it was Prefect that failed, and not the flow's own work."""
        if self._error is None or self.watch.done.is_set():
            return False
        theirs = type(self._error).__module__.partition(".")[0] in WITNESSES
        return theirs or not self.watch.begun

    def outcome(self) -> Any:
        if self.watch.done.is_set():
            return self.watch.result
        if self._error is not None:
            raise self._error
        return self._result
