"""Fetching values: whatever the source does, it ends in values or in a sentence, and in time."""

import gzip
import sqlite3
import time
from decimal import Decimal

import pytest

from config.kpi_source import load_source
from config.reading import Misconfigured
from processes.kpi.sources import SourceFailed, Wanted, asking
from rules.kpi import Observation
from rules.period import parse
from tests.support import rogue as web
from tests.support.cast import at

NOW = at("2026-10-08")


@pytest.fixture
def server():
    with web.rogue() as running:
        yield running


@pytest.fixture
def describe(home):
    """Write a source's description; keys whose value is None are left out."""

    def written(name, **keys):
        folder = home / "config" / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{key} = {toml(value)}" for key, value in keys.items() if value is not None]
        (folder / f"{name}.toml").write_text("\n".join(lines), "utf-8")

    return written


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{k}" = {toml(v)}' for k, v in value.items()) + "}"
    return f"'''{value}'''" if isinstance(value, str) else str(value)


def fetch(source, *, unit="%", period="2026-09"):
    wanted = Wanted(kpi_id=1, code="K1", source=source, unit=unit, period=parse(period), at=NOW)
    return asking(source)(wanted)


def failing(source, **more):
    with pytest.raises(SourceFailed) as failed:
        fetch(source, **more)
    return failed.value


# --- HTTP ------------------------------------------------------------------------------------


def test_a_json_address_gives_counts_with_evidence(server, describe):
    server.says("/sla", {"data": [{"hits": 95, "all": 100}]})
    describe(
        "desk",
        url=server.url + "/sla?from={first}&until={after}",
        numerator="/data/0/hits",
        denominator="/data/0/all",
    )
    found = fetch("http:desk")
    assert found.observations == (
        Observation(period="2026-09", numerator=Decimal(95), denominator=Decimal(100)),
    )
    assert found.evidence["source"] == "http:desk"
    assert len(found.evidence["sha256"]) == 64
    assert server.asked[0][1] == {"from": ["2026-09-01"], "until": ["2026-10-01"]}


def test_a_decimal_keeps_its_digits(server, describe):
    server.behaviours["/"] = web.answer('{"rate": 99.0999999999999999}')
    describe("desk", url=server.url + "/", value="/rate")
    assert fetch("http:desk").observations[0].value == Decimal("99.0999999999999999")


def test_a_share_becomes_per_cent(server, describe):
    server.says("/", {"rate": 0.951})
    describe("desk", url=server.url + "/", value="/rate", times=100)
    assert fetch("http:desk").observations[0].value == Decimal("95.1")


def test_a_secret_comes_from_the_environment_and_stays_there(server, describe, monkeypatch):
    monkeypatch.setenv("DESK_TOKEN", "Bearer hush")
    server.says("/", {"v": 1})
    describe("desk", url=server.url + "/", value="/v", headers_env={"Authorization": "DESK_TOKEN"})
    found = fetch("http:desk")
    assert "authorization: bearer hush" in server.asked[0][2].lower()
    assert "hush" not in str(found)
    monkeypatch.delenv("DESK_TOKEN")
    lost = failing("http:desk")
    assert lost.permanent
    assert "DESK_TOKEN" in str(lost)


@pytest.mark.parametrize(
    ("behaviour", "said", "permanent"),
    [
        (web.answer("<html>sign in</html>", kind="text/html"), "text/html", False),
        (web.answer("<html>", kind="application/json"), "no JSON", False),
        (web.answer('{"v": NaN}'), "NaN is no number", False),
        (web.answer('{"v": "95 %"}'), "value is no number: 95 %", False),
        (web.answer('{"v": true}'), "value is no number", False),
        (web.answer('{"v": {"a": 1}}'), "no number", False),
        (web.answer('{"w": 1}'), "nothing at /v", False),
        (web.answer('{"v": null}'), "no value", False),
        (web.answer('{"v": -1}'), "negative", False),
        (web.answer('{"v": 1e999999}'), "value is no number: 1E+999999", False),
        (web.answer('{"v": 1e-999999}'), "value is no number", False),
        (web.answer('{"v": 101}'), "more than all", False),
        (web.answer("[" * 200_000), "no JSON", False),
        (web.answer('{"v": ' + "9" * 5000 + "}"), "no", False),
        (web.answer("boom", status="500 Internal Server Error"), "500", False),
        (web.answer("slow down", status="429 Too Many Requests"), "429", False),
        (web.answer("who?", status="401 Unauthorized"), "401", True),
        (
            web.answer("", status="302 Found", more="Location: http://169.254.169.254/\r\n"),
            "elsewhere",
            True,
        ),
        (
            web.answer(gzip.compress(b"0" * 100_000), more="Content-Encoding: gzip\r\n"),
            "compressed",
            False,
        ),
        (web.JSON_HEAD + b"Content-Length: 10737418240\r\n\r\n{", "more than 1000000 bytes", False),
        (web.endless, "more than 1000000 bytes", False),
        (web.hanging_up, "cannot be reached", False),
    ],
)
def test_what_cannot_be_a_value_is_named(server, describe, behaviour, said, permanent):
    server.behaviours["/"] = behaviour
    describe("desk", url=server.url + "/", value="/v", seconds=10)
    failed = failing("http:desk")
    assert said in str(failed)
    assert failed.permanent is permanent
    assert len(server.asked) == 1  # nobody was followed anywhere


