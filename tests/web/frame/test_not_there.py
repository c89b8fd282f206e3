"""To somebody of another unit a thing is not there, and nothing says that there is one.

Each address is asked with a code that exists and with one that never did; whoever may not see the
thing gets the same page for both.
"""

import io
import re
from datetime import date

import pytest

from models.audit import Audit, AuditArea, AuditLine, AuditProgramme
from models.check import Check, CheckLine
from models.contract import Contract
from models.engine import reading, writing
from models.plan import Activity, ActivityState, Improvement
from models.record import Cycle
from processes.attachment import attached as evidence
from processes.check import sheets as check_sheets
from processes.kpi import special
from processes.plan import drafting as plan_drafting
from rules.check import CheckState, Result
from tests.support.indicators import indicator, measure
from tests.web.cast import field
from tests.web.frame.test_every_route import PDF, TYPED
from tests.web.matters import Matter
from tests.web.routes import served

# Addresses whose part is no thing of somebody's, and why.
OPEN = {
    "/d/{token}": "whoever has the letter has the link",
    "/d/{token}/evidence/{file}": "whoever has the letter has the link",
    "/d/{token}/sheet.xlsx": "whoever has the letter has the link",
    "/sign-in/{token}": "a link of its own",
    "/contracts/export/{register}.csv": "names a register; each reader gets the own rows",
    "/letters/{key}": "a letter, its receiver's alone: tests/web/duty/test_letter_page.py",
    "/cycles/{code}": "a period of the calendar; what it shows is asked below",
}
# Addresses where there is something only at a later stage, or for its author alone.
LATER = {
    "/checks/{code}/report.docx",
    "/duties/{number}/sheet.xlsx",
    "/review/{code}",
    "/review/{code}.docx",
}
QUIET = [97.2 if n % 2 else 96.8 for n in range(23)]  # 2024-09 to 2026-07


@pytest.fixture
def theirs(people, hour):
    """One of each thing of Li's and Wang's: by the address, what stands in it."""
    matter = Matter(people, hour.at)
    duty = matter.duty("respond").id
    file = evidence.attach(
        duty, person_id=people["li"], name="记录.pdf", content=io.BytesIO(PDF), at=hour.at
    )
    measure(indicator("SLA-77"), [*QUIET, 80], first="2024-09")
    special.look(at=hour.at)
    activity, check, audit = planned(hour), checked(people, hour, matter.code), audited(people)
    return {
        "/activities/{code}": (activity, "2026-03-20991231-P9"),
        "/audit-programmes/{year}": (2026, 2031),
        "/audits/{code}": (audit, "IA-2026-XYZ-09"),
        "/contracts/show/{code}": (contracted(people), "HT-9999"),
        "/checks/{code}": (check, "CK-2026-0999"),
        "/duties/{number}": (duty, 999_999),
        "/duties/{number}/evidence/{file}": (file, 999_999),
        "/evidence/{file}": (file, 999_999),
        "/kpis/show/{code}": ("SLA-77", "SLA-99"),
        "/kpis/special/{code}": ("TS-0001", "TS-0999"),
        "/kpis/sources/{code}": ("SLA-77", "SLA-99"),
        "/nonconformities/{code}": (matter.code, "NC-2026-9999"),
        "/plan/{code}": ("2026", "2031"),
        "/review/{code}": (activity, "2026-03-20991231-P9"),
    }


def planned(hour):
    """A plan that is a draft, and an activity about Wang's project that is done."""
    day = date(2026, 9, 7)
    with writing() as session:
        plan_drafting.draft(session, 2026, at=hour.at)
        about = {"object_kind": "project", "object": "P1", "project": "P1", "owner": "wang"}
        days = dict.fromkeys(("nominal_on", "first_planned_on", "planned_on", "opens_on"), day)
        done = {"state": ActivityState.DONE, "done_on": day, "record": "REC-2026-0042"}
        own = Activity(
            code="2026-03-20260907-P1",
            plan="2026",
            item="03",
            kind="project_review",
            title="项目评审",
            **about,
            **days,
            **done,
        )
        said = Improvement(
            source="kpi", ref="SLA-77", cycle="2026", text="IMP-SLA-77", proposed_at=hour.at
        )
        begun = Cycle(
            code="2026",
            kind="year",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31),
            opened_at=hour.at,
        )
        session.add_all([own, said, begun])
        return own.code


def checked(people, hour, nonconformity):
    """A check of Wang's project that found what Li owes."""
    with writing() as session:
        sheet = check_sheets.keep(session, check_sheets.configured()[0], hour.at)
        own = Check(
            code="CK-2026-0001",
            project="P1",
            state=CheckState.DONE,
            planned_on=date(2026, 9, 7),
            performed_on=date(2026, 9, 8),
            sheet_id=sheet,
            manager_id=people["wang"],
            created_at=hour.at,
        )
        session.add(own)
        session.flush()
        session.add(
            CheckLine(
                check_id=own.id,
                key="a",
                point="a",
                number="1",
                weight=1,
                result=Result.NONCONFORMING,
                nonconformity=nonconformity,
            )
        )
        return own.code


