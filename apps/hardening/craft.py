"""The forge of this installation: its dispatcher, the recipes of `jobs/finetune`, and the server of its target."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wunderkammer.apps.hardening.exam import Utility
from wunderkammer.apps.hardening.figures import Mean
from wunderkammer.apps.hardening.forge import Chain, Data, Forge
from wunderkammer.apps.hardening.happenings import Tell
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.serving import Serves
from wunderkammer.core.settings import EMBEDDED, Settings
from wunderkammer.core.weights import weights_job
from wunderkammer.jobs.adapters import Registry
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.finetune.recipe import gguf_job, train_job, utility_job
from wunderkammer.models.embedded_model import model_file
from wunderkammer.models.embedded_serves import EmbeddedServes


def craft(settings: Settings, plan: HardenPlan, tell: Tell) -> Forge:
    """What trains the target of the settings, and serves what was trained.

    Raises `ConfigError` where the base weights are unknown, or nobody here can load an adapter into the target.
    """
    recipe = Craft(weights_of(settings, plan), gguf=settings.server(settings.role("target").server).url == EMBEDDED)
    return Forge(dispatcher(settings), recipe, Registry(settings.home), serves_of(settings), tell)


@dataclass(frozen=True)
class Craft:
    """`forge.Recipe` by `wunderkammer.jobs.finetune`. base: a folder, a GGUF file or a hub name. gguf: whether the
    target is served by llama.cpp, which needs the adapter in its own format."""

    base: str
    gguf: bool

    def training(self, data: Data, plan: HardenPlan, number: int) -> Chain:
        weights = weights_job(self.base)
        title = f"{plan.training.method} of {Path(self.base).stem}, round {number}"
        train = train_job(plan.training, data.lessons, data.watched, weights.id, seed=plan.seed, title=title)
        if not self.gguf:
            return Chain((weights, train), train.id)
        twin = gguf_job(train.id, weights.id)
        return Chain((weights, train, twin), train.id, twin.id)

    def adapter(self, artifacts: Path) -> tuple[Path, str]:
        try:
            result = json.loads((artifacts / "result.json").read_bytes())
            base = str(result["base"])
        except (OSError, ValueError, KeyError, TypeError):
            raise JobFailed(f"{artifacts}: no result.json that names the base weights") from None
        return artifacts / "adapter", base

    def utility(self, plan: HardenPlan, trained: Chain | None) -> Chain | None:
        weights = weights_job(self.base)
        needs = plan.training.needs
        if trained is None:
            job = utility_job(weights.id, (), seed=plan.seed, needs=needs, title="utility of the original")
            return Chain((weights, job), job.id)
        job = utility_job(weights.id, (trained.adapter,), seed=plan.seed, needs=needs, title="utility of the adapter")
        return Chain((*trained.jobs, job), job.id)

    def read(self, result: Mapping[str, Any]) -> Utility:
        """Of the adapter where one was asked, else of the base."""
        found = next(iter(result["after"].values()), result["before"])
        texts, questions = int(result["passages"]["count"]), int(result["questions"])
        return Utility(
            perplexity=found["perplexity"],
            perplexity_ratio=_mean(found.get("perplexity_ratio"), texts),
            accuracy=found["accuracy"]["value"],
            accuracy_change=_mean(found.get("accuracy_change"), questions),
            questions=questions,
            texts=texts,
        )


def _mean(said: Mapping[str, float] | None, n: int) -> Mean | None:
    return Mean(mean=said["value"], low=said["low"], high=said["high"], n=n) if said and n else None


def weights_of(settings: Settings, plan: HardenPlan) -> str:
    """The base weights that the target has: as the plan says, else as its server was told."""
    if plan.weights is not None:
        return plan.weights
    seat = settings.role("target")
    server = settings.server(seat.server)
    if server.url == EMBEDDED:
        return str(model_file(settings))
    if server.vllm is not None and server.vllm.model is not None:
        return server.vllm.model
    raise ConfigError(
        f"which weights the target {seat.server} has is unknown here: name them, --weights FOLDER or a hub name"
    )


def serves_of(settings: Settings) -> Serves:
    """Who loads adapters into the target's server; `ConfigError` where nobody here can."""
    seat = settings.role("target")
    server = settings.server(seat.server)
    if server.url == EMBEDDED:
        if seat.model not in ("default", model_file(settings).stem):
            raise ConfigError(f"the target {EMBEDDED}#{seat.model} is an adapter itself: harden its base, embedded")
        return EmbeddedServes(settings)
    if server.vllm is None:
        raise ConfigError(
            f"nobody here can load an adapter into the target's server {seat.server}: "
            f"if it is vLLM, say so under [servers.{seat.server}.vllm] (docs/serving.md)"
        )
    from wunderkammer.jobs.vllm.server import Vllm

    return Vllm(settings, seat.server)
