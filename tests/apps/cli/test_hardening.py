"""`wunder harden`, `resume` and `report` of a hardening: one line for what cannot be, a page for what was done."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from stage.archives import plan_of, search_all, settings_at, wunder_toml
from stage.mending import Mended, landscape, stage_forge
from wunderkammer.apps.hardening.archives import split
from wunderkammer.apps.hardening.plan import PRESETS, make_harden_plan
from wunderkammer.core.errors import ConfigError
from wunderkammer.memory import runs
from wunderkammer.memory.hardenings import all_hardenings
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import Run
from wunderkammer.models.rehearsal import Script, rehearsal


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("cli")
    asyncio.run(search_all(home))
    return home


@pytest.fixture
def here(shelf: Path, tmp_path: Path) -> Path:
    """A home with three archives, and a `wunder.toml` whose server is down."""
    home = Path(shutil.copytree(shelf, tmp_path / "home"))
    (tmp_path / "wunder.toml").write_text(wunder_toml(home, "http://127.0.0.1:9/v1"))
    return home


@pytest.fixture
def trainer(monkeypatch) -> Iterator[None]:
    """What trains and serves is the stage's."""
    monkeypatch.setattr("wunderkammer.apps.hardening.craft.craft", stage_forge())


@pytest.fixture
def served(here: Path, tmp_path: Path) -> Iterator[str]:
    """The server is up, in a thread of its own: the command has a loop of its own."""
    loop = asyncio.new_event_loop()
    ready: Queue[str] = Queue()
    done = asyncio.Event()

    async def serve() -> None:
        async with rehearsal(Script(seed=3, player=Mended(landscape(), here)), keep=0) as server:
            ready.put(server.url)
            await done.wait()

    thread = Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    url = ready.get(timeout=60)
    (tmp_path / "wunder.toml").write_text(wunder_toml(here, url))
    yield url
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


SHORT = ("--preset", "smoke", "--quiet", "--set", "exam.benign=2")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name finished runs to learn from"),
        (("a0",), "one archive cannot be learnt from and held out at once: make a second one, `wunder run … --seed 2`"),
        (("a0", "--held-out", "a0"), "every archive is held out"),
        (("zz", "a0"), "no run 'zz'"),
        (("a0", "a1", "--preset", "huge"), "no preset 'huge'; there are: smoke, cpu, slice, gpu"),
        (("a0", "a1", "--preset", "none.toml"), "none.toml: no such preset"),
        (("a0", "a1", "--method", "magic"), "method"),
        (("a0", "a1", "--set", "lessons.moist=3"), "lessons.moist"),
        (("a0", "a1", "--target", "stage#other"), "leave --target and --model out"),
        (("--attack", "3", "--domain", "rainbow"), "unknown domain 'rainbow'"),
        (("--attack", "1", "--domain", "rainbow-skills"), "--attack 3 --domain"),
        (("paused", "a0"), "run paused is paused: `wunder resume paused` first"),
        (("other", "a0"), "more than one target"),
        (("skills", "a0"), "more than one domain"),
    ],
)
def test_what_cannot_be_is_named_in_one_line_before_anything_is_asked(wunder, here, words, said) -> None:
    settings = settings_at(here, "http://127.0.0.1:9/v1")
    roles = {role: settings.role(role).model_dump(mode="json") for role in ("target", "mutator")}
    elsewhere = {**roles, "target": {**roles["target"], "model": "another"}}
    search = plan_of().search
    with opened(address_of(here)) as ledger:
        for name, plan, seats, status in (
            ("paused", search, roles, "paused"),
            ("other", search, elsewhere, "finished"),
            ("skills", search.model_copy(update={"domain": "rainbow-skills"}), roles, "finished"),
        ):
            runs.begin(ledger, Run(name, plan.domain, plan, seats, None, 0, 0.5))
            runs.tell(ledger, name, runs.EVENT.validate_python({"kind": "ended", "status": status, "reason": ""}))
    typed = wunder("harden", *words)
    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1
    with opened(address_of(here)) as ledger:
        assert all_hardenings(ledger) == []


def test_a_target_that_nobody_can_load_an_adapter_into_is_named(wunder, here) -> None:
    typed = wunder("harden", "a0", "a1", *SHORT)
    assert typed.code == 2
    assert "which weights the target stage has is unknown here" in typed.err
    typed = wunder("harden", "a0", "a1", *SHORT, "--weights", "x/y")
    assert "nobody here can load an adapter into the target's server stage" in typed.err
    with opened(address_of(here)) as ledger:
        assert all_hardenings(ledger) == []


def test_it_hardens_rests_at_a_limit_is_resumed_and_reported(wunder, here, served, trainer, tmp_path) -> None:
    stopped = wunder("harden", "a0", "a1", "--held-out", "a2", *SHORT, "--calls", "40")
    assert stopped.code == 0, stopped.err
    assert "stopped: the budget of 40 calls" in stopped.out
    with opened(address_of(here)) as ledger:
        (hardening,) = all_hardenings(ledger)
    assert f"go on with: wunder resume {hardening.id}" in stopped.out

    resumed = wunder("resume", hardening.id[:5], "--calls", "100000", "--quiet")
    assert resumed.code == 0, resumed.err
    assert "finished: 1 round done" in resumed.out
    assert "round 1  training: adapter" in resumed.out
    assert wunder("resume", "--quiet").out.count("(done before)") == 8  # the latest is the hardening, not its search

    place = tmp_path / "there"
    page, data, plan = wunder("report", hardening.id, "--out", place).out.split()
    assert Path(page).read_text("utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(Path(data).read_text("utf-8"))["hardening"] == hardening.id
    assert wunder("report", f"{hardening.id}-1").code == 0  # its search is a run like others

    again = make_harden_plan(plan, {"search": hardening.plan["search"], "runs": ("a0",)})
    assert again.exam.benign == 2
    assert again.training == make_harden_plan("smoke", {"search": hardening.plan["search"]}).training


def test_archives_are_held_out_as_named_else_the_last_fifth() -> None:
    assert split(["a", "b"], []).held_out == ("b",)
    assert split([str(n) for n in range(15)], []).held_out == ("12", "13", "14")
    assert split(["a", "b", "a"], ["c"]) == split(["a", "b"], ["c"])
    assert not set(split(["a", "b"], ["b"]).learnt) & {"b"}
    with pytest.raises(ConfigError, match="attack 2"):
        split(["a", "a"], [])


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_plan(preset) -> None:
    search = plan_of().search.model_dump(mode="json")
    assert make_harden_plan(preset, {"search": search}).training.method == "sft"
