"""Whether anybody listens where servers are said to be: told before a run begins, which then keeps trying."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from urllib.parse import urlsplit

from wunderkammer.core.settings import EMBEDDED, Settings

WAIT_S = 2.0
"""A server that takes longer to say hello is not called absent."""


async def absent(settings: Settings, roles: Iterable[str]) -> list[str]:
    """Addresses of servers of these roles, not started by us, whose machine says that nobody listens there."""
    names = dict.fromkeys(settings.role(role).server for role in roles)
    urls = [one.url for one in map(settings.server, names) if one.url != EMBEDDED and one.vllm is None]
    refused = await asyncio.gather(*map(_refused, urls))
    return [url for url, gone in zip(urls, refused, strict=True) if gone]


async def _refused(url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, port), WAIT_S)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):  # perhaps there is a way that only the client knows, such as a proxy
        return False
    writer.close()
    return False
