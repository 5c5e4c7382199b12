"""The workshop of one hardening: does the stages of the graph `harden`, each once, and keeps what it came to.

Every product has a name that follows from the hardening and the round: the data set is an artifact by content, jobs
are known by their hash, the adapter is `ID-ROUND`, and so is the re-attack; calls outside any search stand in the
ledger under `ID-…`. A stage that was interrupted asks again only what was not answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from langgraph.runtime import RunControl

from wunderkammer.apps.expedition import Expedition
from wunderkammer.apps.hardening.archives import (
    Split,
    alike,
    elites_of,
    failures_of,
    judge_of,
    repairable,
    searched,
    split,
)
from wunderkammer.apps.hardening.exam import Exam, Paper, ordinary_prompts, set_paper
from wunderkammer.apps.hardening.figures import Looked
from wunderkammer.apps.hardening.forge import Chain, Data, Forge
from wunderkammer.apps.hardening.happenings import Begun, Done, Searched, Tell
from wunderkammer.apps.hardening.means import Means
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.apps.hardening.schoolroom import Schoolroom
from wunderkammer.apps.hardening.wording import words_of
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.rehearing import INTERRUPTED, Hearing, afresh
from wunderkammer.apps.replay import seat_name
from wunderkammer.apps.venturing import Resting
from wunderkammer.core.contract import Candidate, Domain, Entry
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.ids import rng_for
from wunderkammer.core.settings import ROLES, BudgetSettings, Settings
from wunderkammer.memory import hardenings
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run


@dataclass
class Workshop:
    """Implements `wunderkammer.graphs.harden.Workshop`.

    settings: cast as the archives' runs were, the target being the original. limits: of the whole hardening, over all
    its processes; time counts in whole stages.
    """

    id: str
    plan: HardenPlan
    settings: Settings
    ledger: Ledger
    forge: Forge
    control: RunControl
    tell: Tell
    limits: BudgetSettings = field(default_factory=BudgetSettings)
    clock: Callable[[], float] = time.monotonic
    _served: dict[int, str] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        return self.plan.rounds

    # ---- stages --------------------------------------------------------------------------------------------------

    async def attack(self) -> int:
        """Make the archives that are lacking, and split what there is."""
        body = await self._once(0, "attack", self._attack)
        return len(body["learnt"]) + len(body["held_out"])

    async def examine(self, number: int, address: str) -> None:
        await self._once(number, "examine", lambda: self._examine(number))

    async def collect(self, number: int) -> int:
        body = await self._once(number, "collect", lambda: self._collect(number))
        return len(body["failures"])

    async def teach(self, number: int) -> str:
        return str((await self._once(number, "teach", lambda: self._teach(number)))["artifact"])

    async def train(self, number: int, lessons: str) -> str:
        return str((await self._once(number, "train", lambda: self._train(number)))["adapter"])

    async def load(self, number: int, adapter: str) -> str:
        return str((await self._once(number, "load", lambda: self._load(number)))["address"])

    async def reattack(self, number: int, address: str) -> str:
        return str((await self._once(number, "reattack", lambda: self._reattack(number)))["run"])

    def recount(self) -> None:
        """Tell of every stage that was done before."""
        for kept in hardenings.stages_of(self.ledger, self.id):
            self.tell(Done(kept.round, kept.name, words_of(kept.name, kept.body), before=True))

    async def _once(self, number: int, name: str, work: Callable[[], Awaitable[dict[str, Any]]]) -> Mapping[str, Any]:
        """What a stage came to: as the ledger has it, else done now and written down."""
        kept = hardenings.stage(self.ledger, self.id, number, name)
        if kept is not None:
            return kept
        self._means.purse.afford()
        self.tell(Begun(number, name))
        began = self.clock()
        body = {**await work(), "seconds": round(self.clock() - began, 3)}
        hardenings.keep_stage(self.ledger, self.id, number, name, body)
        await self.ledger.flush()
        self.tell(Done(number, name, words_of(name, body)))
        return body

    # ---- attack --------------------------------------------------------------------------------------------------

    async def _attack(self) -> dict[str, Any]:
        given = list(self.plan.runs)
        for place in range(max(0, self.plan.attack - len(given) - len(self.plan.held_out))):
            seed = rng_for("harden", self.plan.seed, "attack", place).getrandbits(31)
            given.append((await self._search(f"{self.id}-a{place + 1}", seed, self.settings)).id)
        parts = split(given, self.plan.held_out)
        alike([searched(self.ledger, run) for run in (*parts.learnt, *parts.held_out)])
        failing = {run: len(self._failing(run)) for run in parts.learnt}
        if not any(failing.values()):
            raise ConfigError(
                f"no elite of {', '.join(parts.learnt)} succeeds ({self.judge.rule}): there is nothing to repair"
            )
        held = {run: len(elites_of(self.ledger, run)) for run in parts.held_out}
        if not any(held.values()):
            raise ConfigError(f"the held-out archives are empty: {', '.join(parts.held_out)}")
        return {"learnt": list(parts.learnt), "held_out": list(parts.held_out), "failing": failing, "elites": held}

    def _split(self) -> Split:
        body = hardenings.stage(self.ledger, self.id, 0, "attack")
        assert body is not None, "the graph attacks before anything else"
        return Split(tuple(body["learnt"]), tuple(body["held_out"]))

    def _failing(self, run: str) -> list[Entry[Any]]:
        return failures_of(self.ledger, run, self.judge, 0)[0]

    async def _search(self, name: str, seed: int, settings: Settings) -> Run:
        """A search of this name, begun or gone on with, until it is at its end."""
        if self.control.drain_requested:
            raise Resting
        plan = self.plan.search.model_copy(update={"seed": seed})
        roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
        run = Run(name, plan.domain, plan, roles, None, 0, time.time())
        await self.ledger.flush()
        budget = self._means.purse.for_search(name, plan.budget)
        expedition = Expedition(run, settings, lambda event: self.tell(Searched(name, event)), self.control, budget)
        ended = await expedition.conduct()
        if ended.status == "paused":
            raise Resting
        if ended.status == "failed":
            raise JobFailed(f"search {name}: {ended.reason}")
        return run

    # ---- collect and teach ---------------------------------------------------------------------------------------

    def _archives(self, number: int) -> list[str]:
        """What a round learns from: the archives at hand, and the re-attacks of the rounds before it."""
        earlier = [hardenings.stage(self.ledger, self.id, before, "reattack") for before in range(1, number)]
        return [*self._split().learnt, *(str(body["run"]) for body in earlier if body is not None)]

    async def _collect(self, number: int) -> dict[str, Any]:
        wanted, archives = self.plan.lessons, self._archives(number)
        failures: list[list[Any]] = []
        for run in archives:
            elites, further = failures_of(self.ledger, run, self.judge, wanted.per_cell)
            failures += [[run, entry.slot, wanted.per_elite] for entry in elites]
            failures += [[run, entry.slot, 1] for entry in further]
        return {"archives": archives, "failures": failures}

    async def _teach(self, number: int) -> dict[str, Any]:
        collected = hardenings.stage(self.ledger, self.id, number, "collect")
        assert collected is not None, "the graph collects before it teaches"
        return await self._schoolroom.teach(number, collected["failures"], collected["archives"])

    # ---- train and load ------------------------------------------------------------------------------------------

    async def _train(self, number: int) -> dict[str, Any]:
        data = self._data(number)
        adapter, chain = await self.forge.train(self._name(number), data, self.plan, number, self._means.wait)
        return {
            "adapter": adapter.name,
            "hash": adapter.hash,
            "jobs": [job.id for job in chain.jobs],
            "figures": _plain(self.forge.result(chain.adapter)),
        }

    async def _load(self, number: int) -> dict[str, Any]:
        return {"address": await self._address(number)}

    async def _address(self, number: int) -> str:
        """Where the target of a round answers; served anew in each process, for the server may be another by now."""
        if not number:
            return ""
        if number not in self._served:
            adapter = await asyncio.to_thread(self.forge.registry.find, self._name(number))
            self._served[number] = await self.forge.serve(adapter)
        return self._served[number]

    def _name(self, number: int) -> str:
        return f"{self.id}-{number}"

    def _data(self, number: int) -> Data:
        body = hardenings.stage(self.ledger, self.id, number, "teach")
        assert body is not None, "the graph teaches before it trains"
        return Data(str(body["artifact"]), str(body["watched"]))

    def _chain(self, number: int) -> Chain | None:
        """The jobs of a round that was trained."""
        return self.forge.recipe.training(self._data(number), self.plan, number) if number else None

    # ---- examine and attack again --------------------------------------------------------------------------------

    async def _examine(self, number: int) -> dict[str, Any]:
        settings = await self._seated(number)
        held = [(run, entry) for run in self._split().held_out for entry in elites_of(self.ledger, run)]
        paper = set_paper(self.plan.search, self.judge, held, self._benign, self.plan.exam.samples)
        elites, benign = await self._hear(f"{self.id}-{number}-exam", settings, paper)
        utility = None
        if self.plan.exam.utility:
            utility = await self.forge.utility(self.plan, self._chain(number), self._means.wait)
        exam = Exam(target=seat_name(settings), held_out=elites, benign=benign, utility=utility)
        return exam.model_dump(mode="json")

    async def _reattack(self, number: int) -> dict[str, Any]:
        settings = await self._seated(number)
        seed = rng_for("harden", self.plan.seed, "reattack", number).getrandbits(31)
        run = await self._search(self._name(number), seed, settings)
        found = [(run.id, entry) for entry in elites_of(self.ledger, run.id)]
        paper = set_paper(self.plan.search, self.judge, found, (), self.plan.exam.samples)
        confirmed, _ = await self._hear(f"{self.id}-{number}-confirm", settings, paper)
        travelled: tuple[Looked, ...] = ()
        if self.plan.exam.travel and found:
            travelled, _ = await self._hear(f"{self.id}-{number}-travel", self.settings, paper)
        return {
            "run": run.id,
            "confirmed": [one.model_dump(mode="json") for one in confirmed],
            "on_original": [one.model_dump(mode="json") for one in travelled],
        }

    async def _hear(
        self, hearing: str, settings: Settings, paper: Paper
    ) -> tuple[tuple[Looked, ...], tuple[Looked, ...]]:
        candidates = paper.candidates
        if not candidates:
            return (), ()
        await self._means.recall(hearing)
        cast = afresh(settings)
        async with self._means.gateway(cast) as gateway:
            work = Hearing(cast, gateway, paper.domain, hearing, self.plan.search.evaluations)
            takes = await self._means.wait(work.hear(candidates, self._means.ticks("answers", len(candidates))))
        if takes.end == INTERRUPTED:
            raise Resting
        if takes.fault is not None:
            raise takes.fault
        return paper.read(takes.by_place)

    async def _seated(self, number: int) -> Settings:
        """The cast, the round's target in its place."""
        address = await self._address(number)
        return self.settings.with_role("target", address) if address else self.settings

    # ---- what they all need --------------------------------------------------------------------------------------

    @cached_property
    def domain(self) -> Domain[Any]:
        return make_domain(self.plan.search)

    @cached_property
    def judge(self) -> Any:
        return judge_of(self.domain)

    @cached_property
    def _benign(self) -> list[Candidate[Any]]:
        return ordinary_prompts(repairable(self.domain), self.plan.seed, self.plan.exam.benign)

    @cached_property
    def _means(self) -> Means:
        return Means(self.id, self.ledger, self.limits, self.control, self.tell)

    @cached_property
    def _schoolroom(self) -> Schoolroom:
        return Schoolroom(self.plan, self.settings, self._means, self.domain, self._split(), self._benign)


def _plain(result: Mapping[str, Any], before: str = "") -> dict[str, float]:
    """The figures of a job's result, those within others by dotted names."""
    found: dict[str, float] = {}
    for name, value in result.items():
        if isinstance(value, Mapping):
            found |= _plain(value, f"{before}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found[f"{before}{name}"] = value
    return found
