"""`rainbow-skills` through the contract."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from random import Random
from typing import Any

import pytest

from wunderkammer.core.abilities import Explains, Rates
from wunderkammer.core.contract import Candidate, Evaluates
from wunderkammer.core.errors import ConfigError, ServerDown
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.domains import find, folder_of
from wunderkammer.domains.skills.domain import RainbowSkills, marked
from wunderkammer.domains.skills.options import SkillOptions
from wunderkammer.domains.skills.question import SkillQuestion
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic

LabMaker = Callable[..., Any]

SUM = Arithmetic(terms=(17, 25), signs=("+",))


def candidate(question: SkillQuestion) -> Candidate[SkillQuestion]:
    return Candidate[SkillQuestion](domain="rainbow-skills", genome=question)


def formal(problem: Arithmetic = SUM, wording: str | None = None) -> SkillQuestion:
    return SkillQuestion(problem=problem, manner="formal", wording=wording or problem.question())


def test_it_is_found_by_name_and_keeps_the_contract(domain: RainbowSkills) -> None:
    assert find("rainbow-skills") is RainbowSkills
    assert isinstance(domain, Evaluates)
    assert isinstance(domain, Explains)
    assert isinstance(domain, Rates)
    assert [len(values) for values in domain.axes.values()] == [10, 10]


def test_seeds_spread_over_all_cells_and_are_easy(domain: RainbowSkills) -> None:
    seeds = list(islice(domain.seeds(Random(1)), 100))
    assert len({(s.skill, s.manner) for s in seeds}) == 100
    assert max(s.difficulty for s in seeds) <= 0.45
    assert {s.by for s in seeds} == {"seed"}
    assert [domain.text(s) for s in seeds] == [s.wording for s in seeds]
    assert seeds == list(islice(domain.seeds(Random(1)), 100))


async def test_vary_reaches_the_cell_it_aims_at(domain: RainbowSkills, lab: LabMaker) -> None:
    for seed, skill in enumerate(domain.axes["skill"]):
        for manner in domain.axes["manner"]:
            child = await domain.vary([candidate(formal())], (skill, manner), lab(seed=seed))
            assert child is not None
            (outcome,) = await domain.evaluate([candidate(child)], lab())
            assert outcome.cell == (skill, manner)


async def test_another_skill_takes_over_the_difficulty(domain: RainbowSkills, lab: LabMaker) -> None:
    parent = formal(Arithmetic(terms=(417, 625, 13), signs=("+", "-")))
    children = [await domain.vary([candidate(parent)], ("sorting", "terse"), lab(seed=s)) for s in range(12)]
    assert all(c and abs(c.difficulty - parent.difficulty) < 0.15 for c in children)


async def test_the_same_skill_takes_a_step(domain: RainbowSkills, lab: LabMaker) -> None:
    children = [await domain.vary([candidate(formal())], ("arithmetic", "formal"), lab(seed=s)) for s in range(20)]
    assert all(c and c.problem != SUM and abs(c.difficulty - SUM.difficulty) <= 0.3 for c in children)


async def test_a_frame_may_be_inherited(domain: RainbowSkills, lab: LabMaker) -> None:
    parent = next(s for s in domain.seeds(Random(3)) if s.manner == "story")
    aim = ("sequences", "story")
    children = [await domain.vary([candidate(parent)], aim, lab(seed=s)) for s in range(20)]
    inherited = sum(c is not None and c.variant == parent.variant for c in children)
    assert 3 <= inherited <= 17


async def test_without_parents_and_aim_anything_goes(domain: RainbowSkills, lab: LabMaker) -> None:
    children = [await domain.vary([], None, lab(seed=s)) for s in range(20)]
    assert len({(c.skill, c.manner) for c in children if c}) > 10


async def test_one_form_is_picked_per_slot_and_the_models_is_checked(domain: RainbowSkills, lab: LabMaker) -> None:
    scripted = lab(arm="model", mutator=lambda text: f"yo dude, {text}")
    child = await domain.vary([candidate(formal())], ("arithmetic", "slang"), scripted)
    assert scripted.picked == [("code", "model")]
    assert child is not None
    assert (child.by, child.wording) == ("model", f"yo dude, {child.problem.question()}")
    answers = lab(arm="model", mutator=lambda _: "The answer is 5.")
    assert await domain.vary([candidate(formal())], ("arithmetic", "slang"), answers) is None


async def test_equal_seeds_vary_alike(domain: RainbowSkills, lab: LabMaker) -> None:
    one, two = [await domain.vary([], ("logic", "story"), lab(seed=9)) for _ in range(2)]
    assert one == two


async def test_an_unknown_cell_is_named(domain: RainbowSkills, lab: LabMaker) -> None:
    with pytest.raises(ConfigError, match="cooking"):
        await domain.vary([], ("cooking", "formal"), lab())


async def test_failing_where_it_is_easy_scores_most(domain: RainbowSkills, lab: LabMaker) -> None:
    easy, hard = formal(Arithmetic(terms=(2, 3), signs=("+",))), formal(Arithmetic(terms=(417, 625), signs=("*",)))
    wrong = lab(target=lambda _: "Answer: 7")
    first, second = await domain.evaluate([candidate(easy), candidate(hard)], wrong)
    assert first.score == 1.0
    assert second.score == pytest.approx(1 - hard.difficulty)
    (right,) = await domain.evaluate([candidate(easy)], lab(target=lambda _: "Answer: 5"))
    assert (right.score, right.fitness, right.measures["error_rate"]) == (0.0, 0.0, 0.0)


def test_unreadable_and_refused_are_wrong_and_counted_apart() -> None:
    outcome = marked(formal(), ("42", "Bananas are yellow.", "I'm sorry, I can't help with that.", "41"))
    figures = outcome.measures
    assert (figures["error_rate"], figures["unreadable"], figures["refused"]) == (0.75, 0.25, 0.25)
    assert outcome.notes["right"] == "42"
    assert [e.of(outcome) for e in RainbowSkills.evaluators] == [True]
    assert outcome.notes["response"] == "Bananas are yellow."


async def test_a_fault_of_the_server_is_nobodys_wrong_answer(domain: RainbowSkills, lab: LabMaker) -> None:
    def down(_: str) -> str:
        raise ServerDown("nobody answers")

    with pytest.raises(ServerDown):
        await domain.evaluate([candidate(formal())], lab(target=down))


async def test_a_wording_that_is_not_the_problem_is_off_the_grid_and_never_asked(
    domain: RainbowSkills, lab: LabMaker
) -> None:
    scripted = lab()
    (outcome,) = await domain.evaluate([candidate(formal(wording="What is 1 + 1?"))], scripted)
    assert (outcome.cell, outcome.score) == (None, None)
    assert outcome.notes["off"] == "other numbers or entities"
    assert scripted.asked == []


async def test_the_target_gets_examples_of_the_kind_and_its_sampling(lab: LabMaker) -> None:
    domain = RainbowSkills(SkillOptions(samples=4, examples=3, max_tokens=9, temperature=0.2))
    scripted = lab(target=lambda _: "42")
    (outcome,) = await domain.evaluate([candidate(formal())], scripted)
    (messages,) = scripted.asked
    assert [m.role for m in messages] == ["system", *("user", "assistant") * 3, "user"]
    assert messages[-1].content == SUM.question()
    assert all("+" in m.content for m in messages[1:-1:2])
    assert all(m.content.startswith("Answer: ") for m in messages[2:-1:2])
    assert SUM.question() not in [m.content for m in messages[:-1]]
    sampling = scripted.sampling
    assert (sampling.temperature, sampling.max_tokens, outcome.measures["samples"]) == (0.2, 9, 4)


def test_options_hold_the_difficulty_down() -> None:
    domain = RainbowSkills(SkillOptions(max_difficulty=0.3))
    seeds = list(islice(domain.seeds(Random(4)), 200))
    assert max(s.difficulty for s in seeds) <= 0.3


def test_presets_are_valid_plans() -> None:
    found = presets("rainbow-skills", folder_of(RainbowSkills))
    assert set(found) == {"smoke", "cpu", "gpu"}
    for file in found.values():
        plan = read_plan(file)
        assert plan.domain == "rainbow-skills"
        SkillOptions.model_validate(plan.options)
