"""A language model of this machine as an observer: what it says of a text, in this process and beside it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from stage.bytewise import make_byte_model
from wunderkammer.apps.observing import language
from wunderkammer.core.errors import BadReply, ConfigError, ServerDown
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.memory.openendedness.reader import Reader
from wunderkammer.memory.openendedness.reading import reading
from wunderkammer.memory.openendedness.series import Series

OURS = Path(sys.executable)
torch_here = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("transformers") is None, reason="needs the finetune extra"
)
quietly = pytest.mark.filterwarnings("default")  # torch's own


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with one token per byte, which reads 512 of them."""
    return make_byte_model(tmp_path_factory.mktemp("bytes") / "byte-model", seed=3)


def program(folder: Path, script: str) -> Path:
    """Something that is started as if it were a Python."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def by_hand(model: Path, before: str, text: str) -> float:
    """Mean nats of the text's bytes, all computed at once."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, causal = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    ids = torch.tensor([tokenizer(before + text)["input_ids"]])
    with torch.no_grad():
        logs = causal(ids).logits[0].float().log_softmax(1)
    start = len(before.encode())
    return -float(logs[start - 1 : -1].gather(1, ids[0, start:, None]).mean())


@torch_here
@quietly
@pytest.mark.parametrize(("before", "text"), [("one\n\ntwo\n\n", "three"), ("x", "y"), ("a" * 300, "ü b")])
def test_it_is_the_mean_over_the_texts_own_tokens(model: Path, before: str, text: str) -> None:
    with reading(model, OURS) as score:
        assert score(before, text) == pytest.approx(by_hand(model, before, text), rel=1e-4)


@torch_here
@quietly
def test_a_history_is_read_once_and_stays_as_it_was(model: Path) -> None:
    before = "the history of all things\n\n" * 3
    reader = Reader(str(model))
    ran: list[int] = []
    plain = reader._ran
    reader._ran = lambda ids, cache, last: ran.append(len(ids)) or plain(ids, cache, last)
    told = [reader(before, text) for text in ("first", "second", "first")]
    assert told[0] == told[2]
    assert told[1] == pytest.approx(Reader(str(model))(before, "second"), rel=1e-5)
    assert ran[0] == len(before) - 4
    assert max(ran[1:]) <= 4 + len("second")


@torch_here
@quietly
def test_the_first_token_of_all_counts_too(model: Path) -> None:
    reader = Reader(str(model))
    assert reader("", "a") != reader("", "b")
    with pytest.raises(ValueError, match="without a token"):
        reader("before", "")


@torch_here
@quietly
def test_what_does_not_fit_the_window_loses_its_beginning(model: Path) -> None:
    reader, text = Reader(str(model)), "an artifact of some length"
    long = "".join(chr(97 + i % 23) for i in range(2_000))
    kept = long[-(512 - len(text)) :]
    assert reader(long, text) == pytest.approx(by_hand(model, kept, text), rel=1e-4)
    assert reader(long, "y" * 600) > 0


@torch_here
@quietly
def test_beside_it_says_what_it_says_here(model: Path, tmp_path: Path) -> None:
    python = program(tmp_path, f'exec "{sys.executable}" "$@"')
    with reading(model, OURS) as here, reading(model, python) as beside:
        for before, text in (("", "ä"), ("a history\n\n", "and what\nfollows")):
            assert beside(before, text) == pytest.approx(here(before, text), rel=1e-5)
        with pytest.raises(BadReply, match="without a token"):
            beside("x", "")
        assert beside("still", "there") > 0


@torch_here
@quietly
def test_it_is_an_observer_named_by_its_weights(model: Path, tmp_path: Path) -> None:
    settings = Settings(jobs=JobSettings(environments={"finetune": OURS}))
    other = make_byte_model(tmp_path / "byte-model", seed=4)
    with language(settings, str(model)) as one, language(settings, str(other)) as two:
        assert one.name.startswith("language-8-byte-model-")
        assert one.name != two.name
        assert one.losses(Series(["a b", "c d", "e f"]), 2, [2]).shape == (1,)


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither a server's address .* nor a folder"), language(Settings(), "gpt"):
        pass
    with pytest.raises(ConfigError, match=r"no transformers folder: it has no config\.json"), reading(tmp_path, OURS):
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Looks like a model from outside."""
    found = tmp_path / "model"
    found.mkdir()
    (found / "config.json").write_text("{}")
    return found


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "model cannot be loaded: it said nothing"),
        ("echo traceback >&2; echo the last line >&2", "cannot be loaded: the last line"),
        ('echo \'{"fault": "No module named torch"}\'', "cannot be loaded: No module named torch"),
    ],
)
def test_a_process_that_cannot_load_it_says_why(folder: Path, tmp_path: Path, script: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said), reading(folder, program(tmp_path, script)):
        pass


def test_a_process_that_dies_is_noticed(folder: Path, tmp_path: Path) -> None:
    script = "echo '{\"ready\": true}'; read line; echo '{\"nats\": 1.5}'; read line; echo out of memory >&2; exit 9"
    with reading(folder, program(tmp_path, script)) as score:
        assert score("a", "b") == 1.5
        for _ in range(2):
            with pytest.raises(ServerDown, match="process ended: out of memory"):
                score("a", "b")


def test_an_interpreter_that_is_not_there_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be started: No such file"), reading(folder, tmp_path / "none"):
        pass