def test_a_secret_that_no_header_can_carry_is_named_and_not_repeated(server, describe, monkeypatch):
    describe("desk", url=server.url + "/", value="/v", headers_env={"X-Key": "DESK_TOKEN"})
    for secret in ("hush\r\nX-Evil: 1", "密钥hush"):
        monkeypatch.setenv("DESK_TOKEN", secret)
        assert "hush" not in str(failing("http:desk"))
    assert server.asked == []


@pytest.mark.parametrize("behaviour", [web.never, web.dripping_head, web.dripping_body])
def test_a_source_that_never_answers_is_left_in_time(server, describe, behaviour):
    server.behaviours["/"] = behaviour
    describe("desk", url=server.url + "/", value="/v", seconds=0.4)
    begun = time.monotonic()
    failed = failing("http:desk")
    assert time.monotonic() - begun < 3
    assert "did not answer within 0.4 s" in str(failed)
    assert not failed.permanent


def test_a_closed_port_is_tried_again_later(describe):
    describe("desk", url="http://127.0.0.1:9/", value="/v")
    failed = failing("http:desk")
    assert "cannot be reached" in str(failed)
    assert not failed.permanent


# --- Prometheus ------------------------------------------------------------------------------


def instant(*series):
    return {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [{"metric": labels, "value": [1, value]} for labels, value in series],
        },
    }


def test_an_instant_query_asks_at_the_end_of_the_period(server, describe):
    server.says("/api/v1/query", instant(({}, "99.95")))
    describe("up", url=server.url, query="avg_over_time(up[$range]) * 100")
    found = fetch("prometheus:up")
    assert found.observations[0].value == Decimal("99.95")
    asked = server.asked[0][1]
    assert asked["query"] == ["avg_over_time(up[2592000s]) * 100"]
    assert asked["time"] == [str(int(at("2026-10-01", "00:00").timestamp()))]


def test_each_series_may_be_a_scope(server, describe):
    server.says("/api/v1/query", instant(({"job": "a"}, "99"), ({"job": "b"}, "NaN")))
    describe("up", url=server.url, query="x", scope_label="job")
    found = {one.scope: one for one in fetch("prometheus:up").observations}
    assert found["job=a"].value == 99
    assert found["job=b"].denominator == 0  # nothing by nothing: no data, and not zero
    describe("up", url=server.url, query="x")
    assert "2 series" in str(failing("prometheus:up"))


def test_counts_come_from_two_queries(server, describe):
    server.says("/api/v1/query", instant(({}, "5")))
    describe("up", url=server.url, numerator="a", denominator="b")
    one = fetch("prometheus:up").observations[0]
    assert (one.numerator, one.denominator) == (5, 5)


@pytest.mark.parametrize(
    ("how", "wanted"), [("avg", "2"), ("max", "3"), ("min", "1"), ("sum", "6"), ("last", "2")]
)
def test_a_range_becomes_one_value(server, describe, how, wanted):
    values = [[1, "1"], [2, "3"], [3, "NaN"], [4, "2"]]
    body = {"status": "success", "data": {"resultType": "matrix", "result": [{"values": values}]}}
    server.says("/api/v1/query_range", body)
    describe("up", url=server.url, query="x", step=3600, reduce=how)
    assert fetch("prometheus:up").observations[0].value == Decimal(wanted)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "error", "error": "parse error"},
        {"status": "success", "data": {"resultType": "vector", "result": []}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"value": [1, "+Inf"]}]}},
        {"status": "success", "data": {"resultType": "vector", "result": [{"value": "x"}]}},
        {"status": "success", "data": {"resultType": "string", "result": 7}},
        {"status": "success"},
        [],
    ],
)
def test_what_prometheus_does_not_know_is_no_value(server, describe, body):
    server.says("/api/v1/query", body)
    describe("up", url=server.url, query="x")
    failing("prometheus:up")


# --- SQL -------------------------------------------------------------------------------------


@pytest.fixture
def tickets(tmp_path):
    path = tmp_path / "tickets.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE ticket (project TEXT, opened TEXT, on_time INTEGER)")
        days = ["2026-08-31", "2026-09-01", "2026-09-30", "2026-09-15", "2026-10-01"]
        made.executemany(
            "INSERT INTO ticket VALUES (?, ?, ?)",
            [(f"P{n % 2}", day, n != 2) for n, day in enumerate(days)],
        )
    return path


COUNTS = (
    "SELECT sum(on_time) AS numerator, count(*) AS denominator FROM ticket"
    " WHERE opened >= :first AND opened < :after"
)


def test_a_query_counts_the_days_of_the_period_and_no_other(tickets, describe):
    describe("desk", url=f"sqlite:///{tickets}", query=COUNTS)
    one = fetch("sql:desk").observations[0]
    assert (one.numerator, one.denominator) == (2, 3)


