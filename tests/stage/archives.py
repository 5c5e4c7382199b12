"""Three planted archives, and the plan of a short hardening of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from langgraph.runtime import RunControl

from stage.mending import STAGE, Mended, landscape
from wunderkammer.apps.expedition import Expedition
from wunderkammer.apps.hardening.plan import HardenPlan, make_harden_plan
from wunderkammer.core.events import Ended
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import ROLES, Settings, load
from wunderkammer.memory.runs import Run
from wunderkammer.models.rehearsal import Script, rehearsal

SEARCH = SearchPlan(domain="rainbow-safety", steps=4, batch=8, lag=1, evaluations=1)
ARCHIVES = ("a0", "a1", "a2")
PLANTED = ("mutator", "target", "judge", "classifier")


def seats() -> dict[str, dict[str, str]]:
    """Who plays what: who has no part in the landscape says random words."""
    cast = {role: {"server": STAGE, "model": f"planted-{role}"} for role in PLANTED}
    return {**cast, "default": {"server": STAGE, "model": "rehearsal"}}


def settings_at(home: Path, url: str) -> Settings:
    """All roles at one server."""
    return load(start=home, home=home, embedder="hashed", servers={STAGE: {"url": url}}, roles=seats())


async def search(settings: Settings, name: str, seed: int) -> Ended:
    """An archive of this name."""
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    run = Run(name, SEARCH.domain, SEARCH.model_copy(update={"seed": seed}), roles, None, 0, float(seed))
    return await Expedition(run, settings, lambda event: None, RunControl()).conduct()


def wunder_toml(home: Path, url: str) -> str:
    """The same as a file."""
    roles = "\n".join(
        f'[roles.{role}]\nserver = "{seat["server"]}"\nmodel = "{seat["model"]}"' for role, seat in seats().items()
    )
    return f'home = "{home}"\nembedder = "hashed"\n[servers.{STAGE}]\nurl = "{url}"\n{roles}\n'


async def search_all(home: Path) -> None:
    """The archives, in an empty home."""
    async with rehearsal(Script(seed=3, player=Mended(landscape(), home))) as server:
        settings = settings_at(home, server.url)
        for number, name in enumerate(ARCHIVES):
            assert (await search(settings, name, number + 1)).status == "finished"


def plan_of(**changes: Any) -> HardenPlan:
    """A short hardening of the three."""
    values = {"runs": ARCHIVES, "search": SEARCH.model_dump(mode="json"), "exam.benign": 2, "exam.samples": 1}
    return make_harden_plan("smoke", {**values, "lessons.most": 400, "exam.travel": True, **changes})
