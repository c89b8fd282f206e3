"""Documents to take along (下载): made for the reader, saved and never shown in place."""

from urllib.parse import quote

from starlette.responses import Response

from processes.attachment.content_types import MIME


def attachment(content: bytes, name: str) -> Response:
    """Return a file under its name, whose ending says what it is."""
    kind = MIME[name.rpartition(".")[2]]
    headers = {"Content-Disposition": disposition(name)}
    return Response(content, media_type=kind, headers=headers)


def disposition(name: str) -> str:
    """Return the header for any name: plain ASCII for old readers, UTF-8 for the others."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\/;%' else "_" for c in name
    )
    return f"attachment; filename=\"{plain[:150]}\"; filename*=UTF-8''{quote(name, safe='')}"
