"""A step (步骤): a plain function that is a Prefect task inside a flow run, and itself outside one.

So there is one copy of the order of things. Witnessed, a step appears in the operator's UI and
is retried when the world failed (a dropped connection, a busy database), never when a rule
said no. Unwitnessed it is retried by the next tick, because every step may run twice.

Prefect is not imported here before a flow run has imported it: the quick commands that use
these functions must not pay 1.25 s for a witness they do not call.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from config.current import current
from config.language import say
from processes.watch import switches
from rules.refusal import Refused

P = ParamSpec("P")
R = TypeVar("R")

# A turn by hand has a loop to itself: nobody waits while a step is at work.
ALONE: Final[ContextVar[bool]] = ContextVar("alone", default=False)

# The world failed: every SMTP and socket error is an OSError.
PASSING: Final = (OSError, OperationalError, InterfaceError)


def step(
    name: str, *, of: str = "", otherwise: Any = None, **policy: Any
) -> Callable[[Callable[P, R]], Callable[P, Awaitable[R]]]:
    """Make a step of a function; `name` is what the operator reads, `policy` Prefect's options.

    A step `of` a process does nothing while that is switched off, and comes to `otherwise`.

    The function is blocking work and runs in a thread of its own, so that the flow's heartbeat
    and its neighbours go on; where it has neither, it runs where it stands (`ALONE`).
    """

    def carried(does: Callable[P, R]) -> Callable[P, Awaitable[R]]:
        @wraps(does)
        def work(*args: P.args, **kwargs: P.kwargs) -> R:
            if of and switches.off(of):
                return otherwise  # type: ignore[no-any-return]
            return does(*args, **kwargs)

        @wraps(work)
        async def in_thread(*args: P.args, **kwargs: P.kwargs) -> R:
            with watched():
                if ALONE.get():
                    return work(*args, **kwargs)
                return await asyncio.to_thread(work, *args, **kwargs)

        @cache
        def task() -> Callable[P, Awaitable[R]]:
            return _prefect_task(in_thread, name, policy)

        @wraps(work)
        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return await (task() if witnessed() else in_thread)(*args, **kwargs)

        return run

    return carried


class Watch:
    """What somebody who runs a flow sees of it: whether it has begun, and whether it is at work.

    Between its steps a witnessed run speaks to the witness, who may be dead without saying so.
    """

    def __init__(self) -> None:
        self.begun = False
        self.done = threading.Event()
        self.result: Any = None  # of the work, once it is done
        self.working = 0
        self.since = time.monotonic()  # of the last beginning or end of a step

    def idle(self) -> float:
        """Return the seconds since the last step ended; 0 while one is at work."""
        return 0.0 if self.working else time.monotonic() - self.since


WATCH: Final[ContextVar[Watch | None]] = ContextVar("watch", default=None)


def done(result: R) -> R:
    """Say that the work of this run is over and came to this; what follows is for the witness.

    Whoever runs the flow need not wait for that: the next thing may be due already.
    """
    watch = WATCH.get()
    if watch is not None:
        watch.result = result
        watch.done.set()
    return result


@contextmanager
def watched() -> Iterator[None]:
    """Let the watch know that a step is at work while inside."""
    watch = WATCH.get() or Watch()
    watch.working += 1
    try:
        yield
    finally:
        watch.working -= 1
        watch.since = time.monotonic()


def witnessed() -> bool:
    """Whether this is running inside a Prefect flow run."""
    context = sys.modules.get("prefect.context")
    return context is not None and context.FlowRunContext.get() is not None


def passing(error: object) -> bool:
    """Whether trying again may help: the world failed, and no rule said no."""
    return isinstance(error, PASSING) and not isinstance(error, Refused)


def _prefect_task(
    work: Callable[P, Awaitable[R]], name: str, policy: dict[str, Any]
) -> Callable[P, Awaitable[R]]:
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    def worth_it(_task: object, _run: object, state: Any) -> bool:
        return passing(state.data)

    options: dict[str, Any] = {
        "name": name,
        "task_run_name": lambda: say(current().settings.language, name),
        "cache_policy": NO_CACHE,
        "persist_result": False,
        "retries": 2,
        "retry_delay_seconds": [2, 15],
        "retry_condition_fn": worth_it,
    }
    return task(**{**options, **policy})(work)
