"""The pages as one application (页面应用): routers, guards and error pages put together.

`create_app()` reads the real clock; a rehearsal on old data hands it another. It answers while
the orchestrator is down, because nothing here knows of it.
"""

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from notifications.links import LinkExpired, LinkInvalid
from web.attachment import pages as evidence
from web.audit import pages as audit
from web.check import pages as check
from web.duty import pages as duty
from web.frame import edge, errors, guard, posted
from web.frame.rate import Limit
from web.frame.show import STATIC
from web.identity import sign_in
from web.kpi import board as kpi_board
from web.kpi import pages as kpi_pages
from web.kpi import system as kpis
from web.nonconformity import pages as nonconformity
from web.nonconformity import raising
from web.plan import pages as plan
from web.register import pages as registers
from web.review import pages as review
from web.watch import health
from web.worksheet import file as worksheet_file


def create_app(clock: edge.Clock | None = None) -> FastAPI:
    """Return the application; `clock` says what time it is, aware and in UTC."""
    app = FastAPI(title="PDCA", docs_url=None, redoc_url=None, openapi_url=None)
    begin(app, clock)
    for part in (
        duty,
        nonconformity,
        check,
        audit,
        raising,
        registers,
        sign_in,
        evidence,
        worksheet_file,
        kpi_board,
        kpi_pages,
        kpis,
        plan,
        review,
        health,
    ):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    errors.install(app)
    for bad in (LinkInvalid, LinkExpired):
        app.add_exception_handler(bad, sign_in.bad_link)
    app.add_middleware(guard.BodyLimit, most=posted.most_bytes())
    app.add_middleware(guard.Headers)
    guard.cut_tokens_from_logs()
    return app


def begin(app: FastAPI, clock: edge.Clock | None = None) -> None:
    """Let the application read this clock, and hold nothing against anybody who tried before."""
    app.state.clock = clock or edge.real_now
    app.state.sign_in_limits = sign_in.Limits()
    app.state.bad_tokens = Limit(burst=60, per_minute=30)
