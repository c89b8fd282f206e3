"""Requests that nobody thought of, to every address: never a fault of ours, and always private.

The pages publish no description of themselves, so one is written here from their routes; what
their forms ask is read from the answer models.
"""

import re
import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from processes.duty import kinds
from tests.web.matters import Matter
from tests.web.routes import served
from web.frame import csrf
from web.identity import sign_in

TEXT = {"type": "string"}
ACTS = (
    "answer",
    "acknowledge",
    "extend",
    "hand_over",
    "instruct",
    "straight_up",
    "attach",
    "void",
    "draft",
    "raise",
    "",
)
FILTERS = ("state", "kind", "severity", "project", "person", "find", "page", "overdue", "next")
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


def described(app, known) -> dict:
    """Return an OpenAPI document of every address of the pages."""
    paths = {}
    for one in served(app):
        for method in one.methods:
            operation = {"responses": {"default": {"description": "a page"}}}
            operation["parameters"] = [*_parts(one.path, known), *_queries()]
            if method == "POST":
                operation["requestBody"] = {
                    "content": {kind: {"schema": FORM} for kind in FORM_TYPES}
                }
                operation["requestBody"]["content"]["text/plain"] = {"schema": TEXT}
            plain = re.sub(r":\w+}", "}", one.path)
            paths.setdefault(plain, {})[method.lower()] = operation
    return {"openapi": "3.0.3", "info": {"title": "pages", "version": "1"}, "paths": paths}


def _parts(path, known):
    for name in re.findall(r"\{(\w+)", path):
        good = known.get(path, {}).get(name, known.get(name, "1"))
        schema = {"anyOf": [{"type": "string", "enum": [str(good)]}, TEXT]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _queries():
    return [{"name": name, "in": "query", "schema": TEXT} for name in FILTERS]


def _form():
    names = {name for kind in kinds.names() for name in kinds.of(kind).form.model_fields}
    names |= {"title", "owner", "description", "until", "reason", "who", "next", "due", "risk"}
    typed = {"anyOf": [TEXT, {"type": "string", "format": "date"}]}
    fields = {name: typed for name in sorted(names)}  # noqa: C420 - shared, and never changed
    fields["act"] = {"type": "string", "enum": list(ACTS)}
    fields["step"] = {"type": "string", "enum": ["", "change", "again", "sign"]}
    fields["code"] = {"type": "string", "pattern": "^[0-9]{8}$"}
    fields["csrf"] = TEXT
    return {"type": "object", "properties": fields, "required": ["act"]}


FORM = _form()


@pytest.fixture
def tried(pages, people, hour, token, signed_in):
    """Try every operation with so many requests; a form's own field is a good one, mostly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own libraries, while they are loaded
        import schemathesis  # not by the worker that is given another file
    duty = Matter(people, hour.at).duty("respond")
    matter = Matter(people, hour.at, severity="major").agree()
    known = {"token": token(duty.id, "li"), "number": duty.id, "code": matter.code}
    reader = signed_in("zhao")
    cookies, app = dict(reader.cookies), pages.app
    nonce = f"n-zhao-{hour.at:%H%M%S}"
    bound = {
        "/d/{token}": (csrf.LINK, duty.id, people["li"], 1),
        "/sign-in": sign_in.ASKING,
    }
    spec = described(app, known)

    async def beside(scope, receive, send):
        """Our pages, and the description at an address that they do not have."""
        if scope["path"] != "/described.json":
            await app(scope, receive, send)
            return
        from starlette.responses import JSONResponse

        await JSONResponse(spec)(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/described.json", beside)
    came = {}

    def run(each: int, *methods: str):
        for found in schema.get_all_operations():
            operation = found.ok()
            if methods and operation.method.upper() not in methods:
                continue
            to = bound.get(operation.path, (csrf.SESSION, people["zhao"], nonce))
            ask(operation, each, cookies, csrf.field(to, hour.at), came)
        return came

    return run


def ask(operation, each: int, cookies: dict, own: str, came: dict) -> None:
    """Make so many requests of one kind and judge each answer."""

    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        derandomize=each < 10,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def one(case):
        if isinstance(case.body, dict) and len(case.body) % 4:
            case.body["csrf"] = own
        answer = case.call(cookies=cookies)
        came[answer.status_code] = came.get(answer.status_code, 0) + 1
        where = (case.method, case.path, answer.status_code)
        assert answer.status_code < 500 or case.path == "/health", where
        assert answer.headers["cache-control"] == ["no-store"], where
        assert answer.headers["x-content-type-options"] == ["nosniff"], where
        assert answer.headers["content-security-policy"][0].startswith("default-src 'none'"), where
        assert b"Traceback" not in answer.content

    one()


def test_no_request_whatever_is_a_fault_of_ours(tried):
    came = tried(1, "POST")
    assert sum(came.values()) >= 8


@pytest.mark.slow
def test_hundreds_of_requests_are_no_fault_of_ours(tried):
    came = tried(10)
    assert sum(came.values()) > 300
    assert {200, 403, 404} <= came.keys()
