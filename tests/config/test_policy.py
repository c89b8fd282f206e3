"""Policies: the table of the procedure as shipped, a home's own keys, and every refusal."""

import re
from pathlib import Path

import pytest

from config import choices, policy
from config.policy import load_policy
from config.settings import Misconfigured
from rules.stepping import Ladder
from rules.words import DutyKind, Role, Severity

MINOR, MAJOR, OBSERVATION = Severity.MINOR, Severity.MAJOR, Severity.OBSERVATION


@pytest.fixture
def write(tmp_path):
    """Write a policy file of the home; returns the home."""

    def put(name, text):
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / name).write_text(text, "utf-8")
        return tmp_path

    return put


@pytest.mark.parametrize(("severity", "steps", "every"), [
    (MINOR, (0, 2, 5, 10, 15), 5),
    (MAJOR, (0, 1, 3, 5, 8), 3),
    (OBSERVATION, (0, 5, 10), 10),
])  # fmt: skip
def test_the_ladder_as_shipped(tmp_path, severity, steps, every):
    ladder = Ladder(reminder=3, steps=steps, every=every, any_hour=False)
    shipped = load_policy(tmp_path)
    assert all(shipped.ladder(kind, severity) == ladder for kind in DutyKind)


def test_the_deadlines_as_shipped(tmp_path):
    shipped = load_policy(tmp_path)
    deadlines = shipped.deadlines
    assert deadlines.respond_working_days == 3
    assert deadlines.agree_working_days == 3
    assert deadlines.verify_working_days == 5
    assert deadlines.dispute_working_days == 3
    assert deadlines.decide_working_days == 3
    assert deadlines.extension_working_days == 3
    assert deadlines.effect_calendar_days == 90
    assert deadlines.act_calendar_days == {MAJOR: 15, MINOR: 30, OBSERVATION: 90}
    assert shipped.extensions.most == 2
    assert shipped.extensions.days_ahead == {MAJOR: 15, MINOR: 30, OBSERVATION: 30}
    assert shipped.straight_up_role is Role.VP_OPERATIONS


def test_mail_digest_and_evidence_as_shipped(tmp_path):
    shipped = load_policy(tmp_path)
    assert shipped.digest_above == 10
    assert shipped.mail.retention_days == 90
    assert shipped.mail.link_days == 60
    assert shipped.mail.lease_minutes == 15
    assert shipped.mail.backoff_cap_hours == 6
    assert shipped.mail.unsure_minutes == 10
    assert shipped.evidence.max_bytes == 20 * 1024 * 1024
    assert "pdf" in shipped.evidence.types
    assert "exe" not in shipped.evidence.types


def test_a_home_replaces_only_the_keys_it_names(write):
    own = load_policy(write("escalation.toml", "[ladder.default.minor]\nevery = 7\n"))
    assert own.ladder("act", MINOR) == Ladder(reminder=3, steps=(0, 2, 5, 10, 15), every=7)
    assert own.ladder("act", MAJOR).every == 3


def test_a_kind_of_its_own_names_only_what_differs_from_the_default(write):
    text = "[ladder.decide.major]\nsteps = [0, 1]\nany_hour = true\n"
    own = load_policy(write("escalation.toml", text))
    assert own.ladder("decide", MAJOR) == Ladder(reminder=3, steps=(0, 1), every=3, any_hour=True)
    assert own.ladder("decide", MINOR).steps == (0, 2, 5, 10, 15)
    assert own.ladder("act", MAJOR).steps == (0, 1, 3, 5, 8)


def test_a_kinds_own_ladder_follows_the_homes_default(write):
    text = "[ladder.default.minor]\nevery = 7\n[ladder.act.minor]\nreminder = 1\n"
    assert load_policy(write("escalation.toml", text)).ladder("act", MINOR) == Ladder(
        reminder=1, steps=(0, 2, 5, 10, 15), every=7
    )


def test_one_deadline_is_changed_and_the_others_stay(write):
    own = load_policy(write("deadlines.toml", "[deadlines.act_calendar_days]\nmajor = 10\n"))
    assert own.deadlines.act_calendar_days == {MAJOR: 10, MINOR: 30, OBSERVATION: 90}


def test_a_byte_order_mark_is_no_error(write):
    own = load_policy(write("notifications.toml", "\ufeff[digest]\nabove = 3\n"))
    assert own.digest_above == 3


ESCALATION, DEADLINES, MAIL = "escalation.toml", "deadlines.toml", "notifications.toml"


