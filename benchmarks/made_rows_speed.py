"""Our diffusion over rows and our TD3+BC beside SynthER's own code: one process, one core, in turns.

    pip install --target PEER --no-deps einops ema-pytorch torchdiffeq
    PYTHONPATH=PEER python benchmarks/made_rows_speed.py --source CLONE_OF_SYNTHER

Rows are Hopper's in shape (27 numbers), batches have 256. A *step* of the generator is loss, gradient, clipping, Adam
and the moving average; a *row* is one made by 32 steps of the sampler, 500 at a time; an *update* is TD3+BC's, on
rows drawn from 10,000. Of each, processor seconds count, and of several turns the fastest. Their modules that log, read
settings or name environments are stood in for; what learns and samples is theirs as it stands.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

WANTED = 1.0
"""Times as fast as theirs, each: written down before it was measured."""
SEEN, ACTED, COLUMNS, ROWS, BATCH = 11, 3, 27, 10_000, 256
WIDTHS = (256, 1024)
STEPS, UPDATES, MADE, HEUN, TURNS = 100, 300, 500, 32, 3
Work = Callable[[], object]


def one_core() -> None:
    """This process on a single processor, before anything counts them."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["OMP_NUM_THREADS"] = "1"


def ours(width: int) -> dict[str, Work]:
    """What is timed of this house."""
    import jax
    import jax.numpy as jnp

    from wunderkammer.learners.diffusion.denoiser import Denoiser
    from wunderkammer.learners.diffusion.edm import Edm
    from wunderkammer.learners.diffusion.rows import RowDiffusion

    diffusion = RowDiffusion(Denoiser(COLUMNS, width), Edm(steps=HEUN))
    table, key = jax.random.normal(jax.random.key(0), (ROWS, COLUMNS)), jax.random.key(1)
    learn, sample = jax.jit(diffusion.learn, static_argnums=4), jax.jit(diffusion.sample, static_argnums=2)
    state = [diffusion.start(key)]

    def step() -> None:
        state[0], loss = learn(key, state[0], table, jnp.int32(0), STEPS)
        loss.block_until_ready()

    return {"step": step, "row": lambda: sample(state[0].average, key, MADE).block_until_ready()}


def our_update() -> Work:
    """Updates of our TD3+BC."""
    import jax

    from wunderkammer.domains.synther.practising import learned
    from wunderkammer.learners.experience import of_table
    from wunderkammer.learners.offline import Td3Bc

    table = jax.random.normal(jax.random.key(0), (ROWS, 2 * SEEN + ACTED + 2))
    rows = jax.tree.map(jax.numpy.asarray, of_table(table, SEEN, ACTED))
    learner, key = Td3Bc(), jax.random.key(1)
    run = jax.jit(lambda at: learned(learner, key, rows, at, 0, UPDATES))
    state = [learner.start(key, SEEN, ACTED)]

    def update() -> None:
        state[0] = jax.block_until_ready(run(state[0]))

    return update


def theirs(source: Path) -> tuple[Callable[[int], dict[str, Work]], Work]:
    """The same of SynthER's code."""
    # Imported before stand-ins take the names of loggers: accelerate asks for those once, and would stumble over them.
    import accelerate  # noqa: F401
    import torch

    torch.set_num_threads(1)
    for name in ("wandb", "gym", "d4rl", "pyrallis", "gin", "redq", "redq.algos", "redq.algos.core"):
        sys.modules.setdefault(name, stand_in(name))
    for name in ("synther.online", "synther.online.utils"):
        sys.modules[name] = stand_in(name)
    sys.path.insert(0, str(source))
    diffusion = importlib.import_module("synther.diffusion.elucidated_diffusion")
    network = importlib.import_module("synther.diffusion.denoiser_network")
    norm = importlib.import_module("synther.diffusion.norm")
    td3 = importlib.import_module("synther.corl.algorithms.td3_bc")
    table = torch.randn(ROWS, COLUMNS)

    def of_width(width: int) -> dict[str, Work]:
        net = network.ResidualMLPDenoiser(COLUMNS, mlp_width=width, layer_norm=False)
        model = diffusion.ElucidatedDiffusion(net, norm.MinMaxNormalizer(table), [COLUMNS], num_sample_steps=HEUN)
        trainer = diffusion.Trainer(
            model, train_batch_size=BATCH, train_lr=3e-4, lr_scheduler="cosine", use_gpu=False,
            results_folder=tempfile.mkdtemp(),
        )  # fmt: skip

        def step() -> None:
            for _ in range(STEPS):
                trainer.train_on_batch(table[torch.randint(ROWS, (BATCH,))], use_wandb=False)

        return {"step": step, "row": lambda: trainer.ema.ema_model.sample(MADE, clamp=False, disable_tqdm=True)}

    actor, critics = td3.Actor(SEEN, ACTED, 1.0), [td3.Critic(SEEN, ACTED) for _ in range(2)]
    adam = [torch.optim.Adam(one.parameters(), lr=3e-4) for one in (actor, *critics)]
    learner = td3.TD3_BC(1.0, actor, adam[0], critics[0], adam[1], critics[1], adam[2])
    parts = [table[:, :SEEN], table[:, SEEN : SEEN + ACTED], table[:, :1], table[:, -SEEN:], torch.zeros(ROWS, 1)]

    def update() -> None:
        for _ in range(UPDATES):
            chosen = torch.randint(ROWS, (BATCH,))
            learner.train([part[chosen] for part in parts])

    return of_width, update


def stand_in(name: str) -> types.ModuleType:
    """A module in which every name is something harmless."""
    module: Any = types.ModuleType(name)
    module.__path__ = []
    module.configurable = lambda given=None, **_: given if callable(given) else (lambda one: one)
    module.wrap = lambda *_, **__: lambda one: one

    def anything(asked: str) -> Any:
        if asked.startswith("__"):
            raise AttributeError(asked)
        return object

    module.__getattr__ = anything
    return module


def fastest(work: Work) -> float:
    """Processor seconds of the fastest of several turns, after one that compiles."""
    work()
    found = []
    for _ in range(TURNS):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", type=Path, required=True, help="a clone of SynthER")
    source = options.parse_args().source
    one_core()
    their_width, their_update = theirs(source)
    counts = {"step": STEPS, "row": MADE}
    print(f"| | theirs, us of a core | ours | times as fast (wanted {WANTED:g}) |\n|---|---|---|---|")
    for width in WIDTHS:
        mine, other = ours(width), their_width(width)
        for name, count in counts.items():
            tell(f"{name}, width {width}", fastest(other[name]) / count, fastest(mine[name]) / count)
    tell("TD3+BC's update", fastest(their_update) / UPDATES, fastest(our_update()) / UPDATES)


def tell(what: str, other: float, mine: float) -> None:
    print(f"| {what} | {other * 1e6:,.0f} | {mine * 1e6:,.0f} | {other / mine:.2f} |", flush=True)


if __name__ == "__main__":
    main()
