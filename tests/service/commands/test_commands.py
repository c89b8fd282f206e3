"""The command line: stable words, exit codes, one JSON document, sentences instead of traces."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.engine import writing
from service import main
from service.commands import wording

ROOT = Path(__file__).parents[3]
PEOPLE = (
    "code,name,email,manager,roles\n"
    "zong,总经理,zong@company.example,,top_management\n"
    "qin,秦部长,qin@company.example,zong,quality_head\n"
    "zhao,赵工,zhao@company.example,qin,quality\n"
    "wang,王经理,wang@company.example,zong,department_manager\n"
    "li,李工,li@company.example,wang,\n"
)
KEYS = {
    "duties": "id kind subject owner issued_at due_at state episode level nth next_at",
    "notices": "key letter level person on_behalf_of address duty state created_at sent_at",
    "nonconformities": "code title severity risk state source project owner raised_at due_at"
    " closed_at level rounds extensions",
    "people": "code name email manager unit roles active",
    "alarms": "kind ref message first_at cleared_at",
}


@pytest.fixture
def pdca(home, monkeypatch, capsys):
    """Type a command in an English home: its exit code, stdout and stderr."""
    monkeypatch.setenv("PDCA_HOME", str(home))
    monkeypatch.setenv("PDCA_LANGUAGE", "en")
    monkeypatch.delenv("COLUMNS", raising=False)
    wording.language.cache_clear()

    def type_(*words):
        code = main.run([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    yield type_
    wording.language.cache_clear()


@pytest.fixture
def office(pdca, home):
    """The same command with five people in the home."""
    (home / "people.csv").write_text(PEOPLE, "utf-8")
    assert pdca("import", "people", home / "people.csv")[0] == 0
    return pdca


def document(result):
    code, out, _ = result
    assert code == 0, result
    return json.loads(out)


def raised(office, **options):
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    code, out, err = office(
        *("raise", "--title", "巡检记录缺失", "--owner", "li", "--at", "2026-09-07"), *words
    )
    assert code == 0, err
    return out.strip()


def test_an_import_says_how_many_rows_are_what(pdca, home):
    (home / "people.csv").write_text(PEOPLE, "utf-8")
    for line in ("5 new, 0 changed, 0 unchanged", "0 new, 0 changed, 5 unchanged"):
        code, out, _ = pdca("import", "people", home / "people.csv")
        assert (code, out.strip()) == (0, f"people: {line}, 0 refused")


def test_a_refused_import_names_each_problem_on_a_line_and_exits_1(pdca, home):
    (home / "bad.csv").write_text("code,name,email\nli,,x@@y\n,chen,\n", "utf-8")
    code, out, err = pdca("import", "people", home / "bad.csv")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "bad.csv, row 2, column name: must not be empty",
        "bad.csv, row 2, column email: x@@y is not a mail address: it needs exactly one @",
        "bad.csv, row 3, column code: must not be empty",
        "nothing of bad.csv was taken (2 rows refused)",
    ]


def test_a_refused_import_as_json_names_its_problems_too(pdca, home):
    (home / "bad.csv").write_text("code,name\n,Li\n", "utf-8")
    code, out, err = pdca("import", "people", home / "bad.csv", "--json")
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert (report["refused"], report["problems"][0]["row"]) == (1, 2)


def test_a_report_as_json_is_one_document(pdca, home):
    (home / "people.csv").write_text(PEOPLE, "utf-8")
    report = document(pdca("import", "people", home / "people.csv", "--json", "--dry-run"))
    assert {name: report[name] for name in ("new", "changed", "unchanged", "refused")} == {
        "new": 5,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
    }
    assert report["dry_run"] is True


def test_raises_lists_turns_and_shows(office):
    code = raised(office)
    assert code == "NC-2026-0001"
    turned = document(office("turn", "--at", "2026-09-08", "--until", "2026-09-18", "--json"))
    assert len(turned) == 11
    assert turned[0]["at"] == "2026-09-08T09:00:00+08:00"
    levels = [line["level"] for line in document(office("list", "notices", "--json"))]
    assert levels == [None, None, None, 1, 2]
    assert document(office("list", "nonconformities", "--json"))[0]["level"] == 2
    shown = document(office("show", code, "--json"))
    assert shown["kind"] == "nonconformity"
    assert [one["person"]["code"] for one in shown["told"]][-2:] == ["wang", "zong"]
    status, out, _ = office("show", code)
    assert (status, "王经理" in out) == (0, True)


def test_every_json_row_has_the_stable_keys(office):
    raised(office)
    with writing() as session:
        from models.alarms import raise_alarm
        from tests.support.cast import at

        raise_alarm(session, kind="a", ref="b", message="c", at=at("2026-09-07"))
    for kind, keys in KEYS.items():
        rows = document(office("list", kind, "--json"))
        assert rows, kind
        assert set(keys.split()) <= rows[0].keys(), kind


def test_an_empty_register_is_an_empty_list(pdca):
    assert document(pdca("list", "duties", "--json")) == []


def test_filters_that_make_no_sense_are_wrong_usage(office):
    for words in (
        ("list", "shoes"),
        ("list", "people", "--severity", "major"),
        ("list", "duties", "--state", "lost"),
        ("list", "duties", "--since", "yesterday"),
        ("turn", "--at", "yesterday"),
        ("turn", "--at", "2026-09-08", "--until", "2026-09-01"),
        ("turn", "--phase", "sleep"),
        ("raise", "--title", "x"),
        ("raise", "--title", "x", "--owner", "li", "--severity", "terrible"),
        ("answer", "1", "--as", "li", "--set", "no equals sign"),
        ("import", "shoes", "x.csv"),
        ("nonsense",),
        ("list", "duties", "--nonsense"),
    ):
        assert office(*words)[0] == 2, words


@pytest.mark.parametrize(("words", "said"), [
    (("raise", "--title", "x", "--owner", "nobody"), "there is no person nobody"),
    (("raise", "--title", "x", "--owner", "li", "--project", "P9"), "there is no project P9"),
    (("raise", "--title", " ", "--owner", "li"), "title is empty"),
    (("show", "nobody"), "there is no nonconformity, duty or person nobody"),
    (("answer", "99", "--as", "li"), "there is no duty 99"),
    (("answer", "1", "--as", "nobody"), "there is no person nobody"),
    (("answer", "x", "--as", "li"), "there is no duty x"),
    (("import", "people", "nobody.csv"), "nobody.csv: there is no such file"),
])  # fmt: skip
def test_what_a_rule_refuses_exits_1_with_its_sentence(office, words, said):
    code, out, err = office(*words)
    assert (code, out) == (1, "")
    assert said in err
    assert "Traceback" not in err


PLAN = (
    *("--set", "cause=周末未交接", "--set", "method=5why"),
    *("--set", "corrective_action=移动巡检", "--set", "planned_on=2026-09-20"),
)


def test_an_answer_is_recorded_as_typed_by_the_operator(office):
    code = raised(office)
    status, out, _ = office("answer", "1", "--as", "li", *PLAN, "--at", "2026-09-07T11:00")
    assert (status, "quality department now decides" in out) == (0, True)
    shown = document(office("show", code, "--json"))
    assert shown["answers"][0]["via"].startswith("operator ")
    assert shown["nonconformity"]["state"] == "planned"


def test_an_answer_may_come_from_a_file(office, home):
    raised(office)
    (home / "answer.toml").write_text(
        'cause = "周末未交接"\nmethod = "5why"\ncorrective_action = "移动巡检"\n'
        "planned_on = 2026-09-20\n",
        "utf-8",
    )
    words = (
        "answer",
        "1",
        "--as",
        "li",
        "--file",
        home / "answer.toml",
        "--at",
        "2026-09-07T11:00",
    )
    assert office(*words)[0] == 0
    assert office(*words)[0] == 1  # already answered


def test_a_field_that_cannot_be_read_is_refused_by_name(office):
    raised(office)
    code, _, err = office("answer", "1", "--as", "li", "--set", "planned_on=soon", "--set", "x=1")
    assert code == 1
    assert "planned_on" in err
    assert "x:" in err


def test_a_signature_needs_the_code_that_was_mailed(office, home):
    raised(office)
    assert office("answer", "1", "--as", "li", *PLAN, "--at", "2026-09-07T11:00")[0] == 0
    [duty] = document(office("list", "duties", "--kind", "agree", "--json"))
    words = ("answer", duty["id"], "--as", duty["owner"], "--set", "decision=agree")
    code, _, err = office(*words, "--at", "2026-09-07T12:00")
    assert code == 1
    assert "a code was sent to z***@company.example" in err
    code, _, err = office(*words, "--at", "2026-09-07T12:01", "--code", "00000000")
    assert (code, "the code is wrong" in err) == (1, True)
    mailed = code_mailed()
    assert office(*words, "--at", "2026-09-07T12:02", "--code", mailed)[0] == 0


def code_mailed():
    from sqlmodel import select

    from models.engine import reading
    from models.notice import Notice, NoticeBytes
    from service.demo.people import code_in

    with reading() as session:
        return code_in(
            session.exec(
                select(NoticeBytes.mime)
                .join(Notice, Notice.id == NoticeBytes.notice_id)
                .where(Notice.letter == "code")
            ).one()
        )


def test_other_acts_on_a_duty(office):
    raised(office)
    acts = {"--as": "li", "--at": "2026-09-07T11:00"}
    as_li = [word for pair in acts.items() for word in pair]
    assert office("answer", "1", *as_li, "--act", "acknowledge")[0] == 0
    code, _, err = office("answer", "1", *as_li, "--act", "extend", "--set", "until=2026-09-14")
    assert (code, "needs the field reason" in err) == (1, True)
    extend = ("--act", "extend", "--set", "until=2026-09-14", "--set", "reason=等备件")
    assert office("answer", "1", *as_li, *extend)[0] == 0
    up = ("--act", "straight_up", "--set", "reason=跨部门")
    assert office("answer", "1", *as_li, *up)[0] == 0
    kinds = {row["kind"] for row in document(office("list", "duties", "--json"))}
    assert kinds == {"respond", "decide_extension", "decide"}


def test_without_a_person_an_answer_says_what_is_asked(office):
    raised(office)
    code, out, _ = office("answer", "1")
    assert code == 0
    assert "corrective_action" in out
    assert {"name": "cause", "required": False, "choices": {}} in document(
        office("answer", "1", "--json")
    )


def test_the_trail_is_verified_and_its_first_broken_row_named(office):
    raised(office)
    code, out, _ = office("verify-trail")
    assert (code, "the trail is whole" in out) == (0, True)
    import sqlite3

    path = Path(os.environ["PDCA_HOME"]) / "pdca.sqlite"
    with sqlite3.connect(path) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute("UPDATE trail SET action = 'nothing' WHERE seq = 3")
    code, _, err = office("verify-trail")
    assert (code, "broken at row 3" in err) == (1, True)


def test_settings_that_cannot_be_used_exit_3(pdca, home, monkeypatch):
    (home / "pdca.toml").write_text('langauge = "zh"\n', "utf-8")
    code, _, err = pdca("list", "duties")
    assert code == 3
    assert "langauge" in err
    (home / "pdca.toml").unlink()
    monkeypatch.setenv("PDCA_DATABASE_URL", "sqlite:////proc/nobody/x.sqlite")
    code, _, err = pdca("list", "duties")
    assert code == 3
    assert "Traceback" not in err


def test_a_fault_of_ours_keeps_its_trace_in_the_home(pdca, home, monkeypatch):
    monkeypatch.setattr("processes.history.told.kind_of", lambda _code: 1 / 0)
    code, _, err = pdca("show", "x")
    assert code == 3
    assert "a fault of the program: ZeroDivisionError" in err
    assert "Traceback" not in err
    assert "ZeroDivisionError" in (home / "last-fault.txt").read_text()


def test_user_text_steers_no_terminal(office):
    office("raise", "--title", "\x1b[31mred[bold]\x07 <b>", "--owner", "li")
    _, out, _ = office("list", "nonconformities")
    assert "\x1b[31m" not in out
    assert "[bold" in out


def typed(*words, home, **environment):
    """Run the real command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "service.main", *words],
        cwd=ROOT,
        env={**os.environ, "PDCA_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


QUICK = (
    ("list", "duties", "--json"),
    ("show", "nobody"),
    ("raise", "--title", "x", "--owner", "nobody"),
    ("deliver", "--help"),
    ("verify-trail",),
)


def test_quick_commands_never_load_prefect(tmp_path):
    script = (
        "import json, sys\n"
        "from service.main import run\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    run(words)\n"
        "    heavy = {name.partition('.')[0] for name in sys.modules} & {'prefect', 'fastapi'}\n"
        "    assert not heavy, f'pdca {words} loads {heavy}'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(QUICK)],
        cwd=ROOT,
        env={**os.environ, "PDCA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_first_command_makes_and_migrates_the_home(tmp_path):
    home = tmp_path / "new" / "home"
    done = typed("list", "duties", "--json", home=home)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert (home / "pdca.sqlite").exists()


def test_a_reader_that_goes_away_is_no_fault(home):
    command = f"{sys.executable} -m service.main list people --json | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PDCA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("language", "said"), [("zh", "开具不符合项"), ("en", "Raise a nonconf")])
def test_help_speaks_the_language_of_the_site(tmp_path, language, said):
    done = typed("--help", home=tmp_path, PDCA_LANGUAGE=language, COLUMNS="120")
    assert done.returncode == 0
    assert said in done.stdout
    below = typed("raise", "--help", home=tmp_path, PDCA_LANGUAGE=language, COLUMNS="120")
    assert ("责任人" in below.stdout) is (language == "zh")
    assert not list(tmp_path.iterdir())  # asking for help makes no home
