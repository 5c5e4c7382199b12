"""Steps of grid worlds a second in meta-training, at the sizes of GROOVE's public code, on one core.

    python benchmarks/groove_speed.py

Eight agents of 64 workers each, 20 steps before an update, five updates and the stretch that is looked at after them,
a recurrent network of width 256: one meta-step is 8 x 64 x 20 x 6 steps in worlds of the whole distribution. The public
code, whose versions of JAX no longer go with ours, was measured on its own on another day: 3,990 steps a second,
15.4 s a meta-step, one thread. Numbers of two days on two machines bear no ratio; they are printed beside each other.
"""

from __future__ import annotations

import os
import time

THEIRS = 3990
"""Steps a second of the public code, elsewhere."""
TURNS = 5


def one_core() -> None:
    """This process on a single processor, before JAX counts them."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    one_core()
    import jax

    from wunderkammer.domains.groove.settings import GrooveSettings
    from wunderkammer.domains.groove.training import MetaTrainer

    settings = GrooveSettings(lives=8, capacity=64)
    for score in ("uniform", "regret"):
        trainer = MetaTrainer(settings.model_copy(update={"score": score}))
        at = jax.jit(trainer.begin)(jax.random.key(0))
        window = jax.jit(trainer.window)
        at, _ = jax.block_until_ready(window(jax.random.key(1), at))
        spent = []
        for turn in range(TURNS):
            began = time.process_time()
            at, _ = jax.block_until_ready(window(jax.random.key(2 + turn), at))
            spent.append(time.process_time() - began)
        steps = settings.lives * settings.workers * settings.steps * (settings.updates + 1)
        print(f"{score:>8}: {min(spent):.2f} s a meta-step, {steps / min(spent):,.0f} steps a second of one processor")
    print(f"the public code, elsewhere: {THEIRS:,} steps a second")


if __name__ == "__main__":
    main()
