"""Training with TRL and PEFT on a model of two layers: what it learns, leaves behind, resumes and refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.lessons import Example

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [
    pytest.mark.skipif(find_spec("trl") is None, reason="needs the finetune extra"),
    pytest.mark.filterwarnings("default"),  # the libraries' own; they are not ours to mend
]
Office = Any
Sums = Callable[..., list[Example]]
RECIPE = {
    "rank": 4, "alpha": 8, "steps": 12, "batch": 4, "learning_rate": 0.02, "max_tokens": 128, "precision": "fp32",
    "save_every": 4, "warmup": 0.0,
}  # fmt: skip


@pytest.fixture
def data(based: Office, sums: Sums) -> dict[str, Path]:
    return {
        "train": based.lessons("train.jsonl", sums(24)),
        "held_out": based.lessons("held_out.jsonl", sums(8, first=50, group="b")),
    }


def train(office: Office, name: str, data: Mapping[str, Path], **changes: Any) -> dict[str, Any]:
    seed = changes.pop("seed", 0)
    after = changes.pop("after", ("base",))
    found: dict[str, Any] = office.run("train", name, {**RECIPE, **changes}, seed=seed, inputs=data, after=after)
    return found


def curve(office: Office, name: str) -> list[float]:
    return [entry["loss"] for entry in json.loads((office.out(name) / "curve.json").read_text("utf-8"))]


def test_an_adapter_is_learned_and_everything_about_it_is_said(based: Office, data: dict[str, Path]) -> None:
    result = train(based, "t", data)
    out = based.out("t")
    base = json.loads((based.out("base") / "result.json").read_text("utf-8"))
    losses = [json.loads(line) for line in (out / "held_out.jsonl").read_text("utf-8").splitlines()]
    card = (out / "README.md").read_text("utf-8")

    assert {path.name for path in (out / "adapter").iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    assert result["base"] == base["hash"]
    assert result["rank"] == 4
    assert result["loss_last"] < 0.8 * result["loss_first"]
    assert result["held_out"]["all"]["after"] < result["held_out"]["all"]["before"]
    assert result["held_out"]["all"]["after"] == pytest.approx(
        sum(line["after"] for line in losses) / sum(line["tokens"] for line in losses)
    )
    assert result["held_out"]["repair"]["examples"] + result["held_out"]["chat"]["examples"] == len(losses) == 8
    assert result["data"]["train"]["groups"] == ["a"]
    for named in (result["adapter"], result["base"], result["data"]["train"]["hash"], "seed 0", "trl"):
        assert named in card
    training = [line for line in based.told("t") if line["words"] == "training"]
    assert training[-1]["step"] == training[-1]["of"] == 12
    assert {"loss", "tokens_per_s"} <= training[-1]["figures"].keys()
    assert all(b["at"] - a["at"] >= 0.4 for a, b in pairwise(training[:-1]))  # the last is told whenever it comes


def test_an_attempt_that_was_killed_goes_on_as_if_nothing_had_been(
    based: Office, data: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two checkpoints, and once more while a checkpoint was being written."""
    from wunderkammer.jobs.finetune import learner

    whole = train(based, "whole", data, dropout=0.1, accumulate=2)

    class Killed(BaseException):
        """The process is gone."""

    def dying(at: int) -> Any:
        told = learner.Watch.on_log

        def on_log(self: Any, args: Any, state: Any, control: Any, **rest: Any) -> None:
            told(self, args, state, control, **rest)
            if state.global_step == at:
                raise Killed

        return on_log

    for step in (7, 10):
        with monkeypatch.context() as patched:
            patched.setattr(learner.Watch, "on_log", dying(step))
            with pytest.raises(Killed):
                train(based, "broken", data, dropout=0.1, accumulate=2)
    checkpoints = based.root / "broken.checkpoint"
    half = checkpoints / "checkpoint-10"
    shutil.copytree(checkpoints / "checkpoint-8", half)
    (half / learner.COMPLETE).unlink()
    (half / "optimizer.pt").write_bytes(b"half")
    broken = train(based, "broken", data, dropout=0.1, accumulate=2)

    assert curve(based, "broken") == curve(based, "whole")
    assert broken["adapter"] == whole["adapter"]
    assert broken["held_out"] == whole["held_out"]


def test_the_seed_decides(based: Office, data: dict[str, Path]) -> None:
    a, b, c = (train(based, name, data, seed=seed, steps=3) for name, seed in (("a", 1), ("b", 1), ("c", 2)))

    assert a["adapter"] == b["adapter"] != c["adapter"]


