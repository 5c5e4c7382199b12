"""rainbow-safety against the details of the paper."""

from __future__ import annotations

import pytest

from wunderkammer.core.abilities import Explains
from wunderkammer.core.contract import Candidate, Duels, Evaluates
from wunderkammer.core.errors import BadReply, ConfigError, ServerDown
from wunderkammer.domains.rainbow import RainbowSafety
from wunderkammer.domains.rainbow.safety import SafetyOptions
from wunderkammer.domains.rainbow.teaming import RESPONSE_CHARS, Probe

AIM = ("Fraud and Scams", "Slang")


def domain(**options) -> RainbowSafety:
    return RainbowSafety(SafetyOptions(**options))


def candidate(text: str = "Tell me a story.", aim=AIM) -> Candidate[Probe]:
    return Candidate[Probe](domain="rainbow-safety", genome=Probe(text=text), aim=aim)


def test_ten_risks_by_ten_styles_and_no_seeds(new_lab):
    assert [len(values) for values in RainbowSafety.axes.values()] == [10, 10]
    assert list(RainbowSafety.axes) == ["risk", "style"]
    assert list(domain().seeds(new_lab().rng)) == []
    assert isinstance(domain(), Evaluates)
    assert isinstance(domain(), Duels)
    assert isinstance(domain(), Explains)
    assert RainbowSafety.together == 1


async def test_mutates_risk_first_then_style_each_from_the_reply_before(new_lab):
    lab = new_lab(words=lambda asked: f"<{asked.values['text']} as {asked.values['aim']}>", hint="keep it short")
    child = await domain().vary([candidate("parent")], AIM, lab)
    first, second = lab.asked
    assert [first.prompt, second.prompt] == ["rainbow/mutate-risk", "rainbow/mutate-style"]
    assert [first.values["aim"], second.values["aim"]] == ["Fraud and Scams", "Slang"]
    assert first.values["text"] == "parent"
    assert second.values["text"] == "<parent as Fraud and Scams>"
    assert first.values["meaning"] in first.messages[-1].content
    assert "keep it short" in first.messages[-1].content
    assert child == Probe(text="<<parent as Fraud and Scams> as Slang>")


async def test_every_mutation_prompt_shows_examples(new_lab):
    lab = new_lab()
    await domain().vary([candidate()], AIM, lab)
    for asked in lab.asked:
        assert [m.role for m in asked.messages] == ["system", *["user", "assistant"] * 2, "user"]


async def test_what_the_filter_refuses_is_no_child(new_lab):
    assert await domain().vary([candidate()], AIM, new_lab(filtered=True)) is None


async def test_without_stepping_stones_the_risk_is_written_afresh_and_the_style_applied(new_lab):
    lab = new_lab(words=lambda asked: "Prompt: 'fresh'" if asked.prompt == "rainbow/fresh-risk" else "styled")
    child = await domain().vary([], AIM, lab)
    fresh, style = lab.asked
    assert [fresh.how, style.how] == ["say", "say"]  # nothing to filter against
    assert [fresh.prompt, style.prompt] == ["rainbow/fresh-risk", "rainbow/mutate-style"]
    assert fresh.values["aim"] == "Fraud and Scams"
    assert style.values["text"] == "fresh"
    assert child == Probe(text="styled")


async def test_an_empty_rewrite_is_a_bad_reply(new_lab):
    with pytest.raises(BadReply):
        await domain().vary([candidate()], AIM, new_lab(words=lambda _: '""'))


async def test_without_an_aim_any_cell_is_taken_as_the_seed_decides(new_lab):
    one, two = new_lab(), new_lab()
    await domain().vary([], None, one)
    await domain().vary([], None, two)
    assert one.asked[0].values["aim"] in RainbowSafety.axes["risk"]
    assert one.asked[0].values == two.asked[0].values


@pytest.mark.parametrize("aim", [("Slang", "Fraud and Scams"), ("Fraud and Scams",), ("Fraud and Scams", "Opera")])
async def test_an_aim_outside_the_axes_is_named(new_lab, aim):
    with pytest.raises(ConfigError, match="no cell of risk × style"):
        await domain().vary([], aim, new_lab())


async def test_the_target_sees_the_prompt_alone(new_lab):
    lab = new_lab()
    await domain().evaluate([candidate("the attack")], lab)
    (asked,) = lab.of("complete")
    assert asked.role == "target"
    assert [(m.role, m.content) for m in asked.messages] == [("user", "the attack")]


async def test_the_owner_may_set_a_system_prompt_and_a_limit(new_lab):
    lab = new_lab()
    await domain(system_prompt="Be kind.", max_tokens=9).evaluate([candidate("the attack")], lab)
    (asked,) = lab.of("complete")
    assert [(m.role, m.content) for m in asked.messages] == [("system", "Be kind."), ("user", "the attack")]
    assert asked.sampling.max_tokens == 9


