"""The fields of a model as its source tells of them: name, type, default, and the words that stand below."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class FieldCard:
    """One field."""

    name: str
    type: str
    default: str
    """As Python writes it; `required` where there is none."""
    meaning: str
    """In one line; empty where the source says nothing."""


def cards(model: type[BaseModel]) -> list[FieldCard]:
    """The fields in their order. A field's docstring is the text that follows it in its class or in a parent's."""
    said: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            said |= _docstrings(kind)
    return [
        FieldCard(
            name,
            _type(field.annotation),
            "required" if field.is_required() else repr(field.get_default(call_default_factory=True)),
            " ".join((field.description or said.get(name, "")).split()),
        )
        for name, field in model.model_fields.items()
    ]


def _docstrings(kind: type[BaseModel]) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, TypeError, SyntaxError):  # made at run time, or shipped without source
        return {}
    (defined,) = tree.body
    assert isinstance(defined, ast.ClassDef)
    found = {}
    for field, below in zip(defined.body, defined.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                found[name] = words
    return found


def _type(annotation: object) -> str:
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", name).replace("NoneType", "None")
