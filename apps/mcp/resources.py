"""Runs and findings as MCP resources: `wunder://runs/ID`, `wunder://findings/ID`."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from mcp import types
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError

from wunderkammer.agents.guide.tool import Toolbox, WrongCall
from wunderkammer.apps.chat.office import Office
from wunderkammer.core.errors import WunderError
from wunderkammer.memory.findings import findings_of

PAGE = 100
"""Resources that are listed at a time."""
JSON = "application/json"
KINDS = {"runs": "A run, study or hardening as it stands.", "findings": "A finding with its figures and evidence."}
READ_BY = {"runs": ("show_run", "run"), "findings": ("show_finding", "finding")}
"""For each kind: the operation that reads one, and the argument that names it."""
_URI = re.compile(r"wunder://(runs|findings)/([\w.-]{1,80})")

Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True)
class Library:
    """What there is to read. Its methods are handlers of an MCP server."""

    office: Office
    box: Toolbox

    async def listed(self, ctx: Context, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        """All runs, newest first, then all findings, newest first; a page at a time."""
        cursor = params.cursor if params is not None else None
        if cursor is not None and not re.fullmatch(r"[0-9]{1,9}", cursor):
            raise MCPError(types.INVALID_PARAMS, "this cursor is none of ours")
        start = int(cursor or 0)
        found = await asyncio.to_thread(_all, self.office)
        after = str(start + PAGE) if len(found) > start + PAGE else None
        return types.ListResourcesResult(resources=found[start : start + PAGE], next_cursor=after)

    async def templates(
        self, ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        """How the two kinds are addressed."""
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    uri_template=f"wunder://{kind}/{{id}}", name=kind, description=says, mime_type=JSON
                )
                for kind, says in KINDS.items()
            ]
        )

    async def read(self, ctx: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """One of them, as the sheet of its operation."""
        found = _URI.fullmatch(params.uri)
        if found is None:
            raise MCPError(types.INVALID_PARAMS, "there is no such resource", {"uri": params.uri})
        operation, argument = READ_BY[found[1]]
        tool = self.box.tools[operation]
        try:
            sheet = await tool.do(self.box.checked(tool, {argument: found[2]}), "")
        except (WrongCall, WunderError) as fault:
            raise MCPError(types.INVALID_PARAMS, str(fault), {"uri": params.uri}) from None
        text = types.TextResourceContents(uri=params.uri, mime_type=JSON, text=sheet.model_dump_json())
        return types.ReadResourceResult(contents=[text])


def _all(office: Office) -> list[types.Resource]:
    works = [
        types.Resource(
            uri=f"wunder://runs/{one.id}",
            name=f"{one.kind} {one.id}",
            description=f"{one.domain or one.kind}: {one.status}",
            mime_type=JSON,
        )
        for one in office.everything()
    ]
    findings = [
        types.Resource(
            uri=f"wunder://findings/{one.id}",
            name=f"finding {one.id[:8]}",
            description=f"{one.kind} of {one.run}: {one.verdict or 'no verdict'}",
            mime_type=JSON,
        )
        for one in findings_of(office.ledger)[::-1]
    ]
    return [*works, *findings]
