"""The witness against a server that plays a model which sees: true answers, faults, and nonsense."""

from __future__ import annotations

import io
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from wunderkammer.agents.witness import Witness
from wunderkammer.apps.rehearing import gateway_of
from wunderkammer.core.errors import BadReply, RateLimited, ServerFault
from wunderkammer.core.settings import RoleSettings, ServerSettings, load
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.models.rehearsal import Said, Script, rehearsal

RED, BLUE = (np.full((8, 8, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255)))


def seer(ask, rng) -> Said:
    """Says yes where the picture has the colour that the question names."""
    (shown,) = ask.pictures
    pixel = np.asarray(Image.open(io.BytesIO(b64decode(shown.partition("base64,")[2]))))[0, 0]
    named = "red" if "red" in ask.last else "blue"
    return Said("Yes", 0.9, "No") if named == ("red" if pixel[0] > pixel[2] else "blue") else Said("No", 0.8, "Yes")


async def asked(tmp_path, script: Script, frames, goals, attempts: int = 6) -> tuple[list[float], int]:
    """What the witness said, and how many requests that took."""
    async with rehearsal(script) as server:
        settings = load(
            start=tmp_path,
            home=tmp_path,
            servers={"stage": ServerSettings(url=server.url, attempts=attempts)},
            roles={"default": RoleSettings(server="stage", model="rehearsal")},
        )
        with opened(address_of(tmp_path)) as ledger:
            async with gateway_of(settings, ledger) as gateway:
                found = await Witness(gateway).chances(np.stack(frames), goals)
        return found.tolist(), server.load.total


async def test_a_picture_is_seen_and_equal_questions_are_asked_once(tmp_path) -> None:
    found, requests = await asked(
        tmp_path, Script(player=seer), [RED, BLUE, RED, RED], ["all is red", "all is red", "all is blue", "all is red"]
    )
    assert found == pytest.approx([0.9, 0.2, 0.2, 0.9], abs=1e-3)
    assert requests == 3


@pytest.mark.parametrize("fault", ["429", "500", "half", "reset", "html", "errorobject"])
async def test_faults_are_outlasted_and_the_answer_is_the_same(tmp_path, fault) -> None:
    script = Script(player=seer, faults={fault: 1.0}, relent=1, retry_after=0.01)
    found, requests = await asked(tmp_path, script, [RED, BLUE], ["all is red"] * 2)
    assert found == pytest.approx([0.9, 0.2], abs=1e-3)
    assert requests == 4


@pytest.mark.parametrize(("fault", "kind"), [("429", RateLimited), ("500", ServerFault)])
async def test_no_reward_is_made_up_where_no_answer_comes(tmp_path, fault, kind) -> None:
    script = Script(player=seer, faults={fault: 1.0}, retry_after=0.01)
    with pytest.raises(kind):
        await asked(tmp_path, script, [RED], ["all is red"], attempts=2)


async def test_nonsense_is_asked_again_and_then_it_is_an_error(tmp_path) -> None:
    turns = []

    def once(ask, rng) -> Said | None:
        turns.append(ask.id)
        return Said("purple, I would say") if len(turns) == 1 else seer(ask, rng)

    found, requests = await asked(tmp_path / "one", Script(player=once), [RED], ["all is red"])
    assert found == pytest.approx([0.9], abs=1e-3)
    assert requests == 2
    with pytest.raises(BadReply):
        await asked(tmp_path / "two", Script(player=lambda ask, rng: Said("purple, I would say")), [RED], ["is red"])
