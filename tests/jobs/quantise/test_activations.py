"""What layers read: every layer once, figures as of the tensors themselves, a drawing; outliers put in are seen."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from stage.office import Office  # noqa: E402
from wunderkammer.jobs.desk import Unable  # noqa: E402
from wunderkammer.jobs.quantise import outliers  # noqa: E402
from wunderkammer.jobs.quantise.activations import watched  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")

ASKED = {"set": "noise", "rows": 4, "tokens": 32, "precision": "fp32"}


def load(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def test_layers_that_read_one_tensor_are_looked_at_once(byte_model) -> None:
    model = load(byte_model)
    with watched(model) as found, torch.no_grad():
        model.base_model(torch.arange(12).reshape(2, 6))

    kinds = ("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj")
    assert list(found) == [f"model.layers.{at}.{kind}" for at in (0, 1) for kind in kinds]
    assert {one.count for name, one in found.items() if "q_proj" in name} == {2 * 6 * 64}


def test_figures_and_a_drawing_are_left_behind(based: Office) -> None:
    said = based.run("activations", "a", ASKED, after=["base"])
    layers = json.loads((based.out("a") / "activations.json").read_text("utf-8"))

    assert layers[said["largest_at"]]["largest"] == said["largest"]
    assert said["kurtosis"] == max(one["kurtosis"] for one in layers.values())
    drawing = (based.out("a") / "sizes.svg").read_text("utf-8")
    assert all(name in drawing for name in layers)


def test_outliers_leave_what_is_computed_and_stand_out(byte_model) -> None:
    plain, changed = load(byte_model), load(byte_model)
    ids = torch.arange(64).reshape(2, 32)

    assert outliers.inject(changed, 100.0) == 4
    with torch.no_grad(), watched(plain) as before, watched(changed) as after:
        assert torch.allclose(plain(ids).logits, changed(ids).logits, atol=1e-4)
    name = "model.layers.1.mlp.gate_proj"
    assert after[name].kurtosis > 3 * before[name].kurtosis
    assert after[name].largest > 10 * before[name].largest


def test_one_time_larger_is_as_it_was(byte_model) -> None:
    assert outliers.inject(load(byte_model), 1.0) == 0


def test_a_model_of_another_build_is_refused() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_embd=8, n_head=1, vocab_size=8, n_positions=8))
    with pytest.raises(Unable, match="not those of a Llama"):
        outliers.inject(model, 10.0)
