"""What a form sent (提交的表单): text fields and files, within limits, before anything acts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request

from config.current import current

MOST_FIELDS: Final = 900  # a sheet of a hundred lines has eight fields a line
MOST_FIELD_BYTES: Final = 256 * 1024  # one answer has at most 10 000 characters
FORM_BYTES: Final = 2 * 1024 * 1024  # everything but the files
LARGEST_AT_ONCE: Final = 5  # files of the largest size in one request; more go one after another


@dataclass(frozen=True, slots=True)
class Posted:
    """Fields as text, the last of a name; files that have a name."""

    fields: dict[str, str]
    files: tuple[UploadFile, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


async def posted(request: Request) -> AsyncIterator[Posted]:
    """Read the form; files are closed when the answer is on its way.

    Whoever posts is asked for before this, so that a stranger's files are not even read.
    """
    async for form in _read(request, most_files=current().policy.evidence.max_files + 1):
        yield form


async def posted_text(request: Request) -> AsyncIterator[Posted]:
    """Read a form that has no files."""
    async for form in _read(request, most_files=0):
        yield form


async def _read(request: Request, *, most_files: int) -> AsyncIterator[Posted]:
    async with request.form(
        max_files=most_files, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES
    ) as form:
        items = form.multi_items()
        yield Posted(
            {name: value for name, value in items if isinstance(value, str)},
            tuple(v for _, v in items if isinstance(v, UploadFile) and v.filename),
        )


Form = Annotated[Posted, Depends(posted)]
TextForm = Annotated[Posted, Depends(posted_text)]


def most_bytes() -> int:
    """Return how large a whole request may be: the evidence it may carry, and the text."""
    evidence = current().policy.evidence
    return evidence.max_bytes * min(evidence.max_files, LARGEST_AT_ONCE) + FORM_BYTES
