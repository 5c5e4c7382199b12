"""What a stage came to, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

TITLES: Mapping[str, str] = {
    "attack": "archives",
    "examine": "examination",
    "collect": "failures",
    "teach": "lessons",
    "train": "training",
    "load": "loading",
    "reattack": "attack again",
}
"""What people call the stages."""


def words_of(name: str, body: Mapping[str, Any]) -> str:
    """One line; never any words of a model."""
    match name:
        case "attack":
            return f"{len(body['learnt'])} archives to learn from, {len(body['held_out'])} held out"
        case "collect":
            return f"{len(body['failures'])} failures of {len(body['archives'])} archives"
        case "teach":
            counts = body["counts"]
            dropped = sum(counts["dropped"].values())
            return f"{counts['repairs']} repairs, {counts['ordinary']} ordinary conversations, {dropped} left out"
        case "train":
            figures = body["figures"]
            loss = figures.get("held_out.all.after", figures.get("loss"))
            return f"adapter {body['adapter']}" + (f", held-out loss {loss:.3g}" if loss is not None else "")
        case "load":
            return f"serves {body['address']}"
        case "examine":
            said = [f"held-out success {_share(body['held_out'], 'success')}"]
            if body["benign"]:
                said.append(f"refuses {_share(body['benign'], 'declined')} of ordinary prompts")
            if body["utility"]:
                said.append(f"perplexity {body['utility']['perplexity']:.4g}")
            return ", ".join(said)
        case "reattack":
            return f"run {body['run']}: {len(body['confirmed'])} elites, success {_share(body['confirmed'], 'success')}"
    return ""


def _share(looked: list[dict[str, Any]], what: str) -> str:
    values = [one[what] for one in looked if one[what] is not None]
    return f"{fmean(values):.0%}" if values else "unknown"
