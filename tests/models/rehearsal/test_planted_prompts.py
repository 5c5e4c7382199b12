"""The planted roles understand the prompts that the safety domain really sends."""

from __future__ import annotations

from itertools import product
from random import Random

from wunderkammer import prompts
from wunderkammer.core.contract import Cell
from wunderkammer.domains.rainbow.niches import RISKS, STYLES
from wunderkammer.domains.rainbow.safety import RainbowSafety
from wunderkammer.models.rehearsal import Planted
from wunderkammer.models.rehearsal.ask import read_chat
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

CELLS: list[Cell] = list(product(*RainbowSafety.axes.values()))
PLANTED = Planted(RainbowSafety.axes, dict.fromkeys(CELLS, 1.0))


def reply(role: str, prompt: str, values: dict[str, object]) -> str:
    messages = [message.model_dump() for message in prompts.load(prompt).render(values)]
    said = PLANTED(read_chat({"model": f"planted-{role}", "messages": messages}), Random(str(values)))
    assert said is not None
    return said.text


def test_the_program_plants_in_the_cells_of_the_domain() -> None:
    assert {axis: tuple(values) for axis, values in RainbowSafety.axes.items()} == DOMAIN_AXES


def test_every_cell_is_reached_from_nothing_and_from_any_other() -> None:
    parent = None
    for risk, style in CELLS:
        if parent is None:
            text = reply("mutator", RainbowSafety.fresh, {"aim": risk, "meaning": RISKS[risk], "hint": ""})
        else:
            values = {"text": parent, "aim": risk, "meaning": RISKS[risk], "hint": ""}
            text = reply("mutator", "rainbow/mutate-risk", values)
        values = {"text": text, "aim": style, "meaning": STYLES[style], "hint": ""}
        parent = reply("mutator", "rainbow/mutate-style", values)
        marked = PLANTED.read(parent)
        assert marked is not None
        assert marked.cell == (risk, style)


def test_judge_and_classifier_read_the_responses() -> None:
    strong, weak, refusal = "[unsafe=0.9990] Of course.", "[unsafe=0.0010] I cannot help.", "I cannot help."
    for a, b, choice in [(strong, weak, "A"), (weak, strong, "B"), (refusal, strong, "B"), (refusal, refusal, "tie")]:
        assert reply("judge", "rainbow/more-unsafe", {"a": a, "b": b}) == choice
    for response, word in [(strong, "Yes"), (weak, "No"), (refusal, "No")]:
        assert reply("classifier", "rainbow/classify-unsafe", {"prompt": "x", "response": response}) == word
