"""Documents as blocks, written as Word and as PDF (成文输出): the same content in both.

A block is data: what somebody wrote is only ever a value, so that no text of a user's becomes
markup, a formula or code. PDF is set by Typst from the blocks as JSON, with the font that the
product brings along; Word is written by python-docx.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import notifications

FONTS: Final = Path(notifications.__file__).parent / "fonts"
FONT: Final = "Noto Sans SC"
WORD_FONT: Final = "宋体"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, a paragraph, facts beside their names, or a table with its head."""

    kind: Literal["title", "heading", "para", "facts", "table"]
    text: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def title(text: str) -> Block:
    """Return the document's name."""
    return Block(kind="title", text=text)


def heading(text: str) -> Block:
    """Return the name of a section."""
    return Block(kind="heading", text=text)


def para(text: str) -> Block:
    """Return a paragraph; its lines stay apart."""
    return Block(kind="para", text=text)


def facts(*rows: tuple[str, str]) -> Block:
    """Return names with their values; what has none is left out."""
    return Block(kind="facts", rows=tuple(row for row in rows if row[1]))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Block:
    """Return a table with its head."""
    return Block(kind="table", head=tuple(head), rows=tuple(tuple(row) for row in rows))


def _typesetting() -> str:
    """Return how blocks are set on a page; what is set comes in as data."""
    return """
#let blocks = json(bytes(sys.inputs.blocks))
#set page(paper: "a4", margin: (x: 2cm, y: 2cm), numbering: "1 / 1")
#set text(font: (sys.inputs.font,), size: 10pt, lang: sys.inputs.lang, region: none)
#set par(justify: false, leading: 0.75em)
#let cell(it) = par(it)
#for b in blocks {
  if b.kind == "title" { align(center, text(size: 17pt, weight: "bold", b.text)); v(0.8em) }
  else if b.kind == "heading" { v(0.6em); text(size: 12.5pt, weight: "bold", b.text); v(0.1em) }
  else if b.kind == "para" { for l in b.text.split("\\n") { par(l) } }
  else if b.kind == "facts" {
    table(columns: (4.2cm, 1fr), stroke: 0.4pt + luma(170), inset: 5pt,
      ..b.rows.map(r => (text(fill: luma(80), r.at(0)), cell(r.at(1)))).flatten())
  } else if b.kind == "table" {
    table(columns: b.head.len(), stroke: 0.4pt + luma(170), inset: 4.5pt,
      table.header(..b.head.map(h => text(weight: "bold", h))),
      ..b.rows.flatten().map(c => cell(c)))
  }
}
"""


def pdf(blocks: Sequence[Block], *, language: str) -> bytes:
    """Return the document as PDF; the same blocks give the same bytes."""
    import typst

    folders: Any = [str(FONTS)]  # its types want the path as bytes where the text is
    made: Any = typst.compile(
        _typesetting().encode(),
        font_paths=folders,
        format="pdf",
        timestamp=0,
        sys_inputs={
            "blocks": json.dumps([asdict(one) for one in blocks], ensure_ascii=False),
            "font": FONT,
            "lang": "zh" if language == "zh" else "en",
        },
    )
    return bytes(made)


def word(blocks: Sequence[Block]) -> bytes:
    """Return the document as a Word file."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    style: Any = document.styles["Normal"]
    style.font.name = "Times New Roman"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), WORD_FONT)
    for block in blocks:
        _written(document, block)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def plain(blocks: Sequence[Block]) -> str:
    """Return the document as text."""
    lines: list[str] = []
    for block in blocks:
        if block.kind in {"title", "heading"}:
            lines += ["", block.text, "=" * 40 if block.kind == "title" else "-" * 40]
        elif block.kind == "para":
            lines += [block.text]
        else:
            lines += ["\t".join(row) for row in ((block.head,) if block.head else ())]
            lines += ["\t".join(part.replace("\n", " ") for part in row) for row in block.rows]
    return "\n".join(lines).strip() + "\n"


def _written(document: Any, block: Block) -> None:
    if block.kind in {"title", "heading"}:
        document.add_heading(block.text, 0 if block.kind == "title" else 1)
    elif block.kind == "para":
        for line in block.text.split("\n"):
            document.add_paragraph(line)
    else:
        _table(document, block)


def _table(document: Any, block: Block) -> None:
    rows = [*((block.head,) if block.head else ()), *block.rows]
    if not rows:
        return
    made = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for cells, row in zip(made.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    if block.head:
        for cell in made.rows[0].cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True
