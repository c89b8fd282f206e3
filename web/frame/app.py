"""The pages as one application (页面应用): routers, guards and error pages put together.

`create_app()` reads the real clock; a rehearsal on old data hands it another. It answers while
the orchestrator is down, because nothing here knows of it.
"""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from notifications.links import LinkExpired, LinkInvalid
from web import plug
from web.frame import edge, errors, guard, posted
from web.frame.rate import Limit
from web.frame.show import STATIC
from web.identity import sign_in


def create_app(clock: edge.Clock | None = None, *, trusted: edge.Trusted | None = None) -> FastAPI:
    """Return the application; `clock` says what time it is, aware and in UTC.

    `trusted` refuses an instant that cannot be now; without it every instant is taken.
    """
    app = FastAPI(title="PDCA", docs_url=None, redoc_url=None, openapi_url=None)
    begin(app, clock, trusted=trusted)
    for part in plug.parts():
        for router in part.routers:
            app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app)
    for bad in (LinkInvalid, LinkExpired):
        app.add_exception_handler(bad, sign_in.bad_link)
    app.add_middleware(guard.BodyLimit, most=posted.most_bytes())
    app.add_middleware(guard.Headers)
    guard.cut_tokens_from_logs()
    return app


def begin(
    app: FastAPI, clock: edge.Clock | None = None, *, trusted: edge.Trusted | None = None
) -> None:
    """Let the application read this clock, with no try of anybody counted yet."""
    app.state.clock = clock or edge.real_now
    app.state.trusted = trusted or (lambda at: at)
    app.state.sign_in_limits = sign_in.Limits()
    app.state.bad_tokens = Limit(burst=60, per_minute=30)
