"""Makes the Word templates (文件模板): A4, Chinese fonts, page numbers, the block of signatures.

Nobody edits a template in Word: `python -m notifications.documents.build` writes them all from
the tables of `forms.py`, byte for byte the same each time. Words are `{{ t("…") }}`, so that one
template serves both languages; what people wrote is only ever a value.
"""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from notifications.documents.forms import FORMS, Form, Part

HERE: Final = Path(__file__).parent
BODY: Final = ("Times New Roman", "宋体")  # western, Chinese
HEAD: Final = ("Arial", "黑体")
LONG, SHORT = Cm(29.7), Cm(21.0)
MARGIN: Final = Cm(2.0)
GREY: Final = "E7ECF2"
EPOCH: Final = (2020, 1, 1, 0, 0, 0)  # a zip remembers when; a reproducible one does not


def built(form: Form) -> bytes:
    """Return the template as the bytes of a .docx file."""
    document = Document()
    _page(document, wide=form.wide)
    _fonts(document)
    _running(document)
    title = document.add_paragraph(style="Title")
    title.add_run("{{ title }}")
    _facts(document, form)
    _signatures(document)
    for number, part in enumerate(form.parts, 1):
        _part(document, part, number)
    _properties(document)
    raw = io.BytesIO()
    document.save(raw)
    return _reproducible(raw.getvalue())


def _page(document: Any, *, wide: bool) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (LONG, SHORT) if wide else (SHORT, LONG)
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = MARGIN


def _fonts(document: Any) -> None:
    sizes = {
        "Normal": (BODY, 10.5, False),
        "Title": (HEAD, 20, True),
        "Heading 1": (HEAD, 13, True),
    }
    for name, (fonts, size, bold) in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.bold = fonts[0], Pt(size), bold
        style.font.color.rgb = RGBColor(0, 0, 0)
        _east_asian(style.element.get_or_add_rPr(), fonts)
    document.styles["Normal"].paragraph_format.line_spacing = 1.25
    title = document.styles["Title"]
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after = Pt(10)
    for border in title.element.xpath(".//w:pBdr"):
        border.getparent().remove(border)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(12)
    document.styles["Heading 1"].paragraph_format.space_after = Pt(4)


def _east_asian(properties: Any, fonts: tuple[str, str]) -> None:
    """Name the Chinese font too: Word asks for it by another attribute."""
    found = properties.find(qn("w:rFonts"))
    if found is None:
        found = OxmlElement("w:rFonts")
        properties.append(found)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        found.attrib.pop(qn(f"w:{theme}"), None)
    for kind in ("ascii", "hAnsi", "cs"):
        found.set(qn(f"w:{kind}"), fonts[0])
    found.set(qn("w:eastAsia"), fonts[1])


def _running(document: Any) -> None:
    """What stands on every page: whose document it is, its number and version, and the page."""
    section = document.sections[0]
    width = section.page_width - section.left_margin - section.right_margin
    top = section.header.paragraphs[0]
    top.style = document.styles["Normal"]  # the style of headers has a tab of its own in the middle
    top.paragraph_format.tab_stops.add_tab_stop(width, alignment=2)
    _small(top, '{{ organisation }}\t{{ number }}　{{ t("Version") }} {{ version }}')
    bottom = section.footer.paragraphs[0]
    bottom.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _small(bottom, "{{ page_words[0] }}")
    _field(bottom, "PAGE")
    _small(bottom, "{{ page_words[1] }}")
    _field(bottom, "NUMPAGES")
    _small(bottom, "{{ page_words[2] }}")


