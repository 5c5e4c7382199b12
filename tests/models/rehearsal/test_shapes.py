"""Instances fit their schemas, whatever the generator draws."""

from __future__ import annotations

import json
from random import Random
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from wunderkammer.models.rehearsal.ask import schema_in
from wunderkammer.models.rehearsal.shapes import Shape


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["leaf"] = "leaf"
    share: float = Field(ge=0, le=1)
    above: float = Field(gt=3)
    even: int = Field(multiple_of=2, ge=-7, lt=5)
    flag: bool


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=20, max_length=40)
    colour: Literal["red", "green"]
    leaves: list[Leaf] = Field(min_length=2, max_length=4)
    pair: tuple[int, str]
    note: str | None
    child: Tree | None = None


@given(st.integers())
def test_an_instance_fits_the_schema_of_a_model(seed: int) -> None:
    value = Shape(Random(seed)).instance(Tree.model_json_schema())
    tree = Tree.model_validate_json(json.dumps(value))
    assert len(tree.leaves) >= 2


def test_text_and_choice_can_be_given() -> None:
    shape = Shape(Random(0), text="said so", choose=lambda values: values[-1])
    schema = {"properties": {"winner": {"enum": ["A", "B"]}, "reason": {"type": "string"}}}
    assert shape.instance(schema) == {"winner": "B", "reason": "said so"}


def test_merges_are_followed() -> None:
    parts = [{"properties": {"a": {"const": 1}}}, {"$ref": "#/$defs/b"}]
    schema = {"allOf": parts, "type": "object", "$defs": {"b": {"properties": {"b": {"type": "null"}}}}}
    assert Shape(Random(0)).instance(schema) == {"a": 1, "b": None}


def test_a_schema_is_found_in_running_text() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    assert schema_in(f"Use {{braces}} and {{}} and then {json.dumps(schema)}. Thanks {{") == schema
    assert schema_in('An example: {"x": 1}') is None
