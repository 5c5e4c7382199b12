"""The reply of a model without native tools: one JSON object that says something or names a tool with its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from wunderkammer.agents.guide.tool import SAY
from wunderkammer.models.talk import ToolForm


class Choice(BaseModel):
    """Read leniently, so that a wrong name or argument can be explained to the model; described strictly."""

    model_config = ConfigDict(extra="ignore")
    described: ClassVar[dict[str, Any]] = {}

    tool: str
    words: str = ""
    arguments: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def model_json_schema(cls, *args: Any, **more: Any) -> dict[str, Any]:
        """The tools of this choice, one form each, instead of what pydantic would say of the fields."""
        return cls.described or super().model_json_schema(*args, **more)


def choice_of(forms: Sequence[ToolForm]) -> type[Choice]:
    """The reply type for these tools. Make it once: what is known of a reply type is kept by its identity."""
    return type("Choice", (Choice,), {"described": _described(forms), "__module__": __name__})


def _described(forms: Sequence[ToolForm]) -> dict[str, Any]:
    say = _object({"tool": {"const": SAY}, "words": {"type": "string", "minLength": 1}})
    uses = [_object({"tool": {"const": form.name}, "arguments": form.parameters}) for form in forms]
    return {"anyOf": [say, *uses]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
