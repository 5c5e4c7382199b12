"""`wunder init`: a file that loads, as it is and with every comment made true."""

from __future__ import annotations

import re
import tomllib

import pytest

from wunderkammer.core.settings import BudgetSettings, RoleSettings, ServerSettings, Settings, load


def test_what_is_written_loads_and_changes_nothing(wunder, tmp_path) -> None:
    typed = wunder("init")
    told = load(start=tmp_path)

    assert typed.code == 0
    assert "wunder doctor" in typed.out
    assert told.home == tmp_path / ".wunder"
    assert told.role("target") == RoleSettings()
    assert told.budget == BudgetSettings()


def test_every_setting_that_is_off_can_be_switched_on(wunder, tmp_path) -> None:
    wunder("init")
    text = (tmp_path / "wunder.toml").read_text()
    on = re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE)
    (tmp_path / "wunder.toml").write_text(on)
    told = load(start=tmp_path)

    assert told.role("judge").model == "qwen-72b"
    assert told.server("ours").key_env == "OURS_KEY"
    assert told.prices["qwen-72b"].output == 1.5
    assert None not in told.budget.model_dump().values()
    written = tomllib.loads(on)
    assert set(written) == set(Settings.model_fields)
    assert set(written["servers"]["ours"]) == set(ServerSettings.model_fields) - {"max_reply_bytes"}
    assert set(written["roles"]["default"]) == set(RoleSettings.model_fields) - {"cache"}


def test_a_model_can_be_named_at_once(wunder, tmp_path) -> None:
    wunder("init", "--model", "http://host:8000/v1#org/model-8b")
    told = load(start=tmp_path)

    assert told.server("ours").url == "http://host:8000/v1"
    assert (told.role("judge").server, told.role("judge").model) == ("ours", "org/model-8b")


def test_a_file_that_is_there_is_kept_unless_forced(wunder, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text("# mine\n")
    refused = wunder("init")

    assert refused.code == 2
    assert "--force" in refused.err
    assert (tmp_path / "wunder.toml").read_text() == "# mine\n"
    assert wunder("init", "--force").code == 0
    assert (tmp_path / "wunder.toml").read_text() != "# mine\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "host:8000"), "is no address"),
        (("--model", "http://user:pass@host/v1#m"), "key_env"),
        (("absent/folder",), "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_named_and_nothing_is(wunder, tmp_path, words, said) -> None:
    typed = wunder("init", *words)

    assert typed.code == 2
    assert said in typed.err
    assert not (tmp_path / "wunder.toml").exists()
