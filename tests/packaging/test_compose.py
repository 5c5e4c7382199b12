"""The services of `compose.yaml` are closed to the network, healthy before they are used, and hold no secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from wunderkammer.core import adapters, settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
THEIRS = SERVICES.keys() - OURS
each = pytest.mark.parametrize("name", sorted(SERVICES))
each_of_ours = pytest.mark.parametrize("name", sorted(OURS))
each_of_theirs = pytest.mark.parametrize("name", sorted(THEIRS))


def test_the_house_has_an_application_on_gpu_and_cpu_a_trainer_the_pages_and_three_services() -> None:
    assert {"app", "app-cpu", "trainer", "web"} == OURS
    assert {"vllm", "chroma", "postgres"} == THEIRS


@each
def test_ports_are_bound_to_the_loopback_address(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert "network_mode" not in SERVICES[name]


@each
def test_every_service_has_a_health_check_with_limits(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@each
def test_a_service_waits_until_what_it_needs_is_healthy(name: str) -> None:
    waits = SERVICES[name].get("depends_on", {})

    assert all(other in SERVICES and how == {"condition": "service_healthy"} for other, how in waits.items())
    assert name in THEIRS or {"postgres", "chroma"} <= waits.keys()


@each
def test_images_have_an_exact_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+(\.\d+)?(-\w+)?$", SERVICES[name]["image"])


@each
def test_data_lives_in_named_volumes(name: str) -> None:
    sources = {volume.split(":")[0] for volume in SERVICES[name]["volumes"]}

    assert sources
    assert sources <= FILE["volumes"].keys()


@each_of_theirs
def test_services_start_again_by_themselves(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_of_ours
def test_our_containers_may_do_little(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert not service["user"].startswith("0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == ("unless-stopped" if name == "web" else "no")  # a search would begin anew
    assert service["stop_grace_period"] == "5m"


@each
def test_secrets_come_from_outside(name: str) -> None:
    secret = re.compile(r"password|token|secret|api_?key", re.IGNORECASE)
    values = {key: str(value) for key, value in SERVICES[name].get("environment", {}).items() if secret.search(key)}

    assert all(re.fullmatch(r"\$\{\w+:(\?.+|-)\}", value) for value in values.values()), values
    assert "://" not in TEXT.replace("http://", "").replace("postgresql+psycopg://wunder@", "")


def test_a_missing_password_is_said_before_anything_starts() -> None:
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_pages_listen_beyond_loopback_only_with_a_token() -> None:
    web = SERVICES["web"]

    assert web["environment"]["WUNDER_WEB__TOKEN"].startswith("${WUNDER_WEB_TOKEN:?")
    assert web["command"] == ["web", "--host", "0.0.0.0"]


def test_vllm_takes_adapters_and_sleeps_on_a_reserved_gpu() -> None:
    vllm = SERVICES["vllm"]
    (device,) = vllm["deploy"]["resources"]["reservations"]["devices"]

    assert {"--enable-lora", "--enable-sleep-mode"} <= set(vllm["command"])
    assert vllm["environment"]["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"
    assert vllm["environment"]["VLLM_SERVER_DEV_MODE"] == "1"
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}


def mounts(name: str) -> dict[str, str]:
    """Volume to path, of one service."""
    return {volume.split(":")[0]: volume.split(":")[1] for volume in SERVICES[name]["volumes"]}


def test_adapters_are_at_one_path_for_who_writes_and_who_loads_them() -> None:
    told = settings.Settings(home=Path("/var/lib/wunder"))

    assert {mounts(name)["adapters"] for name in (*OURS, "vllm")} == {str(adapters.folder_of(told.home))}
    assert "adapters:/var/lib/wunder/adapters:ro" in SERVICES["vllm"]["volumes"]
    assert "/var/lib/wunder/adapters" in DOCKERFILE  # else the volume belongs to root, and nothing can be registered


def test_the_trainer_has_the_gpu_the_weights_and_an_environment_of_its_own() -> None:
    trainer = SERVICES["trainer"]
    (stage,) = re.findall(r"^FROM app AS trainer\n(.*)", DOCKERFILE, re.MULTILINE | re.DOTALL)

    assert trainer["build"]["target"] == "trainer"
    assert trainer["deploy"] == SERVICES["vllm"]["deploy"]
    assert mounts("trainer")["models"] == mounts("vllm")["models"] == trainer["environment"]["HF_HOME"]
    assert trainer["command"][trainer["command"].index("--weights") + 1] == SERVICES["vllm"]["command"][0]
    assert "WUNDER_JOBS__ENVIRONMENTS__FINETUNE=/opt/trainer/bin/python" in stage
    assert SERVICES["app"]["build"]["target"] == "app"


@pytest.mark.parametrize("name", ["app", "trainer"])
def test_vllm_is_ours_to_control_and_searches_wait_while_it_sleeps(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for key, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(key, value)

    told = settings.load(start=tmp_path).server("vllm").vllm

    assert told is not None
    assert (told.model, told.sleep) == (None, 1)
    assert f"--max-lora-rank={told.max_lora_rank}" in SERVICES["vllm"]["command"]


def test_the_cpu_profile_needs_no_gpu() -> None:
    chosen = {name for name, service in SERVICES.items() if "cpu" in service.get("profiles", ["cpu"])}

    assert chosen == {"app-cpu", "chroma", "postgres", "web"}
    assert all("deploy" not in SERVICES[name] for name in chosen)


@pytest.mark.parametrize(("name", "server"), [("app", "vllm"), ("trainer", "vllm"), ("app-cpu", settings.EMBEDDED)])
def test_our_settings_understand_what_compose_tells_them(
    name: str, server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for key, value in SERVICES[name]["environment"].items():
        monkeypatch.setenv(key, value)

    told = settings.load(start=tmp_path)

    assert told.role("target").server == server
    assert told.home == Path("/var/lib/wunder")
    assert told.chroma_url == "http://chroma:8000"
    assert told.database is not None
    assert told.database.get_secret_value().startswith("postgresql+psycopg://wunder@postgres")
    assert told.server(server).url == {"vllm": "http://vllm:8000/v1"}.get(server, settings.EMBEDDED)


def test_the_chroma_server_is_of_the_version_of_the_client() -> None:
    locked = re.search(r"^chromadb==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)

    assert locked is not None
    assert SERVICES["chroma"]["image"].endswith(f":{locked.group(1)}")


def test_the_image_is_built_from_every_room() -> None:
    rooms = {link.name for link in (ROOT / "src" / "wunderkammer").iterdir() if link.is_symlink()}
    sent = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()

    assert {f"!{room}" for room in rooms} <= set(sent)


def test_the_example_names_every_variable() -> None:
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    shown = re.findall(r"^(\w+)=", (ROOT / "deploy" / "example.env").read_text("utf-8"), re.MULTILINE)

    assert used == set(shown)
