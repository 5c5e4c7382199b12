"""An autonomous run as its ledger would have it, without anybody having run it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from wunderkammer.apps.autonomy.conduct import new_wander
from wunderkammer.core.autonomy import Activity, AutonomousPlan, Costs
from wunderkammer.core.events import Acted, Chosen, Ended
from wunderkammer.core.settings import BudgetSettings, load
from wunderkammer.memory import runs, ventures
from wunderkammer.memory.ledger import address_of, opened

WANDER = "w0123456789a"
WAITING = {"harden rainbow-safety": "the search has 3 of the 12 new failing elites that it takes"}


def keep_wander(home: Path, name: str = WANDER, choices: int = 2) -> None:
    """An autonomous run that has stopped; its search is the latest run of the home, under a part's name."""
    settings = load(start=home, home=home, embedder="hashed")
    activities = tuple(Activity(action=action, subject="rainbow-safety") for action in ("search", "harden"))
    plan = AutonomousPlan(activities=activities, budget=BudgetSettings(calls=100))
    with opened(address_of(home)) as ledger:
        latest = next(run for run in runs.all_runs(ledger) if "-" not in run.id)
        part = f"{name}-rainbow-safety"
        fork = replace(latest, id=part, parent=latest.id, parent_slots=latest.plan.steps * latest.plan.batch)
        runs.begin(ledger, fork)
        runs.tell(ledger, part, Ended(status="finished", reason="cut"), key="cut")
        ventures.begin(ledger, replace(new_wander(plan, settings), id=name))
        ledger.flush_now()
        for step in range(choices):
            arm = "search rainbow-safety"
            chosen = Chosen(step=step, arm=arm, by="bandit", reason="r", bandit=arm, part=part, waiting=WAITING)
            runs.tell(ledger, name, chosen, key=str(step))
            acted = Acted(step=step, arm=arm, part=part, gain=5.0, cost=0.1, spent=Costs(calls=10))
            runs.tell(ledger, name, acted, key=str(step))
        runs.tell(ledger, name, Ended(status="stopped", reason="the budget of 100 calls is used up"))
        ledger.flush_now()
