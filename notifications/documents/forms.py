"""What the Word templates hold (文件内容): facts, chapters and tables, as data for `build.py`."""

from dataclasses import dataclass
from typing import Final

Column = tuple[str, str, float]  # heading (a sentence), field of the row, width in cm


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A numbered chapter: text, or a table of rows, under a heading."""

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
FORMS: Final = (PLAN, CHECK)
