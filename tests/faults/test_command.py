"""`wunder run`, killed, and `wunder resume`: the commands themselves, as whole processes."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from stage.lives import ROLES
from stage.story import story
from wunderkammer.core.plan import SearchPlan
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import all_runs

WUNDER = "from wunderkammer.apps.cli import main; main()"
SHORT = "domain = 'rainbow-safety'\nsteps = {steps}\nbatch = {batch}\nlag = {lag}\nseed = {seed}\n"


@pytest.fixture
def wunder(tmp_path: Path, plan: SearchPlan):
    """Starts the command line in a folder with a `wunder.toml` and a preset."""
    fields = {name: getattr(plan, name) for name in ("steps", "batch", "lag", "seed")}
    (tmp_path / "short.toml").write_text(SHORT.format(**fields))

    async def started(url: str, *words: str) -> Process:
        roles = "\n".join(f'[roles.{role}]\nserver = "stage"\nmodel = "planted-{role}"' for role in ROLES)
        default = '[roles.default]\nserver = "stage"\nmodel = "planted-judge"'
        text = f'home = "h"\nembedder = "hashed"\n[servers.stage]\nurl = {json.dumps(url)}\n{default}\n{roles}\n'
        (tmp_path / "wunder.toml").write_text(text)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", WUNDER, *words, "--quiet", cwd=tmp_path, stdout=PIPE, stderr=PIPE
        )

    return started


async def test_a_killed_run_is_resumed_by_the_command_and_nobody_else_may_have_it(wunder, stage, plan, calm, tmp_path):
    async with stage(latency=0.05) as server:
        first = await wunder(server.url, "run", plan.domain, "--preset", "short.toml")
        while server.load.total < 150:
            assert first.returncode is None
            await asyncio.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        await first.communicate()

        limited = await wunder(server.url, "resume", "--calls", "200")
        said, faults = await limited.communicate()
        assert (limited.returncode, faults) == (0, b"")
        assert b"200 calls" in said

        holder = await wunder(server.url, "resume", "--calls", "100000")
        before = server.load.total
        while server.load.total < before + 20:
            assert holder.returncode is None
            await asyncio.sleep(0.02)
        holder.send_signal(signal.SIGSTOP)
        late = await wunder(server.url, "resume")
        said, faults = await late.communicate()
        holder.send_signal(signal.SIGCONT)
        assert late.returncode == 2
        assert b"being worked on by another process" in faults
        assert faults.count(b"\n") == 1
        said, faults = await holder.communicate()
        assert (holder.returncode, faults) == (0, b"")
    with opened(address_of(tmp_path / "h")) as ledger:
        (run,) = all_runs(ledger)
    assert calm.differences(story(tmp_path / "h", run.id)) == {}
