"""`wunder doctor`: what is there, what is missing, and the one line that says what to mend."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from wunderkammer.apps import doctor
from wunderkammer.apps.rollcall import call_roll
from wunderkammer.core.settings import load
from wunderkammer.models.abilities import FILE_NAME as ABILITIES


def settle(folder: Path, url: str, more: str = "", model: str = "rehearsal") -> None:
    server = f'[servers.ours]\nurl = "{url}"\n{more}\n'
    (folder / "wunder.toml").write_text(f'{server}[roles.default]\nserver = "ours"\nmodel = "{model}"\n')


def told(typed) -> dict:
    return json.loads(typed.out)


def test_everything_in_order_is_exit_code_0(wunder, tmp_path, planted) -> None:
    settle(tmp_path, planted)
    typed = wunder("doctor", "--json")
    found = told(typed)
    (seating,) = found["seatings"]

    assert typed.code == 0, typed.err
    assert found["ready"] is True
    assert found["faults"] == []
    assert {"mutator", "target", "judge", "classifier"} <= set(seating["roles"])
    assert (seating["reachable"], seating["listed"], seating["fault"]) == (True, True, "")
    assert seating["abilities"]["json_schema"] is True
    assert seating["abilities"]["logprobs"] == 20
    parts = {check["part"]: check for check in found["checks"]}
    assert parts["settings"]["said"] == str(tmp_path / "wunder.toml")
    assert "none yet" in parts["ledger"]["said"]
    assert not (tmp_path / ".wunder" / "ledger.db").exists()


def test_abilities_are_asked_for_once_and_remembered(wunder, tmp_path, planted) -> None:
    settle(tmp_path, planted)
    assert told(wunder("doctor", "--json", "--probe", "never"))["seatings"][0]["abilities"] == {}
    wunder("doctor")
    kept = (tmp_path / ".wunder" / ABILITIES).read_text()
    (tmp_path / ".wunder" / ABILITIES).write_text(kept.replace('"tools": true', '"tools": false'))

    assert told(wunder("doctor", "--json"))["seatings"][0]["abilities"]["tools"] is False
    assert told(wunder("doctor", "--json", "--probe", "always"))["seatings"][0]["abilities"]["tools"] is True


def test_the_table_names_what_a_person_looks_for(wunder, tmp_path, planted) -> None:
    settle(tmp_path, planted)
    out = wunder("doctor").out

    assert "python" in out
    assert "json_schema" in out
    assert "a run can start" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("more", "model", "url", "said"),
    [
        ('key_env = "WUNDER_TEST_NO_SUCH_KEY"', "rehearsal", None, "$WUNDER_TEST_NO_SUCH_KEY, which is not set"),
        ("", "rehearsal", "http://127.0.0.1:9/v1", "nobody answers"),
        ("", "default", "http://127.0.0.1:9/v1", "nobody answers"),
    ],
)
def test_a_server_that_cannot_play_is_exit_code_2_and_one_line(
    wunder, tmp_path, planted, more, model, url, said
) -> None:
    settle(tmp_path, url or planted, more, model)
    typed = wunder("doctor")

    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1
    assert "a run cannot start" in typed.out


def test_a_key_is_used_and_never_shown(wunder, tmp_path, monkeypatch) -> None:
    import asyncio

    from wunderkammer.models.rehearsal import Script, rehearsal

    monkeypatch.setenv("OUR_KEY", "sk-very-secret")

    async def roll(key: str):
        async with rehearsal(Script(key=key)) as server:
            settle(tmp_path, server.url, 'key_env = "OUR_KEY"')
            return await call_roll(load(start=tmp_path))

    (good,) = asyncio.run(roll("sk-very-secret"))
    (bad,) = asyncio.run(roll("another"))

    assert (good.fault, good.key_set, good.reachable) == ("", True, True)
    assert bad.reachable is True
    assert "OUR_KEY" in bad.fault
    assert "secret" not in good.model_dump_json() + bad.model_dump_json()
    written = [path for path in tmp_path.rglob("*") if path.is_file() and b"sk-very" in path.read_bytes()]
    assert written == []


async def test_a_model_that_is_not_listed_is_tried_all_the_same(tmp_path) -> None:
    from wunderkammer.models.rehearsal import Script, rehearsal

    for strict in (False, True):
        async with rehearsal(Script(strict=strict)) as server:
            settle(tmp_path, server.url, model="alias")
            (found,) = await call_roll(load(start=tmp_path))
        assert found.listed is False
        assert bool(found.fault) is strict


def test_roles_that_a_run_can_do_without_keep_nobody_from_starting(wunder, tmp_path, planted) -> None:
    settle(tmp_path, planted)
    with (tmp_path / "wunder.toml").open("a") as file:
        file.write('[servers.down]\nurl = "http://127.0.0.1:9/v1"\n[roles.guide]\nserver = "down"\nmodel = "m"\n')
    typed = wunder("doctor")

    assert typed.code == 0
    assert "guide: http://127.0.0.1:9/v1: nobody answers" in typed.out


def test_settings_that_cannot_be_read_do_not_hide_the_rest(wunder, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text("[roles.target]\nservr = 3\n")
    typed = wunder("doctor")

    assert typed.code == 2
    assert "roles.target.servr" in typed.err
    assert "python" in typed.out


def test_a_foreign_ledger_is_named(wunder, tmp_path, planted) -> None:
    settle(tmp_path, planted)
    (tmp_path / ".wunder").mkdir()
    with sqlite3.connect(tmp_path / ".wunder" / "ledger.db") as link:
        link.execute("create table customers (id int)")
    link.close()
    typed = wunder("doctor")

    assert typed.code == 2
    assert "something else" in typed.err


def test_an_unknown_way_to_probe_is_refused(wunder) -> None:
    assert "auto, always, never" in wunder("doctor", "--probe", "sometimes").err


# ---- this machine ----------------------------------------------------------------------------------------------------


def program(folder: Path, words: str, code: int = 0) -> tuple[str]:
    file = folder / "smi"
    file.write_text(f"#!/bin/sh\ncat <<'END'\n{words}\nEND\nexit {code}\n")
    file.chmod(0o755)
    return (str(file),)


@pytest.mark.parametrize(
    ("words", "code", "state", "said"),
    [
        ("NVIDIA H200, 140000, 143771", 0, "good", "NVIDIA H200 (140000 of 143771 MiB free)"),
        ("A, 1, 2\nB, [N/A], [N/A]", 0, "good", "A (1 of 2 MiB free); B ([N/A] of [N/A] MiB free)"),
        ("NVIDIA-SMI has failed", 9, "note", "none found"),
    ],
)
def test_gpus_are_read_from_the_program(tmp_path, monkeypatch, words, code, state, said) -> None:
    monkeypatch.setattr(doctor, "_by_library", lambda: None)
    found = doctor.gpus(program(tmp_path, words, code))

    assert found.state == state
    assert said in found.said


def test_no_gpu_is_no_fault(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "_by_library", lambda: None)

    assert doctor.gpus((str(tmp_path / "absent"),)).state == "note"


def test_packages_are_those_of_the_metadata(monkeypatch) -> None:
    declared = ["pydantic>=2", 'no-such-thing>=1; extra == "dev"', 'wunderkammer[dev]; extra == "all"', "pytest>=9"]
    declared += ['no-such-server>=1; extra == "vllm"']
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: declared)
    monkeypatch.setattr(doctor.importlib.metadata, "version", lambda name: {"pydantic": "2", "wunderkammer": "0"}[name])

    def version(name: str) -> str:
        if name not in ("pydantic", "wunderkammer"):
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    core, extra, apart = doctor.packages()

    assert (core.state, core.said, core.mend) == ("bad", "missing: pytest", "pip install pytest")
    assert (extra.state, extra.part, extra.mend) == ("note", "packages [dev]", "pip install 'wunderkammer[dev]'")
    assert apart.mend == "wunder setup vllm"  # what it pins conflicts with the rest


def test_a_full_disk_keeps_a_run_from_starting(tmp_path, monkeypatch) -> None:
    class Room:
        free = 5 * 2**20

    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: Room)
    found = doctor.disk(tmp_path / "not" / "yet" / "there")

    assert found.state == "bad"
    assert "make room" in found.mend