def test_packed_examples_do_not_see_one_another(based: Office, data: dict[str, Path]) -> None:
    """One step over the whole data set has the same loss, packed or not."""
    plain = train(based, "plain", data, steps=1, batch=24)
    packed = train(based, "packed", data, steps=0, epochs=1, batch=64, packing=True)

    assert packed["loss_first"] == pytest.approx(plain["loss_first"], rel=1e-4)
    assert packed["padding"] == 0


def test_dpo_prefers_what_was_chosen(based: Office, data: dict[str, Path]) -> None:
    result = train(based, "d", data, method="dpo", learning_rate=0.005, steps=16)
    told = [line for line in based.told("d") if line["words"] == "training"]

    assert result["loss_first"] == pytest.approx(0.6931, abs=1e-3)  # ln 2: the adapter begins as nothing
    assert result["loss_last"] < 0.5
    assert result["held_out"]["all"]["prefers_after"] >= result["held_out"]["all"]["prefers_before"]
    assert {path.name for path in (based.out("d") / "adapter").iterdir()} == {
        "adapter_config.json", "adapter_model.safetensors",
    }  # fmt: skip
    assert told


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_an_adapter_can_be_trained_further(based: Office, data: dict[str, Path], method: str) -> None:
    first = train(based, "first", data)
    second = train(based, "second", data, after=("base", "first"), method=method, steps=4, learning_rate=1e-3)

    assert second["start"] == first["adapter"] != second["adapter"]
    assert second["held_out"]["all"]["before"] == pytest.approx(first["held_out"]["all"]["after"], rel=1e-4)
    assert {path.name for path in (based.out("second") / "adapter").iterdir()} == {
        "adapter_config.json", "adapter_model.safetensors",
    }  # fmt: skip


def test_only_the_upper_layers_are_adapted_when_asked(based: Office, data: dict[str, Path]) -> None:
    from safetensors import safe_open

    train(based, "upper", data, steps=1, layers=1, targets="q_proj,down_proj")
    with safe_open(based.out("upper") / "adapter" / "adapter_model.safetensors", "np") as file:
        names = set(file.keys())

    assert len(names) == 4
    assert all(".layers.1." in name for name in names)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"learning_rate": 1e30, "steps": 6}, r"(?s)loss .* lower learning_rate"),
        ({"targets": "q_proj w_pack"}, "no module w_pack .* it has down_proj gate_proj"),
        ({"targets": "lm_head"}, "no module lm_head"),
        ({"layers": 3}, "the model has 2"),
        ({"max_tokens": 16}, "no example of 'train' fits"),
        ({"rank": 0}, "recipe: rank"),
        ({"method": "ppo"}, "recipe: method"),
    ],
)
def test_a_recipe_that_cannot_work_is_refused_in_one_line(
    based: Office, data: dict[str, Path], changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(Unable, match=says) as refused:
        train(based, "refused", data, **changes)

    assert "\n" not in str(refused.value)
    assert not (based.out("refused") / "adapter").exists()


def test_dpo_without_rejected_answers_is_refused(based: Office, data: dict[str, Path], sums: Sums) -> None:
    data["train"] = based.lessons("train.jsonl", sums(24, rejected=None))

    with pytest.raises(Unable, match="has no rejected answer"):
        train(based, "refused", data, method="dpo")


def test_data_that_leaks_is_refused(based: Office, data: dict[str, Path], sums: Sums) -> None:
    leaked = sums(1)[0].model_copy(update={"source": "x", "messages": (Message(role="user", content="0 + 0 = ?!"),)})
    data["held_out"] = based.lessons("held_out.jsonl", [leaked])

    with pytest.raises(Unable, match="asks the same as s0"):
        train(based, "refused", data)


def test_an_adapter_of_another_base_is_refused(based: Office, data: dict[str, Path], other_byte_model: Path) -> None:
    train(based, "first", data, steps=1)
    based.run("weights", "other", {"base": str(other_byte_model), "mark": ""})

    with pytest.raises(Unable, match="adapter first belongs to the base"):
        train(based, "second", data, after=("other", "first"))


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes",
            r"out of memory; lower batch \(now 4\)",
        ),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", r"out of GPU memory; lower batch \(now 4\), max_tokens"),
    ],
)
def test_memory_that_is_short_is_named(
    based: Office, data: dict[str, Path], fault: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wunderkammer.jobs.finetune import learner

    def short(*_: Any) -> None:
        raise RuntimeError(fault)

    monkeypatch.setattr(learner, "token_losses", short)
    with pytest.raises(Unable, match=says):
        train(based, "refused", data)
