"""The sample company: loaded as any files are, living the same year for the same seed."""

import tomllib
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from config.current import current
from models import trail
from models.engine import reading, writing
from models.nonconformity import Nonconformity
from models.notice import Notice
from models.people import organisation
from processes.duty import registers as duty_registers
from processes.mail import registers as mail_registers
from processes.nonconformity import registers as nonconformity_registers
from processes.register.query import Filters
from service import main
from service.commands import wording
from service.demo import company as demo_company
from service.demo import company_year as demo
from service.demo import year as demo_year
from service.demo.troubles import LEAVER, When
from service.demo.year import Year
from tests.support.cast import at
from tests.support.mailbox import Taken

TODAY = date(2026, 9, 30)


def live(home, *, seed=7, length=45):
    year = Year(today=TODAY, seed=seed, language="zh", home=home, mailbox=Taken(), length=length)
    demo_company.load("zh", demo_year.on(year.begin, demo_year.MORNING))
    with demo._not_waiting_for_the_disk():
        for _ in year.days():
            pass
    return [
        (row.title, row.owner, row.state, row.level, row.raised_at, row.closed_at)
        for row in nonconformity_registers.nonconformities(Filters(), at=at(str(TODAY))).rows
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_company_has_thirty_people_on_five_levels_and_one_gap(home, language):
    counts = demo_company.load(language, at("2026-01-05"))
    assert counts == {"units": 7, "people": 30, "projects": 8}
    with reading() as session:
        known = organisation(session)
    depths = {len(known.chain(number).people) for number in known.posts}
    assert depths == {0, 1, 2, 3, 4, 5}
    assert [post.code for post in known.gaps()] == ["hua_mei"]
    assert not known.circles()
    names = {post.code: post.name for post in known.posts.values()}
    assert names["li_na"] == ("李娜" if language == "zh" else "Li Na")


def test_every_finding_is_told_in_both_languages():
    chinese, english = (demo_company.findings(language) for language in ("zh", "en"))
    assert len(chinese) == len(english) >= 20
    assert all(one.text.keys() == chinese[0].text.keys() for one in (*chinese, *english))
    assert demo_company.words("zh").keys() == demo_company.words("en").keys()


def test_weeks_pass_and_everything_that_happened_is_true(home):
    rows = live(home)
    assert len(rows) > 5
    with reading() as session:
        assert trail.verify(session) is None
    assert {row.state for row in mail_registers.notices(Filters(), at=at(str(TODAY))).rows} <= {
        *("sent", "cancelled"),
    }
    kinds = {row.kind for row in duty_registers.duties(Filters(), at=at(str(TODAY))).rows}
    assert {"respond", "agree", "act", "verify"} <= kinds


def test_the_same_seed_is_the_same_year(home, tmp_path_factory):
    from models import engine, migrate

    first = live(home, length=12)
    again = tmp_path_factory.mktemp("again")
    engine.bind(f"sqlite:///{again / 'pdca.sqlite'}")
    migrate.upgrade()
    assert live(again, length=12) == first
    assert first


@pytest.fixture
def pdca(tmp_path, monkeypatch, capsys):
    """Type `pdca demo …` in a home that does not exist yet."""
    folder = tmp_path / "demo"
    monkeypatch.setenv("PDCA_HOME", str(folder))
    monkeypatch.setenv("PDCA_LANGUAGE", "en")
    wording.language.cache_clear()

    def type_(*words):
        code = main.run(["demo", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    type_.folder = folder
    yield type_
    wording.language.cache_clear()


def test_setup_only_loads_the_company_and_turns_nothing(pdca):
    code, said = pdca("--setup-only")
    assert (code, "30 people in 7 units, 8 projects" in said) == (0, True)
    assert (pdca.folder / demo.MARK).exists()
    with reading() as session:
        assert not session.exec(select(Nonconformity)).all()


def test_a_demo_home_is_begun_afresh(pdca):
    pdca("--setup-only")
    (pdca.folder / "old.txt").write_text("from the last time")
    with writing() as session:
        session.add(Notice(**NOTICE))
    assert pdca("--setup-only")[0] == 0
    assert not (pdca.folder / "old.txt").exists()
    with reading() as session:
        assert not session.exec(select(Notice)).all()


NOTICE = {
    "key": "k",
    "letter": "code",
    "address": "a@b.example",
    "message_id": "m",
    "mime_hash": "",
    "created_at": at("2026-01-05"),
    "next_try_at": at("2026-01-05"),
}


def test_a_home_that_is_not_the_demos_is_left_as_it_is(pdca):
    pdca.folder.mkdir()
    (pdca.folder / "work.txt").write_text("somebody's")
    code, said = pdca("--exit")
    assert code == 3
    assert "is not a home of the demo" in said
    assert [path.name for path in pdca.folder.iterdir()] == ["work.txt"]


def test_a_database_that_somebody_set_is_not_filled_with_inventions(pdca, tmp_path, monkeypatch):
    monkeypatch.setenv("PDCA_DATABASE_URL", f"sqlite:///{tmp_path / 'mine.sqlite'}")
    code, said = pdca("--exit")
    assert (code, "unset PDCA_DATABASE_URL" in said) == (3, True)
    assert not (tmp_path / "mine.sqlite").exists()


TROUBLES = When(refused=2, published=4, day_off=7, leaves=9, copied=12)


def test_the_demo_ends_with_what_the_year_came_to_and_loses_nothing(pdca, monkeypatch):
    shorter = {"length": 14, "until": None, "troubles": TROUBLES}
    monkeypatch.setattr(demo_year, "DAYS", 14)
    monkeypatch.setattr(Year.__init__, "__kwdefaults__", shorter)
    code, said = pdca("--exit")
    assert code == 0, said
    for words in ("Nonconformities by state", "Letters by level", "Highest level reached"):
        assert words in said
    assert list((pdca.folder / "inbox" / "new").iterdir())  # through the real local sink
    assert "Refused by the mail server for a morning: 0 letters" not in said
    assert "Sent by a copy of this home: 0 letters" in said
    assert "Written and not sent yet: 0 letters" in said
    with reading() as session:
        gone = next(p for p in organisation(session).posts.values() if p.code == LEAVER)
    assert not gone.active
    open_ = duty_registers.duties(Filters(state="open"), at=datetime.now(UTC)).rows
    assert LEAVER not in {duty.owner for duty in open_}
    off = tomllib.loads((pdca.folder / "config" / "calendar.toml").read_text())["holidays"]
    assert [current().calendar.is_working(day) for day in off] == [False]
