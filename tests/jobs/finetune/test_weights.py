"""Base weights from folders and GGUF files, and what is refused."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from wunderkammer.jobs.desk import Unable

needs_trainer = pytest.mark.skipif(find_spec("trl") is None, reason="needs the finetune extra")
Office = Any


@needs_trainer
@pytest.mark.filterwarnings("default")
def test_a_folder_is_linked_and_described(office: Office, byte_model: Path) -> None:
    (byte_model / "README.md").write_text("---\nlicense: mit\n---\n", "utf-8")
    (byte_model / "pytorch_model.bin").write_bytes(b"pickle")
    found = office.run("weights", "base", {"base": str(byte_model), "mark": ""})
    model = office.out("base") / "model"

    assert found["architecture"] == "LlamaForCausalLM"
    assert found["license"] == "mit"
    assert found["chat_template"]
    assert found["parameters"] == 2 * 259 * 64 + 64 + 2 * (2 * 64 + 2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64)
    assert (model / "model.safetensors").samefile(byte_model / "model.safetensors")
    assert not (model / "pytorch_model.bin").exists()


@needs_trainer
@pytest.mark.filterwarnings("default")
def test_other_weights_have_another_hash(office: Office, byte_model: Path, other_byte_model: Path) -> None:
    first = office.run("weights", "first", {"base": str(byte_model), "mark": ""})
    other = office.run("weights", "second", {"base": str(other_byte_model), "mark": ""})

    assert first["hash"] != other["hash"]


def refused(office: Office, base: Path | str) -> str:
    with pytest.raises(Unable) as fault:
        office.run("weights", "base", {"base": str(base), "mark": ""})
    assert "\n" not in str(fault.value)
    return str(fault.value)


def test_what_is_no_model_is_refused(office: Office, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}", "utf-8")
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "config.json").write_text(json.dumps({"model_type": "llama"}), "utf-8")
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"")

    assert "no config.json" in refused(office, tmp_path / "empty")
    assert "holds an adapter" in refused(office, tmp_path / "adapter")
    assert "no *.safetensors" in refused(office, tmp_path / "pickled")


@needs_trainer
@pytest.mark.filterwarnings("default")
def test_files_and_names_that_lead_nowhere_are_refused(office: Office, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    (tmp_path / "half.gguf").write_bytes(b"GGUX" + bytes(60))

    assert "neither a transformers folder nor a .gguf file" in refused(office, tmp_path / "notes.txt")
    assert "no GGUF file that can be read" in refused(office, tmp_path / "half.gguf")
    assert "no such folder or file" in refused(office, "not-a-name")


@needs_trainer
def test_an_unknown_way_of_cutting_text_is_refused() -> None:
    from wunderkammer.jobs.finetune.weights import pre_tokenizer

    with pytest.raises(Unable, match="'viking' is not known"):
        pre_tokenizer("viking")
