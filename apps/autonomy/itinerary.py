"""An autonomous run at work: chooses, acts, settles. What the ledger has is not done again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import cast

from langgraph.runtime import RunControl

from wunderkammer.agents.bandit import Pull, spent, weigh
from wunderkammer.agents.strategist import Asks, Choice, Wishes, choose, heed
from wunderkammer.apps.autonomy.accounts import Purse, of_part
from wunderkammer.apps.autonomy.actors import Actor
from wunderkammer.apps.venturing import Resting
from wunderkammer.core.autonomy import Action, Activity, AutonomousPlan, Costs
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.events import Acted, Chosen, Ended, Event, Heard
from wunderkammer.memory import inbox, runs
from wunderkammer.memory.ledger import Ledger

CHEAPEST = 0.001
"""Share of the budget that a choice counts for at least: what costs nothing and gives nothing must still grow dull."""

Tell = Callable[[Event], None]
Advisor = Callable[[Costs], AbstractAsyncContextManager[Asks | None]]


@dataclass
class Journey:
    """`graphs.autonomous.Itinerary` for one run."""

    run: str
    plan: AutonomousPlan
    ledger: Ledger
    purse: Purse
    actors: Mapping[Action, Actor]
    control: RunControl
    tell: Tell
    advisor: Advisor
    """Opens the planner's model, given what is spent; None where there is none to be listened to."""
    halt: str = ""
    _ended: dict[int, Ended] = field(default_factory=dict)
    _chosen: dict[int, Chosen] | None = None
    _acted: dict[int, Acted] | None = None

    # ---- choose --------------------------------------------------------------------------------------------------

    async def choose(self, step: int) -> str:
        written = self.chosen().get(step)
        if written is not None:
            return written.arm
        wishes = await self._listen(step)
        self.halt = self._exceeded() or (f"asked to {wishes.halt} by a message" if wishes.halt else "")
        if self.halt:
            return ""
        history = self.history()
        waiting = self._waiting()
        allowed = [activity for activity in self.plan.activities if wishes.allows(activity.arm)]
        arms = {activity.arm: self._standing(activity) for activity in allowed if activity.arm not in waiting}
        if not arms:
            held = [f"{activity.arm} waits: {waiting[activity.arm]}" for activity in allowed]
            self.halt = f"nothing may be chosen: {'; '.join(held) or 'messages rule everything out'}"
            return ""
        if self.plan.exhausted and spent(weigh(list(arms), history), history, self.plan.exhausted):
            self.halt = "nothing yields any more"
            return ""
        async with self.advisor(self.spent()) as gateway:
            choice = await choose(self.run, step, arms, history, wishes, gateway, waiting)
        await self._write(step, choice, waiting)
        return choice.arm

    async def _write(self, step: int, choice: Choice, waiting: Mapping[str, str]) -> None:
        activity = next(a for a in self.plan.activities if a.arm == choice.arm)
        number = sum(event.arm == choice.arm for event in self.chosen().values())
        await self.ledger.flush()  # the advice is paid for before the act, not by it
        actor = self.actors[activity.action]
        part = actor.part(activity, number)
        first = actor.begun(part)
        event = Chosen(
            step=step,
            arm=choice.arm,
            by=choice.by,
            reason=choice.reason,
            bandit=choice.bandit,
            model=choice.model,
            values=choice.values,
            part=part,
            first=first,
            end=first + activity.steps,
            waiting=dict(waiting),
            before=self.purse.spent(self.parts()),
        )
        runs.tell(self.ledger, self.run, event, key=str(step))
        await self.ledger.flush()
        self.chosen()[step] = event
        self.tell(event)

    async def _listen(self, step: int) -> Wishes:
        """The sum of all messages, those heeded that are new.

        Being resumed overrules an earlier word to rest. What is to be done next is done once: only a message that was
        heard for this very choice still counts, after a kill that came between hearing and choosing.
        """
        arms = [activity.arm for activity in self.plan.activities]
        wishes, messages = Wishes(), inbox.messages(self.ledger, self.run)
        for _, text, was_heard in messages:
            wishes = heed(wishes, text, arms)[0] if was_heard else wishes
        wishes = replace(wishes, next="", halt="")
        for text in inbox.heard_at(self.ledger, self.run, step):
            wishes = replace(wishes, next=heed(wishes, text, arms)[0].next)
        for number, text, was_heard in messages:
            if not was_heard:
                wishes, effect = heed(wishes, text, arms)
                if why := self._waiting().get(wishes.next):
                    effect += f", but not now: {why}"
                inbox.hear(self.ledger, self.run, number, step, effect)
                heard = Heard(text=text, effect=effect)
                runs.tell(self.ledger, self.run, heard, key=str(number))
                self.tell(heard)
        await self.ledger.flush()
        return wishes

    def _waiting(self) -> dict[str, str]:
        """What cannot be done yet, or not any more, each with the reason."""
        used = {event.arm for event in self.acted().values() if event.spent.gpu_seconds}
        dry = self.gpu_left() == 0
        left = 1 - self.spent().share(self.plan.budget)
        found = {}
        for activity in self.plan.activities:
            if dry and (activity.gpus or activity.arm in used):
                found[activity.arm] = f"the budget of {self.plan.gpu_minutes:g} GPU minutes is used up"
            elif why := self.actors[activity.action].waits(activity, left):
                found[activity.arm] = why
        return found

    def _standing(self, activity: Activity) -> str:
        """A line for a model: how often it was chosen, and what it came to last."""
        acts = [event for event in self.acted().values() if event.arm == activity.arm]
        if not acts:
            return "Never tried."
        last = acts[-1]
        figures = ", ".join(f"{name} {value:.3g}" for name, value in last.figures.items())
        return f"Chosen {len(acts)} times; last: {last.reason or figures}"

    # ---- act -----------------------------------------------------------------------------------------------------

    async def act(self, step: int) -> None:
        chosen = self._of(step)
        if step in self.acted():
            return
        activity = next(a for a in self.plan.activities if a.arm == chosen.arm)
        so_far = self.purse.spent({*self.parts(), chosen.part})
        if so_far.exceeded(self.plan.budget):
            self._ended[step] = Ended(status="stopped", reason="the budget is used up")
            return
        limits = so_far.left(self.plan.budget, of_part(self.ledger, chosen.part))
        left = None if self.plan.budget.seconds is None else self.plan.budget.seconds - so_far.seconds
        try:
            # A part's own clock lags behind ours by what was lost in kills: ours has the last word.
            async with asyncio.timeout(left) as time:
                ended = await self.actors[activity.action].act(activity, chosen, limits)
        except TimeoutError:
            ended = Ended(status="stopped", reason="the budget of seconds is used up")
        except ConfigError as fault:  # this activity cannot be done; others may
            ended = Ended(status="failed", reason=str(fault))
        if time.expired():  # a part that is interrupted comes to rest by itself, but for its jobs
            await self.actors[activity.action].call_off(chosen.part)
            ended = Ended(status="stopped", reason="the budget of seconds is used up")
        elif ended.status == "paused" and (self.control.drain_requested or ended.reason.startswith("interrupted")):
            raise Resting(ended.reason)
        self._ended[step] = ended

    # ---- settle --------------------------------------------------------------------------------------------------

    async def settle(self, step: int) -> str:
        if step not in self.acted():
            chosen, ended = self._of(step), self._ended.get(step)
            actor = self.actors[_action(chosen.arm)]
            gain = actor.gain(chosen)
            cost = self.purse.spent({*self.parts(), chosen.part}).minus(chosen.before)
            event = Acted(
                step=step,
                arm=chosen.arm,
                part=chosen.part,
                gain=gain.discoveries,
                cost=max(CHEAPEST, cost.share(self.plan.budget, self.plan.gpu_minutes)),
                spent=cost,
                failed=gain.failed or (ended is not None and ended.status == "failed"),
                reason="; ".join(filter(None, (ended.reason if ended else "", gain.note))),
                figures=gain.figures,
            )
            runs.tell(self.ledger, self.run, event, key=str(step))
            await self.ledger.flush()
            self.acted()[step] = event
            self.tell(event)
        if len(self.acted()) >= self.plan.most_choices:
            return f"all {self.plan.most_choices} choices are made"
        return self._exceeded()

    # ---- what the ledger has -------------------------------------------------------------------------------------

    def chosen(self) -> dict[int, Chosen]:
        """Every choice, by number; read once, since nobody else writes them."""
        if self._chosen is None:
            told = (event for _, event in runs.told(self.ledger, self.run, "chosen"))
            self._chosen = {event.step: event for event in told if isinstance(event, Chosen)}
        return self._chosen

    def acted(self) -> dict[int, Acted]:
        """What they came to, by number."""
        if self._acted is None:
            told = (event for _, event in runs.told(self.ledger, self.run, "acted"))
            self._acted = {event.step: event for event in told if isinstance(event, Acted)}
        return self._acted

    def history(self) -> list[Pull]:
        """The same as the bandit sees it."""
        acted = self.acted()
        return [Pull(e.arm, e.gain, e.cost, e.failed) for _, e in sorted(acted.items())]

    def parts(self) -> list[str]:
        """Everything that was begun."""
        return list(Counter(event.part for event in self.chosen().values()))

    def spent(self) -> Costs:
        """Of the whole budget."""
        return self.purse.spent(self.parts())

    def gpu_left(self) -> float | None:
        """Seconds of GPUs; None without a limit."""
        limit = self.plan.gpu_minutes
        return None if limit is None else max(0.0, 60 * limit - self.spent().gpu_seconds)

    def _exceeded(self) -> str:
        return self.spent().exceeded(self.plan.budget)

    def _of(self, step: int) -> Chosen:
        found = self.chosen().get(step)
        if found is None:
            raise LedgerError(f"run {self.run} has no choice {step} written down")
        return found


def _action(arm: str) -> Action:
    return cast(Action, arm.split(" ", 1)[0])