@pytest.mark.parametrize(("name", "text", "said"), [
    (ESCALATION, "[ladder.default.minor]\nsteps = [0, 2, 2]", "must increase from step to step"),
    (ESCALATION, "[ladder.default.minor]\nsteps = [5, 2]", "must increase from step to step"),
    (ESCALATION, "[ladder.default.minor]\nsteps = []", "steps: needs at least one number"),
    (ESCALATION, "[ladder.default.minor]\nsteps = [-1, 2]", "steps.0: must be at least 0, not -1"),
    (ESCALATION, "[ladder.default.minor]\nsteps = 3", "steps: must be a list in square brackets"),
    (ESCALATION, '[ladder.default.minor]\nsteps = ["0"]', "must be a whole number, not '0'"),
    (ESCALATION, "[ladder.default.minor]\nevery = 0", "every: must be at least 1, not 0"),
    (ESCALATION, "[ladder.default.minor]\nevery = true", "every: must be a whole number, not true"),
    (ESCALATION, "[ladder.default.minor]\nevery = 1.5", "every: must be a whole number, not 1.5"),
    (ESCALATION, "[ladder.default.minor]\nreminder = -1", "reminder: must be at least 0, not -1"),
    (ESCALATION, '[ladder.default.minor]\nany_hour = "no"', "any_hour: must be true or false"),
    (ESCALATION, "[ladder.default.minor]\nremind = 1", "minor.remind: there is no such key"),
    (ESCALATION, "[ladder.default.severe]\nevery = 1", "ladder.default.severe: there is no such"),
    (ESCALATION, "[ladder.acts.minor]\nevery = 1", "ladder.acts: there is no such table"),
    (ESCALATION, "[ladder.default]\nminor = 3", "ladder.default.minor: must be a table, not 3"),
    (ESCALATION, "[ladder]\nact = 3", "ladder.act: must be a table, not 3"),
    (ESCALATION, "ladder = 3", "ladder: must be a table, not 3"),
    (ESCALATION, "[ladders.default.minor]\nevery = 1", "ladders: there is no such table"),
    (ESCALATION, '[straight_up]\nrole = "boss"', "straight_up.role: must be "),
    (ESCALATION, "straight_up = 1", "straight_up: must be a table, not 1"),
    (DEADLINES, "[deadlines]\nrespond_working_days = 0", "must be at least 1, not 0"),
    (DEADLINES, "[deadlines]\nrespond_days = 3", "deadlines.respond_days: there is no such key"),
    (DEADLINES, "[deadlines]\nact_calendar_days = 3", "act_calendar_days: must be a table"),
    (DEADLINES, "[deadlines.act_calendar_days]\nhuge = 3", "act_calendar_days.huge: must be "),
    (DEADLINES, "[extensions]\nmost = -1", "extensions.most: must be at least 0, not -1"),
    (MAIL, "[mail]\nlink_days = 99999", "mail.link_days: must be at most 10000, not 99999"),
    (MAIL, '[evidence]\ntypes = [".PDF"]', "must be endings in lower case without a dot"),
    (MAIL, "[evidence]\nmax_bytes = 0", "evidence.max_bytes: must be at least 1, not 0"),
    (MAIL, "[digest]\nabove = 0", "digest.above: must be at least 1, not 0"),
    (MAIL, "[digest\nabove = 0", "not valid TOML"),
])  # fmt: skip
def test_refuses_by_file_key_and_what_is_wrong(write, name, text, said):
    home = write(name, text)
    with pytest.raises(Misconfigured) as refused:
        load_policy(home)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(set(lines)) == 1
    assert lines[0].startswith(f"{home / 'config' / name}: ")
    assert said in lines[0]


def test_says_everything_that_is_wrong_at_once(write):
    write(ESCALATION, "[ladder.default.minor]\nevery = 0\nsteps = [2, 1]\n[laddr]\n")
    home = write(DEADLINES, "[deadlines]\nrespond_working_days = 'three'\n")
    with pytest.raises(Misconfigured) as refused:
        load_policy(home)
    said = [line.partition("config/")[2] for line in str(refused.value).splitlines()]
    assert [re.split(r": (?=must|there)", line)[0] for line in said] == [
        "escalation.toml: laddr",
        "escalation.toml: ladder.default.minor.steps",
        "escalation.toml: ladder.default.minor.every",
        "deadlines.toml: deadlines.respond_working_days",
    ]


def test_says_it_in_chinese_to_whoever_reads_chinese(write):
    home = write(ESCALATION, "[ladder.default.minor]\nevery = 0\nsteps = [2, 1]\n")
    with pytest.raises(Misconfigured) as refused:
        load_policy(home)
    file = home / "config" / ESCALATION
    assert refused.value.said("zh").splitlines() == [
        f"{file}: ladder.default.minor.steps: 应逐级递增，而不是 [2, 1]",
        f"{file}: ladder.default.minor.every: 不能小于 1，现为 0",
    ]


def test_a_wrong_default_is_said_once_though_other_kinds_inherit_it(write):
    text = "[ladder.default.minor]\nevery = 0\n[ladder.act.minor]\nreminder = 1\n"
    with pytest.raises(Misconfigured) as refused:
        load_policy(write(ESCALATION, text))
    assert str(refused.value).count("every") == 1


@pytest.mark.parametrize(("name", "table", "said"), [
    (ESCALATION, "[ladder.default.observation]", "ladder.default.observation: is missing"),
    (ESCALATION, "[ladder.default.major]", "ladder.default.major: is missing"),
    (DEADLINES, "[deadlines.act_calendar_days]", "deadlines.act_calendar_days: is missing"),
    (DEADLINES, "[extensions.days_ahead]", "extensions.days_ahead: is missing"),
    (MAIL, "[digest]", "digest.above: is missing"),
    (ESCALATION, "[straight_up]", "straight_up.role: is missing"),
])  # fmt: skip
def test_a_packaged_file_that_lacks_something_is_refused(tmp_path, monkeypatch, name, table, said):
    shipped = Path(policy.__file__).parent
    for other in (ESCALATION, DEADLINES, MAIL):
        text = (shipped / other).read_text("utf-8")
        if other == name:
            text = re.sub(re.escape(table) + r"\n([^\[].*\n?|\n)*", "", text)
        (tmp_path / other).write_text(text, "utf-8")
    monkeypatch.setattr("config.choices.PACKAGED", tmp_path)
    choices._packaged.cache_clear()  # a folder of this name may have been read before
    choices._adapter.cache_clear()
    with pytest.raises(Misconfigured) as refused:
        load_policy(tmp_path / "home")
    assert said in str(refused.value)


def test_a_folder_or_another_encoding_is_named(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / MAIL).write_bytes("[digest] # 汇总".encode("gb18030"))
    with pytest.raises(Misconfigured, match="not UTF-8 text"):
        load_policy(tmp_path)
