"""What the abilities of a domain give: pictures that travel in JSON, evaluators that tell no from never measured."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from wunderkammer.core.abilities import Evaluator, Picture
from wunderkammer.core.contract import Outcome

THIRD = Evaluator(name="classifier", measure="unsafe", threshold=0.3)


def test_a_picture_comes_back_from_json_as_it_was() -> None:
    picture = Picture(media="image/png", data=bytes(range(256)), caption="All bytes.")

    assert Picture.model_validate_json(picture.model_dump_json()) == picture


def test_a_picture_that_is_no_base64_is_refused() -> None:
    with pytest.raises(ValidationError):
        Picture.model_validate({"media": "image/png", "data": "no base64!"})


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome(score=None, cell=None, measures={"unsafe": 0.3}), True),
        (Outcome(score=1.0, cell=None, measures={"unsafe": 0.29}), False),
        (Outcome(score=1.0, cell=None), None),
        (Outcome(score=None, cell=None, measures={"unsafe": 0.9}, error="the server died"), None),
    ],
    ids=["at the threshold", "below it", "never measured", "an error"],
)
def test_an_evaluator_tells_no_from_never_measured(outcome: Outcome, verdict: bool | None) -> None:
    assert THIRD.of(outcome) is verdict
