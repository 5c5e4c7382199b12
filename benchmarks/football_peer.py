"""The football of vmas, in an environment of its own: `benchmarks/football.py` runs this, and needs nothing of ours.

python benchmarks/football_peer.py PLAYERS BATCH STEPS TURNS
"""

from __future__ import annotations

import json
import sys
import time

import torch
from vmas import make_env


def main(players: int, batch: int, steps: int, turns: int) -> None:
    """Match steps a CPU-second, both sides with random actions, observations made and summed."""
    torch.set_num_threads(1)
    env = make_env(
        scenario="football", num_envs=batch, device="cpu", continuous_actions=True, seed=0,
        n_blue_agents=players, n_red_agents=players, ai_red_agents=False, ai_blue_agents=False,
    )  # fmt: skip
    sizes = [env.get_agent_action_size(agent) for agent in env.agents]
    spent = []
    for _ in range(1 + turns):
        env.reset()
        actions = [[torch.rand(batch, size) * 2 - 1 for size in sizes] for _ in range(steps)]
        began = time.process_time()
        total = 0.0
        for chosen in actions:
            seen, _, _, _ = env.step(chosen)
            total += float(sum(one.sum() for one in seen))
        spent.append(time.process_time() - began)
    print(json.dumps({"first_cpu_s": spent[0], "per_cpu_s": batch * steps / min(spent[1:])}))


if __name__ == "__main__":
    with torch.no_grad():
        main(*map(int, sys.argv[1:5]))
