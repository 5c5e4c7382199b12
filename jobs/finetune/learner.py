"""TRL's trainers as this house runs them: one fixed order of examples, exact resumption, progress, faults by name."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig
from transformers import PrinterCallback, TrainerCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer, pack_dataset

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.encoding import Encoded
from wunderkammer.jobs.finetune.lessons import Example
from wunderkammer.jobs.finetune.likelihood import token_losses
from wunderkammer.jobs.finetune.order import order, padded
from wunderkammer.jobs.finetune.recipe import Recipe

COMPLETE = "complete"
"""A file that a checkpoint gets last: one without it was being written when the attempt died."""
QUIET = 0.5
"""Seconds between two lines of progress, at least."""


class Sft(SFTTrainer):  # type: ignore[misc]  # Any where trl is not installed
    """On a processor, only the positions that are learned go through the output layer."""

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if model.device.type != "cpu" or self.aux_loss_enabled or return_outputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        learned = (inputs["labels"][:, 1:] != -100).sum() if num_items_in_batch is None else num_items_in_batch
        return token_losses(model, inputs).sum() / learned


class Watch(TrainerCallback):  # type: ignore[misc]
    """Tells progress, stops at a loss that is no number, and marks checkpoints that are whole."""

    def __init__(self, desk: Desk, recipe: Recipe, tokens: Sequence[int]) -> None:
        """tokens: how many each optimiser step reads."""
        self.desk, self.recipe, self.tokens = desk, recipe, tokens
        self.began, self.first, self.told = time.monotonic(), 0, 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        self.began, self.first = time.monotonic(), state.global_step

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **rest: Any) -> None:
        loss, norm = (logs or {}).get("loss"), (logs or {}).get("grad_norm", 0.0)
        if loss is None:
            return
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise Unable(
                f"loss {loss} and gradient {norm} at step {state.global_step} of {state.max_steps}: lower "
                f"learning_rate (now {self.recipe.learning_rate:g}) or set precision = fp32"
            )
        now = time.monotonic()
        if now - self.told >= QUIET or state.global_step == state.max_steps:
            self.told = now
            rate = sum(self.tokens[self.first : state.global_step]) / max(now - self.began, 1e-9)
            self.desk.tell(state.global_step, state.max_steps, "training", loss=loss, tokens_per_s=round(rate, 1))

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        (Path(args.output_dir) / f"checkpoint-{state.global_step}" / COMPLETE).touch()


def last_checkpoint(folder: Path) -> Path | None:
    """The latest whole checkpoint; those that were being written are removed."""
    whole: list[tuple[int, Path]] = []
    for path in folder.glob("checkpoint-*"):
        if (path / COMPLETE).is_file():
            whole.append((int(path.name.rpartition("-")[2]), path))
        else:
            shutil.rmtree(path)
    return max(whole)[1] if whole else None


def sft(
    model: Any,
    tokenizer: Any,
    encoded: Sequence[Encoded],
    recipe: Recipe,
    desk: Desk,
    lora: LoraConfig | None,
    place: str,
) -> tuple[Any, Plan]:
    """A trainer on answers."""
    data = Dataset.from_dict(
        {"input_ids": [list(one.ids) for one in encoded], "labels": [list(one.labels) for one in encoded]}
    )
    if recipe.packing:
        data = pack_dataset(data, recipe.max_tokens, "bfd")
    plan = Plan([len(ids) for ids in data["input_ids"]], recipe, desk.seed)
    arguments = SFTConfig(
        **plan.arguments(desk, place),
        max_length=None,
        padding_free=recipe.packing,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    watch = Watch(desk, recipe, plan.tokens)
    trainer = Sft(model, arguments, train_dataset=data, processing_class=tokenizer, peft_config=lora, callbacks=[watch])
    trainer.train_dataset = data.select(plan.order)
    trainer.remove_callback(PrinterCallback)  # `Watch` tells
    return trainer, plan


def dpo(
    model: Any, tokenizer: Any, examples: Sequence[Example], lengths: Sequence[int], recipe: Recipe, desk: Desk,
    lora: LoraConfig | None, place: str,
) -> tuple[Any, Plan]:  # fmt: skip
    """A trainer on pairs; what the reference model thinks of them is computed once, before training."""
    data = Dataset.from_list(
        [
            {
                "prompt": [{"role": turn.role, "content": turn.content} for turn in example.messages],
                "chosen": [{"role": "assistant", "content": example.chosen}],
                "rejected": [{"role": "assistant", "content": example.rejected}],
            }
            for example in examples
        ]
    )
    plan = Plan(lengths, recipe, desk.seed)
    arguments = DPOConfig(
        **plan.arguments(desk, place), max_length=None, beta=recipe.beta, precompute_ref_log_probs=True
    )
    watch = Watch(desk, recipe, plan.tokens)
    trainer = DPOTrainer(
        model, args=arguments, train_dataset=data, processing_class=tokenizer, peft_config=lora, callbacks=[watch]
    )
    trainer.train_dataset = trainer.train_dataset.select(plan.order)
    trainer.remove_callback(PrinterCallback)  # `Watch` tells
    return trainer, plan


class Plan:
    """Which rows each optimiser step reads."""

    def __init__(self, lengths: Sequence[int], recipe: Recipe, seed: int) -> None:
        self.recipe, self.seed = recipe, seed
        per_step = recipe.batch * recipe.accumulate
        self.steps = recipe.steps or max(1, math.ceil(recipe.epochs * len(lengths) / per_step))
        wanted = self.steps * per_step if recipe.steps else round(recipe.epochs * len(lengths))
        self.order = order(lengths, recipe.batch, max(1, wanted), rng_for("order", seed))
        self.padding = 0.0 if recipe.packing else padded(lengths, self.order, recipe.batch)
        self.tokens = [
            sum(lengths[row] for row in self.order[step * per_step : (step + 1) * per_step])
            for step in range(self.steps)
        ]

    def arguments(self, desk: Desk, place: str) -> dict[str, Any]:
        """What SFT and DPO have in common."""
        recipe = self.recipe
        return {
            "output_dir": str(desk.checkpoint),
            "per_device_train_batch_size": recipe.batch,
            "gradient_accumulation_steps": recipe.accumulate,
            "max_steps": self.steps,
            "learning_rate": recipe.learning_rate,
            "lr_scheduler_type": recipe.schedule,
            "warmup_steps": math.ceil(recipe.warmup * self.steps),
            "seed": self.seed,
            "train_sampling_strategy": "sequential",  # the order is ours
            "logging_steps": 1,
            "logging_nan_inf_filter": False,  # would put the last good loss in the place of a NaN
            "save_strategy": "steps",
            "save_steps": recipe.save_every,
            "save_total_limit": 2,
            "bf16": False,  # the base is loaded in its numbers; see `loading.precision`
            "activation_checkpointing": recipe.checkpointing == "on",
            "use_cpu": place == "cpu",
            "dataloader_pin_memory": place != "cpu",
            "disable_tqdm": True,
            "report_to": "none",
        }