def audited(people):
    """An audit of what Wang answers for."""
    with writing() as session:
        area = AuditArea(code="NET", kind="unit", name="网络部", owner_id=people["wang"])
        programme = AuditProgramme(
            code="AP-2026", year=2026, procedure_hash="x", drafted_at=date_at()
        )
        session.add_all([area, programme])
        session.flush()
        line = AuditLine(programme_id=programme.id, area_id=area.id, points=1, rank=1)
        session.add(line)
        session.flush()
        own = Audit(
            code="IA-2026-NET-09",
            programme_id=programme.id,
            line_id=line.id,
            area_id=area.id,
            month=9,
            planned_on=date(2026, 9, 20),
        )
        session.add(own)
        return own.code


def contracted(people):
    """A contract that Wang manages."""
    with writing() as session:
        session.add(Contract(code="HT-2026-07", name="网络运维", manager_id=people["wang"]))
    return "HT-2026-07"


def date_at():
    from tests.support.cast import at

    return at("2026-01-05")


def asked(app):
    """Yield each address that names a thing, and how it may be asked."""
    for one in served(app):
        if "{" in one.path:
            path = one.path.replace(":path", "")
            if path not in OPEN:
                yield path, sorted(one.methods & {"GET", "POST"})


def codes(theirs, path):
    """Return what stands in an address, or in the one that it is a part of: its file, its form."""
    known = [key for key in theirs if path == key or path.startswith((f"{key}/", f"{key}."))]
    assert known, f"say what {path} is asked for, or in OPEN why for nobody's thing"
    return theirs[max(known, key=len)]


def filled(path, code):
    return re.sub(r"\{(\w+)\}", lambda m: "pdf" if m[1] == "ending" else str(code), path)


def plain(text, *codes):
    """Return a page without the codes that were asked for and without the form's own field."""
    text = re.sub(r'name="csrf" value="[^"]+"', "", text)
    for code in codes:
        text = text.replace(str(code), "·")
    return text


def test_what_is_another_unit_s_is_as_if_it_were_not_there(pages, theirs, signed_in):
    chen = signed_in("chen")
    form = {**TYPED, "act": "void", "csrf": field(chen.get("/raise").text)}
    for path, methods in asked(pages.app):
        there, never = codes(theirs, path)
        for method in methods:
            data = form if method == "POST" else None
            answers = [
                chen.request(method, filled(path, code), data=data, follow_redirects=False)
                for code in (there, never)
            ]
            assert [one.status_code for one in answers] == [404, 404], (method, path)
            seen, unseen = (plain(one.text, there, never) for one in answers)
            assert seen == unseen, (method, path)


def test_to_whoever_sees_everything_each_of_them_is_there(pages, theirs, signed_in):
    zhao = signed_in("zhao")
    for path, _ in asked(pages.app):
        if path not in LATER and "{ending}" not in path:
            answer = zhao.get(filled(path, codes(theirs, path)[0]), follow_redirects=False)
            assert answer.status_code in {200, 303, 409}, path


def test_no_list_names_another_unit_s_things(pages, theirs, signed_in):
    """Registers, boards, files of them, and the walk through the year."""
    names = [
        *(str(code) for code, _ in theirs.values() if len(str(code)) > 4),
        *("REC-2026-0042", "IMP-SLA-77"),
    ]
    chen, zhao = signed_in("chen"), signed_in("zhao")
    paths = [one.path for one in served(pages.app) if "{" not in one.path and "GET" in one.methods]
    shown = set()
    for path in [*paths, "/cycles/2026", "/cycles/2026-09"]:
        text = chen.get(path).text
        assert not [name for name in names if name in text], path
        shown |= {name for name in names if name in zhao.get(path).text}
    assert {"CK-2026-0001", "REC-2026-0042", "IMP-SLA-77", "SLA-77"} <= shown


def test_whoever_sees_no_draft_is_not_led_to_one(theirs, signed_in):
    assert "/plan/2026" not in signed_in("chen").get("/plan").text
    assert signed_in("zhao").get("/plan", follow_redirects=False).status_code == 303


def test_the_things_are_as_they_were(pages, theirs, signed_in):
    """What was refused has changed nothing: not even for a moment was it there."""
    chen = signed_in("chen")
    form = {**TYPED, "act": "cancel", "csrf": field(chen.get("/raise").text)}
    chen.post(f"/activities/{theirs['/activities/{code}'][0]}", data=form)
    with reading() as session:
        assert not session.connection().exec_driver_sql("SELECT 1 FROM activity_change").all()
