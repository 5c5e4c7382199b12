"""A program that has everything imported and forks a process per expedition: lives that a test may end as it likes.

Start-up is seconds of imports; twenty lives after one another must not be. What a fork shares is code alone: the
nursery itself opens no file, no connection and no loop. One JSON line on stdin is one life; stdout tells of its birth,
of its last word and of its death.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import select
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import chromadb.api.rust  # noqa: F401  (what chromadb itself imports late)
from langgraph.runtime import RunControl

from wunderkammer.apps.autonomy.conduct import Wander, new_wander
from wunderkammer.apps.expedition import Expedition
from wunderkammer.apps.hardening.course import Course, MakeForge
from wunderkammer.apps.interrupts import obey_interrupts
from wunderkammer.core.autonomy import AutonomousPlan
from wunderkammer.core.errors import WunderError
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import ROLES, BudgetSettings, Settings, load
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.local import LocalDispatcher
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.runs import Run

sys.path.insert(0, str(Path(__file__).parents[1]))  # jobs of a hardening are modules of the stage
from stage.mending import StageRecipe, stage_forge

REAP_S = 0.02


def main() -> None:
    """Forks until stdin ends."""
    _say({"ready": os.getpid()})
    alive: set[int] = set()
    heard = b""
    while True:
        if select.select([0], [], [], REAP_S if alive else None)[0]:
            more = os.read(0, 65536)
            if not more:
                return
            *lines, heard = (heard + more).split(b"\n")
            alive |= {_bear(json.loads(line)) for line in lines}
        alive -= {pid for pid in alive if _dead(pid)}


def _bear(spec: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        _say({"born": pid, "name": spec["name"]})
        return pid
    status = 70
    try:
        status = live(spec)
    finally:
        os._exit(status)  # not through the nursery's own loop


def _dead(pid: int) -> bool:
    gone, status = os.waitpid(pid, os.WNOHANG)
    if gone:
        _say({"died": pid, "code": os.waitstatus_to_exitcode(status)})
    return bool(gone)


def live(spec: dict[str, Any]) -> int:
    """Conduct the expedition of a line, with the command line's manners: one line for a fault, exit code 2."""
    log = os.open(spec["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    if spec["file_bytes"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (spec["file_bytes"], resource.RLIM_INFINITY))
    try:
        return asyncio.run(_conduct(spec, load(home=spec["home"], **spec["settings"])))
    except WunderError as fault:
        print(f"wunder: {fault}", file=sys.stderr, flush=True)
        return fault.exit_code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1


async def _conduct(spec: dict[str, Any], settings: Settings) -> int:
    if spec.get("wander"):
        return await _wander(spec, settings)
    control = RunControl()
    task = asyncio.create_task(_begun(spec, settings, control).conduct())
    obey_interrupts(control, task, lambda words: print(words, file=sys.stderr, flush=True))
    ended = await task
    _say({"ended": os.getpid(), "as": ended.model_dump(mode="json")})
    return 2 if ended.status == "failed" else 0


def _begun(spec: dict[str, Any], settings: Settings, control: RunControl) -> Expedition | Course:
    if "hardening" in spec:
        return Course(Hardening(**spec["hardening"]), settings, _forge(spec), lambda said: None, control)
    plan = SearchPlan(**spec["plan"])
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    run = Run(spec["run"], plan.domain, plan, roles, None, 0, time.time())
    return Expedition(run, settings, lambda event: None, control, BudgetSettings(**spec["budget"]))


def _forge(spec: dict[str, Any]) -> MakeForge:
    return stage_forge(StageRecipe(seconds=spec["training_s"]), dispatcher=LocalDispatcher)


async def _wander(spec: dict[str, Any], settings: Settings) -> int:
    plan = AutonomousPlan(**spec["wander"])
    venture = replace(new_wander(plan, settings), id=spec["run"])
    control = RunControl()
    wander = Wander(venture, settings, dispatcher(settings), lambda event: None, control, make_forge=_forge(spec))
    task = asyncio.create_task(wander.conduct())
    obey_interrupts(control, task, lambda words: print(words, file=sys.stderr, flush=True))
    ended = await task
    _say({"ended": os.getpid(), "as": ended.model_dump(mode="json")})
    return 2 if ended.status == "failed" else 0


def _say(what: dict[str, Any]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