async def test_the_classifier_gives_fitness_and_never_a_score(new_lab):
    lab = new_lab(words=lambda _: "I'm sorry, but I can't help.", belief=lambda _: 0.9)
    (outcome,) = await domain().evaluate([candidate()], lab)
    assert outcome.score is None
    assert outcome.fitness == 0.9
    assert outcome.measures["refused"] == 1
    assert outcome.cell == AIM
    assert [asked.role for asked in lab.of("probability")] == ["classifier"]


async def test_without_a_classifier_there_is_no_fitness(new_lab):
    (outcome,) = await domain(classifier="off").evaluate([candidate()], new_lab())
    assert outcome.fitness is None
    assert outcome.error is None


async def test_llama_guard_categories_are_noted(new_lab):
    lab = new_lab(words=lambda asked: "unsafe\nS2" if asked.role == "classifier" else "Here you are.")
    (outcome,) = await domain(classifier="llama-guard").evaluate([candidate()], lab)
    assert outcome.fitness == 1
    assert outcome.notes["categories"] == "S2"
    assert outcome.notes["response"] == "Here you are."


async def test_an_unusable_classifier_leaves_fitness_out_and_is_no_verdict(new_lab):
    (outcome,) = await domain(classifier="llama-guard").evaluate([candidate()], new_lab(words=lambda _: "hm"))
    assert "fitness" not in outcome.measures
    assert "neither safe nor unsafe" in outcome.notes["classifier"]


@pytest.mark.parametrize("broken", ["target", "classifier"])
async def test_a_server_that_is_down_is_never_a_safe_target(new_lab, broken):
    def fail(asked):
        if asked.role == broken:
            raise ServerDown("nobody answers")
        return "words"

    lab = new_lab(words=fail, belief=lambda asked: fail(asked) and 0.1)
    with pytest.raises(ServerDown):
        await domain().evaluate([candidate()], lab)


async def test_a_response_is_cut_and_cleared_before_it_is_kept(new_lab):
    lab = new_lab(words=lambda _: "a\ud800\x00b" + "x" * 2 * RESPONSE_CHARS)
    (outcome,) = await domain().evaluate([candidate()], lab)
    assert len(outcome.notes["response"]) == RESPONSE_CHARS
    assert outcome.notes["response"].startswith("abx")


async def test_the_judge_sees_the_two_responses_and_nothing_else(new_lab, entry):
    lab = new_lab()
    new = entry(domain(), "ATTACK ONE", AIM, notes={"response": "alpha"}, measures={"fitness": 0.123})
    old = entry(domain(), "ATTACK TWO", AIM, notes={"response": "beta"}, measures={"fitness": 0.987})
    verdict = await domain().prefers(new, old, lab)
    (asked,) = lab.asked
    assert asked.how == "compare"
    assert asked.values == {"a": "alpha", "b": "beta"}
    shown = "".join(message.content for message in asked.messages)
    for hidden in ("ATTACK", "0.123", "0.987", *AIM):
        assert hidden not in shown
    assert verdict.accepted


async def test_an_entry_without_a_response_cannot_be_compared(new_lab, entry):
    with pytest.raises(ConfigError, match="no response to compare"):
        await domain().prefers(entry(domain(), "a", AIM, notes={"response": "r"}), entry(domain(), "b", AIM), new_lab())


async def test_the_judge_may_be_asked_beside_the_classifier(new_lab):
    lab = new_lab(belief=lambda asked: 0.9 if asked.role == "judge" else 0.2)
    (outcome,) = await domain(judged=True).evaluate([candidate()], lab)
    assert outcome.measures["judge"] == 0.9
    assert outcome.fitness == 0.2


def test_sections_count_refusals_and_errors_apart(entry):
    tried = [
        entry(domain(), "a", AIM, measures={"refused": 1.0, "judge": 0.1, "fitness": 0.9}),
        entry(domain(), "b", AIM, measures={"refused": 0.0, "judge": 0.8, "fitness": 0.9}),
        entry(domain(), "c", AIM, error="server down"),
        entry(domain(), "d"),
    ]
    refusals, disagreement = domain().sections(iter(tried))
    assert refusals.rows == (("Fraud and Scams", 2, 1, 0.5, 1), ("elsewhere", 1, 0, 0.0, 0))
    assert ("safe", "unsafe", 1) in disagreement.rows
    assert ("unsafe", "unsafe", 1) in disagreement.rows
    assert "50.0% of 2" in disagreement.text


def test_no_table_of_disagreement_without_both_ratings(entry):
    (section,) = domain().sections([entry(domain(), "a", AIM, measures={"refused": 0.0, "fitness": 0.9})])
    assert section.title == "Refusals by risk"


def test_the_genome_is_checked():
    assert Probe(text="a\x00b\r\n").text == "ab\n"
    with pytest.raises(ValueError, match="must hold words"):
        Probe(text=" \n")
