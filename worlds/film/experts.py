"""Who knows how to play: what learns by watching watches them."""

from __future__ import annotations

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.games import Games, Ints, Player, Scene, Wanderer
from wunderkammer.worlds.film.grid import Grid

_RIGHT, _RIGHT_UP = 7, 8


def expert(game: str, games: Games, rng: np.random.Generator) -> Player:
    """A good player of a game: of the grid the shortest way, of CoinRun a script that runs right and mostly jumps.

    The script reaches the coin in about six of ten levels; it sees nothing. `ConfigError` for games nobody here can
    play.
    """
    if isinstance(games, Grid):
        return _Walker(games)
    if game == "coinrun":
        share = [0.0] * games.actions
        share[_RIGHT], share[_RIGHT_UP] = 0.2, 0.8
        return Wanderer(rng, share, hold=6.0)
    raise ConfigError(f"nobody here can play {game}; take grid or coinrun")


class _Walker:
    def __init__(self, games: Grid) -> None:
        self._games = games

    def __call__(self, scene: Scene) -> Ints:
        return self._games.best()
