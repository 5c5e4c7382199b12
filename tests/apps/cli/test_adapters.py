"""`wunder adapters`: what a user sees of the registry, and what he may do to it."""

from __future__ import annotations

import json
from pathlib import Path

from stage.lora import write_peft

HASH = "ab" * 12


def test_adapters_are_added_listed_shown_and_removed(wunder, tmp_path: Path) -> None:
    assert "no adapters yet" in wunder("adapters").out
    folders = [write_peft(tmp_path / str(seed), seed, gguf=True) for seed in (1, 2)]
    for folder in folders:
        assert wunder("adapters", "add", "polite", folder, "--base", HASH).code == 0
    (now,) = json.loads(wunder("adapters", "--json").out)
    before, same = json.loads(wunder("adapters", "--all", "--json").out)
    assert same == now
    assert (now["name"], now["base"], now["rank"], now["current"]) == ("polite", HASH, 4, True)
    assert (before["name"], before["current"]) == ("polite", False)
    shown = wunder("adapters", "--all").out
    assert now["adapter"] in shown
    assert f"{before['adapter']} (before)" in shown
    assert before["hash"] in wunder("adapters", "show", before["adapter"]).out
    assert json.loads(wunder("adapters", "show", "polite", "--json").out) == now
    assert wunder("adapters", "remove", "polite").out == "polite removed: 2 versions\n"
    assert json.loads(wunder("adapters", "--json").out) == []


def test_a_base_is_its_weights(wunder, tmp_path: Path) -> None:
    folder = write_peft(tmp_path / "a")
    (tmp_path / "model").mkdir()
    refused = wunder("adapters", "add", "polite", folder, "--base", tmp_path / "model")
    assert (refused.code, "has no *.safetensors" in refused.err) == (2, True)
    (tmp_path / "model" / "model.safetensors").write_bytes(b"weights")
    assert wunder("adapters", "add", "polite", folder, "--base", tmp_path / "model").code == 0
    unknown = wunder("adapters", "add", "other", folder, "--base", "owner/model")
    assert (unknown.code, "neither a folder here nor the hash" in unknown.err) == (2, True)


def test_a_target_that_is_no_adapter_is_named_before_anything_is_run(wunder, tmp_path: Path) -> None:
    wunder("adapters", "add", "polite", write_peft(tmp_path / "a"), "--base", HASH)
    tested = wunder("models", "test", "target", "--config", _config(tmp_path))
    assert tested.code == 2
    assert "no adapter 'rude'" in tested.err
    assert "there is: polite@" in tested.err


def _config(folder: Path) -> Path:
    file = folder / "wunder.toml"
    file.write_text('[roles.target]\nserver = "embedded"\nmodel = "rude"\n', "utf-8")
    return file
