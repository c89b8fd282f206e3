"""Keep a small home of this version for the upgrades of later ones.

`python -m tests.support.released` writes it once a release, to `tests/releases/<version>/`: the
sample company after ten weeks, its database as SQL, its settings, its key, its files. Duties
climb in it, mails and lines wait to be sent, and links lie in the mailboxes of their readers.

Only what is behind the database differs from a home that somebody uses: of the mails that were
sent, the last ones still have their bytes, as after the days that the policy keeps them.
"""

import shutil
import sqlite3
import sys
import tempfile
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col, select

from config import current as configuration
from config.secret import with_key
from config.settings import load
from flows.turning import turn
from models import engine, migrate
from models.duty import Duty, Line
from models.engine import writing
from models.notice import Notice, NoticeBytes, NoticeState
from processes.mail import outbox
from processes.nonconformity import raising as nonconformities
from rules.words import DutyState
from service import version
from service.demo import audits as demo_audit
from service.demo import company as demo_company
from service.demo import company_year as demo
from service.demo import indicators as demo_kpi
from service.demo import plan as demo_plan
from service.demo import special as demo_special
from service.demo import year as demo_year
from service.demo.year import Year
from service.home import seen
from tests.support.mailbox import Taken

KEPT = Path(__file__).parents[1] / "releases"
SQL = "home.sql"
FILES = ("pdca.toml", "secret.key", "run/seen.json")
TODAY = date(2026, 9, 29)
WEEKS = 10
SEED = 28827
BYTES = 12  # sent mails that still have theirs
SETTINGS = """organisation = "示例运维公司"
operator = "it@huayun.example"
base_url = "http://pages.example"

[prefect]
auth = false
"""


def live(home):
    """Let the sample company live in a home until a morning whose letters are not sent yet."""
    (home / "pdca.toml").write_text(SETTINGS, "utf-8")
    settings = with_key(load(home), make=True)
    configuration.use(settings)
    engine.bind(settings.url)
    migrate.upgrade()
    year = Year(today=TODAY, seed=SEED, language="zh", home=home, mailbox=Taken(), length=WEEKS * 7)
    first = demo_year.on(year.begin, demo_year.MORNING)
    demo_company.load("zh", first)
    demo_audit.load(first)
    demo_kpi.load(first)
    demo_plan.load(first, "zh")
    demo_special.past(year.begin, home / "run", first)
    with demo._not_waiting_for_the_disk():
        for _ in year.days():
            pass
        morning = demo_year.on(date(2026, 9, 30), demo_year.MORNING)
        turn(morning)
        outbox.gather(morning)  # and nobody sends them
        nonconformities.raise_(
            title="升级前夜发现的不符合", owner_code="wang_lei", raised_by="li_na", at=morning
        )
        _drop_bytes()
    seen.note(home)


def _drop_bytes():
    """Drop the text of sent mails, but of the last ones whose duty is still open."""
    with writing() as session:
        sent = select(Notice.id).where(col(Notice.state) == NoticeState.SENT)
        last = session.exec(
            sent.join(Line, col(Line.notice_id) == Notice.id)
            .join(Duty, col(Duty.id) == Line.duty_id)
            .where(col(Duty.state) == DutyState.OPEN, col(Line.person_id) == Duty.owner_id)
            .order_by(col(Notice.id).desc())
            .limit(BYTES)
        ).all()
        session.execute(
            sa.delete(NoticeBytes).where(
                col(NoticeBytes.notice_id).in_(sent), col(NoticeBytes.notice_id).not_in(last)
            )
        )


def keep(home, folder):
    """Write the home's database as SQL, and the files that belong to it."""
    engine.database().dispose()
    folder.mkdir(parents=True)
    with sqlite3.connect(home / "pdca.sqlite") as kept:
        (folder / SQL).write_text("\n".join(kept.iterdump()) + "\n", "utf-8")
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(home / name, folder / name)
    shutil.copytree(home / "evidence", folder / "evidence")


def main():
    folder = KEPT / version.of_product()
    if folder.exists():
        sys.exit(f"{folder} is there: a release keeps its home as it was")
    with tempfile.TemporaryDirectory() as home:
        live(Path(home))
        keep(Path(home), folder)
    print(folder)


if __name__ == "__main__":
    main()
