"""A server's address: the part that may be shown, and the part that may not."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from wunderkammer.core.errors import ConfigError

CUT = 200
"""Characters of a server's words in an error."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send, and as whom."""

    url: str
    """Without credentials: what is sent to, hashed, recorded and shown."""
    authorization: str = field(repr=False)
    """The header's value. A server that wants no key gets a made-up one."""
    secrets: tuple[str, ...] = field(repr=False, default=())
    """What must never be shown, longest first."""

    def redact(self, text: str) -> str:
        """The text with every secret struck out."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, "***")
        return text

    def quote(self, text: str) -> str:
        """A server's words for an error: redacted, on one line, cut."""
        line = " ".join(self.redact(text).split())
        return line if len(line) <= CUT else line[: CUT - 1] + "…"


def parse(url: str, key: str | None = None) -> Address:
    """The address of a base url such as `http://user:password@host:8000/v1`, and the key to show there.

    Raises:
        ConfigError: the url cannot be used; the text does not repeat its credentials.
    """
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        parts.port  # noqa: B018 (raises where it is no number)
    except ValueError:
        raise ConfigError("the url of a server cannot be read: write http://host:port/v1") from None
    shown = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
    if not place or parts.query or parts.fragment:
        raise ConfigError(f"{shown}: write http://host:port/v1, with nothing after it; a key goes into key_env")
    if not (user or password):
        # the SDK insists on a key, and servers without one do not look at it
        return Address(shown, f"Bearer {key or 'none'}", (key,) if key else ())
    if key:
        raise ConfigError(f"{shown}: give either key_env or user:password@ in the url, not both")
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    raw = (parts.password or "") if password else (parts.username or "")
    hidden = {token, raw, password or user} - {""}
    return Address(shown, f"Basic {token}", tuple(sorted(hidden, key=len, reverse=True)))
