"""Pictures and files as they leave: each with its own media type, and nothing in them that a browser would run."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from wunderkammer.core.abilities import Picture

SEALED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For an SVG that is opened by itself: it is drawn, and that is all that it can do."""
_MEDIA = {".png": "image/png", ".gif": "image/gif", ".mp4": "video/mp4", ".svg": "image/svg+xml"}
"""What may be looked at in the browser; all else is a download."""
MOST_CAPTION = 500
"""Characters of a caption, which goes with its picture, percent-encoded, as `x-caption`."""

PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/*": {}, "video/mp4": {}}, "description": "Seen."}}
"""For the signature of a route."""


def shown(picture: Picture, request: Request | None = None) -> Response:
    """A picture; 304 where the browser has it already."""
    tag = f'"{blake2b(picture.data, digest_size=12).hexdigest()}"'
    said = quote(picture.caption[:MOST_CAPTION])
    headers = {**_safe(), "etag": tag, "cache-control": "private, max-age=0, must-revalidate", "x-caption": said}
    if request is not None and tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(picture.data, media_type=picture.media, headers=headers)


def handed(file: Path) -> Response:
    """A file of the artifact store; its name is a hash of what is in it, so that it never changes."""
    media = _MEDIA.get(file.suffix)
    headers = {**_safe(), "cache-control": "private, max-age=31536000, immutable"}
    if media is None:
        return FileResponse(file, media_type="application/octet-stream", filename=file.name, headers=headers)
    return FileResponse(file, media_type=media, headers=headers)


def _safe() -> dict[str, str]:
    return {"x-content-type-options": "nosniff", "content-security-policy": SEALED}
