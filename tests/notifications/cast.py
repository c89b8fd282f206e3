"""The letters of the cast: Li owns, Wang leads his unit, Zhao audits, Chen is from elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifications.keys import line_key, loose_key, notice_key, thread_root
from notifications.letters import Item, Letter, PassedOver, Shape
from notifications.links import Purpose, duty_link, sign, sign_in_link
from processes import plug
from processes.duty import kinds
from rules.words import LetterKind, Severity
from tests.notifications import cast_kpi, cast_plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)  # Monday 09:00 in Shanghai
DUE = datetime(2026, 10, 12, 10, 0, tzinfo=UTC)  # Monday 18:00
LATER = datetime(2026, 10, 26, 10, 0, tzinfo=UTC)
NEXT = datetime(2026, 10, 22, 1, 0, tzinfo=UTC)
BASE = "https://pdca.company.example"
SECRET = "a-secret-for-tests-only-0123456789"

NAMES = {
    "zh": {"li": "李明", "wang": "王芳", "zhao": "赵强", "chen": "陈静", "zhou": "周建国"},
    "en": {
        "li": "Li Ming",
        "wang": "Wang Fang",
        "zhao": "Zhao Qiang",
        "chen": "Chen Jing",
        "zhou": "Zhou Jianguo",
    },
}
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "title": "核心数据库备份连续三日失败且未按规定上报",
        "titles": [
            "核心数据库备份连续三日失败且未按规定上报",
            "变更未经审批即在生产环境实施",
            "9月服务报告未按合同约定时间提交",
            "机房巡检记录缺少签字",
            "离职人员账号未在一个工作日内停用",
            "一级事件未在 15 分钟内通报客户",
        ],
        "unit": "系统运维一部",
        "other": "桌面服务部",
        "project": "省医保核心系统运维",
        "organisation": "云岭数字服务有限公司",
        "reason": "备份软件厂商补丁需等待 10 月 20 日发布，\n届时安排夜间窗口升级并做恢复演练。",
        "note": "抽查 10 月 13 日至 16 日的备份日志，仍有两次失败未告警。",
        "why": "经核实，该事项与 NC-2026-0003 重复。",
        "straight": "需采购第二套备份存储，预算超出部门权限。",
    },
    "en": {
        "title": "Backup of the core database failed on three days and was not reported",
        "titles": [
            "Backup of the core database failed on three days and was not reported",
            "Change carried out in production without approval",
            "Service report for September not handed in by the date of the contract",
            "Records of the machine room round are not signed",
            "Account of a leaver not disabled within one working day",
            "Customer not told of a priority 1 incident within 15 minutes",
        ],
        "unit": "System Operations 1",
        "other": "Desktop Services",
        "project": "Core systems of the health insurance",
        "organisation": "Yunling Digital Services",
        "reason": "The vendor's patch is announced for 20 October;\n"
        "we then upgrade at night and restore a copy as a drill.",
        "note": "Of the logs of 13 to 16 October two failures still raised no alarm.",
        "why": "Found to be the same as NC-2026-0003.",
        "straight": "A second backup storage has to be bought; the money is beyond the department.",
    },
}
ADDRESSES = {who: f"{who}@company.example" for who in NAMES["en"]}


def item(language: str, letter: LetterKind, reader: str = "li", **changed: Any) -> Item:
    """Return one thing told to one of the cast; `changed` overrides any field."""
    words = WORDS[language]
    duty = int(changed.get("duty", 12))
    token = sign(SECRET, Purpose.DUTY, (duty, len(reader), 1), AT)
    usual = Item(
        letter=letter,
        duty=duty,
        kind="act",
        subject="NC-2026-0007",
        title=words["title"],
        severity=Severity.MINOR,
        link=duty_link(BASE, token),
        issued_at=datetime(2026, 9, 14, 1, 0, tzinfo=UTC),
        due_at=DUE,
        overdue_days=0,
        owner_name=NAMES[language]["li"],
        owner_unit=words["unit"],
        project=words["project"],
    )
    told = replace(usual, **changed)
    advice = kinds.of(told.kind).advice if told.kind else ""
    called = plug.one("subjects", told.subject_kind).called
    return replace(told, advice=changed.get("advice", advice), called=called)


def letter(language: str, reader: str, *items: Item, shape: Shape = Shape.SINGLE) -> Letter:
    """Return the mail of these items to one of the cast."""
    first = items[0]
    key = (
        loose_key(first.letter, "1", 4)
        if first.duty is None
        else line_key(first.duty, 1, 3, first.letter, 4)
    )
    return Letter(
        key=notice_key(key),
        shape=shape,
        letter=first.letter,
        language=language,
        zone=SHANGHAI,
        at=AT,
        to_name=NAMES[language][reader],
        to_address=ADDRESSES[reader],
        items=items,
        thread=thread_root(first.subject_kind, first.subject, "company.example")
        if first.duty and shape is Shape.SINGLE
        else None,
        organisation=WORDS[language]["organisation"],
        base_url=BASE,
        sender="quality@company.example",
    )


def letters(language: str) -> dict[str, Letter]:
    """Return one letter of every kind and shape, by the name of its golden file."""
    return {
        **_own(language),
        **_above(language),
        **_quality(language),
        **_other(language),
        **cast_kpi.letters(language, item, letter),
        **cast_plan.letters(language, item, letter),
    }


def _own(language: str) -> dict[str, Letter]:
    kind = LetterKind
    return {
        "assignment": letter(
            language,
            "li",
            item(language, kind.ASSIGNMENT, kind="respond", due_at=LATER),
        ),
        "assignment_to_a_delegate": letter(
            language,
            "wang",
            item(
                language, kind.ASSIGNMENT, "wang", due_at=LATER, on_behalf_of=NAMES[language]["li"]
            ),
        ),
        "assignment_sent_back": letter(
            language,
            "li",
            item(
                language,
                kind.ASSIGNMENT,
                kind="respond",
                due_at=LATER,
                facts={
                    "sent_back": True,
                    "note": WORDS[language]["note"],
                    "by": NAMES[language]["zhao"],
                },
            ),
        ),
        "reminder": letter(language, "li", item(language, kind.REMINDER, due_at=LATER)),
        "overdue": letter(
            language,
            "li",
            item(language, kind.OVERDUE, overdue_days=1, facts={"next_at": NEXT}),
        ),
        "overdue_today": letter(language, "li", item(language, kind.OVERDUE)),
        "ineffective": letter(
            language,
            "li",
            item(
                language,
                kind.INEFFECTIVE,
                kind="respond",
                due_at=LATER,
                facts={"note": WORDS[language]["note"], "times": 2},
            ),
        ),
        "digest": letter(language, "li", *_digest(language), shape=Shape.DIGEST),
    }


def _above(language: str) -> dict[str, Letter]:
    names, words, kind = NAMES[language], WORDS[language], LetterKind.ESCALATION
    return {
        "escalation": letter(
            language,
            "wang",
            item(
                language,
                kind,
                "wang",
                severity=Severity.MAJOR,
                level=2,
                overdue_days=5,
                on_behalf_of=names["zhao"],
                passed_over=(
                    PassedOver(name=names["chen"], reason="absent"),
                    PassedOver(name="Bob Lee", reason="no_address"),
                ),
                facts={"why": "chain", "next_at": NEXT},
            ),
        ),
        "escalation_first": letter(
            language,
            "wang",
            item(language, kind, "wang", level=1, overdue_days=2, facts={"why": "chain"}),
        ),
        "escalation_again": letter(
            language,
            "zhou",
            item(
                language,
                kind,
                "zhou",
                level=4,
                again=2,
                overdue_days=25,
                marks=(LetterKind.STRAIGHT_UP,),
                facts={"why": "again", "again": 2, "next_at": NEXT},
            ),
        ),
        "escalation_past_a_gap": letter(
            language,
            "zhao",
            item(
                language,
                kind,
                "zhao",
                level=2,
                overdue_days=5,
                facts={"why": "quality_head", "gap": "circle"},
            ),
        ),
        "check_report": letter(
            language,
            "wang",
            item(
                language,
                LetterKind.CHECK_REPORT,
                "wang",
                kind="quality_check",
                subject="QC-2026-0012",
                subject_kind="check",
                facts={
                    "score": "87.0",
                    "conclusion": "ordinary",
                    "findings": 1,
                    "observations": 2,
                    "note": words["note"],
                },
            ),
        ),
        "check_report_no_score": letter(
            language,
            "wang",
            item(
                language,
                LetterKind.CHECK_REPORT,
                "wang",
                kind="quality_check",
                subject="QC-2026-0013",
                subject_kind="check",
                facts={"findings": 0, "observations": 0},
            ),
        ),
        "provisional": letter(
            language,
            "li",
            item(
                language,
                LetterKind.PROVISIONAL,
                "li",
                facts={"why": "stranger", "given_at": AT, "until": NEXT, "address": "192.0.2.7"},
            ),
        ),
        "provisional_lapsed": letter(
            language,
            "li",
            item(
                language,
                LetterKind.PROVISIONAL,
                "li",
                facts={"why": "fast", "given_at": AT, "until": NEXT, "lapsed": True},
            ),
        ),
        "stood_in": letter(
            language,
            "zhao",
            item(
                language,
                LetterKind.STOOD_IN,
                "zhao",
                level=2,
                overdue_days=5,
                facts={"by": names["wang"], "said": "escalation", "next_at": NEXT},
            ),
        ),
        "straight_up": letter(
            language,
            "zhou",
            item(
                language,
                LetterKind.STRAIGHT_UP,
                "zhou",
                kind="decide",
                severity=Severity.MAJOR,
                due_at=LATER,
                owner_name=names["zhou"],
                owner_unit="",
                level=2,
                marks=(LetterKind.ESCALATION,),
                facts={"declared_by": names["li"], "reason": words["straight"]},
            ),
        ),
        "table": letter(language, "wang", *_table(language), shape=Shape.TABLE),
    }


def _quality(language: str) -> dict[str, Letter]:
    names, words, kind = NAMES[language], WORDS[language], LetterKind
    asked = {
        "asked_by": names["li"],
        "asked_until": "2026-10-26",
        "reason": words["reason"],
        "was_due_at": "2026-10-12T10:00:00+00:00",
        "granted": None,
        "note": None,
        "decided_by": None,
        "about": "act",
    }
    decided = {**asked, "decided_by": names["wang"]}
    return {
        "extension_asked": letter(
            language,
            "wang",
            item(
                language,
                kind.EXTENSION_ASKED,
                "wang",
                kind="decide_extension",
                due_at=NEXT,
                owner_name=names["wang"],
                facts=asked,
            ),
        ),
        "extension_granted": letter(
            language,
            "li",
            item(
                language, kind.EXTENSION_DECIDED, due_at=LATER, facts={**decided, "granted": True}
            ),
        ),
        "extension_refused": letter(
            language,
            "li",
            item(
                language,
                kind.EXTENSION_DECIDED,
                facts={**decided, "granted": False, "note": words["note"]},
            ),
        ),
        "verification_asked": letter(
            language,
            "zhao",
            item(
                language,
                kind.VERIFICATION_ASKED,
                "zhao",
                kind="verify",
                due_at=LATER,
                owner_name=names["zhao"],
                owner_unit="",
                severity=Severity.MAJOR,
            ),
        ),
        "instruction": letter(
            language,
            "li",
            item(
                language,
                kind.INSTRUCTION,
                facts={"name": names["wang"], "text": words["note"]},
            ),
        ),
        "comment": letter(
            language,
            "zhao",
            item(
                language,
                kind.COMMENT,
                "zhao",
                facts={"name": names["li"], "text": words["note"]},
            ),
        ),
        "over": letter(
            language,
            "wang",
            item(language, kind.OVER, "wang", facts={"outcome": "discharged", "by": names["li"]}),
        ),
        "over_closed": letter(
            language,
            "li",
            item(
                language,
                kind.OVER,
                facts={
                    "outcome": "closed",
                    "by": names["zhao"],
                    "why": "the nonconformity is closed",
                },
            ),
        ),
        "over_void": letter(
            language,
            "li",
            item(
                language,
                kind.OVER,
                facts={
                    "outcome": "void",
                    "by": names["zhao"],
                    "why": "the nonconformity was declared void",
                },
            ),
        ),
        "over_withdrawn": letter(
            language,
            "wang",
            item(language, kind.OVER, "wang", facts={"outcome": "withdrawn", "why": words["why"]}),
        ),
    }


def _other(language: str) -> dict[str, Letter]:
    kind = LetterKind
    plain: dict[str, Any] = {"duty": None, "kind": "", "subject": "", "title": "", "link": BASE}
    return {
        "code": letter(
            language,
            "zhao",
            item(language, kind.CODE, "zhao", kind="verify", facts={"code": "48201937"}),
        ),
        "sign_in": letter(
            language,
            "chen",
            replace(
                item(language, kind.SIGN_IN, "chen"),
                **{
                    **plain,
                    "link": sign_in_link(BASE, sign(SECRET, Purpose.SIGN_IN, (4, "n"), AT)),
                    "facts": {"minutes": 15},
                },
            ),
        ),
        "alarm": letter(
            language,
            "zhao",
            replace(
                item(language, kind.ALARM, "zhao"),
                **{
                    **plain,
                    "facts": {
                        "kind": "chain_circle",
                        "message": "the management chain above P0123 ends in a circle: "
                        "quality_head is told",
                    },
                },
            ),
        ),
        **{
            name: letter(language, "chen", _meeting(language, plain, **changes))
            for name, changes in (
                ("meeting", {}),
                ("meeting_changed", {"changed": True}),
                ("meeting_cancelled", {"cancelled": True, "changed": True}),
            )
        },
    }


def _meeting(language: str, plain: dict[str, Any], *, changed=False, cancelled=False) -> Item:
    title = {"zh": "首次会议：网络运维部（审核 IA-2026-01-03）"}.get(
        language, "Opening meeting of the audit IA-2026-01-03: Network"
    )
    told = {
        "uid": "IA-2026-01-03-opening-0123@company.example",
        "sequence": int(changed),
        "cancelled": cancelled,
        "begins": LATER.isoformat(),
        "ends": LATER.isoformat(),
        "summary": title,
        "place": "302",
        "description": "",
        "organizer": "",
        "organizer_name": "",
        "attendees": [],
    }
    facts = {"meeting": told, "begins_at": LATER.isoformat(), "changed": changed}
    own = {"link": f"{BASE}/audits/IA-2026-01-03", "title": title, "facts": facts}
    return replace(item(language, LetterKind.MEETING, "chen"), **{**plain, **own})


def _digest(language: str) -> tuple[Item, ...]:
    kinds = (
        (LetterKind.OVERDUE, "act", DUE, 5, Severity.MAJOR),
        (LetterKind.OVERDUE, "respond", DUE, 1, Severity.MINOR),
        (LetterKind.REMINDER, "act", LATER, 0, Severity.MINOR),
        (LetterKind.ASSIGNMENT, "respond", LATER, 0, Severity.OBSERVATION),
        (LetterKind.VERIFICATION_ASKED, "verify", LATER, 0, Severity.MAJOR),
        (LetterKind.STOOD_IN, "act", DUE, 5, Severity.MINOR),
    )
    return tuple(
        item(
            language,
            kind,
            duty=20 + number,
            kind=duty_kind,
            due_at=due,
            overdue_days=days,
            severity=severity,
            subject=f"NC-2026-{20 + number:04}",
            title=WORDS[language]["titles"][number],
            level=2 if kind is LetterKind.STOOD_IN else None,
            owner_name=NAMES[language]["chen" if kind is LetterKind.STOOD_IN else "li"],
            facts={"by": NAMES[language]["wang"]} if kind is LetterKind.STOOD_IN else {},
        )
        for number, (kind, duty_kind, due, days, severity) in enumerate(kinds)
    )


def _table(language: str) -> tuple[Item, ...]:
    names = NAMES[language]
    severities = (Severity.MINOR, Severity.MAJOR, Severity.MINOR, Severity.OBSERVATION)
    return tuple(
        item(
            language,
            LetterKind.ESCALATION,
            "wang",
            duty=40 + number,
            severity=severities[number % 4],
            subject=f"NC-2026-{40 + number:04}",
            title=WORDS[language]["titles"][number % 6],
            level=1 + number % 3,
            overdue_days=2 + number,
            owner_name=names["li" if number % 2 else "chen"],
            owner_unit=WORDS[language]["unit" if number % 2 else "other"],
            on_behalf_of=names["zhao"] if number == 3 else "",
            passed_over=(PassedOver(name=names["zhao"], reason="no_address"),)
            if number == 5
            else (),
        )
        for number in range(12)
    )
