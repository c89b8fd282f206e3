"""What the Word templates hold (文件内容): facts, chapters and tables, as data for `build.py`."""

from dataclasses import dataclass
from typing import Final

Column = tuple[str, str, float]  # heading (a sentence), field of the row, width in cm


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A numbered chapter under a heading: text, a table of rows, or both."""

    heading: str
    text: str = ""  # the value that holds its paragraphs
    rows: str = ""  # the value that holds the rows of its table
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One template. `facts` are the pairs of the block under the title."""

    name: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    wide: bool = False


PLAN: Final = Form(
    name="plan",
    wide=True,
    facts=(
        ("Document number", "number"),
        ("Version", "version"),
        ("Year", "year"),
        ("State", "state"),
        ("In force from", "in_force"),
        ("Handed out to", "readers"),
    ),
    parts=(
        Part(heading="Purpose", text="purpose"),
        Part(heading="Scope", text="scope"),
        Part(
            heading="Quality objectives",
            rows="objectives",
            columns=(
                ("No.", "no", 1.2),
                ("Indicator of the objective", "indicator", 6.5),
                ("How it is counted", "definition", 10.0),
                ("Target value", "target", 3.6),
                ("Measured every", "period", 4.4),
            ),
        ),
        Part(
            heading="Roles and what they answer for",
            rows="roles",
            columns=(("Role", "role", 6.0), ("Answers for", "duty", 19.7)),
        ),
        Part(
            heading="Activities of the year",
            rows="items",
            columns=(
                ("No.", "no", 1.2),
                ("Kind of activity", "kind", 2.9),
                ("Activity of the plan", "title", 5.2),
                ("Object", "object", 2.8),
                ("Frequency", "frequency", 3.8),
                ("Carried out by", "owner", 2.7),
                ("Checked by", "checker", 2.5),
                ("Output record", "output", 3.0),
                ("Times a year", "times", 1.6),
            ),
        ),
        Part(
            heading="Improvements taken over from the last cycle",
            rows="improvements",
            columns=(
                ("Source", "source", 4.2),
                ("Proposal", "text", 16.5),
                ("Taken up in line", "item", 5.0),
            ),
        ),
        Part(
            heading="Changes of this plan",
            rows="changes",
            columns=(
                ("Version", "version", 2.4),
                ("What was changed and why", "reason", 12.3),
                ("Drawn up", "author", 3.7),
                ("Reviewed", "reviewer", 3.6),
                ("Approved", "approver", 3.7),
            ),
        ),
        Part(
            heading="Handed out and received",
            rows="received",
            columns=(
                ("Full name", "name", 8.0),
                ("Department", "unit", 8.0),
                ("Received on", "read_at", 9.7),
            ),
        ),
    ),
)
CHECK: Final = Form(
    name="check",
    wide=True,
    facts=(
        ("Document number", "number"),
        ("Project", "project"),
        ("Unit", "unit"),
        ("Kind of check", "kind"),
        ("Planned on", "planned_on"),
        ("Checked on", "performed_on"),
        ("Score", "score"),
        ("Conclusion", "conclusion"),
    ),
    parts=(
        Part(heading="Conclusion in words", text="summary"),
        Part(
            heading="Results of the check",
            rows="lines",
            columns=(
                ("No.", "number", 1.2),
                ("What is looked at", "point", 5.0),
                ("Criterion", "criterion", 6.0),
                ("Weight", "weight", 1.4),
                ("Check result", "result", 2.0),
                ("What is wrong", "problem", 4.6),
                ("Evidence", "evidence", 3.2),
                ("Nonconformity", "nonconformity", 2.3),
            ),
        ),
    ),
)
_MATTER: Final = (
    ("Code", "code", 3.4),
    ("Title", "title", 9.6),
    ("Severity", "severity", 2.0),
    ("State", "state", 3.0),
    ("Owner", "owner", 2.7),
    ("Due", "due", 2.6),
    ("Working days overdue", "days", 2.4),
)
_INDICATOR: Final = (
    ("Code", "code", 3.4),
    ("Indicator of the objective", "name", 7.0),
    ("Target value", "target", 2.6),
    ("Attained", "met", 1.8),
    ("Missed", "missed", 1.8),
    ("Missing", "missing", 1.8),
    ("Newest value", "value", 3.3),
    ("Nonconformities", "nonconformities", 4.0),
)
_DECISION: Final = (
    ("Number", "number", 3.8),
    ("Kind", "kind", 2.2),
    ("What was decided", "what", 9.2),
    ("Owner", "owner", 2.8),
    ("To be done by", "until", 2.5),
    ("State", "state", 5.2),
)
REVIEW: Final = Form(
    name="review",
    wide=True,
    facts=(
        ("Number", "number"),
        ("State", "state"),
        ("Period of the review", "period"),
        ("Input as of", "as_of"),
        ("Held on", "held_on"),
        ("Review before", "previous"),
    ),
    parts=(
        Part(
            heading="What reached the top and is still open",
            text="top_text",
            rows="top",
            columns=(
                ("What is owed", "kind", 3.4),
                ("Code", "code", 3.4),
                ("Title", "title", 7.6),
                ("Owner", "owner", 2.5),
                ("Due", "due", 2.5),
                ("Working days overdue", "days", 2.0),
                ("Told last", "told", 2.5),
                ("How often", "times", 1.8),
            ),
        ),
        Part(
            heading="Actions from earlier reviews",
            text="before_text",
            rows="before",
            columns=_DECISION,
        ),
        Part(heading="Nonconformities raised by reviews", rows="before_matters", columns=_MATTER),
        Part(
            heading="Changes of the system",
            text="changes_text",
            rows="changes",
            columns=(
                ("Kind of change", "kind", 4.2),
                ("Code", "code", 4.2),
                ("Version", "version", 1.8),
                ("What was changed and why", "reason", 10.4),
                ("Date", "on", 2.6),
                ("Approved", "by", 2.5),
            ),
        ),
        Part(
            heading="How the plan was kept",
            rows="activities",
            columns=(
                ("Kind of activity", "kind", 10.9),
                ("Planned", "planned", 3.7),
                ("Done", "done", 3.7),
                ("Late", "late", 3.7),
                ("Cancelled", "cancelled", 3.7),
            ),
        ),
        Part(
            heading="Objectives and indicators",
            text="objectives_text",
            rows="objectives",
            columns=_INDICATOR,
        ),
        Part(
            heading="Nonconformities and corrective actions",
            text="nonconformities_text",
        ),
        Part(heading="Overdue nonconformities", rows="late", columns=_MATTER),
        Part(heading="Recurrences", rows="recurred", columns=_MATTER),
        Part(heading="More than one round", rows="repeated", columns=_MATTER),
        Part(
            heading="Project quality checks",
            text="checks_text",
            rows="points",
            columns=(
                ("What is looked at", "name", 14.5),
                ("Lines checked", "checked", 3.8),
                ("Nonconforming", "nonconforming", 3.8),
                ("Conformity", "rate", 3.6),
            ),
        ),
        Part(
            heading="Projects with nonconforming points",
            rows="projects",
            columns=(
                ("Project", "name", 14.5),
                ("Lines checked", "checked", 3.8),
                ("Nonconforming", "nonconforming", 3.8),
                ("Conformity", "rate", 3.6),
            ),
        ),
        Part(
            heading="Internal audits",
            text="audits_text",
            rows="audits",
            columns=(
                ("Code", "code", 4.2),
                ("Audited", "area", 4.6),
                ("Held on", "held_on", 2.6),
                ("State", "state", 2.8),
                ("Conclusions", "conclusions", 4.0),
                ("Findings", "grades", 4.5),
                ("Still open", "still_open", 3.0),
            ),
        ),
        Part(
            heading="Voice of the customer",
            text="customers_text",
            rows="customers",
            columns=_MATTER,
        ),
        Part(heading="Satisfaction as measured", rows="customer_kpis", columns=_INDICATOR),
        Part(
            heading="Risks and decisions of management",
            text="risks_text",
            rows="accepted",
            columns=(
                ("Code", "code", 3.4),
                ("Title", "title", 8.0),
                ("Why the risk was accepted", "text", 9.2),
                ("Decided by", "by", 2.6),
                ("Date", "on", 2.5),
            ),
        ),
        Part(
            heading="Exceptions granted",
            rows="exceptions",
            columns=(
                ("Code", "code", 4.4),
                ("Exception from", "gate", 5.0),
                ("Reason", "text", 11.2),
                ("Granted by", "by", 2.6),
                ("Date", "on", 2.5),
            ),
        ),
        Part(
            heading="Reliability of the system itself",
            text="engine_text",
            rows="silences",
            columns=(
                ("What stood still", "part", 3.4),
                ("Message", "message", 14.1),
                ("Since", "since", 4.1),
                ("Until", "until", 4.1),
            ),
        ),
        Part(
            heading="Opportunities for improvement",
            text="improvements_text",
            rows="improvements",
            columns=(
                ("Source", "source", 6.0),
                ("Proposal", "text", 15.7),
                ("Taken up in line", "taken", 4.0),
            ),
        ),
        Part(
            heading="Resources",
            text="resources_text",
            rows="loads",
            columns=(
                ("Full name", "person", 12.1),
                ("Duties open", "open", 6.8),
                ("Duties overdue", "overdue", 6.8),
            ),
        ),
        Part(heading="Conclusion of the review", text="conclusion_text"),
        Part(
            heading="Decisions of the review",
            text="decisions_text",
            rows="decisions",
            columns=_DECISION,
        ),
    ),
)
FORMS: Final = (PLAN, CHECK, REVIEW)
