"""`wunder jobs`: run, list, show, tail, cancel and retry, as typed."""

from __future__ import annotations

import json

import pytest

from wunderkammer.apps.cli.jobs import see_through
from wunderkammer.core.settings import load
from wunderkammer.core.work import Job

RUN = ("jobs", "run", "stage.errands")


@pytest.fixture(autouse=True)
def ends(wunder):
    """What a test leaves running ends with it."""
    yield
    for one in json.loads(wunder("jobs", "--json").out or "[]"):
        wunder("jobs", "cancel", one["id"])


def listed(wunder) -> list[dict]:
    return json.loads(wunder("jobs", "--json").out)


def test_there_is_nothing_at_first(wunder):
    assert wunder("jobs").out == "no jobs yet\n"
    assert wunder("jobs", "show").err.startswith("wunder: no jobs in ")


def test_a_job_is_run_once_listed_and_shown(wunder, tmp_path):
    typed = wunder(*RUN, "-a", "rate=0.5", "-a", "name=1e", "-a", "deep=true", "--seed", 3, "--title", "a title")
    again = wunder(*RUN, "-a", "rate=0.5", "-a", "name=1e", "-a", "deep=true", "--seed", 3)
    (one,) = listed(wunder)

    assert (typed.code, again.code) == (0, 0)
    assert typed.out == again.out == f"{tmp_path}/.wunder/jobs/{one['id']}/out\n"
    assert "Ctrl-C leaves it running" in typed.err
    assert one["job"]["args"] == {"rate": 0.5, "name": "1e", "deep": True}
    assert (one["status"], one["job"]["seed"]) == ("done", 3)
    assert f"{one['id'][:8]}   a title   done     1 of 2, loss 0.5, note" in wunder("jobs").out
    shown = wunder("jobs", "show", one["id"][:5]).out
    assert "below/words.txt" in shown
    assert json.loads(wunder("jobs", "show", "--json").out)["result"]["seed"] == 3


def test_a_command_that_prints_json_can_have_its_job_say_nothing(wunder, tmp_path, capsys):
    seen = see_through(load(home=tmp_path / ".wunder"), Job(module="stage.errands"), detach=False, silent=True)

    assert seen.status == "done"
    assert capsys.readouterr().out == ""


def test_a_failure_is_one_line_and_exit_code_2(wunder):
    typed = wunder(*RUN, "-a", "what=fail", "-a", "fault=unable")
    (one,) = listed(wunder)

    assert typed.code == 2
    assert typed.err.splitlines()[-1] == f"wunder: job {one['id']} failed: the data set holds one class"
    assert "the data set holds one class" in wunder("jobs").out
    assert "the data set holds one class" in wunder("jobs", "tail").out
    assert wunder("jobs", "retry").code == 2


def test_a_job_goes_on_in_the_background_until_it_is_cancelled(wunder):
    typed = wunder(*RUN, "-a", "what=count", "-a", "rest=true", "--detach")
    (one,) = listed(wunder)

    assert typed.out == f"job {one['id']} is running\n"
    assert wunder("jobs", "cancel", one["id"][:8]).out == f"job {one['id']} is cancelled\n"
    assert [found["status"] for found in listed(wunder)] == ["cancelled"]


def test_ctrl_c_leaves_it_running_and_says_so(wunder, monkeypatch):
    from wunderkammer.jobs.local import LocalDispatcher

    async def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LocalDispatcher, "wait", interrupted)
        typed = wunder(*RUN, "-a", "what=count", "-a", "rest=true")
    short = typed.err.split()[1][:8]

    assert typed.code == 130
    assert typed.err.endswith(f"job {short} goes on; wunder jobs tail -f {short}; wunder jobs cancel {short}\n")


def test_what_a_job_prints_cannot_steer_the_terminal(wunder):
    assert wunder(*RUN, "-a", "what=shout").code == 0
    said = wunder("jobs", "tail", "-f").out

    assert "\x1b" not in said
    assert "loud words" in said


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("run", "no_such_module"), "no module no_such_module"),
        (("run", "not a name"), "module"),
        (("run", "stage.errands", "-a", "x"), "write --arg NAME=VALUE"),
        (("run", "stage.errands", "--limit", "soon"), "or a number with s, m, h or d"),
        (("run", "stage.errands", "--limit", "-3"), "limit_s"),
        (("run", "stage.errands", "--memory", "0"), "memory_gib"),
        (("run", "stage.errands", "--cores", "5000"), "could never start: it needs 5000 cores"),
        (("run", "stage.errands", "--environment", "none"), "no environment 'none'"),
        (("cancel", "zz"), "no jobs in"),
        (("show", "zz"), "no jobs in"),
    ],
)
def test_wrong_words_are_answered_in_one_line(wunder, words, fault):
    typed = wunder("jobs", *words)

    assert typed.code == 2
    assert fault in typed.err
    assert typed.err.count("\n") == 1


def test_gpus_are_listed_or_their_absence_explained(wunder):
    said = wunder("jobs", "gpus")

    assert said.code == 0
    assert said.out.strip()


def test_setup_knows_which_environments_there_are(wunder):
    typed = wunder("setup", "nonsense")

    assert typed.code == 2
    assert typed.err.startswith("wunder: no extra 'nonsense'; there are: ")


def test_what_was_done_is_taken_elsewhere_and_not_run_again(wunder, tmp_path):
    wunder(*RUN, "--title", "a title")
    wunder(*RUN, "--seed", 1, "--title", "another")
    there = ("--home", tmp_path / "there")

    assert wunder("jobs", "export", "p.tar.gz", "--like", "a title").out == "p.tar.gz: 1 job\n"
    assert wunder("jobs", "import", "p.tar.gz", *there).out == "p.tar.gz: 1 job\n"
    assert wunder("jobs", "import", "p.tar.gz", *there).out == "p.tar.gz: no jobs, 1 done or under way already\n"
    assert wunder("jobs", "show", *there, "--json").out.count('"where": "brought"') == 1
    again = wunder(*RUN, *there)
    assert (again.code, "Ctrl-C" in again.err) == (0, False)
    few = wunder("jobs", "export", "q.tar.gz", "--largest", 0)
    assert few.out == "q.tar.gz: no jobs, 2 left out that have more than 0 MiB (--largest)\n"
    assert "no job that is done begins with 'x'" in wunder("jobs", "export", "q.tar.gz", "--like", "x").err
    assert wunder("jobs", "import", "nothing").err == "wunder: nothing is not there\n"
    assert wunder("jobs", "export", "nowhere/q").code == 2
