"""A management review as a person reads it in a terminal (管理评审展示)."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from service.commands import showing
from service.commands.wording import language, t

CODE = re.compile(r"(?:review|MR)-(.+)", re.IGNORECASE)


def show(code: str, *, at: datetime, zone: ZoneInfo, json: bool) -> bool:
    """Print the review of `review-2026` or `review-2026-04-1215`; False if it is something else."""
    found = CODE.fullmatch(code)
    if found is None:
        return False
    from processes.register.rows import plain
    from processes.review import view as review_view
    from processes.review import words as review_words

    read = review_view.of(found[1], at=at)
    if json:
        showing.as_json(plain(review_view.as_document(read), zone))
    else:
        _tell(review_words.data(read, language()))
    return True


def export(code: str, *, at: datetime, word: Path | None) -> None:
    """Write a review as Word."""
    from processes.review import view as review_view
    from processes.review import words as review_words

    if word is None:
        raise typer.BadParameter(t("name a file: --word"))
    read = review_view.of(code.removeprefix("review-").removeprefix("MR-"), at=at)
    word.write_bytes(review_words.word(read, language()))
    showing.line(str(word))


def _tell(told: dict[str, object]) -> None:
    from notifications.documents.forms import REVIEW
    from service.commands import telling

    showing.line(f"{told['number']}  {told['title']}")
    telling.tell_facts(*((called, str(told[field])) for called, field in REVIEW.facts[1:]))
    for part in REVIEW.parts:
        _part(part.heading, part.text, told)
        rows = told[part.rows] if part.rows else None
        if isinstance(rows, list) and rows:
            showing.table(
                [t(called) for called, _, _ in part.columns],
                ([row[field] for _, field, _ in part.columns] for row in rows),
                title="" if part.text else t(part.heading),
            )


def _part(heading: str, text: str, told: dict[str, object]) -> None:
    said = told[text] if text else None
    if isinstance(said, list):
        showing.line(f"\n{t(heading)}")
        for one in said:
            showing.line(str(one))
