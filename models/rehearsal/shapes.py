"""An instance of a JSON schema, drawn from a generator: the reply of a server that was told the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from wunderkammer.models.rehearsal.words import sentence

Schema = Mapping[str, Any]
_DEEP = 12
"""Beyond this depth a recursive schema is ended by its shortest branch."""


@dataclass(frozen=True)
class Shape:
    """How to fill a schema.

    text: what every free text becomes; None: invented words.
    choose: picks from an enumeration; None: at random.
    """

    rng: Random
    text: str | None = None
    choose: Callable[[Sequence[Any]], Any] | None = None

    def instance(self, schema: Schema) -> Any:
        """A value that fits. Knows references, unions, merges, bounds, enumerations; not `pattern` and `not`."""
        return self._fill(schema, schema, 0)

    def _fill(self, schema: Schema, root: Schema, depth: int) -> Any:
        schema = _resolved(schema, root)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.choose(schema["enum"]) if self.choose else self.rng.choice(list(schema["enum"]))
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self._fill(self._branch(schema[union], depth), root, depth + 1)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = "null" if "null" in kind and depth > _DEEP else next((k for k in kind if k != "null"), "null")
        match kind:
            case "object":
                return {k: self._fill(v, root, depth + 1) for k, v in schema.get("properties", {}).items()}
            case "array":
                return self._items(schema, root, depth)
            case "integer" | "number":
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return self.rng.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema)

    def _branch(self, branches: Sequence[Schema], depth: int) -> Schema:
        """The first branch that is not null; deep down, null where it is allowed."""
        null = next((b for b in branches if b.get("type") == "null"), None)
        other = next((b for b in branches if b.get("type") != "null"), branches[0])
        return null if null is not None and depth > _DEEP else other

    def _items(self, schema: Schema, root: Schema, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self._fill(s, root, depth + 1) for s in schema["prefixItems"]]
        least = int(schema.get("minItems", 0))
        most = min(int(schema.get("maxItems", least + 3)), least + 3)
        count = least if depth > _DEEP else self.rng.randint(max(least, min(1, most)), most)
        return [self._fill(schema.get("items", {}), root, depth + 1) for _ in range(count)]

    def _number(self, schema: Schema, *, whole: bool) -> float | int:
        step = schema.get("multipleOf", 1 if whole else 0)
        low, high = schema.get("minimum"), schema.get("maximum")
        if low is None and (above := schema.get("exclusiveMinimum")) is not None:
            low = above + (step or 1e-6)
        if high is None and (below := schema.get("exclusiveMaximum")) is not None:
            high = below - (step or 1e-6)
        low = low if low is not None else (high - 10 if high is not None else 0)
        high = high if high is not None else low + 10
        if not step:
            return round(self.rng.uniform(low, high), 6) if high - low > 1e-5 else float(low)
        first, last = -(-low // step), high // step  # ceiling and floor in units of the step
        value = step * self.rng.randint(int(first), max(int(first), int(last)))
        return int(value) if whole else float(value)

    def _string(self, schema: Schema) -> str:
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        text = self.text if self.text is not None else sentence(self.rng, self.rng.randint(3, 12))
        while len(text) < least:
            text += " " + sentence(self.rng, 8)
        return text if most is None else text[: int(most)]


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow local references and merge `allOf`."""
    seen = 0
    while "$ref" in schema and seen < 32:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
        seen += 1
    if "allOf" in schema:
        merged: dict[str, Any] = {k: v for k, v in schema.items() if k != "allOf"}
        for branch in schema["allOf"]:
            other = _resolved(branch, root)
            properties = {**merged.get("properties", {}), **other.get("properties", {})}
            merged = {**merged, **other, **({"properties": properties} if properties else {})}
        return merged
    return schema
