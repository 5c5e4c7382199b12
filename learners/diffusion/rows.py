"""A diffusion that learns a table: its scales, its training in blocks, its moving average, and what it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from wunderkammer.learners.diffusion.denoiser import Denoiser
from wunderkammer.learners.diffusion.edm import Edm
from wunderkammer.learners.encoder import Params
from wunderkammer.worlds.world import Key

Table = NDArray[np.float32]


class Scale(NamedTuple):
    """What each column is moved by and divided by; columns that are yes or no stay as they are, and so does what never
    changes but for being moved."""

    mean: Table
    deviation: Table

    @classmethod
    def of(cls, table: Table, yes_or_no: int) -> Scale:
        """Of a table (n, columns) whose last `yes_or_no` columns are 0 or 1."""
        mean, deviation = table.mean(0), table.std(0)
        deviation = np.where(deviation > 1e-6, deviation, 1.0)
        split = table.shape[1] - yes_or_no
        mean[split:], deviation[split:] = 0.0, 1.0
        return cls(mean.astype(np.float32), deviation.astype(np.float32))

    def there(self, table: Table) -> Table:
        """Standardised."""
        return (table - self.mean) / self.deviation

    def back(self, table: Table) -> Table:
        """As it was."""
        return table * self.deviation + self.mean


class Training(NamedTuple):
    """A denoiser that is being trained."""

    params: Params
    average: Params
    optimiser: optax.OptState


@dataclass(frozen=True)
class RowDiffusion:
    """Settings; an instance learns and samples."""

    denoiser: Denoiser
    edm: Edm = field(default_factory=Edm)
    steps: int = 100_000
    batch: int = 256
    rate: float = 3e-4
    clip: float = 1.0
    """The gradient's norm is at most this."""
    average: float = 0.995
    """Decay of the moving average of the weights, which is what samples. Until it has that much to look back on, it is
    the plain mean of what there was: else short trainings would sample with the weights that they began with."""
    every: int = 10
    """Steps between two updates of it."""

    def start(self, key: Key) -> Training:
        """Nothing was learned."""
        params = self.denoiser.init(key)
        return Training(params, params, self._optimiser.init(params))

    def learn(
        self,
        seed: Key,
        at: Training,
        table: jax.Array,
        turn: jax.Array,
        turns: int,
        count: jax.Array | None = None,
    ) -> tuple[Training, jax.Array]:
        """So many steps from `turn` on, over a standardised table, and their mean loss. Keys follow from seed and turn,
        so that a training which was interrupted draws the same. count: the table's rows from there on are empty."""

        def once(at: Training, turn: jax.Array) -> tuple[Training, jax.Array]:
            to_rows, to_noise = jax.random.split(jax.random.fold_in(seed, turn))
            rows = table[jax.random.randint(to_rows, (self.batch,), 0, len(table) if count is None else count)]
            loss = partial(self.edm.loss, self.denoiser)
            value, gradient = jax.value_and_grad(loss)(at.params, to_noise, rows)
            change, state = self._optimiser.update(gradient, at.optimiser, at.params)
            params = optax.apply_updates(at.params, change)
            seen = (turn + 1) // self.every
            pace = jnp.where((turn + 1) % self.every == 0, jnp.maximum(1 - self.average, 1 / jnp.maximum(seen, 1)), 0.0)
            average = jax.tree.map(lambda old, new: old + pace * (new - old), at.average, params)
            return Training(params, average, state), value

        at, losses = jax.lax.scan(once, at, turn + jnp.arange(turns))
        return at, losses.mean()

    def sample(self, params: Params, key: Key, count: int) -> jax.Array:
        """(count, columns): standardised rows."""
        return self.edm.sample(self.denoiser, params, key, count, self.denoiser.columns)

    @cached_property
    def _optimiser(self) -> optax.GradientTransformation:
        rate = optax.cosine_decay_schedule(self.rate, self.steps)
        return optax.chain(optax.clip_by_global_norm(self.clip), optax.adam(rate))
