"""The settings of a teacher that builds the levels; those of curation do not look at them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wunderkammer.core.frozen import Frozen

OWN = -1.0
"""A number that is left to the method."""


class TeachingSettings(Frozen):
    """What a learned adversary is. Where a default is the method's own: `paired` and `minimax` are as Dennis et al.
    2020 had them, `paired-stable` has what Mediratta et al. 2023 added."""

    built: int = Field(0, ge=0)
    """Walls that the teacher may place; 0: as many as `walls`. Fewer make its episodes shorter."""
    ground: Literal["empty", "sampled"] = "empty"
    """What it begins with: nothing, or the walls of a sampled level, to which it adds."""
    noise: int = Field(16, ge=1)
    """Numbers that it is given per level, so that it can mean many."""
    form: Literal["plain", "recurrent"] = "plain"
    """Its network: two layers over map, time and noise, or a convolution and an LSTM."""
    breadth: int = Field(128, ge=1)
    """Of these layers, or of the LSTM."""
    taught: Literal["ppo", "ppg"] = "ppo"
    """How it learns: proximal or phasic policy gradient."""
    phases: int = Field(8, ge=1)
    """ppg: updates between two auxiliary phases."""
    teacher_rate: float = Field(1e-4, gt=0)
    teacher_epochs: int = Field(5, ge=1)
    teacher_entropy: float = Field(OWN, ge=OWN)
    """Its entropy bonus, in units of regret per nat; -1: the method's own, 0 or for `paired-stable` 0.05."""
    clipped: bool = False
    """Whether a negative estimate of regret counts as none."""
    cloning: Literal["own", "none", "unilateral", "bidirectional"] = "own"
    """Who is drawn to the other's policy while it is behind: nobody, the protagonist, either. `own`: the method's, none
    or for `paired-stable` bidirectional."""
    cloned: float = Field(0.1, ge=0)
    """Weight of the divergence between the two."""

    @property
    def _stable(self) -> bool:
        return getattr(self, "method", "") == "paired-stable"

    @property
    def teachers_entropy(self) -> float:
        """`teacher_entropy`, whoever decides it."""
        if self.teacher_entropy != OWN:
            return self.teacher_entropy
        return 0.05 if self._stable else 0.0

    @property
    def clones(self) -> Literal["none", "unilateral", "bidirectional"]:
        """`cloning`, whoever decides it."""
        if self.cloning != "own":
            return self.cloning
        return "bidirectional" if self._stable else "none"
