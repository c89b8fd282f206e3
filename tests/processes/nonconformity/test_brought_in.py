"""A register from before: taken over as it was, marked, without a letter, once."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from config.current import current
from config.register_mapping import load_register
from models.duty import Duty, Line
from models.engine import reading, transaction
from models.nonconformity import Nonconformity, Round
from models.organisation import Person
from processes.duty import climbing
from processes.duty import issued as duties
from processes.duty.missed import tell_missed
from processes.imports.problems import ImportRefused
from processes.nonconformity import history
from processes.nonconformity import import_nonconformities as nonconformities
from rules.words import DutyState
from tests.support.cast import hire

DATA = Path(__file__).parents[3] / "shared" / "data"
AT = datetime(2026, 9, 28, 1, 0, tzinfo=UTC)  # Monday 09:00 at the site
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
HEAD = "code,title,owner,severity,raised_at,due,state,closed_at,verified_by,rounds,level"


def write(folder, text, name="register.csv"):
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def take(path, *, mapping=None, at=AT):
    past = load_register(str(mapping), current().settings.home, "nonconformities")
    past = past if mapping else None
    return nonconformities.take(path, at=at, actor="operator:test", mapping=past)


def of(model):
    with reading() as session:
        return list(session.exec(select(model).order_by(model.id)))


@transaction
def leaves(session, code):
    session.exec(select(Person).where(Person.code == code)).one().active = False


def found(code):
    return history.of_nonconformity(code, at=AT)


def test_what_was_closed_is_closed_with_its_rounds_and_nobody_hears_of_it(home):
    hire()
    row = "O1,旧的,li,major,2024-01-02,2024-02-06,closed,2024-03-05,zhao,3,"
    report = take(write(home, f"{HEAD}\n{row}\n"))
    one = found("O1")
    assert (report.new, one.nonconformity.state) == (1, "closed")
    assert one.nonconformity.closed_at == datetime(2024, 3, 5, 10, 0, tzinfo=UTC)
    assert [round_["effective"] for round_ in one.rounds] == [False, False, True]
    assert one.rounds[-1]["verified_by"].code == "zhao"
    assert one.nonconformity.brought_in["unknown"] == ["verified_at", "cause", "corrective_action"]
    assert (of(Duty), of(Line)) == ([], [])


def test_a_verifier_whom_nobody_remembers_is_said_to_be_unknown(home):
    hire()
    report = take(write(home, f"{HEAD}\nO1,旧的,li,,2024-01-02,,closed,2024-03-05,,,\n"))
    said = [note.said("en") for note in report.notes]
    sentence = "verified_by is unknown for 1 that were closed elsewhere: kept as unknown"
    assert any(sentence in one for one in said)
    assert found("O1").rounds[0]["verified_by"] is None


def test_whoever_has_left_may_have_owned_what_is_closed_and_nothing_that_is_open(home):
    hire()
    leaves("li")
    take(write(home, f"{HEAD}\nO1,旧的,li,,2024-01-02,,closed,2024-03-05,zhao,,\n"))
    with pytest.raises(ImportRefused):
        take(write(home, f"{HEAD}\nO2,开着,li,,2024-01-02,,accepted,,,,\n"))


def test_twice_is_once_and_what_differs_then_stays_as_the_register_has_it(home):
    hire()
    path = write(home, f"{HEAD}\nO1,旧的,li,,2024-01-02,,accepted,,,,\n")
    take(path)
    before = of(Nonconformity), of(Round), of(Duty), of(Line)
    again = take(path)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert (of(Nonconformity), of(Round), of(Duty), of(Line)) == before
    closed = take(write(home, f"{HEAD}\nO1,旧的,li,,2024-01-02,,closed,2024-03-05,zhao,,\n"))
    assert any("state, closed_at" in note.said("en") for note in closed.notes)
    assert found("O1").nonconformity.state == "accepted"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("li,,2024-01-02,,closed,2023-12-01,zhao,,", "closed_at"),  # before it was raised
        ("li,,2024-01-02,,accepted,2024-03-05,,,", "closed_at"),  # open, with a closing date
        ("li,,2024-01-02,,closed,2024-03-05,li,,", "verified_by"),  # one's own work
        ("li,,2024-01-02,,closed,2024-03-05,nobody,,", "verified_by"),
        ("li,,2024-01-02,,planned,,,,", "state"),  # no plan without a cause
        ("li,,2024-01-02,,implemented,,,,", "state"),
        ("li,,2024-01-02,,closed,2027-03-05,zhao,,", "closed_at"),  # still to come
        ("li,,2024-01-02,,closed,2024-03-05,zhao,0,", "rounds"),
        ("li,,2024-01-02,,closed,2024-03-05,zhao,,2", "level"),  # climbs no more
        ("li,,2024-01-02,,gone,,,,", "state"),
    ],
)
def test_what_cannot_have_been_is_refused_by_row_and_column(home, row, column):
    hire()
    with pytest.raises(ImportRefused) as no:
        take(write(home, f"{HEAD}\nO1,旧的,{row}\n"))
    assert [(one.row, one.column) for one in no.value.problems] == [(2, column)]
    assert of(Nonconformity) == []


def test_what_is_open_takes_its_first_step_three_working_days_after_entry(home):
    hire()
    path = write(
        home,
        f"{HEAD},cause,corrective_action\n"
        "O1,答复,li,,2024-01-02,2024-02-01,accepted,,,,,,\n"
        "O2,实施,li,,2024-01-02,2024-02-01,planned,,,,,没有备份,加备份\n",
    )
    take(path)
    first, second = of(Duty)
    assert (first.kind, second.kind) == ("respond", "act")
    assert second.due_at < AT
    assert (
        current().calendar.count(current().calendar.day(AT), current().calendar.day(second.next_at))
        == 3
    )
    assert [line for line in of(Line) if line.dropped_at is None] == []
    tomorrow = current().calendar.add(AT, 1)
    assert tell_missed(tomorrow) == 0  # their owners know of them from the register


def test_the_ladder_goes_on_above_the_levels_that_were_told_elsewhere(home):
    hire()
    path = write(
        home,
        f"{HEAD},cause,corrective_action\n"
        "O2,实施,li,,2024-01-02,2024-02-01,planned,,,,1,没有备份,加备份\n",
    )
    take(path)
    duty = of(Duty)[0]
    elsewhere = of(Line)
    assert duty.level == 1
    assert [(line.level, line.dropped_at) for line in elsewhere] == [(None, AT), (1, AT)]
    assert {told.mail for told in found("O2").told} == {"elsewhere"}
    climbing.climb([duty.id], at=duty.next_at)
    told = [line for line in of(Line) if line.dropped_at is None]
    assert [line.level for line in told] == [2]
    assert told[0].person_id not in {line.person_id for line in elsewhere}


def test_a_raw_export_is_read_by_a_mapping(home):
    hire()
    raw = write(
        home,
        "nc_id,nc_date,defect_description,severity,closed\n"
        "NC-1,02/01/2024,Out of tolerance,Critical,27/03/2024\n"
        "NC-2,03/01/2024,Record incomplete,Minor,?\n",
        "raw.csv",
    )
    mapping = write(
        home,
        'register = "nonconformities"\n[columns]\ncode = "OLD-{nc_id}"\n'
        'title = "defect_description"\nraised_at = "nc_date"\nseverity = "severity"\n'
        'closed_at = "closed"\n[values.severity]\nCritical = "major"\n'
        '[constants]\nowner = "li"\n[written]\ndates = "%d/%m/%Y"\nmissing = ["?"]\n',
        "old.toml",
    )
    assert take(raw, mapping=mapping).new == 2
    one, two = found("OLD-NC-1").nonconformity, found("OLD-NC-2").nonconformity
    assert (one.severity, one.state, two.severity, two.state) == (
        "major",
        "closed",
        "minor",
        "raised",
    )


def test_a_mapping_that_names_a_column_the_file_lacks_is_refused_by_its_name(home):
    hire()
    mapping = write(
        home,
        'register = "nonconformities"\n[columns]\ncode = "id"\ntitle = "what"\n'
        '[constants]\nowner = "li"\n',
        "old.toml",
    )
    with pytest.raises(ImportRefused) as no:
        take(write(home, "id,title\n1,x\n", "raw.csv"), mapping=mapping)
    assert [one.column for one in no.value.problems] == ["what"]


@real_data
def test_the_actions_of_published_post_mortems_come_in_done_and_open(home):
    hire()
    mapping = write(
        home,
        'register = "nonconformities"\nshortened = ["title"]\n[columns]\n'
        'code = "{postmortem}-{no}"\ntitle = "action"\ndescription = "action"\n'
        'source_record = "postmortem"\nstate = "marked_done"\n'
        '[values.state]\nyes = "closed"\nno = "accepted"\n'
        '[constants]\nowner = "li"\nraised_at = "2024-12-31"\n',
        "dfds.toml",
    )
    with (DATA / "dfds_actions.csv").open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    report = take(DATA / "dfds_actions.csv", mapping=mapping)
    done = sum(row["marked_done"] == "yes" for row in raw)
    rows = of(Nonconformity)
    assert report.new == len(rows) == len(raw) == 131
    assert sum(row.state == "closed" for row in rows) == done
    assert all(row.closed_at is None for row in rows)  # the file does not say when: nor do we
    assert sum(duty.state is DutyState.OPEN for duty in of(Duty)) == len(raw) - done
    assert of(Line) == []
    assert take(DATA / "dfds_actions.csv", mapping=mapping).unchanged == 131
    assert duties.due(AT + timedelta(days=1)) == []
