"""`wunder groove`: what is refused before anything is begun, and how presets become settings."""

from __future__ import annotations

import pytest

from wunderkammer.apps.cli.groove import how


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "there.safetensors"], "is there already"),
        (["train", "no/out.safetensors"], "no such folder"),
        (["train", "out.pt"], "ends in .safetensors"),
        (["train", "out.safetensors", "-o", "score=luck"], "score"),
        (["train", "out.safetensors", "-o", "windows"], "write NAME=VALUE"),
        (["examine", "nowhere.safetensors"], "no such file"),
        (["examine", "there.safetensors", "--worlds", "none.txt"], "no such file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wunder, tmp_path, monkeypatch, arguments, words) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.safetensors").write_text("words")
    ended = wunder("groove", *arguments)
    assert ended.code == 2
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_preset_says_how_an_optimiser_is_trained() -> None:
    made = how("cpu", 7, ["score=uniform", "windows=9"])
    assert (made.width, made.windows, made.score, made.seed) == (16, 9, "uniform", 7)
    assert how("gpu", 0, []).lives == 512
