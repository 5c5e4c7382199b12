"""Everything that the guide and the commands can do, by the same functions, for pages and programs.

What may take more than the bounds is done only when it was confirmed: the question comes first, with 409.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path
from pydantic import Field
from starlette.responses import JSONResponse, Response

from wunderkammer.agents.guide.guide import described, in_words
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.tool import FREE, Bounds, Price, Tool
from wunderkammer.apps.web.context import Here, Web
from wunderkammer.apps.web.faults import Refused, refusal
from wunderkammer.core.contract import Frozen

router = APIRouter(prefix="/api/operations", tags=["operations"])
Name = Annotated[str, Path(description="Name of an operation, as the list has it.", max_length=80)]


class Operation(Frozen):
    """What can be done."""

    name: str
    says: str
    arguments: dict[str, Any]
    """JSON schema."""
    changes: bool
    """Whether it starts, stops or alters anything."""
    priced: bool


class Asked(Frozen):
    """What should be done. key: the same key does the same thing once."""

    arguments: dict[str, Any] = Field(default_factory=dict)
    confirmed: bool = False
    key: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{1,80}$")] = Field(default_factory=lambda: uuid.uuid4().hex)


class Quote(Frozen):
    """What an operation may take, and the question that it raises; empty: none."""

    price: Price
    question: str


class Done(Frozen):
    """What came of it."""

    operation: str
    sheet: Sheet


@router.get("")
async def list_operations(here: Here) -> list[Operation]:
    """What can be done, with the schema of its arguments."""
    return [
        Operation(
            name=tool.name,
            says=tool.says,
            arguments=tool.form.parameters,
            changes=tool.changes,
            priced=tool.price is not None,
        )
        for tool in here.toolbox.tools.values()
    ]


@router.post("/{tool}/price", responses=Refused)
async def price(here: Here, tool: Name, arguments: Annotated[dict[str, Any], Body()]) -> Quote:
    """What doing it may take, and what would be asked first. Nothing is done."""
    found = _tool(here, tool)
    return await quote(found, here.toolbox.checked(found, arguments), here.bounds)


@router.post("/{tool}", response_model=Done, responses=Refused)
async def do(here: Here, tool: Name, asked: Asked) -> Done | Response:
    """Do it. 409 with a question where it may be costly and was not confirmed."""
    found = _tool(here, tool)
    arguments = here.toolbox.checked(found, asked.arguments)
    if found.changes and not asked.confirmed:
        quoted = await quote(found, arguments, here.bounds)
        if quoted.question:
            return _asked_first(quoted)
    return Done(operation=found.name, sheet=await found.do(arguments, asked.key))


async def quote(tool: Tool, arguments: Frozen, bounds: Bounds) -> Quote:
    """The price of a call, and the question where it is above the bounds."""
    found = await tool.price(arguments) if tool.price else FREE
    exceeded = tool.changes and bounds.exceeded(found)
    return Quote(price=found, question=f"{described(tool, arguments)} may take {in_words(found)}." if exceeded else "")


def _asked_first(quoted: Quote) -> JSONResponse:
    return refusal(409, quoted.question, question=quoted.question, price=quoted.price.model_dump(mode="json"))


def _tool(here: Web, name: str) -> Tool:
    found = here.toolbox.tools.get(name)
    if found is None:
        raise HTTPException(404, f"there is no operation {name[:80]!r}; there is: {', '.join(here.toolbox.tools)}")
    return found
