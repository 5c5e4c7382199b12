"""Who plays which role, and by whose word. Nobody is asked here, and nothing that could ask is loaded."""

from __future__ import annotations

from typing import Any, cast

from wunderkammer.core.contract import Role
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import ROLES, Settings, public
from wunderkammer.core.spelling import instead


def seats(settings: Settings) -> list[dict[str, Any]]:
    """Every role with its server and model, as tables and scripts have it; nobody is asked."""
    return [_seat(settings, role) for role in ROLES]


def _seat(settings: Settings, role: str) -> dict[str, Any]:
    seat, server = settings.role(role), settings.server(settings.role(role).server)
    named = [name for name in (role, "default") if name in settings.roles]
    return {
        "role": role,
        "server": public(seat.server),
        "address": public(server.url),
        "model": seat.model,
        "temperature": seat.temperature,
        "max_tokens": seat.max_tokens,
        "key": f"${server.key_env}" if server.key_env else None,
        "set by": f"roles.{named[0]}" if named else "nobody: the embedded model",
    }


def known_role(name: str) -> Role:
    """A role by its name; `ConfigError` lists them."""
    if name not in ROLES:
        raise ConfigError(f"unknown role {name[:40]!r}{instead(name[:40], ROLES)}")
    return cast(Role, name)
