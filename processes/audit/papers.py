"""What an audit gives to read on paper (审核文件): procedure, programme, plan, report.

Each is a list of blocks made from what is kept, in one language; `paper` makes Word, PDF or
text of it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from config.audit import AuditPolicy
from config.current import current
from config.language import label, listed, say, show_instant
from models.audit import AuditReport
from processes.approval.course import ApprovalState
from processes.audit.ground import policy
from processes.audit.report import GRADES
from processes.audit.view import AuditView, ProgrammeView
from processes.paper.blocks import Block, facts, heading, para, table, title

Say = Callable[..., str]


def procedure(language: str) -> list[Block]:
    """Return the documented procedure of internal audit, as the product obeys it."""
    t, chosen = partial(say, language), policy()
    return [
        title(t("Procedure of internal audit")),
        para(current().settings.organisation),
        heading(t("Who does what")),
        _who(language, chosen),
        heading(t("Deadlines of the procedure")),
        _periods(t, chosen),
        *_order(language, chosen),
        heading(t("Independence")),
        para(
            t(
                "Nobody audits a unit he belongs or lately belonged to, anybody above or below him"
                " in the line of managers, whom he stands in for, his own projects, work or"
                " corrective actions, or what he still has to verify. Each seat is asked for and"
                " the answer is kept as a proof."
            )
        ),
        heading(t("Processes and clauses")),
        table(
            [t("Process"), t("Importance"), t("Clauses")],
            [
                [
                    one.zh if language == "zh" else one.en,
                    str(one.importance),
                    listed(language, one.clauses),
                ]
                for one in chosen.processes.values()
            ],
        ),
        para(t("Version mark {mark}", mark=chosen.mark[:16])),
    ]


def _order(language: str, chosen: AuditPolicy) -> list[Block]:
    t = partial(say, language)
    return [
        heading(t("How often and in which order")),
        para(
            t(
                "Every unit and every process gets points; from so many points on it is audited"
                " so often a year, and most points come first."
            )
        ),
        table(
            [t("Reason"), t("Points")],
            [
                [label(language, name, "audit_reason"), str(value)]
                for name, value in chosen.to_json()["weights"].items()
                if name != "most_of_one"
            ],
        ),
        table(
            [t("Audits a year"), t("From so many points")],
            [[str(times), str(least)] for times, least in sorted(chosen.bands.items())],
        ),
    ]


def _who(language: str, chosen: AuditPolicy) -> Block:
    t, own = partial(say, language), chosen.procedure
    role = partial(label, language)
    allowed = (
        t("allowed, granted by {role}", role=own.grants_exception)
        if own.exception_allowed
        else t("not allowed")
    )
    return facts(
        (t("Plans the programme"), role(own.plans, "role")),
        (t("Reviews programme and reports"), role(own.reviews, "role")),
        (t("Approves programme and reports"), role(own.approves, "role")),
        (t("Conducts and reports"), role(own.conducts, "role")),
        (t("Keeps the records"), role(own.keeps_records, "role")),
        (t("Exceptions from independence"), allowed),
        (
            t("Plans of single audits"),
            t("approved before the auditee hears") if own.plan_approved else t("not approved"),
        ),
    )


def _periods(t: Say, chosen: AuditPolicy) -> Block:
    own = chosen.periods
    return facts(
        (t("Everything is audited within"), t("{n} months", n=own.coverage_months)),
        (t("Nobody audits his own work of the last"), t("{n} months", n=own.cooling_months)),
        (t("Notice to the auditee"), t("{n} working days", n=own.notice_working_days)),
        (
            t("The auditee answers findings within"),
            t("{n} working days", n=own.confirm_working_days),
        ),
        (t("The report is handed in within"), t("{n} working days", n=own.report_working_days)),
        (
            t("So many minors in one area are proposed as one major"),
            str(chosen.findings.minors_make_a_major),
        ),
    )


def programme(view: ProgrammeView, language: str) -> list[Block]:
    """Return a year's programme: what it is for, months by area, reasons, teams."""
    t, own = partial(say, language), view.programme
    months = [str(n) for n in range(1, 13)]
    return [
        title(t("Internal audit programme {year}", year=own.year)),
        facts(
            (t("Code"), f"{own.code} V{own.version}"),
            (t("State"), label(language, own.state, "programme_state")),
            (t("Purpose"), own.purpose),
            (t("Scope"), own.scope),
            (t("Criteria"), own.criteria),
            (t("Methods"), own.methods),
            (t("Frequency"), own.frequency),
            (t("Procedure"), own.procedure_hash[:16]),
            *_signed(t, view.approval, view.names),
        ),
        heading(t("Months")),
        table(
            [t("Audited"), *months],
            [
                [e.area.name, *("●" if n in e.line.months else "" for n in range(1, 13))]
                for e in view.entries
            ],
        ),
        *_reasons(view, language),
        heading(t("Teams")),
        table(
            [t("Audit"), t("Audited"), t("Lead auditor"), t("Auditors")],
            [
                [a.code, e.area.name, a.lead_name or "", listed(language, a.auditor_names)]
                for e in view.entries
                for a in e.audits
            ],
        ),
    ]


