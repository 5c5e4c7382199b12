"""What is mistyped is told in one line with what was meant, before a run is begun."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rainbow-skils",), "unknown domain 'rainbow-skils': did you mean rainbow-skills"),
        (("maze",), "did you mean maze-levels?"),
        (("quite-else",), "installed are: "),
        (("search-study",), "search-study is studied, not searched: wunder study search-study;"),
        (("rainbow-skills", "-o", "sample=1"), "rainbow-skills has no option 'sample', did you mean samples?"),
        (("rainbow-skills", "-o", "colour=1"), "no option 'colour'; `wunder domains show rainbow-skills` lists them"),
        (("rainbow-skills", "-o", "samples=many"), "options of rainbow-skills: samples: "),
        (("rainbow-skills", "-o", "samples"), "write NAME=VALUE"),
        (("rainbow-skills", "--preset", "smok"), "no preset 'smok': did you mean smoke?"),
        (("rainbow-skills", "--minutes", "0"), "--minutes 0: a limit is more than 0"),
        (("rainbow-skills", "--money", "-2"), "--money -2: a limit is more than 0"),
        (("rainbow-skills", "--ablate", "nofilter"), "unknown ablation 'nofilter': did you mean no-filter?"),
    ],
)
def test_a_slip_is_told_in_one_line_and_nothing_is_begun(wunder, tmp_path, words, told) -> None:
    typed = wunder("run", *words)

    assert typed.code == 2
    assert told in typed.err
    assert typed.err.count("\n") == 1
    assert typed.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--calls", "--tokens", "--steps", "--batch"])
def test_a_count_of_nothing_is_refused_by_the_option_that_says_it(wunder, tmp_path, option) -> None:
    typed = wunder("run", "rainbow-skills", option, 0)

    assert typed.code == 2
    assert option in typed.err
    said = typed.err.partition(option)[2]
    assert "more than 0" in said or "equal to 1" in said
    assert list(tmp_path.iterdir()) == []


def test_a_study_and_an_import_know_the_same_names(wunder) -> None:
    assert "did you mean paired-study?" in wunder("study", "paired-stdy").err
    assert "did you mean rainbow-safety" in wunder("archive", "import", "x", "--domain", "rainbow-safty").err


def test_a_message_to_a_run_is_told_what_it_will_do(wunder, home) -> None:
    run = json.loads(wunder("runs", "--json", "--home", home).out)[0]["id"]
    over = wunder("steer", "focus slang", "--home", home)

    assert over.code == 2
    assert over.err == f"wunder: run {run} is finished and will not hear it; `wunder fork {run}` branches off\n"
