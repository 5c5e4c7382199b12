"""What a rehearsal server plays: latency, faults, abilities and the player, all decided beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.models.rehearsal.ask import Player

Fault = Literal[
    "429", "500", "503", "401", "reset", "half", "html", "empty", "null", "nochoices", "huge", "slow", "errorobject"
]
"""429 (with Retry-After), 500, 503, 401: that status with an error object. reset: the connection is closed with no
answer. half: the body, or the stream, breaks off in the middle. html: 200 with a page. empty, null: content of that
kind. nochoices: no reply in the reply. huge: 1 MB of words. slow: no answer before the client gives up. errorobject:
200 with an error object."""

Ability = Literal["schema", "json", "logprobs", "n", "stream", "embeddings", "echo", "tools"]

FAULTS: tuple[Fault, ...] = get_args(Fault)
ABILITIES: tuple[Ability, ...] = get_args(Ability)


@dataclass(frozen=True)
class Script:
    """A rehearsal. Two servers of one script give equal requests equal replies, whatever happened to either."""

    seed: int = 0
    models: tuple[str, ...] = ("rehearsal",)
    """What /v1/models lists."""
    strict: bool = False
    """Answer 404 to a model that is not listed."""
    key: str | None = None
    """Answer 401 to everybody without this bearer key."""
    latency: float = 0.0
    """Median seconds of a reply; 0: at once."""
    sigma: float = 0.5
    """Standard deviation of the logarithm of the latency (0: always the median)."""
    concurrency: int | None = None
    """Requests in flight beyond this are answered 429."""
    retry_after: float = 1.0
    """Seconds in the Retry-After of a 429."""
    faults: Mapping[Fault, float] = field(default_factory=dict)
    """Probability of each fault, drawn from the request and from how often it was sent before."""
    relent: int | None = None
    """Attempts of one request after which it meets no more faults; None: never."""
    hang: float = 3600.0
    """Seconds that a `slow` request hangs, if its client is so patient."""
    lacks: frozenset[Ability] = frozenset()
    """Abilities that are refused with a 400 (embeddings: 404)."""
    ignores: frozenset[Ability] = frozenset()
    """Abilities that are silently left out of the reply, as some servers do."""
    player: Player | None = None
    """Who makes up the replies; None: random words, random choices."""

    def __post_init__(self) -> None:
        unknown = set(self.faults) - set(FAULTS)
        if unknown:
            raise ConfigError(f"no fault {', '.join(sorted(unknown))}: one of {', '.join(FAULTS)}")
        if not all(0 <= p <= 1 for p in self.faults.values()) or sum(self.faults.values()) > 1 + 1e-9:
            raise ConfigError("the probabilities of faults must lie in 0 to 1, and so must their sum")
        if self.latency < 0 or self.sigma < 0 or self.hang < 0 or self.retry_after < 0:
            raise ConfigError("latency, sigma, hang and retry_after are not negative")

    def seconds(self, request: str) -> float:
        """The latency of a request: log-normal about the median."""
        if self.latency == 0 or self.sigma == 0:
            return self.latency
        return self.latency * math.exp(rng_for(self.seed, "latency", request).gauss(0, self.sigma))

    def fault(self, request: str, attempt: int) -> Fault | None:
        """The fault that the attempt (from 0) of a request meets."""
        if not self.faults or (self.relent is not None and attempt >= self.relent):
            return None
        drawn = rng_for(self.seed, "fault", request, attempt).random()
        for name in FAULTS:
            drawn -= self.faults.get(name, 0.0)
            if drawn < 0:
                return name
        return None


def read_faults(text: str) -> dict[Fault, float]:
    """`429=0.05,500=0.02` as a mapping; `ConfigError` where it is none."""
    faults: dict[Fault, float] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, share = item.partition("=")
        try:
            faults[cast(Fault, name.strip())] = float(share)
        except ValueError:
            raise ConfigError(f"fault {item!r}: write NAME=PROBABILITY, for example 429=0.05") from None
    return faults
