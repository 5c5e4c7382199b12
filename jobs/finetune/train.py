"""A LoRA adapter from lessons: SFT or DPO with TRL and PEFT, resumed exactly where an attempt before was broken off.

Arguments: the fields of `recipe.Recipe` but `needs`. Inputs: `train` and `held_out`, JSONL of `lessons.Example`. After:
a weights job, and the training job whose adapter to go on from, if any. Artifacts: `adapter/` (PEFT), `README.md` (the
model card), `held_out.jsonl` (losses by example), `curve.json`.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import ValidationError

from wunderkammer.core.fingerprint import file_hash, weights_hash
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.card import card
from wunderkammer.jobs.finetune.encoding import Encoded, check_template, encode, fitting
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.kept import once
from wunderkammer.jobs.finetune.lessons import Example, check_apart, check_pairs, read
from wunderkammer.jobs.finetune.recipe import Recipe
from wunderkammer.jobs.finetune.upstream import Base, Tuned, base_of, tuned

LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@dataclass(frozen=True)
class Taught:
    """A data set as tokens."""

    file: Path
    examples: Sequence[Example]
    """Those that fit."""
    chosen: Sequence[Encoded]
    rejected: Sequence[Encoded]
    """Where DPO needs them, else empty."""
    left_out: int

    def said(self) -> dict[str, object]:
        kinds = sorted({example.kind for example in self.examples})
        return {
            "hash": file_hash(self.file),
            "examples": len(self.examples),
            "left_out": self.left_out,
            "groups": sorted({example.group for example in self.examples}),
            "kinds": {kind: sum(example.kind == kind for example in self.examples) for kind in kinds},
        }


def main(desk: Desk) -> dict[str, object]:
    """Train, measure on what was held out, and write adapter and card."""
    recipe, base = recipe_of(desk.args), base_of(desk)
    start = next(iter(tuned(desk, base)), None)
    with named(f"batch (now {recipe.batch}), max_tokens (now {recipe.max_tokens}), or set checkpointing = on"):
        return _train(desk, recipe, base, start)


def recipe_of(args: Mapping[str, Any]) -> Recipe:
    """`Unable` where an argument is no field, or out of range."""
    try:
        return Recipe.model_validate(dict(args))
    except ValidationError as fault:
        first = fault.errors()[0]
        raise Unable(f"recipe: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _train(desk: Desk, recipe: Recipe, base: Base, start: Tuned | None) -> dict[str, object]:
    from wunderkammer.jobs.finetune import learner, loading

    began = time.monotonic()
    examples = {name: read(desk.inputs[name], name) for name in ("train", "held_out")}
    check_apart(examples["train"], examples["held_out"])
    if recipe.method == "dpo":
        for name, found in examples.items():
            check_pairs(found, name)
    place = loading.device()
    numbers = loading.precision(recipe.precision, place)
    tokenizer = loading.load_tokenizer(base.model)
    check_template(tokenizer, base.name)
    train, held_out = (_taught(tokenizer, desk.inputs[name], name, found, recipe) for name, found in examples.items())
    desk.tell(0, None, f"loading {base.name} in {numbers} on {place}")
    row = recipe.max_tokens * (recipe.batch if recipe.packing else 1)
    model = loading.load_model(base, numbers, place, row)
    targets = loading.check_targets(model, recipe.targets, recipe.layers)
    recipe = loading.with_checkpointing(recipe, model, place)
    lora = loading.lora(recipe, targets, model) if start is None else None
    if start is not None:
        model = loading.adapted(model, start.adapter)
    if recipe.method == "sft":
        trainer, plan = learner.sft(model, tokenizer, train.chosen, recipe, desk, lora, place)
    else:
        lengths = [len(a.ids) + len(b.ids) for a, b in zip(train.chosen, train.rejected, strict=True)]
        trainer, plan = learner.dpo(model, tokenizer, train.examples, lengths, recipe, desk, lora, place)
    before = once(
        desk, "before", lambda: _losses(trainer.model, held_out, tokenizer.pad_token_id, desk, "held-out, before")
    )
    checkpoint = learner.last_checkpoint(desk.checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    after = _losses(trainer.model, held_out, tokenizer.pad_token_id, desk, "held-out, after")
    folder = desk.out / "adapter"
    _keep(trainer.model, folder, base)
    curve = [entry for entry in trainer.state.log_history if "loss" in entry]
    (desk.out / "curve.json").write_text(json.dumps(curve), "utf-8")
    _write_losses(desk.out / "held_out.jsonl", held_out, before, after)
    result = {
        "method": recipe.method,
        "adapter": weights_hash(folder),
        "rank": recipe.rank if start is None else int(start.said["rank"]),
        "base": base.hash,
        "base_name": base.name,
        "license": str(base.said.get("license", "")),
        "start": start.said["adapter"] if start else "",
        "seed": desk.seed,
        "device": place,
        "precision": numbers,
        "steps": plan.steps,
        "tokens": sum(plan.tokens),
        "padding": round(plan.padding, 4),
        "seconds": round(time.monotonic() - began, 1),
        **_curve(curve),
        "held_out": _figures(held_out, before, after),
        "data": {"train": train.said(), "held_out": held_out.said()},
        "versions": {name: version(name) for name in LIBRARIES},
    }
    (desk.out / "README.md").write_text(card(result, recipe.model_dump(exclude={"needs"})), "utf-8")
    return result


def _taught(tokenizer: Any, file: Path, name: str, examples: Sequence[Example], recipe: Recipe) -> Taught:
    """Encode a data set; what is longer than `max_tokens` is left out."""
    chosen = [encode(tokenizer, example.messages, example.chosen) for example in examples]
    fit = set(fitting(chosen, recipe.max_tokens))
    rejected: list[Encoded] = []
    if recipe.method == "dpo":
        rejected = [encode(tokenizer, example.messages, example.rejected or "") for example in examples]
        fit &= set(fitting(rejected, recipe.max_tokens))
    if not fit:
        longest = min(len(one.ids) for one in chosen)
        raise Unable(f"no example of {name!r} fits max_tokens = {recipe.max_tokens}; the shortest has {longest}")
    kept = sorted(fit)
    return Taught(
        file,
        [examples[at] for at in kept],
        [chosen[at] for at in kept],
        [rejected[at] for at in kept] if rejected else [],
        len(examples) - len(kept),
    )


Losses = dict[str, list[float]]
"""Summed answer losses of the held-out examples: `chosen`, and `rejected` where there are any."""


def _losses(model: Any, data: Taught, pad: int, desk: Desk, words: str) -> Losses:
    from wunderkammer.jobs.finetune.likelihood import answer_losses

    desk.tell(0, len(data.chosen), words)
    losses = {"chosen": answer_losses(model, data.chosen, pad)}
    if data.rejected:
        losses["rejected"] = answer_losses(model, data.rejected, pad)
    return losses


def _keep(model: Any, folder: Path, base: Base) -> None:
    """Write the adapter alone, under the base's own name rather than the folder it lay in."""
    model.peft_config["default"].base_model_name_or_path = base.name
    # Embeddings are never changed; `auto` would look for the base's configuration on a hub to find that out.
    model.save_pretrained(folder, selected_adapters=["default"], save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty form; ours stands beside it
    shutil.rmtree(folder / "ref", ignore_errors=True)


def _write_losses(file: Path, data: Taught, before: Losses, after: Losses) -> None:
    """One line per held-out example, for paired statistics."""
    with file.open("w", encoding="utf-8") as lines:
        for at, example in enumerate(data.examples):
            line: dict[str, object] = {"source": example.source, "group": example.group, "kind": example.kind}
            line |= {"tokens": data.chosen[at].learned, "before": before["chosen"][at], "after": after["chosen"][at]}
            if data.rejected:
                line |= {"rejected_tokens": data.rejected[at].learned}
                line |= {"rejected_before": before["rejected"][at], "rejected_after": after["rejected"][at]}
            lines.write(json.dumps(line) + "\n")


def _figures(data: Taught, before: Losses, after: Losses) -> dict[str, dict[str, float]]:
    """Mean loss per answer token, over all held-out examples and by kind; for pairs, how often the right one leads."""
    kinds = sorted({example.kind for example in data.examples})
    chosen = {"all": range(len(data.examples))} | {
        kind: [at for at, example in enumerate(data.examples) if example.kind == kind] for kind in kinds
    }
    figures = {}
    for name, indices in chosen.items():
        tokens = sum(data.chosen[at].learned for at in indices)
        figures[name] = {
            "examples": len(indices),
            "tokens": tokens,
            "before": sum(before["chosen"][at] for at in indices) / tokens,
            "after": sum(after["chosen"][at] for at in indices) / tokens,
        }
        if data.rejected:
            figures[name] |= {
                f"prefers_{when}": fmean(found["chosen"][at] < found["rejected"][at] for at in indices)
                for when, found in (("before", before), ("after", after))
            }
    return figures


def _curve(curve: Sequence[Mapping[str, float]]) -> dict[str, float]:
    losses = [entry["loss"] for entry in curve]
    return {
        "loss_first": losses[0],
        "loss_last": fmean(losses[-max(1, len(losses) // 10) :]),
        "loss_least": min(losses),
    }
