"""What a file is by its content (文件类型): never by what its name claims.

The name's ending must agree with the content and be one that the policy takes. Content is
looked at, not run or unpacked: of an archive only the list of its members is read.
"""

import codecs
import re
import zipfile
from pathlib import Path
from typing import BinaryIO, Final, Literal

from rules.refusal import Refused

Content = Literal["pdf", "png", "jpeg", "gif", "webp", "ole", "zip", "docx", "xlsx", "pptx", "odf",
                  "text"]  # fmt: skip

MAGIC: Final[tuple[tuple[bytes, Content], ...]] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),  # Word, Excel, PowerPoint and WPS of old
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # an empty archive
)
OFFICE: Final[dict[str, Content]] = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
ENDINGS: Final[dict[Content, frozenset[str]]] = {
    "pdf": frozenset({"pdf"}),
    "png": frozenset({"png"}),
    "jpeg": frozenset({"jpg", "jpeg"}),
    "gif": frozenset({"gif"}),
    "webp": frozenset({"webp"}),
    "ole": frozenset({"doc", "xls", "ppt", "wps", "et", "dps"}),
    "zip": frozenset({"zip"}),
    "docx": frozenset({"docx", "wps"}),
    "xlsx": frozenset({"xlsx", "et"}),
    "pptx": frozenset({"pptx", "dps"}),
    "odf": frozenset({"odt", "ods", "odp"}),
    "text": frozenset({"txt", "csv", "log", "md", "eml"}),
}
OPENXML: Final = "application/vnd.openxmlformats-officedocument"
MIME: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "zip": "application/zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": f"{OPENXML}.wordprocessingml.document",
    "xlsx": f"{OPENXML}.spreadsheetml.sheet",
    "pptx": f"{OPENXML}.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/plain",
}
MEMBERS_MOST: Final = 10_000
BLOCK: Final = 1 << 16
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class TypeNotTaken(Refused):
    """The policy does not take files with this ending."""

    sentence = "files of the kind “{ending}” are not taken: use one of {types}"


class TypeDiffers(Refused):
    """The content is not what the name's ending says."""

    sentence = "{name} is not what its name says: its content is of another kind"


class HoldsMacros(Refused):
    """An office document with a program in it."""

    sentence = "{name} holds macros: save it without them"


def content_type(file: BinaryIO, name: str, *, types: frozenset[str]) -> str:
    """Return the media type of an open file, or refuse it; its position is moved."""
    ending = Path(name).suffix.removeprefix(".").lower()
    if ending not in types:
        raise TypeNotTaken(ending=ending or "?", types=", ".join(sorted(types)))
    content = sniff(file, name)
    if content is None or ending not in ENDINGS[content]:
        raise TypeDiffers(name=name)
    return MIME.get(ending, "application/octet-stream")


def sniff(file: BinaryIO, name: str = "") -> Content | None:
    """Return what the content is; None if it is nothing we know."""
    file.seek(0)
    head = file.read(16)
    for magic, content in MAGIC:
        if head.startswith(magic):
            return _in_archive(file, name) if content == "zip" else content
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "text" if _is_text(file) else None


def _in_archive(file: BinaryIO, name: str) -> Content | None:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.namelist()
            if len(members) > MEMBERS_MOST:
                return None
            odf = members[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < BLOCK
            odf = odf and archive.read("mimetype").startswith(b"application/vnd.oasis.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return None
    if any(member.lower().endswith("vbaproject.bin") for member in members):
        raise HoldsMacros(name=name)
    if odf:
        return "odf"
    return _office(members)


def _office(members: list[str]) -> Content:
    if "[Content_Types].xml" not in members:
        return "zip"
    for folder, content in OFFICE.items():
        if any(member.startswith(folder) for member in members):
            return content
    return "zip"


def _is_text(file: BinaryIO) -> bool:
    file.seek(0)
    encodings = ["utf-8-sig", "gb18030"]
    if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        encodings = ["utf-16"]
    return any(_reads_as(file, encoding) for encoding in encodings)


def _reads_as(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := file.read(BLOCK):
            if _NOT_TEXT.search(decoder.decode(block)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
