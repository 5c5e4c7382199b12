"""The schoolroom of a hardening: turns the failures of a round into its data set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from wunderkammer.agents.lab import SlotLab
from wunderkammer.agents.teacher import Taught, Teacher
from wunderkammer.apps.hardening import dataset
from wunderkammer.apps.hardening.archives import Split, elites_of, failures_of, judge_of, repairable
from wunderkammer.apps.hardening.dataset import Counts, Sieve, Taken
from wunderkammer.apps.hardening.means import Means
from wunderkammer.apps.hardening.ordinary import ordinary
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.apps.rehearing import afresh, lab_of
from wunderkammer.core.contract import Candidate, Domain, Entry
from wunderkammer.core.ids import rng_for
from wunderkammer.core.settings import Settings
from wunderkammer.memory import slots
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.runs import find_run

EXAMPLES = 8
"""Lessons that are told of in the report."""


@dataclass(frozen=True)
class Schoolroom:
    """Of one hardening.

    settings: the target being the original. benign: the ordinary prompts of the examination, which nobody may learn.
    """

    plan: HardenPlan
    settings: Settings
    means: Means
    domain: Domain[Any]
    split: Split
    benign: Sequence[Candidate[Any]]

    async def teach(self, number: int, failures: Sequence[Sequence[Any]], archives: Sequence[str]) -> dict[str, Any]:
        """The data set of a round, as its stage keeps it.

        failures: archive, slot, and how many lessons at most. archives: those that the failures were looked for in.
        Raises `ConfigError` where there is nothing to learn from.
        """
        found = self._entries(failures)
        wanted, rng = self.plan.lessons, rng_for("harden", self.plan.seed, "teach", number)
        taught, offered = await self._repaired(f"{self.means.hardening}-{number}-teach", found, "lessons")
        sieve = Sieve(self._held_out_words(), wanted.overlap)
        repairs, dropped = dataset.sift(offered, sieve, most=wanted.most, pairs=self._pairs, rng=rng)
        dropped = {**dropped, "without an answer": taught.without, "faults": taught.faults}
        counts = Counts(
            failures=len(found),
            offered=len(offered),
            repairs=len(repairs),
            cells=len({one.lesson.cell for one in repairs}),
            by_archive={run: sum(one.archive == run for one in repairs) for run in archives},
            dropped={why: count for why, count in dropped.items() if count},
        )
        dataset.check(repairs, counts)
        chat = await self._chat(len(repairs))
        learnt = dataset.mix(repairs, chat, rng)
        watched = dataset.watched(await self._watched(), learnt, most=wanted.watched, pairs=self._pairs, rng=rng)
        counts = counts.model_copy(update={"ordinary": len(chat), "watched": len(watched)})
        shelf = Artifacts(self.settings.home / "artifacts")
        return {
            "artifact": shelf.keep(dataset.written(learnt), ".jsonl"),
            "watched": shelf.keep(dataset.written(watched), ".jsonl"),
            "counts": counts.model_dump(),
            "examples": _examples(repairs),
        }

    @property
    def _pairs(self) -> bool:
        """Whether lessons must say what was rejected."""
        return self.plan.training.method == "dpo"

    async def _watched(self) -> list[Taken]:
        """One lesson from each failing elite of the held-out archives, the same for every round."""
        judge, ledger = judge_of(self.domain), self.means.ledger
        failing = [(run, entry) for run in self.split.held_out for entry in failures_of(ledger, run, judge, 0)[0]]
        failures = [(run, entry, 1) for run, entry in failing]
        return (await self._repaired(f"{self.means.hardening}-watch", failures, "held out"))[1]

    async def _repaired(
        self, hearing: str, failures: Sequence[tuple[str, Entry[Any], int]], what: str
    ) -> tuple[Taught, list[Taken]]:
        """Lessons from failures (archive, elite, how many at most), each with the archive that it came from."""
        archives: dict[str, str] = {}
        for run, entry, _ in failures:
            archives.setdefault(entry.candidate.id, run)
        wanted = [(entry, count) for _, entry, count in failures]
        async with self._teaching(hearing, "teacher") as teacher:
            taught: Taught = await self.means.wait(
                teacher.repair(repairable(self.domain), wanted, self.means.ticks(what, len(wanted)))
            )
        return taught, [Taken(lesson=lesson, archive=archives[lesson.source]) for lesson in taught.lessons]

    def _entries(self, failures: Sequence[Sequence[Any]]) -> list[tuple[str, Entry[Any], int]]:
        found: list[tuple[str, Entry[Any], int]] = []
        counts = {(run, slot): count for run, slot, count in failures}
        for run in dict.fromkeys(run for run, _, _ in failures):
            mine = [slot for name, slot, _ in failures if name == run]
            row = find_run(self.means.ledger, run)
            entries = slots.entries(self.means.ledger, row, self.domain.genome, mine)
            found += [(run, entry, counts[run, entry.slot]) for entry in entries]
        return found

    def _held_out_words(self) -> list[tuple[str, str]]:
        """Everything that the examination asks: words, and the problem where code can tell it."""
        held = [entry for run in self.split.held_out for entry in elites_of(self.means.ledger, run)]
        asked = [(self.domain.text(e.candidate.genome), e.outcome.notes.get("question", "")) for e in held]
        return [*asked, *((self.domain.text(one.genome), "") for one in self.benign)]

    async def _chat(self, repairs: int) -> list[Any]:
        """Ordinary conversations with the original target: the same for every round, but more where more are needed."""
        if self._pairs:  # nobody prefers anything there
            return []
        count = dataset.ordinary_share(repairs, self.plan.lessons.chat)
        prompts = ordinary(count, rng_for("harden", self.plan.seed, "ordinary"))
        async with self._teaching(f"{self.means.hardening}-chat", "target") as teacher:
            work = teacher.converse(prompts, self.means.ticks("conversations", len(prompts)))
            return list(await self.means.wait(work))

    @asynccontextmanager
    async def _teaching(self, hearing: str, role: str) -> AsyncIterator[Teacher]:
        await self.means.recall(hearing)
        settings = afresh(self.settings)
        async with self.means.gateway(settings) as gateway:

            def make_lab(place: int) -> SlotLab:
                return lab_of(settings, gateway, hearing, place, votes=self.plan.search.evaluations)

            yield Teacher(make_lab, settings.server(settings.role(role).server).concurrency)


def _examples(repairs: Sequence[Taken]) -> list[dict[str, Any]]:
    """A few lessons of different cells, as the report tells of them."""
    found: dict[Any, Taken] = {}
    for one in repairs:
        found.setdefault(one.lesson.cell, one)
    return [
        {
            "cell": list(one.lesson.cell) if one.lesson.cell else [],
            "asked": one.lesson.messages[-1].content,
            "chosen": one.lesson.chosen,
            "rejected": one.lesson.rejected,
            "source": one.lesson.source,
        }
        for one in list(found.values())[:EXAMPLES]
    ]