def test_rows_may_be_scopes_and_nothing_by_nothing_is_no_data(tickets, describe):
    describe(
        "desk",
        url=f"sqlite:///{tickets}",
        query=COUNTS.replace("SELECT", "SELECT 'project=' || project AS scope,")
        + " GROUP BY project",
    )
    found = {one.scope: one.denominator for one in fetch("sql:desk").observations}
    assert found == {"project=P0": 1, "project=P1": 2}
    describe("desk", url=f"sqlite:///{tickets}", query="SELECT NULL AS numerator, 0 AS denominator")
    assert fetch("sql:desk").observations[0].denominator == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1 AS rate", "column rate"),
        ("SELECT 'x' AS value", "value is no number: x"),
        ("SELECT value FROM ticket", "said no"),
        ("SELECT 1 AS value UNION ALL SELECT 2", "two values"),
        ("SELECT 1 AS value WHERE 0", "no value"),
        ("SELECT load_extension('x') AS value", "said no"),
        (
            (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                " SELECT max(i) AS value FROM n"
            ),
            "did not answer within 0.5 s",
        ),
        (
            (
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000)"
                " SELECT i AS value, i AS scope FROM n"
            ),
            "more than 500 rows",
        ),
    ],
)
def test_a_query_that_gives_no_value_is_named(tickets, describe, query, said):
    describe("desk", url=f"sqlite:///{tickets}", query=query, seconds=0.5)
    assert said in str(failing("sql:desk"))


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM ticket",
        "SELECT 1 AS value; DELETE FROM ticket",
        "PRAGMA writable_schema = 1",
        "ATTACH 'x.db' AS x",
        "-- SELECT\nDELETE FROM ticket",
        "",
    ],
)
def test_only_one_select_is_taken(tickets, describe, query):
    describe("desk", url=f"sqlite:///{tickets}", query=query)
    failed = failing("sql:desk")
    assert failed.permanent
    assert "must be one SELECT" in str(failed)


def test_a_select_that_writes_is_denied_by_the_connection(tickets, describe):
    before = tickets.read_bytes()
    describe("desk", url=f"sqlite:///{tickets}", query="WITH x AS (SELECT 1) DELETE FROM ticket")
    assert "said no" in str(failing("sql:desk"))
    assert tickets.read_bytes() == before


def test_a_file_that_is_not_there_is_not_made(tmp_path, describe):
    describe("desk", url=f"sqlite:///{tmp_path}/none.db", query="SELECT 1 AS value")
    assert "said no" in str(failing("sql:desk"))
    assert not (tmp_path / "none.db").exists()


def test_text_in_a_query_is_not_taken_for_another_statement(tickets, describe):
    describe(
        "desk",
        url=f"sqlite:///{tickets}",
        query="SELECT count(*) AS value FROM ticket WHERE project <> 'a;b' -- only; these",
    )
    assert fetch("sql:desk", unit="times").observations[0].value == 5


@pytest.mark.parametrize("url", ["mysql://x/y", "not an address"])
def test_other_databases_are_named(describe, url):
    describe("desk", url=url, query="SELECT 1 AS value")
    assert failing("sql:desk").permanent


@pytest.mark.postgres
def test_postgresql_reads_and_cannot_write(database_url, describe):
    if not database_url.startswith("postgresql"):
        pytest.skip("the other database")
    describe("desk", url=database_url, query="SELECT 95.5 AS value WHERE :first < :after")
    assert fetch("sql:desk").observations[0].value == Decimal("95.5")
    describe("desk", url=database_url, query="SELECT 1 AS value FROM pg_sleep(20)", seconds=0.5)
    assert "did not answer" in str(failing("sql:desk"))
    describe(
        "desk",
        url=database_url,
        query="WITH gone AS (DELETE FROM person RETURNING 1) SELECT count(*) AS value FROM gone",
    )
    assert "said no" in str(failing("sql:desk"))


# --- descriptions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "keys", "said"),
    [
        ("http", {"url": "file:///etc/passwd"}, "must begin with http"),
        ("http", {"url": "http://u:p@host/"}, "must carry no password"),
        ("http", {"url": "http://host/", "value": "rate"}, "must be a JSON pointer"),
        ("http", {"url": "http://host/", "valeu": "/v"}, "valeu"),
        ("http", {"url": "http://h/", "headers_env": {"A": "PDCA_X"}}, "does not begin with PDCA_"),
        ("http", {}, "url: is missing"),
        ("sql", {"kind": "http", "url": "http://h/"}, "kind http"),
    ],
)
def test_a_description_is_refused_by_file_and_key(home, describe, kind, keys, said):
    describe("desk", **keys)
    with pytest.raises(Misconfigured) as wrong:
        load_source(kind, "desk", home)
    assert said in str(wrong.value)
    assert "desk.toml" in str(wrong.value)


@pytest.mark.parametrize("name", ["../pdca", "a/b", "A", "", "x" * 80])
def test_no_name_leads_out_of_the_folder(home, name):
    with pytest.raises(Misconfigured):
        load_source("http", name, home)
