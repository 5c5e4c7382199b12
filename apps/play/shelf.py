"""Which games there are: what finished jobs left, of every domain whose worlds can be played, and what is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wunderkammer import domains
from wunderkammer.apps import jobview
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import Cartridge, Plays
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Standing
from wunderkammer.domains.genie import shipped
from wunderkammer.domains.genie.study import game_of


async def games(settings: Settings) -> list[Cartridge]:
    """All of them: the newest first, and last those that came with the package."""
    found = await jobview.everything(settings)
    return [*_made(settings, sorted(found, key=lambda one: -one.submitted)), *_shipped()]


async def find(settings: Settings, wanted: str) -> Cartridge:
    """The game of this id; `ConfigError` where there is none."""
    for one in await games(settings):
        if one.id == wanted:
            return one
    raise ConfigError(f"there is no game {wanted[:60]!r} any more; the page of games lists what there is")


def _made(settings: Settings, jobs: list[Standing]) -> Iterator[Cartridge]:
    players = [domain(domain.options()) for domain in domains.installed().values() if issubclass(domain, Plays)]
    for one in jobs:
        out = jobview.folder_of(settings, one.job.id).out
        if one.status == "done" and players and out.is_dir():
            made = (player.cartridge(one.job, out) for player in players)
            yield from (cartridge for cartridge in made if cartridge is not None)


def _shipped() -> list[Cartridge]:
    return [game_of(shipped.located(Path(name)), f"{name}, shipped", f"shipped-{name}") for name in shipped.names()]
