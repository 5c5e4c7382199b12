"""The folder as the house finds it: domains, presets, prompts."""

from __future__ import annotations

import re

import pytest

from wunderkammer import domains, prompts
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.domains.rainbow import DOMAINS

PAPER_STEPS = {"rainbow-safety": 2000, "rainbow-questions": 1000, "rainbow-cybersecurity": 200}


@pytest.mark.parametrize("domain", DOMAINS)
def test_is_found_by_name(domain):
    assert domains.find(domain.name) is domain
    assert domains.folder_of(domain) == "rainbow"
    assert domain.kind == "attack"


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("name", ["smoke", "cpu", "gpu"])
def test_presets_are_valid_plans_of_the_domain(domain, name):
    plan = read_plan(presets(domain.name, "rainbow")[name])
    assert plan.domain == domain.name
    domain(domain.options(**plan.options))


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_gpu_preset_has_the_values_of_the_paper(domain):
    plan = read_plan(presets(domain.name, "rainbow")["gpu"])
    assert plan.steps == PAPER_STEPS[domain.name]
    assert (plan.batch, plan.temperature, plan.bleu_limit, plan.evaluations) == (32, 0.1, 0.6, 2)
    assert plan.options["max_tokens"] == 256
    assert plan.ablations == type(plan.ablations)()


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_prompt_declares_what_it_is_given(domain):
    assert prompts.load(domain.fresh).variables == {"aim", "meaning", "hint"}
    for niche in domain.niches:
        assert prompts.load(niche.prompt).variables == {"text", "aim", "meaning", "hint"}
        assert prompts.load(niche.prompt).role == "mutator"


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_value_has_one_short_line(domain):
    for niche in domain.niches:
        for value, meaning in niche.meanings.items():
            assert re.fullmatch(r"[^\n]{5,90}", meaning), value


@pytest.mark.parametrize(
    ("name", "variables"), [("more-unsafe", {"a", "b"}), ("better-answer", {"question", "a", "b"})]
)
def test_comparisons_show_two_texts_in_either_order(name, variables):
    prompt = prompts.load(f"rainbow/{name}")
    assert prompt.variables == variables
    assert (prompt.role, prompt.reply) == ("judge", "choice")
    shown = prompt.render({**dict.fromkeys(variables, "?"), "a": "FIRST", "b": "SECOND"})[-1].content
    assert shown.index("FIRST") < shown.index("SECOND")
