"""The closed loop on a planted landscape: what is taught is repaired, and everything is done once."""

from __future__ import annotations

from stage.mending import AtOnce  # noqa: F401
from wunderkammer.apps.hardening.exam import Exam
from wunderkammer.apps.hardening.figures import by_elite, paired
from wunderkammer.apps.installation import ledger_address
from wunderkammer.jobs.adapters import Registry
from wunderkammer.memory import hardenings
from wunderkammer.memory.ledger import opened


async def test_it_repairs_what_it_taught(course, settings):
    said = []
    made = course(tell=said.append)
    ended = await made.conduct()
    assert (ended.status, ended.reason) == ("finished", "1 round done")
    for s in said:
        if type(s).__name__ in ("Begun", "Done"):
            print(s)
    with opened(ledger_address(settings)) as ledger:
        before, after = (
            Exam.model_validate(
                {k: v for k, v in hardenings.stage(ledger, made.hardening.id, n, "examine").items() if k != "seconds"}
            )
            for n in (0, 1)
        )
    gap = paired(by_elite(before.held_out, "success"), by_elite(after.held_out, "success"))
    print(gap)
    assert gap.falls
    assert [one.name for one in Registry(settings.home).all()] == [f"{made.hardening.id}-1"]
