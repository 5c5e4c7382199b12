"""TiZero's weights as its authors give them, written as safetensors.

python -m wunderkammer.worlds.grf.weights actor.pt tizero.safetensors
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TENSORS = 72
"""Of the released actor."""


def convert(source: Path, target: Path) -> int:
    """Read a file of PyTorch that holds tensors alone (anything else in it is refused), and write safetensors.

    Returns how many tensors there were. Raises ValueError where it is not the released actor's set of them.
    """
    import torch
    from safetensors.torch import save_file

    tensors = torch.load(source, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict) or len(tensors) != TENSORS or "act.action_out.linear.weight" not in tensors:
        raise ValueError(f"{source}: not TiZero's actor, which has {TENSORS} tensors")
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.float().contiguous() for name, tensor in tensors.items()}, target)
    return len(tensors)


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes TiZero's actor.pt as safetensors.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    try:
        count = convert(chosen.source, chosen.target)
    except (ValueError, OSError) as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"{chosen.target}: {count} tensors")


if __name__ == "__main__":
    main()