def _reasons(view: ProgrammeView, language: str) -> list[Block]:
    t = partial(say, language)
    return [
        heading(t("Why so often, and when")),
        table(
            [t("Audited"), t("Points"), t("Because"), t("Computed"), t("Edited")],
            [
                [
                    e.area.name,
                    str(e.line.points),
                    listed(
                        language,
                        (f"{label(language, w, 'audit_reason')} {p}" for w, _, p in e.line.reasons),
                    ),
                    ", ".join(map(str, e.line.computed_months)),
                    f"{', '.join(map(str, e.line.months))} {e.line.edited_reason}"
                    if e.line.edited_at
                    else "",
                ]
                for e in view.entries
            ],
        ),
    ]


def plan(view: AuditView, language: str) -> list[Block]:
    """Return the audit plan with the proof of independence and the checklist."""
    t = partial(say, language)
    return [
        title(t("Audit plan {code}", code=view.row.code)),
        facts(
            (t("Audited"), view.area.name),
            (t("Auditee"), view.row.owner_name or ""),
            (t("Criteria"), listed(language, policy().titles.values())),
            (t("Clauses"), listed(language, view.audit.clauses)),
            (t("Opening meeting"), _at(language, view.audit.opens_at)),
            (t("Closing meeting"), _at(language, view.audit.closes_at)),
            (t("Place"), view.audit.place),
        ),
        heading(t("Team and independence")),
        table(
            [t("Person"), t("Role"), t("Proof of independence")],
            [
                [
                    member.person.name,
                    label(language, member.role, "team_role"),
                    _independence(t, member) + f" [{member.proof[:12]}]",
                ]
                for member in view.team
            ],
        ),
        *_timetable(view, language),
        *_checklist(view, language),
    ]


def _checklist(view: AuditView, language: str) -> list[Block]:
    t = partial(say, language)
    return [
        heading(t("Checklist")),
        table(
            [
                t("Clause"),
                t("Requirement"),
                t("How to look"),
                t("Auditor"),
                t("Judgement"),
                t("Evidence"),
            ],
            [
                [
                    line.clause,
                    line.requirement,
                    label(language, line.method, "audit_method"),
                    view.name(line.person_id),
                    label(language, line.verdict, "grade") if line.verdict else "",
                    "\n".join(part for part in (line.sample, line.evidence, line.gap) if part),
                ]
                for line in view.checklist
            ],
        ),
    ]


def _timetable(view: AuditView, language: str) -> list[Block]:
    t = partial(say, language)
    return [
        heading(t("Timetable")),
        table(
            [t("Begins"), t("Ends"), t("What"), t("Auditor")],
            [
                [
                    _at(language, slot.begins_at),
                    _at(language, slot.ends_at),
                    listed(language, slot.clauses) or label(language, slot.what, "meeting_kind"),
                    view.name(slot.person_id),
                ]
                for slot in view.agenda
            ],
        ),
    ]