def _small(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run(text)
    run.font.size = Pt(9)
    return run


def _field(paragraph: Any, code: str) -> None:
    """Put a field that Word counts itself."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("shown", "1"), ("end", "")):
        run = _small(paragraph, text if kind == "shown" else "")
        if kind in {"begin", "separate", "end"}:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)  # noqa: SLF001 - the only way to a field
        elif not kind:
            asked = OxmlElement("w:instrText")
            asked.set(qn("xml:space"), "preserve")
            asked.text = f" {text} "
            run._r.append(asked)  # noqa: SLF001


def _facts(document: Any, form: Form) -> None:
    """Two pairs to a row, as a cover block has them."""
    pairs = [form.facts[at : at + 2] for at in range(0, len(form.facts), 2)]
    width = 25.7 if form.wide else 17.0
    widths = (3.4, width / 2 - 3.4) * 2
    table = _table(document, widths)
    for pair in pairs:
        cells = table.add_row().cells
        for at, (called, field) in enumerate(pair):
            _cell(cells[2 * at], _word(called), bold=True, shade=True)
            _cell(cells[2 * at + 1], f"{{{{ {field} }}}}")
    _set_widths(table, widths)


def _signatures(document: Any) -> None:
    """Who drew it up, reviewed and approved it, and when (编制、审核、批准)."""
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    width = (document.sections[0].page_width - 2 * MARGIN) / 360_000
    widths = (3.4, (width - 3.4) / 3, (width - 3.4) / 3, (width - 3.4) / 3)
    table = _table(document, widths)
    heads = table.add_row().cells
    for cell, called in zip(heads, ("Step", "Full name", "Date", "Remarks"), strict=True):
        _cell(cell, _word(called), bold=True, shade=True)
    opened, row, closed = (table.add_row().cells for _ in range(3))
    _cell(opened[0], "{%tr for step in signatures %}")
    for cell, field in zip(row, ("step", "name", "at", "note"), strict=True):
        _cell(cell, f"{{{{ step.{field} }}}}")
    _cell(closed[0], "{%tr endfor %}")
    _set_widths(table, widths)


def _part(document: Any, part: Part, number: int) -> None:
    """A part of text alone is always there; one of rows alone only when there are any."""
    rows_alone = bool(part.rows and not part.text)
    if rows_alone:
        document.add_paragraph(f"{{%p if {part.rows} %}}")
    heading = document.add_paragraph(style="Heading 1")
    heading.add_run(f"{number}　{_word(part.heading)}")
    heading.paragraph_format.keep_with_next = True
    if part.text:
        document.add_paragraph(f"{{%p for paragraph in {part.text} %}}")
        body = document.add_paragraph("{{ paragraph }}")
        body.paragraph_format.first_line_indent = Pt(21)
        document.add_paragraph("{%p endfor %}")
    if part.rows and not rows_alone:
        document.add_paragraph(f"{{%p if {part.rows} %}}")
    if part.rows:
        _rows(document, part)
        document.add_paragraph("{%p endif %}")


def _rows(document: Any, part: Part) -> None:
    widths = tuple(width for _, _, width in part.columns)
    table = _table(document, widths)
    heads = table.add_row()
    _repeat(heads)
    for cell, (called, _, _) in zip(heads.cells, part.columns, strict=True):
        _cell(cell, _word(called), bold=True, shade=True, small=True)
    opened, row, closed = (table.add_row() for _ in range(3))
    _cell(opened.cells[0], f"{{%tr for row in {part.rows} %}}")
    for cell, (_, field, _) in zip(row.cells, part.columns, strict=True):
        _cell(cell, f"{{{{ row.{field} }}}}", small=True)
    _whole(row)
    _cell(closed.cells[0], "{%tr endfor %}")
    _set_widths(table, widths)


def _table(document: Any, widths: Sequence[float]) -> Any:
    table = document.add_table(rows=0, cols=len(widths))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    return table


def _set_widths(table: Any, widths: Sequence[float]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def _cell(
    cell: Any, text: str, *, bold: bool = False, shade: bool = False, small: bool = False
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(text)
    run.bold = bold
    run.font.size = Pt(9 if small else 10.5)
    if shade:
        filled = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", GREY)):
            filled.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(filled)  # noqa: SLF001 - shading has no other door


def _repeat(row: Any) -> None:
    """Let the head of a table stand on every page that it goes over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001


def _whole(row: Any) -> None:
    """Keep a row on one page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001


def _word(sentence: str) -> str:
    return f'{{{{ t("{sentence}") }}}}'


def _properties(document: Any) -> None:
    from datetime import datetime

    own = document.core_properties
    own.author = own.last_modified_by = own.comments = own.title = ""
    own.created = own.modified = datetime(*EPOCH[:3])  # noqa: DTZ001 - Word's own field, no zone


def _reproducible(made: bytes) -> bytes:
    """Write the zip anew with one date for every part."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in sorted(
            source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)
        ):
            told = zipfile.ZipInfo(name, EPOCH)
            told.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(told, source.read(name))
    return written.getvalue()


def main() -> None:
    """Write every template beside this file."""
    for form in FORMS:
        (HERE / f"{form.name}.docx").write_bytes(built(form))


if __name__ == "__main__":
    main()
