"""A small language model trained from nothing, built as models once were or as they are now, on the same bytes.

Arguments: `architecture` (`old`: LayerNorm, ReLU, learned positions, as OPT; `new`: RMSNorm, SwiGLU, rotary positions,
as Llama), `steps`, `rows` and `context` (of a batch), `rate`. Artifact: `model/`, like that of a weights job, with a
tokenizer of bytes. Batches follow from the seed and the step alone: both kinds of one seed read the same tokens in the
same order, and one that was killed goes on as if it had not been.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from wunderkammer.core.fingerprint import parameters, weight_files, weights_hash
from wunderkammer.core.ids import rng_for
from wunderkammer.core.whole import drafted
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.quantise import texts

WIDTH, LAYERS, HEADS, OLD_FEED, NEW_FEED = 256, 4, 4, 1024, 704
"""Sizes; the gated feed-forward layer has three matrices for two, and is so much narrower: 3.2 million weights each."""
VOCABULARY, END = 257, 256
"""A token for each byte, and one for the end of a text."""
WARMUP = 0.1
"""Share of the steps in which the rate rises; afterwards it falls as a cosine."""
CLIP = 1.0
SAVED_EVERY = 25
TEXT = 3_000_000
"""Bytes of prose and of code that are read from, each."""


def main(desk: Desk) -> dict[str, object]:
    """Train, and save as a transformers folder."""
    import torch

    kind, steps = str(desk.args["architecture"]), int(desk.args["steps"])
    torch.manual_seed(desk.seed)
    model = build(kind, int(desk.args["context"]))
    adam = torch.optim.Adam(model.parameters(), lr=0.0)
    data = torch.tensor(list(_bytes()), dtype=torch.int64)
    done, losses = _resume(desk.checkpoint, model, adam)
    for step in range(done, steps):
        losses.append(_learn(desk, model, adam, data, step, steps))
        if (step + 1) % SAVED_EVERY == 0 or step + 1 == steps:
            _keep(desk.checkpoint, model, adam, step + 1, losses)
        desk.tell(step + 1, steps, loss=losses[-1])
    folder = desk.out / "model"
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    last = losses[-max(1, steps // 10) :]
    return {
        "base": f"{kind} trained on bytes, seed {desk.seed}",
        "hash": weights_hash(folder),
        "parameters": parameters(weight_files(folder)),
        "tokens": steps * int(desk.args["rows"]) * int(desk.args["context"]),
        "training_loss": sum(last) / len(last),
    }


def build(kind: str, context: int) -> Any:
    """An untrained model; its weights follow from torch's seed."""
    from transformers import LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM

    shared = {"vocab_size": VOCABULARY, "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
              "num_attention_heads": HEADS, "max_position_embeddings": context,
              "bos_token_id": END, "eos_token_id": END, "pad_token_id": END}  # fmt: skip
    if kind == "old":
        return OPTForCausalLM(OPTConfig(**shared, ffn_dim=OLD_FEED, word_embed_proj_dim=WIDTH, dropout=0.0))
    if kind == "new":
        return LlamaForCausalLM(LlamaConfig(**shared, intermediate_size=NEW_FEED, tie_word_embeddings=True))
    raise Unable(f"architecture = {kind!r}: old or new")


def tokenizer() -> Any:
    """One token for each byte."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<end>", pad_token="<end>")


def _bytes() -> Iterator[int]:
    """Tokens of prose and code in turn: what no model is examined on."""
    vocabulary = tokenizer().backend_tokenizer
    for name in texts.EXAMINED:
        read = texts.read(name, "calibration", rng_for("pair", name))
        yield from islice((token for text in read for token in [*vocabulary.encode(text).ids, END]), TEXT)


def _learn(desk: Desk, model: Any, adam: Any, data: Any, step: int, steps: int) -> float:
    """One step; its loss in nats a byte."""
    import torch

    rows, context = int(desk.args["rows"]), int(desk.args["context"])
    rng = rng_for("pair", desk.seed, step)
    begins = [rng.randrange(len(data) - context) for _ in range(rows)]
    batch = torch.stack([data[at : at + context] for at in begins])
    rise = min(1.0, (step + 1) / max(1.0, WARMUP * steps))
    for group in adam.param_groups:
        group["lr"] = float(desk.args["rate"]) * rise * 0.5 * (1 + math.cos(math.pi * step / steps))
    loss = model(input_ids=batch, labels=batch).loss
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    adam.step()
    return float(loss.detach())


# ---- what a killed training goes on from -----------------------------------------------------------------------------


def _keep(folder: Path, model: Any, adam: Any, step: int, losses: list[float]) -> None:
    from safetensors.torch import save_file

    names = [name for name, _ in model.named_parameters()]
    tensors = {f"weight.{name}": weight.detach() for name, weight in model.named_parameters()}
    for at, state in adam.state_dict()["state"].items():
        tensors |= {f"{key}.{names[at]}": value for key, value in state.items()}
    with drafted(folder / "training.safetensors") as draft:
        save_file(tensors, draft, metadata={"step": str(step), "losses": json.dumps(losses)})


def _resume(folder: Path, model: Any, adam: Any) -> tuple[int, list[float]]:
    """Puts weights and Adam's state back where there are some; how many steps were done, and their losses."""
    import torch
    from safetensors import safe_open

    file = folder / "training.safetensors"
    if not file.is_file():
        return 0, []
    with safe_open(file, "pt") as kept, torch.no_grad():
        said = kept.metadata()
        state = adam.state_dict()
        for at, (name, weight) in enumerate(model.named_parameters()):
            weight.copy_(kept.get_tensor(f"weight.{name}"))
            state["state"][at] = {key: kept.get_tensor(f"{key}.{name}") for key in ("step", "exp_avg", "exp_avg_sq")}
        adam.load_state_dict(state)
    return int(said["step"]), json.loads(said["losses"])
