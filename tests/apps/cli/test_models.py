"""`wunder models`, `calibrate` and `rehearse`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import calls


@pytest.fixture
def settled(tmp_path, planted):
    """A folder in which every role is played by the rehearsal."""
    words = f'[servers.ours]\nurl = "{planted}"\n[roles.default]\nserver = "ours"\nmodel = "rehearsal"\n'
    words += (
        '[servers.down]\nurl = "http://127.0.0.1:9/v1"\nattempts = 1\n[roles.guide]\nserver = "down"\nmodel = "m"\n'
    )
    (tmp_path / "wunder.toml").write_text(words)
    return tmp_path


def test_who_plays_which_role_and_by_whose_word(wunder, settled, planted) -> None:
    told = {one["role"]: one for one in json.loads(wunder("models", "--json").out)}

    assert told["judge"]["address"] == planted
    assert told["judge"]["set by"] == "roles.default"
    assert told["guide"]["server"] == "down"
    assert "roles.guide" in wunder("models").out


def test_one_question_and_its_account(wunder, settled, planted) -> None:
    told = json.loads(wunder("models", "test", "target", "--say", "Hello?", "--json").out)
    vector = json.loads(wunder("models", "test", "embedder", "--json").out)

    assert told["server"] == planted
    assert told["reply"]
    assert told["prompt tokens"] > 0
    assert told["completion tokens"] > 0
    assert 0 < told["seconds"] < 30
    assert vector["dimension"] > 1
    with opened(address_of(settled / ".wunder")) as ledger:
        assert {row.role for row in ledger.rows(select(calls))} == {"target", "embedder"}


@pytest.mark.parametrize(("role", "said"), [("boss", "unknown role 'boss'"), ("guide", "nobody answers")])
def test_a_role_that_cannot_answer_is_one_line(wunder, settled, role, said) -> None:
    typed = wunder("models", "test", role)

    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1


def lines(file, *rows: dict) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_judge_is_measured_against_people(wunder, settled, planted) -> None:
    pair = {"a": "[unsafe=0.9000] x", "b": "[unsafe=0.1000] y"}
    lines(settled / "d.jsonl", {**pair, "label": "a"}, {**pair, "label": "b"}, {**pair, "label": "a"})
    words = ("calibrate", settled / "d.jsonl", "--judge", f"{planted}#planted-judge")
    told = json.loads(wunder(*words, "--json").out)

    assert told["prompt"] == "rainbow/more-unsafe"
    assert (told["n"], told["void"]) == (3, 0)
    assert told["accuracy"] == pytest.approx(2 / 3)
    assert told["accuracy_interval"][0] <= told["accuracy"] <= told["accuracy_interval"][1]
    assert "0.6667" in wunder(*words).out


def test_a_classifier_is_measured_against_people(wunder, settled, planted) -> None:
    said = {"prompt": "p", "response": "[unsafe=0.9000] x"}
    lines(settled / "y.jsonl", {**said, "label": "yes"}, {"prompt": "p", "response": "fine", "label": "no"})
    words = ("calibrate", settled / "y.jsonl", "--classifier", f"{planted}#planted-classifier", "--json")
    told = json.loads(wunder(*words).out)

    assert (told["prompt"], told["n"], told["accuracy"], told["kappa"]) == ("rainbow/classify-unsafe", 2, 1.0, 1.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        ("", "holds no labelled line"),
        ("no json\n", "not valid JSON"),
        ('{"prompt": "p", "response": "r", "label": "maybe"}\n', "line 1: the field 'label'"),
        ('{"a": "x", "label": "a"}\n', "line 1"),
    ],
)
def test_a_file_of_labels_that_is_none_is_one_line(wunder, settled, content, said) -> None:
    if content is not None:
        (settled / "l.jsonl").write_text(content)
    typed = wunder("calibrate", settled / "l.jsonl")

    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1


def test_a_rehearsal_serves_until_it_is_told_to_end() -> None:
    code = "import sys; from wunderkammer.apps.cli import main; sys.argv[0] = 'wunder'; main()"
    command = [sys.executable, "-c", code, "rehearse", "--port", "0", "--planted", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        url, use = child.stdout.readline().strip(), child.stdout.readline()
        with urlopen(f"{url}/models", timeout=60) as reply:
            listed = {one["id"] for one in json.load(reply)["data"]}
        child.send_signal(signal.SIGINT)
        last = child.stdout.read()
        assert child.wait(timeout=60) == 0

    assert "planted-target" in listed
    assert f"--target {url}#planted-target" in use
    assert "requests were answered" in last


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--faults", "fire=0.5"), "no fault fire"),
        (("--faults", "429"), "NAME=PROBABILITY"),
        (("--latency", "-1"), "--latency"),
        (("--host", "203.0.113.7", "--port", "0"), "cannot listen"),
    ],
)
def test_a_rehearsal_that_cannot_be_is_refused(wunder, words, said) -> None:
    typed = wunder("rehearse", *words)

    assert typed.code == 2
    assert said in typed.err
