"""Real cells on a model of two layers: what each quantiser does to it, and that nothing is done which is not needed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from stage.office import Office  # noqa: E402
from wunderkammer.jobs.desk import Unable  # noqa: E402
from wunderkammer.jobs.finetune import loading  # noqa: E402
from wunderkammer.jobs.finetune.upstream import Base  # noqa: E402
from wunderkammer.jobs.quantise import quantisers  # noqa: E402
from wunderkammer.jobs.quantise.examination import Windows, loss  # noqa: E402
from wunderkammer.jobs.quantise.grams import gram  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")

CELL = {"set": "noise", "bits": 4, "group": 32, "samples": 8, "tokens": 32, "held": 1024, "questions": 2,
        "precision": "fp32"}  # fmt: skip
ROWS = [[(7 * at + 3 * place) % 256 for place in range(32)] for at in range(8)]


@pytest.fixture
def compressor():
    return pytest.importorskip("llmcompressor")


def load(folder):
    base = Base("base", folder, {"hash": "", "base": ""})
    return loading.load_model(base, "fp32", "cpu"), loading.load_tokenizer(folder)


def losses_of(model, folder, rows=ROWS):
    from transformers import AutoTokenizer

    pad = AutoTokenizer.from_pretrained(folder).pad_token_id
    return Windows([tuple(row) for row in rows]).losses(model, pad, lambda _: None)


# ---- without llm-compressor ------------------------------------------------------------------------------------------


def test_the_model_as_it_is_needs_no_quantiser(based: Office) -> None:
    said = based.run("cell", "c", CELL | {"quantiser": "none"}, after=["base"])
    windows = [json.loads(line) for line in (based.out("c") / "windows.jsonl").read_text("utf-8").splitlines()]

    assert {one["text"] for one in windows} == {"prose", "code"}
    assert said["held_tokens"] == 2 * 2 * 511
    assert said["loss"] == pytest.approx((said["loss_prose"] + said["loss_code"]) / 2)
    assert said["loss_prose"] == pytest.approx(sum(windows[0]["losses"]) / (2 * 511))


def test_losses_are_those_of_transformers(byte_model) -> None:
    model, _ = load(byte_model)
    with torch.no_grad():
        ids = torch.tensor(ROWS)
        theirs = [float(model(row[None], labels=row[None]).loss) for row in ids]

    found = losses_of(model, byte_model)
    assert [one / 31 for one in found] == pytest.approx(theirs, abs=1e-5)
    assert loss(found, 8 * 31) == pytest.approx(sum(theirs) / 8, abs=1e-5)


def test_bf16_costs_little(based: Office) -> None:
    exact = based.run("cell", "a", CELL | {"quantiser": "none"}, after=["base"])
    served = based.run("cell", "b", CELL | {"quantiser": "none", "precision": "bf16"}, after=["base"])

    assert served["loss"] == pytest.approx(exact["loss"], abs=0.02)
    assert served["loss"] != exact["loss"]


def test_outliers_are_put_in_once_it_is_seen_that_they_change_nothing(based: Office) -> None:
    plain = based.run("cell", "a", CELL | {"quantiser": "none"}, after=["base"])
    dosed = based.run("cell", "b", CELL | {"quantiser": "none", "outliers": 100}, after=["base"])

    assert dosed["loss"] == pytest.approx(plain["loss"], abs=1e-4)
    assert "outliers" in dosed["cpu_seconds"]


def test_a_gram_matrix_of_bf16_loses_nothing() -> None:
    rows = torch.randn(3, 50, 520, generator=torch.Generator().manual_seed(0)).bfloat16()
    exact = torch.einsum("bti,btj->ij", rows.double(), rows.double())

    assert gram(rows).dtype == torch.float32
    assert torch.allclose(gram(rows).double(), exact, rtol=1e-5, atol=1e-4)


# ---- with it ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quantiser", ["round", "gptq", "awq", "static", "dynamic", "smooth"])
def test_every_quantiser_changes_the_model_and_looks_at_a_set_if_it_needs_one(
    compressor, based: Office, quantiser: str
) -> None:
    plain = based.run("cell", "p", CELL | {"quantiser": "none"}, after=["base"])
    said = based.run("cell", "c", CELL | {"quantiser": quantiser}, after=["base"])

    assert said["loss_prose"] != plain["loss_prose"]
    assert abs(said["loss"] - plain["loss"]) < 0.5
    assert said["held_hash"] == plain["held_hash"]
    assert said["calibration_tokens"] == (8 * 32 if quantiser in quantisers.CALIBRATED else 0)


def test_rounding_is_to_the_nearest_of_a_symmetric_grid(compressor, byte_model) -> None:
    """Against a few lines of our own: scales from the largest weight of a group, levels −8 … 7."""
    plain, _ = load(byte_model)
    rounded, _ = load(byte_model)
    quantisers.quantise(rounded, "round", 4, 32)
    quantisers.settle(rounded)

    for name, weight in plain.named_parameters():
        found = rounded.get_parameter(name)
        if name.endswith("proj.weight"):
            groups = weight.reshape(-1, 32)
            scale = groups.abs().amax(1, keepdim=True) / 7.5
            ours = ((groups / scale).round().clamp(-8, 7) * scale).reshape(weight.shape)
            assert torch.allclose(found, ours, atol=1e-3 * float(weight.abs().max())), name
        else:
            assert torch.equal(found, weight)


def test_settled_models_compute_the_same(compressor, byte_model) -> None:
    model, _ = load(byte_model)
    quantisers.quantise(model, "dynamic", 8, 0)
    before = losses_of(model, byte_model)
    quantisers.settle(model)

    assert losses_of(model, byte_model) == pytest.approx(before, rel=1e-6)


@pytest.mark.parametrize("quantiser", ["gptq", "static"])
def test_what_makes_a_cell_cheaper_changes_no_weight(compressor, byte_model, monkeypatch, quantiser: str) -> None:
    """Shared Gram matrices, our own loop over columns and fused attention, against the library as it comes."""
    from contextlib import nullcontext

    from wunderkammer.jobs.quantise import columns

    ours, theirs = load(byte_model)[0], load(byte_model)[0]
    quantisers.quantise(ours, quantiser, 4, 32, ROWS)
    monkeypatch.setattr(quantisers, "shared_hessians", nullcontext)
    monkeypatch.setattr(columns, "fast_columns", nullcontext)
    monkeypatch.setattr(quantisers, "fused_attention", lambda _: nullcontext())
    quantisers.quantise(theirs, quantiser, 4, 32, ROWS)

    for name, weight in theirs.state_dict().items():
        assert torch.allclose(ours.state_dict()[name], weight, atol=1e-5), name


@pytest.mark.parametrize("numbers", [torch.float32, torch.bfloat16])
def test_columns_are_rounded_as_the_library_rounds_them(compressor, numbers) -> None:
    from compressed_tensors.quantization import QuantizationArgs
    from llmcompressor.modifiers.gptq.gptq_quantize import quantize_weight

    from wunderkammer.jobs.quantise.columns import fast_columns

    drawn = torch.Generator().manual_seed(0)
    weights, seen = torch.randn(2, 24, 96, generator=drawn), torch.randn(300, 96, generator=drawn)
    asked = QuantizationArgs(num_bits=4, type="int", symmetric=True, strategy="group", group_size=32)
    scale = (weights.unflatten(-1, (3, 32)).abs().amax(-1) / 7.5).to(numbers)

    def found():
        return quantize_weight(
            weights=weights.clone(), hessians=gram(seen).expand(2, -1, -1).clone(), scale=scale,
            zero_point=torch.zeros_like(scale), global_scale=None, quant_args=asked, blocksize=40, percdamp=0.01,
        )  # fmt: skip

    theirs = found()
    with fast_columns():
        ours = found()
    assert torch.equal(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[1])


def test_attention_is_fused_while_a_set_is_looked_at_and_not_afterwards(byte_model) -> None:
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    from wunderkammer.jobs.quantise.attention import fused_attention

    model, ids = load(byte_model)[0], torch.tensor(ROWS)
    expected = model(ids).logits
    with fused_attention(model):
        assert "eager" in ALL_ATTENTION_FUNCTIONS
        model.config._attn_implementation = "eager"
        assert torch.allclose(model(ids).logits, expected, atol=1e-5)
    assert "eager" not in ALL_ATTENTION_FUNCTIONS


def test_what_awq_looks_for_is_the_error_of_what_layers_put_out(compressor) -> None:
    from wunderkammer.jobs.quantise.awq import GramAWQModifier

    drawn = torch.Generator().manual_seed(0)
    seen, exact, rounded = (torch.randn(*shape, generator=drawn) for shape in ((40, 16), (8, 16), (8, 16)))
    modifier = GramAWQModifier()
    modifier._grams["norm"], modifier._at = gram(seen), SimpleNamespace(smooth_name="norm")

    put_out = (seen @ exact.T - seen @ rounded.T).pow(2).sum()
    assert modifier._compute_loss([exact, exact], [rounded, exact]) == pytest.approx(float(put_out), rel=1e-5)


def test_the_scales_of_awq_are_folded_into_the_weights(compressor, byte_model) -> None:
    plain, scaled = load(byte_model)[0], load(byte_model)[0]
    quantisers.quantise(scaled, "awq", 8, 32, ROWS)

    assert losses_of(scaled, byte_model) == pytest.approx(losses_of(plain, byte_model), rel=1e-2)
    assert not torch.allclose(
        scaled.model.layers[0].input_layernorm.weight, plain.model.layers[0].input_layernorm.weight
    )


def test_groups_that_do_not_divide_a_layer_are_refused(compressor, based: Office) -> None:
    with pytest.raises(Unable, match="groups of 48 do not divide; set group"):
        based.run("cell", "c", CELL | {"quantiser": "round", "group": 48}, after=["base"])


@pytest.mark.parametrize(("quantiser", "form"), [("gptq", "pack-quantized"), ("smooth", "int-quantized")])
def test_an_exported_folder_loads_and_computes_what_was_examined(
    compressor, based: Office, quantiser: str, form: str
) -> None:
    from transformers import AutoModelForCausalLM

    asked = CELL | {"quantiser": quantiser}
    said = based.run("export", "e", asked, after=["base"])
    folder = based.out("e") / "model"
    config = json.loads((folder / "config.json").read_text("utf-8"))["quantization_config"]

    assert (config["quant_method"], config["format"]) == ("compressed-tensors", form)
    assert config["ignore"] == ["lm_head"]
    (group,) = config["config_groups"].values()
    weights = group["weights"]
    assert (weights["num_bits"], weights["symmetric"]) == ((4, True) if quantiser == "gptq" else (8, True))
    assert said["bytes"] < said["bytes_before"]
    loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    base, _ = load(based.out("base") / "model")
    quantised = load(based.out("base") / "model")[0]
    rows = _rows_of(asked, based)
    quantisers.quantise(quantised, quantiser, 4, 32, rows)
    quantisers.settle(quantised)
    found, plain = losses_of(loaded, folder), losses_of(base, folder)
    assert found == pytest.approx(losses_of(quantised, folder), rel=1e-3)
    assert found != pytest.approx(plain, rel=1e-4)


def _rows_of(asked, based: Office):
    """The calibration set of the exporting job."""
    from wunderkammer.jobs.quantise.cell import Cell, calibration_of

    numbers = {name: asked[name] for name in ("bits", "group", "samples", "tokens", "held", "questions")}
    cell = Cell(quantiser=asked["quantiser"], set="noise", precision="fp32", outliers=1, seed=0, file=None, **numbers)
    return calibration_of(cell, loading.load_tokenizer(based.out("base") / "model")).rows


def test_there_is_nothing_to_export_of_a_model_as_it_is(based: Office) -> None:
    with pytest.raises(Unable, match="nothing to export"):
        based.run("export", "e", CELL | {"quantiser": "none"}, after=["base"])
