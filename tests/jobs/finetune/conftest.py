"""A model of two layers that reads bytes, lessons for it, and a hand-made desk to run jobs at."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune.lessons import Example

TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WORDS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


@dataclass(frozen=True)
class Office:
    """Runs jobs by hand, one folder each."""

    root: Path

    def run(
        self, module: str, name: str, args: Mapping[str, Any] | None = None, *, seed: int = 0,
        inputs: Mapping[str, Path] | None = None, after: Iterable[str] = (),
    ) -> dict[str, Any]:  # fmt: skip
        """What the job `name` found; its artifacts are in `out(name)`. Run again, it goes on from its checkpoint."""
        out, checkpoint = self.out(name), self.root / f"{name}.checkpoint"
        out.mkdir(exist_ok=True)
        checkpoint.mkdir(exist_ok=True)
        desk = Desk(
            job=name, args=dict(args or {}), seed=seed, inputs=dict(inputs or {}),
            after={job: self.out(job) for job in after}, out=out, checkpoint=checkpoint, progress=self.progress(name),
        )  # fmt: skip
        result: dict[str, Any] = importlib.import_module(f"wunderkammer.jobs.finetune.{module}").main(desk)
        (out / "result.json").write_text(json.dumps(result), "utf-8")
        return json.loads((out / "result.json").read_text("utf-8"))  # type: ignore[no-any-return]

    def out(self, name: str) -> Path:
        return self.root / name

    def progress(self, name: str) -> Path:
        return self.root / f"{name}.progress"

    def told(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.progress(name).read_text("utf-8").splitlines()]

    def lessons(self, name: str, examples: Iterable[Example]) -> Path:
        file = self.root / name
        file.write_text("".join(example.model_dump_json() + "\n" for example in examples), "utf-8")
        return file


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture(scope="session")
def byte_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers folder: a random llama of two layers with one token per byte."""
    return make_byte_model(tmp_path_factory.mktemp("bytes"), seed=0)


@pytest.fixture
def other_byte_model(tmp_path: Path) -> Path:
    """The same with other weights."""
    return make_byte_model(tmp_path / "other", seed=1)


@pytest.fixture
def based(office: Office, byte_model: Path) -> Office:
    """An office where the weights job `base` is done."""
    office.run("weights", "base", {"base": str(byte_model), "mark": ""})
    return office


def make_byte_model(folder: Path, seed: int) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    byte_tokenizer().save_pretrained(folder)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=256 + len(WORDS), hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, bos_token_id=257, eos_token_id=258, pad_token_id=256,
        tie_word_embeddings=False, initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(letters)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(list(WORDS))
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token=WORDS[0], bos_token=WORDS[1], eos_token=WORDS[2], chat_template=TEMPLATE
    )


@pytest.fixture
def sums() -> Callable[..., list[Example]]:
    return make_sums


def make_sums(count: int, first: int = 0, group: str = "a", **changes: Any) -> list[Example]:
    """`count` different lessons on adding, of different lengths."""
    numbers = range(first, first + count)
    return [
        Example(
            messages=(Message(role="user", content=f"{'please ' * (number % 3)}{number}+{number % 7}=?"),),
            chosen=str(number + number % 7),
            rejected=f"{number + number % 7 + 1} or so",
            source=f"s{number}",
            group=group,
            kind="chat" if number % 4 == 3 else "repair",
        ).model_copy(update=changes)
        for number in numbers
    ]
