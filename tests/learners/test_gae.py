"""Advantages against the definition, episode by episode in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.learners.gae import advantages

DISCOUNT, TRACE = 0.9, 0.7


def slowly(rewards, values, dones, bootstraps, last) -> list[float]:
    """The sum of discounted errors up to the end of each step's own episode."""
    found = []
    for start in range(len(rewards)):
        total, weight = 0.0, 1.0
        for at in range(start, len(rewards)):
            following = values[at + 1] if at + 1 < len(rewards) else last
            if dones[at]:
                following = bootstraps[at]
            total += weight * (rewards[at] + DISCOUNT * following - values[at])
            if dones[at]:
                break
            weight *= DISCOUNT * TRACE
        found.append(total)
    return found


def test_they_are_what_the_definition_says() -> None:
    rng = np.random.default_rng(3)
    rewards, values = rng.normal(size=(2, 12, 5)).astype(np.float32)
    dones = rng.random((12, 5)) < 0.3
    bootstraps = np.where(dones & (rng.random((12, 5)) < 0.5), rng.normal(size=(12, 5)), 0).astype(np.float32)
    last = rng.normal(size=5).astype(np.float32)
    found = advantages(rewards, values, dones, bootstraps, last, DISCOUNT, TRACE)
    for place in range(5):
        column = (part[:, place] for part in (rewards, values, dones, bootstraps))
        np.testing.assert_allclose(found[:, place], slowly(*column, last[place]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("bootstrap", "advantage"), [(0.0, 1.0 - 0.5), (2.0, 1.0 + 0.9 * 2.0 - 0.5)])
def test_an_end_by_time_alone_is_worth_what_was_to_come(bootstrap: float, advantage: float) -> None:
    one = np.ones((1, 1), np.float32)
    found = advantages(one, one / 2, one > 0, one * bootstrap, np.full(1, 99, np.float32), DISCOUNT, TRACE)
    assert float(found[0, 0]) == pytest.approx(advantage)
