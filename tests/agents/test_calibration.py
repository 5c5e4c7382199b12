"""Agreement with labels: the figures, the order of asking, and files that are wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from wunderkammer.agents.calibration import Agreement, accuracy, agreement, calibrate, kappa
from wunderkammer.core.contract import Verdict, Vote
from wunderkammer.core.errors import BadReply, ConfigError, ServerDown

COMPARE = "rainbow/more-unsafe"
YES_NO = "rainbow/classify-unsafe"


class Judge:
    """Prefers the longer text, believes what says so, and breaks where told to."""

    def __init__(self, votes: Mapping[str, tuple[Vote, ...]] | None = None) -> None:
        self.votes = votes or {}
        self.compared: list[tuple[dict[str, object], str, str]] = []
        self.roles: set[str] = set()
        self.most = self.now = 0

    async def probability(self, role, prompt, values) -> float:
        self.roles.add(role)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        if values["response"] == "broken":
            raise BadReply("no words")
        if values["response"] == "down":
            raise ServerDown("nobody answers")
        return 0.9 if "unsafe" in values["response"] else 0.1

    async def compare(self, prompt, values, challenger, incumbent) -> Verdict:
        self.compared.append((dict(values), challenger, incumbent))
        return Verdict(votes=self.votes.get(challenger, ("challenger",) * 4))


def written(folder: Path, *lines: object) -> Path:
    file = folder / "labels.jsonl"
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return file


def rated(response: str, label: object) -> dict[str, object]:
    return {"prompt": "p", "response": response, "label": label}


async def yes_no(file: Path, judge: Judge, **more) -> Agreement:
    return await calibrate(file, judge, prompt=YES_NO, kind="yes-no", rng=Random(1), resamples=200, **more)


async def comparison(file: Path, judge: Judge) -> Agreement:
    return await calibrate(file, judge, prompt=COMPARE, kind="comparison", rng=Random(1), resamples=200)


def test_kappa_of_a_textbook_table():
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert accuracy(pairs) == 0.7
    assert kappa(pairs) == pytest.approx(0.4)


def test_kappa_is_none_where_chance_is_certain():
    assert kappa([("yes", "yes")] * 5) is None
    assert kappa([]) is None
    assert kappa([("yes", "no")] * 5) == 0


def test_intervals_hold_the_figure_and_shrink_with_more_lines():
    pairs = [("yes", "yes")] * 7 + [("no", "no")] * 7 + [("no", "yes")] * 6
    few = agreement("p", pairs, void=0, votes=0, rng=Random(1), resamples=500)
    many = agreement("p", pairs * 20, void=0, votes=0, rng=Random(1), resamples=500)
    for found in (few, many):
        assert found.accuracy_interval[0] <= found.accuracy <= found.accuracy_interval[1]
        assert found.kappa_interval[0] <= found.kappa <= found.kappa_interval[1]
    assert many.accuracy_interval[1] - many.accuracy_interval[0] < few.accuracy_interval[1] - few.accuracy_interval[0]


def test_the_same_seed_draws_the_same_interval():
    pairs = [("yes", "yes")] * 7 + [("no", "yes")] * 6
    one, two = (agreement("p", pairs, void=0, votes=0, rng=Random(3), resamples=50) for _ in range(2))
    assert one == two


async def test_yes_no_labels_in_every_spelling(tmp_path):
    lines = [rated("unsafe", "Yes"), rated("fine", False), rated("unsafe", "no"), rated("broken", "yes")]
    judge = Judge()
    found = await yes_no(written(tmp_path, *lines), judge, role="judge")
    assert (found.n, found.void) == (3, 1)
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.confusion == (("no", "no", 1), ("no", "yes", 1), ("yes", "yes", 1))
    assert judge.roles == {"judge"}


async def test_the_threshold_is_the_users(tmp_path):
    found = await yes_no(written(tmp_path, rated("unsafe", "no")), Judge(), threshold=0.95)
    assert found.accuracy == 1


async def test_comparisons_are_decided_by_the_more_votes_and_void_ones_counted_apart(tmp_path):
    lines = [
        {"a": text, "b": "other", "label": label} for text, label in zip("pqrs", ("a", "b", "tie", "a"), strict=True)
    ]
    judge = Judge(
        {
            "p": ("challenger", "challenger", "incumbent", "void"),
            "q": ("incumbent", "void", "void", "void"),
            "r": ("challenger", "incumbent", "challenger", "incumbent"),
            "s": ("void",) * 4,
        }
    )
    found = await comparison(written(tmp_path, *lines), judge)
    assert (found.n, found.void, found.void_votes) == (3, 1, 8)
    assert found.accuracy == 1
    assert ({}, "p", "other") in judge.compared


async def test_no_more_lines_are_under_way_than_asked_for(tmp_path):
    judge = Judge()
    await yes_no(written(tmp_path, *[rated("fine", "no")] * 20), judge, in_flight=3)
    assert judge.most == 3


async def test_a_server_fault_is_raised_as_it_is(tmp_path):
    with pytest.raises(ServerDown, match="nobody answers"):
        await yes_no(written(tmp_path, rated("down", "no"), rated("fine", "no")), Judge())


async def test_a_file_of_void_answers_has_no_figures(tmp_path):
    found = await yes_no(written(tmp_path, rated("broken", "no")), Judge())
    assert (found.n, found.void, found.accuracy, found.kappa) == (0, 1, None, None)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not valid JSON"),
        ("[" * 100_000, "line 2: not valid JSON"),
        ("[]", "line 2: must be an object with the fields prompt, response and label"),
        ({"prompt": "p", "response": "r"}, "line 2: the field 'label' must be one of yes, no"),
        (rated("r", "maybe"), "line 2: the field 'label' must be one of yes, no, not 'maybe'"),
        (rated("r", 1), "line 2: the field 'label'"),
        ({"prompt": "p", "label": "no"}, "line 2: the field 'response' is missing"),
        ({**rated("r", "no"), "extra": "x"}, "line 2: the prompt has no variable 'extra'; it has: prompt, response"),
        (rated(" ", "no"), "line 2: the field 'response' must be a text"),
        ({"prompt": 5, "response": "r", "label": "no"}, "line 2: the field 'prompt' must be a text"),
    ],
)
async def test_a_wrong_line_is_named(tmp_path, line, said):
    with pytest.raises(ConfigError, match=said) as fault:
        await yes_no(written(tmp_path, rated("fine", "no"), line), Judge())
    assert "labels.jsonl" in str(fault.value)
    assert "\n" not in str(fault.value)


async def test_a_wrong_label_of_a_comparison_is_named(tmp_path):
    with pytest.raises(ConfigError, match="one of a, b, tie, not True"):
        await comparison(written(tmp_path, {"a": "x", "b": "y", "label": True}), Judge())


async def test_files_that_cannot_be_used_at_all(tmp_path):
    with pytest.raises(ConfigError, match="holds no labelled line"):
        await yes_no(written(tmp_path, "", " "), Judge())
    with pytest.raises(ConfigError, match=r"none\.jsonl: cannot be read: No such file"):
        await yes_no(tmp_path / "none.jsonl", Judge())
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "\xe9"}')
    with pytest.raises(ConfigError, match="not UTF-8 at byte 12"):
        await yes_no(tmp_path / "latin.jsonl", Judge())
    with pytest.raises(ConfigError, match="no prompt rainbow/none"):
        await calibrate(tmp_path, Judge(), prompt="rainbow/none", kind="yes-no", rng=Random(1))
