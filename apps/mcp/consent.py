"""Asking the user of an MCP client for a yes, in whichever way the client has for it."""

from __future__ import annotations

from typing import Any

from mcp import types
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

KEY = "consent"
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {"yes": {"type": "boolean", "title": "Do it", "default": False}},
    "required": ["yes"],
}


async def consent(
    ctx: ServerRequestContext[Any, Any], params: types.CallToolRequestParams, question: str
) -> bool | types.InputRequiredResult | None:
    """What the user says to a question; None where the client has no way to ask.

    Newer clients are handed the question as the result of their call, and make the call again with the answer in it.
    """
    if not _can_ask(ctx):
        return None
    if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
        answer = (params.input_responses or {}).get(KEY)
        if answer is None:
            asked = types.ElicitRequestFormParams(message=question, requested_schema=FORM)
            return types.InputRequiredResult(input_requests={KEY: types.ElicitRequest(params=asked)})
        return isinstance(answer, types.ElicitResult) and _is_yes(answer)
    if not ctx.session.can_send_request:
        return None
    try:
        return _is_yes(await ctx.session.elicit_form(question, FORM, ctx.request_id))
    except MCPError:  # it said that it could ask, and could not
        return None


def _can_ask(ctx: ServerRequestContext[Any, Any]) -> bool:
    able = ctx.session.client_capabilities
    way = able.elicitation if able is not None else None
    return way is not None and (way.form is not None or way.url is None)


def _is_yes(answer: types.ElicitResult) -> bool:
    return answer.action == "accept" and (answer.content or {}).get("yes") is True
