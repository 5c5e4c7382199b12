"""The list of commands in a group's help: by what they are for, each with its first sentence in full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typer.core import TyperGroup

PURPOSES = {
    "Begin": ("init", "doctor", "domains", "models", "rehearse"),
    "Search": ("run", "resume", "runs", "steer", "fork"),
    "See what was found": (
        "archive",
        "report",
        "replay",
        "reevaluate",
        "transfer",
        "calibrate",
        "findings",
        "openended",
        "memory",
    ),
    "Repair, train, test a hypothesis": (
        "harden",
        "adapters",
        "study",
        "studies",
        "quantise",
        "upsample",
        "jobs",
        "setup",
    ),
    "Worlds": ("worlds", "genie", "groove", "video", "vlm"),
    "Watch it, talk with it, connect to it": ("web", "chat", "mcp"),
}
"""Every command of `wunder`, in the order in which somebody new meets them."""

ALL = 10_000
"""Characters of a sentence: none is cut."""


class Listing(TyperGroup):
    """A group whose commands are told in whole sentences, which are wrapped instead of cut."""

    sections: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Names of commands by heading; what is in none of them comes last."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list.

        ctx, formatter: click's; typer has brought its own copy of click in some versions, so they have no type here.
        """
        left = {name: one for name in self.list_commands(ctx) if (one := self.get_command(ctx, name)) is not None}
        width = max(map(len, left), default=0)
        for heading, names in {**self.sections, "Commands": tuple(left)}.items():
            found = [(name, left.pop(name)) for name in names if name in left]
            rows = [(name.ljust(width), one.get_short_help_str(ALL)) for name, one in found if not one.hidden]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


class Commands(Listing):
    """`wunder` itself."""

    sections = PURPOSES
