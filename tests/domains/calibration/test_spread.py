"""Whether the set matters: the sentence concludes where it may, and says what is missing where it may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.calibration.settings import MATTERS, CalibrationSettings
from wunderkammer.domains.calibration.spread import LEAST_HELD, Spread, sections

Losses = Mapping[str, float]


def entries(quantiser: str, by_set: Losses, seeds: int, held: int = LEAST_HELD, bits: int = 4) -> Iterable[Entry]:
    for name, loss in by_set.items():
        for seed in range(seeds):
            genome = CalibrationSettings.model_validate(
                {"quantiser": quantiser, "set": name, "seed": seed, "bits": bits}
            )
            measures = {"loss": loss + 0.001 * seed, "held_tokens": float(held), "unquantised": 2.0}
            yield Entry(
                candidate=Candidate(domain="calibration-study", genome=genome),
                outcome=Outcome(score=-loss, cell=None, measures=measures),
            )


ROUNDED = {"prose": 3.0}


def told(*tried: Iterable[Entry]) -> tuple[str, str]:
    """The sentence on the model, and those on its quantisers."""
    plain, _, rest = sections([entry for some in tried for entry in some])[0].text.partition(". ")
    return plain, rest


def said(*tried: Iterable[Entry]) -> str:
    return told(*tried)[1]


def test_sets_that_lie_near_one_another_hardly_matter() -> None:
    text = said(entries("gptq", {"prose": 2.9, "noise": 2.905}, 5), entries("round", ROUNDED, 1))

    assert text.startswith("gptq: the set hardly matters: 0.005 [0.005, 0.005] nats")


def test_sets_that_lie_apart_matter_and_the_worst_is_named() -> None:
    text = said(entries("gptq", {"prose": 2.5, "noise": 2.9}, 5), entries("round", ROUNDED, 1))

    assert text.startswith("gptq: the set matters: 0.400 [0.400, 0.400] nats")
    assert "the best set (prose) and the worst (noise)" in text


@pytest.mark.parametrize(
    ("seeds", "held", "rounded", "missing"),
    [
        (4, LEAST_HELD, 3.0, "5 seeds are needed and 4 are there"),
        (5, LEAST_HELD - 1, 3.0, "50,000 held-out tokens are needed and 49,999 are there"),
        (5, LEAST_HELD, 2.0, "it is not better than rounding to the nearest"),
    ],
)
def test_it_refuses_to_conclude_and_says_what_is_missing(seeds: int, held: int, rounded: float, missing: str) -> None:
    text = said(
        entries("gptq", {"prose": 2.5, "noise": 2.9}, seeds, held), entries("round", {"prose": rounded}, 1, held)
    )

    assert text.startswith("gptq: undecided; ")
    assert missing in text


def test_one_plain_sentence_says_whether_the_model_cares() -> None:
    near, far = {"prose": 2.9, "noise": 2.905}, {"prose": 2.5, "noise": 2.9}
    rounded = list(entries("round", ROUNDED, 1))

    cares = told(entries("gptq", far, 5), entries("awq", near, 5), rounded)[0]
    assert cares == "This model cares which texts it is calibrated on: it does with gptq"
    careless = told(entries("gptq", near, 5), entries("awq", near, 5), rounded)[0]
    assert careless == "This model hardly cares which texts it is calibrated on, with gptq or awq"
    open_still = told(entries("gptq", near, 5), entries("awq", near, 4), rounded)[0]
    assert open_still.endswith("is undecided; with gptq it hardly does")
    assert told(entries("gptq", far, 4), rounded)[0].endswith("calibrated on is undecided")


def test_without_rounding_there_is_nothing_to_compare_with() -> None:
    assert "rounding was not measured" in said(entries("gptq", {"prose": 2.5, "noise": 2.9}, 5))


def test_quantisers_of_activations_need_no_such_check() -> None:
    assert said(entries("static", {"prose": 4.4, "noise": 4.2}, 5)).startswith("static: the set matters")


def test_only_seeds_that_every_set_has_are_compared() -> None:
    tried = [*entries("static", {"prose": 4.4}, 9), *entries("static", {"noise": 4.2}, 5)]

    assert sections(tried)[0].rows[0][-1] == 5


def test_other_bits_are_another_model() -> None:
    assert not sections(entries("gptq", {"prose": 2.5, "noise": 2.9}, 5, bits=3))


def test_one_set_has_no_spread() -> None:
    assert not sections(entries("gptq", {"prose": 2.5}, 5))


def test_figures_of_every_set_are_those_of_each() -> None:
    measures = {"loss": 2.7, "loss_on_prose": 2.5, "loss_on_noise": 2.9, "held_tokens": 60_000.0, "uncalibrated": 3.0}
    every = [
        Entry(
            candidate=Candidate(
                domain="calibration-study", genome=CalibrationSettings.model_validate({"set": "every", "seed": seed})
            ),
            outcome=Outcome(score=-2.7, cell=None, measures=measures),
        )
        for seed in range(5)
    ]

    assert said(every).startswith("gptq: the set matters: 0.400")


def test_noise_between_seeds_is_not_taken_for_a_difference_between_sets() -> None:
    """The largest of five noisy means lies far from the smallest; the width measured on other seeds does not."""
    rng = Random(0)
    drawn = [
        Spread("gptq", {name: {seed: rng.gauss(3, 0.05) for seed in range(8)} for name in "abcde"}, 60_000)
        for _ in range(200)
    ]

    assert sum(one.width().low > MATTERS for one in drawn) <= 10
    assert all(one.most().mean > 0.05 for one in drawn)


def test_what_needs_no_set_is_shown_once() -> None:
    free = sections([*entries("gptq", {"prose": 2.5, "noise": 2.9}, 5), *entries("round", ROUNDED, 1)])[1]

    assert {row[0]: row[1] for row in free.rows} == {"none": 2.0, "round": 3.0}
