"""Changes to wunder.toml: what was meant, and nothing else."""

from __future__ import annotations

import stat
import tomllib

import pytest
from pydantic import ValidationError

from wunderkammer.apps.settings_file import NewServer, add_server, cast_role
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import load

TEXT = """# mine
home = ".wunder"  # here

[servers.ours]
url = "http://127.0.0.1:8000/v1"  # the big one

[roles.judge]  # strict
temperature = 0.0
server = "ours"   # the same
# model = "old"
model = "m"

[budget]
calls = 7
"""
SECOND = NewServer(name="second", url="https://models.example/v1", key_env="SECOND_KEY", concurrency=3)


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "wunder.toml"
    found.write_text(TEXT)
    found.chmod(0o600)
    return found


def test_a_server_is_added_and_every_line_is_kept(file) -> None:
    add_server(file, SECOND)

    assert file.read_text().startswith(TEXT)
    assert load(file).servers["second"].key_env == "SECOND_KEY"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir() if one.name.endswith(".toml")] == ["wunder.toml"]


def test_a_role_is_cast_in_its_table_or_in_a_new_one(file) -> None:
    add_server(file, SECOND)
    cast_role(file, "judge", "second", 'a "quoted" one')
    cast_role(file, "guide", "embedded", "default")
    settings = load(file)

    assert (settings.role("judge").server, settings.role("judge").model) == ("second", 'a "quoted" one')
    assert settings.role("judge").temperature == 0.0
    assert settings.role("guide").server == "embedded"
    assert {"# mine", '# model = "old"', "[roles.judge]  # strict", "calls = 7"} <= set(file.read_text().splitlines())


def test_a_role_without_a_model_gets_one(file) -> None:
    file.write_text(TEXT.replace('model = "m"\n', ""))
    cast_role(file, "judge", "ours", "n")

    assert load(file).role("judge").model == "n"


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace('[servers.ours]\nurl = "http://127.0.0.1:8000/v1"', 'servers = {ours = {url = "http://x/v1"}}'),
        'note = """\n[roles.judge]\n"""\n',
        "[servers",
    ],
)
def test_a_file_that_is_not_understood_is_left_alone(tmp_path, text) -> None:
    file = tmp_path / "wunder.toml"
    file.write_text(text)

    with pytest.raises(ConfigError):
        add_server(file, SECOND)
    assert file.read_text() == text


def test_roles_inline_are_left_to_the_user(file) -> None:
    text = 'roles = {judge = {server = "embedded"}}\n'
    file.write_text(text)

    with pytest.raises(ConfigError, match="edit it by hand"):
        cast_role(file, "judge", "embedded", "m")
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (NewServer(name="ours", url="http://127.0.0.1:1/v1"), "already"),
        (NewServer(name="embedded", url="http://127.0.0.1:1/v1"), "choose another name"),
        (NewServer(name="x", url="http://me:secret@127.0.0.1/v1"), "a login in it"),
    ],
)
def test_what_cannot_be_added_is_said_and_no_secret_with_it(file, server, said) -> None:
    with pytest.raises(ConfigError, match=said) as fault:
        add_server(file, server)
    assert "secret" not in str(fault.value)
    assert file.read_text() == TEXT


@pytest.mark.parametrize(
    "fields",
    [
        {"key_env": "sk-live-1234567890abcdef"},
        {"name": "a]\n[b"},
        {"name": "../x"},
        {"url": "javascript:alert(1)"},
        {"url": 'http://x"\n[roles.judge]'},
        {"url": "file:///etc/passwd"},
        {"key": "sk-1"},
    ],
)
def test_fields_that_are_none_are_refused(fields) -> None:
    with pytest.raises(ValidationError):
        NewServer(**{"name": "x", "url": "http://127.0.0.1/v1", **fields})


@pytest.mark.parametrize(("role", "server"), [("boss", "ours"), ("judge", "nobody"), ("judge]\n[x", "ours")])
def test_a_role_that_cannot_be_cast_is_one_line(file, role, server) -> None:
    with pytest.raises(ConfigError) as fault:
        cast_role(file, role, server, "m")
    assert "\n" not in str(fault.value).replace("\\n", "")
    assert tomllib.loads(file.read_text()) == tomllib.loads(TEXT)


def test_a_file_that_is_not_there_is_not_made(tmp_path) -> None:
    with pytest.raises(ConfigError, match="wunder init"):
        add_server(tmp_path / "wunder.toml", SECOND)
    assert not (tmp_path / "wunder.toml").exists()