def report(view: AuditView, kept: AuditReport, language: str) -> list[Block]:
    """Return the audit report as it was handed in and approved."""
    t, own = partial(say, language), kept.content
    words: dict[str, str] = own["words"]
    called = partial(label, language)
    return [
        title(t("Audit report")),
        para(own["organisation"]),
        _head(language, kept),
        *_conclusions(language, words),
        heading(t("How the audit went")),
        para(words["summary"]),
        heading(t("Statistics")),
        table(
            [called(grade, "grade") for grade in GRADES],
            [[str(own["statistics"][grade]) for grade in GRADES]],
        ),
        heading(t("Distribution of judgements")),
        table(
            [t("Chapter"), *(called(grade, "grade") for grade in GRADES)],
            [
                [row["chapter"], *(str(row[grade] or "") for grade in GRADES)]
                for row in own["distribution"]
            ],
        ),
        *_findings(language, own["findings"], t),
        heading(t("Strengths")),
        para(words["strengths"] or "—"),
        heading(t("Suggestions")),
        para(words["improvements"] or "—"),
        heading(t("Distribution and approval")),
        facts(
            (t("Distribution"), listed(language, own["readers"])),
            (t("Written by"), view.name(kept.author_id)),
            *_signed(t, view.approval, {n: p.name for n, p in view.posts.items()}),
        ),
    ]


def _head(language: str, kept: AuditReport) -> Block:
    t, own, called = partial(say, language), kept.content, partial(label, language)
    return facts(
        (t("Code"), own["code"]),
        (t("State"), called(kept.state, "programme_state")),
        (t("Audited"), own["area"]),
        (t("Auditee"), own["auditee"]),
        (t("Programme"), own["programme"]),
        (t("Criteria"), listed(language, own["criteria"])),
        (t("Clauses"), listed(language, own["clauses"])),
        (t("Opening meeting"), own["opened"]),
        (t("Closing meeting"), own["closed"]),
        (t("Place"), own["place"]),
        (t("Attendance"), own["attendance"]),
        (
            t("Team"),
            listed(
                language,
                (f"{m['name']} ({called(m['role'], 'team_role')})" for m in own["team"]),
            ),
        ),
    )


def _conclusions(language: str, words: dict[str, str]) -> list[Block]:
    t, called = partial(say, language), partial(label, language)
    return [
        heading(t("Conclusions")),
        facts(
            (
                t("Meets the requirements of IT service operation"),
                called(words["service"], "conclusion"),
            ),
            (
                t("Meets the service needs and our own quality requirements"),
                called(words["own"], "conclusion"),
            ),
            (
                t("Is effectively implemented and maintained"),
                called(words["effective"], "conclusion"),
            ),
            (t("Conformity and effectiveness"), words["conclusion"]),
        ),
    ]


def _findings(language: str, found: list[dict[str, str]], t: Say) -> list[Block]:
    blocks = [heading(t("Audit findings"))]
    if not found:
        return [*blocks, para(t("Nothing was found that is not as it should be."))]
    told = [
        facts(
            (t("Code"), f"{one['code']}  {one['clause']}"),
            (t("Judgement"), label(language, one["grade"], "grade")),
            (t("Requirement"), one["requirement"]),
            (t("Evidence"), one["evidence"]),
            (t("Gap"), one["gap"]),
            (t("Nonconformity"), one["nonconformity"] or one["merged_into"]),
        )
        for one in found
    ]
    return [*blocks, *told]


def _independence(t: Say, member: Any) -> str:
    if member.conflicts:
        return t("by exception")
    return t(
        "neither unit, line of managers, deputies, projects, work since {since}, nor corrective"
        " actions tie to the area",
        since=member.facts["since"],
    )


def _signed(t: Say, approval: ApprovalState | None, names: dict[int, str]) -> list[tuple[str, str]]:
    """Return who drew it up, reviewed and approved it, and when."""
    if approval is None:
        return []
    steps = (
        (t("Drawn up"), approval.author_id, approval.submitted_at),
        (t("Reviewed"), approval.reviewed_by_id, approval.reviewed_at),
        (t("Approved"), approval.approved_by_id, approval.approved_at),
    )
    day = current().calendar.day
    return [(what, f"{names[who]}  {day(at)}") for what, who, at in steps if who and at]


def _at(language: str, at: Any) -> str:
    if at is None:
        return ""
    return show_instant(language, at, current().settings.zone, brief=True)
