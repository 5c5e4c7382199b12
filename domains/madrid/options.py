"""What a run of MADRID may be told."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.core.contract import Frozen

Form = Literal["gaussian", "aimed", "carried", "fresh"]
REFERENCES = ("bot-0.05", "bot-0.25", "bot-0.95")
"""As in the paper, which has the checkpoints of its target beside them."""


class MadridOptions(Frozen):
    """Settings of `madrid`."""

    players: int = Field(5, ge=2, le=11)
    """Of each side, the keeper counted."""
    target: str = "bot-0.5"
    """Who is tested: a policy that comes with the football, by name, the weights that a training left, an ONNX network,
    or a function that an installed package offers under `wunderkammer.players`."""
    references: tuple[str, ...] = Field(REFERENCES, min_length=2)
    """By whose standard, from weak to strong: names or files, as `target`; one layer of the archive for each."""
    method: Literal["madrid", "targeted", "random"] = "madrid"
    """madrid: elites are varied. targeted: an archive, and fresh random levels for its cells. random: levels anywhere,
    and no archive. The last two are what the paper compares with."""
    proposer: Literal["gaussian", "cma"] = "gaussian"
    """gaussian: MAP-Elites, elites moved by Gaussian steps. cma: CMA-ME, four emitters of pyribs (batch a multiple of
    four, lag 0)."""
    forms: tuple[Form, ...] = Field(("gaussian", "aimed", "carried"), min_length=1)
    """How elites are varied: all moved; the ball put where the aim is; and the players taken along; a level by chance.
    Of several, the more accepted is taken the more often."""
    sigma: float = Field(0.1, gt=0, le=1)
    """Standard deviation of a Gaussian step, and the first of an emitter."""
    repeats: int = Field(16, ge=1, le=4096)
    """Matches of the reference, and as many of the target, in each level. The paper has 4."""
    steps: int = Field(128, ge=1, le=3000)
    """Of a match, which ends with the first goal."""
    offside: bool = True
    clips_from: float = Field(0.5, ge=-2, le=3)
    """One match of the reference and one of the target are kept, to be looked at, where the regret is at least this; 3:
    nowhere."""
    engine: Literal["football", "grf", "pettingzoo"] = "football"
    """football: this house's, in JAX. grf: Google Research Football, 11 against 11, built by `make grf`. pettingzoo: a
    parallel environment of an installed package, see `pitch`."""
    pitch: str = ""
    """Name of the entry point of group `wunderkammer.pitches` that makes that environment."""
    grf: str = "build/grf/bin/python"
    """The Python that has it."""
    tizero: str = "build/grf/tizero.safetensors"
    """Weights of its player `tizero`; its others are bot-0 to bot-1, by difficulty, and one of the two sides must be
    tizero."""
    processes: int = Field(2, ge=1, le=256)
    """Of Google Research Football, at once."""
    salt: str = ""
    """Another word gives other draws in every level: a second look that owes nothing to the first."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if len(set(self.references)) < len(self.references):
            raise ValueError("references: one is named twice")
        if self.method != "madrid" and self.proposer != "gaussian":
            raise ValueError(f"method: {self.method} proposes by chance; leave proposer out")
        if (self.engine == "pettingzoo") != bool(self.pitch):
            raise ValueError("pitch: names the environment of engine=pettingzoo, and of no other")
        return self
