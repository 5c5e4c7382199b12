"""Settings: file, environment, command line; every fault in one line; no secret in any of them."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import BudgetSettings, Settings, load, public

FILE = """
home = "cabinet"

[servers.ours]
url = "http://127.0.0.1:8000/v1/"
key_env = "OURS_KEY"

[roles.default]
server = "ours"
model = "small"

[roles.judge]
server = "ours"
model = "large"
temperature = 0.0
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "wunder.toml"
    path.write_text(FILE)
    return path


def test_the_nearest_file_upwards_is_read_and_home_is_beside_it(file, tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    settings = load(start=deep)
    assert settings.home == tmp_path / "cabinet"
    assert settings.server("ours").url == "http://127.0.0.1:8000/v1"


def test_without_a_file_everything_is_embedded(tmp_path):
    settings = load(start=tmp_path)
    assert settings.home == tmp_path / ".wunder"
    assert settings.server(settings.role("target").server).url == "embedded"


def test_a_role_falls_back_to_default(file):
    settings = load(file)
    assert settings.role("judge").model == "large"
    assert settings.role("target").model == "small"


def test_the_environment_wins_over_the_file(file, monkeypatch):
    monkeypatch.setenv("WUNDER_ROLES__DEFAULT__MODEL", "other")
    monkeypatch.setenv("WUNDER_EMBEDDER", "hashed")
    settings = load(file)
    assert settings.role("target").model == "other"
    assert settings.embedder == "hashed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("home = ", "not valid TOML"),
        ("colour = 1", "colour: there is no such setting"),
        ("[servers.x]\nurl = 'localhost:8000'", "no address: write http://host:port/v1"),
        ("[roles.jugde]\nmodel = 'x'", "unknown role 'jugde': did you mean judge?"),
        ("[roles.judge]\nserver = 'gone'", "names server 'gone', which is not among: embedded"),
        ("[roles.judge]\ntemperature = 9", "roles.judge.temperature"),
        ("[budget]\ncalls = 0", "budget.calls"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, text, said):
    path = tmp_path / "wunder.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as fault:
        load(path)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="wunder init"):
        load(tmp_path / "none.toml")


def test_addresses_on_the_command_line(file):
    settings = load(file)
    assert settings.with_role("target", "http://127.0.0.1:8000/v1#m").role("target").server == "ours"
    other = settings.with_role("target", "http://10.0.0.1/v1#m")
    assert (other.role("target").model, other.server(other.role("target").server).url) == ("m", "http://10.0.0.1/v1")
    assert settings.with_role("target", "ours#big").role("target").model == "big"
    assert settings.with_role("target", "embedded").role("target").model == "default"
    assert settings.with_role("judge", "ours#big").role("judge").temperature == 0.0
    with pytest.raises(ConfigError, match="with one of: embedded, ours"):
        settings.with_role("target", "theirs#m")
    everybody = settings.with_all_roles("embedded")
    assert {everybody.role(role).server for role in ("judge", "target", "guide")} == {"embedded"}


def test_a_key_comes_from_the_environment_and_its_absence_names_the_variable(file, monkeypatch):
    settings = load(file)
    monkeypatch.delenv("OURS_KEY", raising=False)
    with pytest.raises(ConfigError, match=r"\$OURS_KEY, which is not set"):
        settings.secret(settings.server("ours"))
    monkeypatch.setenv("OURS_KEY", "s3cret")
    key = settings.secret(settings.server("ours"))
    assert key is not None
    assert key.get_secret_value() == "s3cret"
    assert "s3cret" not in f"{key!r} {settings!r} {settings.model_dump()}"


def test_a_login_in_an_address_is_used_and_never_shown(tmp_path):
    settings = load(start=tmp_path).with_role("target", "http://me:s3cret@host/v1#m")
    seat = settings.role("target")
    assert "s3cret" in settings.server(seat.server).url
    assert "s3cret" not in seat.model_dump_json()
    with pytest.raises(ConfigError) as fault:
        settings.with_role("judge", "https:/me:s3cret@host")
    assert "no address" not in str(fault.value)
    assert public("http://me:s3cret@host/v1?key=s3cret") == "http://host/v1"


def test_a_run_is_cast_again_as_its_row_says(tmp_path):
    first = load(start=tmp_path).with_role("target", "http://host/v1#m")
    seats = {"target": first.role("target").model_dump(mode="json")}
    again = load(start=tmp_path).with_seats(seats)
    assert again.role("target") == first.role("target")
    assert again.server("http://host/v1").url == "http://host/v1"


def test_limits_of_a_plan_stand_over_those_of_the_installation():
    plan, house = BudgetSettings(calls=10), BudgetSettings(calls=99, money=2.0)
    assert plan.over(house) == BudgetSettings(calls=10, money=2.0)


def test_settings_are_values(tmp_path):
    settings = load(start=tmp_path)
    with pytest.raises(ValueError):
        settings.home = tmp_path
    assert isinstance(settings, Settings)
