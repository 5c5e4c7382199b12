"""Speed of models: every folder is timed, quantised ones by their format, and what is no model is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from stage.office import Office
from wunderkammer.jobs.desk import Unable

pytestmark = pytest.mark.filterwarnings("default")

ASKED = {"rows": 2, "tokens": 16, "new": 4, "times": 2}


def test_a_model_is_timed_reading_and_writing(based: Office) -> None:
    said = based.run("speed", "s", ASKED | {"rounds": 2}, after=["base"])
    found = said["models"]["base"]

    assert said["engine"].startswith("torch ")
    assert found["format"] == "none"
    assert len(found["reads_per_s"]) == len(found["writes_per_s"]) == 4
    assert min(found["reads_per_s"]) <= found["reads_per_s_median"] <= max(found["reads_per_s"])


def test_a_quantised_model_goes_by_its_format(based: Office) -> None:
    pytest.importorskip("llmcompressor")
    rounding = {"quantiser": "round", "set": "prose", "bits": 4, "group": 32, "samples": 0, "tokens": 0}
    based.run("export", "small", rounding | {"precision": "bf16"}, after=["base"])
    found = based.run("speed", "s", ASKED, after=["base", "small"])["models"]

    assert found["small"]["format"] == "pack-quantized"
    assert found["small"]["mib"] < found["base"]["mib"]


def test_without_a_model_there_is_nothing_to_time(based: Office) -> None:
    with pytest.raises(Unable, match="needs jobs that left a model"):
        based.run("speed", "s", ASKED)


def test_an_engine_that_is_none_is_refused(based: Office) -> None:
    with pytest.raises(Unable, match="engine = tgi: torch or vllm"):
        based.run("speed", "s", ASKED | {"engine": "tgi"}, after=["base"])
