"""Evidence: what is taken, under which name, who opens it, and how long it is kept."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from config.current import current
from models.alarms import open_alarms
from models.engine import reading
from models.nonconformity import Evidence
from models.record import Trail
from models.trail import verify
from processes.attachment import attached as evidence
from processes.attachment import files as evidence_files
from processes.attachment import retention as evidence_retention
from processes.attachment.content_types import HoldsMacros, TypeDiffers, TypeNotTaken, sniff
from processes.duty import answers
from processes.nonconformity.raising import raise_
from rules.refusal import AlreadyAnswered, NotEntitled, NotFound
from tests.support.cast import absent, at, change, duty_of, hire, nonconformity

MONDAY = at("2026-09-14")
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


def archive(*members, **contents):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for member in members:
            # A date of its own: the bytes name the test, in every worker alike.
            made.writestr(zipfile.ZipInfo(member), contents.get(member, "x"))
    return file.getvalue()


@pytest.fixture
def cast(home):
    return hire()


@pytest.fixture
def duty(cast):
    return duty_of(raise_(title="备份未校验", owner_code="li", at=MONDAY), "respond")


def attach(duty, person, name="报告.pdf", content=PDF, when=MONDAY):
    return evidence.attach(duty.id, person_id=person, name=name, content=content, at=when)


def files(home):
    return sorted(p for p in (home / "evidence").rglob("*") if p.is_file())


def row(number):
    with reading() as session:
        return session.get(Evidence, number)


def test_a_file_is_kept_under_a_generated_name(home, duty, cast):
    number = attach(duty, cast["li"])
    (kept,) = files(home)
    assert kept.read_bytes() == PDF
    assert kept.suffix == ""
    assert kept.stat().st_mode & 0o777 == 0o600
    there = row(number)
    assert (there.name, there.content_type, there.size) == (
        "报告.pdf",
        "application/pdf",
        len(PDF),
    )
    opened = evidence.open_(number, person_id=cast["li"])
    assert (opened.path, opened.name) == (kept, "报告.pdf")
    with reading() as session:
        assert verify(session) is None
        (told,) = session.exec(select(Trail).where(col(Trail.action) == "evidence.attached")).all()
    assert told.after["sha256"] == there.sha256


def test_a_stream_will_do(home, duty, cast):
    attach(duty, cast["li"], content=io.BytesIO(PDF))
    assert files(home)[0].read_bytes() == PDF


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("报告.pdf", "报告.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\li\报告.pdf", "报告.pdf"),
        ("a\r\nb\x00\u202ecod.pdf", "a bcod.pdf"),
        ("<script>.pdf", "<script>.pdf"),  # text is text: whoever shows it escapes it
        ("/", "file"),
        ("..", "file"),
        ("x" * 300 + ".pdf", "x" * 195 + "….pdf"),
    ],
)
def test_a_name_is_for_display_only(given, shown):
    assert evidence_files.shown_name(given) == shown


GB = "备份记录\n校验通过\n".encode("gb18030")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0JFIF", "jpeg"),
        (b"GIF89a....", "gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "ole"),
        (archive("[Content_Types].xml", "word/document.xml"), "docx"),
        (archive("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (archive("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
        (archive("mimetype", mimetype="application/vnd.oasis.opendocument.text"), "odf"),
        (archive("a.txt"), "zip"),
        ("普通文字\n".encode(), "text"),
        ("带标记\n".encode("utf-8-sig"), "text"),
        ("宽字符\n".encode("utf-16"), "text"),
        (GB, "text"),
        (b"MZ\x90\x00\x03\x00\x00\x00", None),  # a program
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"PK\x03\x04 but no archive", None),
        (b"text with \x00 in it", None),
    ],
)
def test_a_file_is_what_its_content_is(content, kind):
    assert sniff(io.BytesIO(content)) == kind


@pytest.mark.parametrize(
    ("name", "content", "no"),
    [
        ("report.exe", b"MZ\x90\x00", TypeNotTaken),
        ("report", PDF, TypeNotTaken),
        ("page.html", b"<script>alert(1)</script>", TypeNotTaken),
        ("report.pdf", b"MZ\x90\x00\x03\x00", TypeDiffers),
        ("report.png", PDF, TypeDiffers),
        ("report.docx", archive("a.txt"), TypeDiffers),
        ("report.xlsx", archive("[Content_Types].xml", "word/document.xml"), TypeDiffers),
        (
            "report.docx",
            archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            HoldsMacros,
        ),
        ("empty.pdf", b"", evidence_files.EmptyFile),
    ],
)
def test_what_is_not_taken_leaves_nothing_behind(home, duty, cast, name, content, no):
    with pytest.raises(no):
        attach(duty, cast["li"], name=name, content=content)
    assert files(home) == []


def test_the_ending_may_be_in_capitals(duty, cast):
    assert attach(duty, cast["li"], name="REPORT.PDF")


@pytest.fixture
def small(home):
    folder = home / "config"
    folder.mkdir()
    (folder / "notifications.toml").write_text("[evidence]\nmax_bytes = 1048576\nmax_files = 2\n")
    from config.current import use

    use(current().settings)


def test_too_large_is_found_out_while_reading(home, duty, cast, small):
    with pytest.raises(evidence_files.TooLarge) as no:
        attach(duty, cast["li"], content=PDF + b"x" * 1_048_576)
    assert no.value.facts["most"] == 1
    assert files(home) == []


def test_too_many_are_refused(home, duty, cast, small):
    attach(duty, cast["li"])
    second = attach(duty, cast["li"])
    with pytest.raises(evidence.TooManyFiles):
        attach(duty, cast["li"])
    evidence.remove(second, person_id=cast["li"], at=MONDAY)
    attach(duty, cast["li"])
    assert len(files(home)) == 2


@pytest.mark.parametrize("who", ["chen", "wang", "zhao", "sun"])
def test_only_who_owes_it_attaches(duty, cast, who):
    with pytest.raises(NotEntitled):
        attach(duty, cast[who])


def test_the_delegate_attaches_for_the_absent(duty, cast):
    change("li", **absent(delegate="chen"))
    attach(duty, cast["chen"])


def test_nothing_is_attached_to_what_is_over(duty, cast):
    plan = {
        "method": "other",
        "cause": "a",
        "corrective_action": "b",
        "planned_on": "2026-09-24",
    }
    answers.answer(duty.id, person_id=cast["li"], data=plan, at=MONDAY, via="link")
    with pytest.raises(AlreadyAnswered):
        attach(duty, cast["li"])


def test_who_may_open_it(duty, cast):
    number = attach(duty, cast["li"])
    sees = set()
    for who, person in cast.items():
        try:
            evidence.open_(number, person_id=person, at=MONDAY)
        except NotEntitled:
            continue
        sees.add(who)
    offices, leaders = {"zhao", "zhou", "qin", "zong"}, {"wang", "gao", "director"}
    assert sees == {"li"} | offices | leaders


def test_there_is_no_such_file(cast):
    with pytest.raises(NotFound):
        evidence.open_(7, person_id=cast["li"])


def test_a_full_disk_records_nothing_and_tells_the_operator(home, duty, cast, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(evidence_files.os, "fsync", full)
    with pytest.raises(evidence.NotSaved):
        attach(duty, cast["li"])
    with reading() as session:
        assert [alarm.kind for alarm in open_alarms(session)] == ["evidence_not_saved"]
        assert session.exec(select(Evidence)).all() == []
    assert files(home) == []


def test_a_crash_after_the_commit_still_finds_the_file(home, duty, cast, monkeypatch):
    def crash(_path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(evidence_files, "settle", crash)
        with pytest.raises(KeyboardInterrupt):
            attach(duty, cast["li"])
    assert [f.suffix for f in files(home)] == [".part"]
    assert evidence.open_(1, person_id=cast["li"]).path.read_bytes() == PDF
    assert [f.suffix for f in files(home)] == [""]


def test_a_crash_before_the_commit_is_swept_away(home, duty, cast, monkeypatch):
    def crash(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "_keep", crash)
        with pytest.raises(KeyboardInterrupt):
            attach(duty, cast["li"])
    assert len(files(home)) == 1
    kept = attach(duty, cast["li"])
    long_after = max(f.stat().st_mtime for f in files(home)) + 2 * 86_400
    from datetime import UTC, datetime

    evidence_retention.delete_expired(datetime.fromtimestamp(long_after, UTC))
    assert [evidence.open_(kept, person_id=cast["li"]).path] == files(home)


def test_it_is_kept_for_years_after_the_matter_is_over(home, duty, cast):
    number = attach(duty, cast["li"])
    assert row(number).keep_until is None
    assert evidence_retention.delete_expired(MONDAY + timedelta(days=20_000)) == 0

    from tests.processes.duty.test_answers import void

    void(duty.subject, cast["qin"], "2026-09-15")
    assert nonconformity(duty.subject).state == "void"
    assert row(number).keep_until == date(2032, 9, 15)
    assert evidence_retention.delete_expired(at("2032-09-15")) == 0
    assert evidence_retention.delete_expired(at("2032-09-16")) == 1
    assert evidence_retention.delete_expired(at("2032-09-16")) == 0
    assert files(home) == []
    with pytest.raises(evidence.Gone):
        evidence.open_(number, person_id=cast["li"], at=at("2032-09-17"))
    with reading() as session:
        assert verify(session) is None
        (told,) = session.exec(select(Trail).where(col(Trail.action) == "evidence.deleted")).all()
    assert told.after == {"why": "retention is over"}


def test_a_file_taken_back_is_recorded(home, duty, cast):
    number = attach(duty, cast["li"])
    with pytest.raises(NotEntitled):
        evidence.remove(number, person_id=cast["zhao"], at=MONDAY)
    evidence.remove(number, person_id=cast["li"], at=MONDAY)
    evidence.remove(number, person_id=cast["li"], at=MONDAY)
    assert files(home) == []
    assert row(number).deleted_at == MONDAY
