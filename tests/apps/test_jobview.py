"""What is said of jobs and GPUs: curves, and who holds which device."""

from __future__ import annotations

import json
from dataclasses import asdict

from wunderkammer.apps import jobview
from wunderkammer.core import locks
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.leases import Leases


def test_a_curve_is_what_was_told_last_thinned(tmp_path) -> None:
    folder = jobview.Folder(tmp_path)
    figures = [{"loss": 1.0 / (1 + i), "odd": float("nan")} for i in range(1000)]
    lines = [{"at": float(i), "step": i % 900, "figures": one} for i, one in enumerate(figures)]
    folder.progress.write_text("".join(json.dumps(one) + "\n" for one in lines) + '{"at": 1, "st')
    curves = jobview.curves(folder)

    assert len(curves["loss"]) == jobview.MOST_POINTS
    assert curves["loss"][0] == (0, 1.0 / 901)
    assert curves["loss"][-1] == (899, 1.0 / 900)
    assert set(curves) == {"loss"}


def test_gpus_are_listed_with_who_holds_them(tmp_path) -> None:
    settings = Settings(home=tmp_path, jobs=JobSettings(gpus=(0,)))
    listed = tmp_path / "gpus.json"
    listed.write_text(json.dumps([asdict(Device(f"GPU-{i}", i, "H200", 140.0, 100.0)) for i in range(2)]))
    before = jobview.lent(settings, listed)
    lease = Leases(tmp_path / "jobs" / "leases").grant("GPU-0", "ab" * 12)
    during = jobview.lent(settings, listed)

    assert lease is not None
    assert [(one.job, one.usable) for one in before] == [(None, True), (None, False)]
    assert [one.job for one in during] == ["ab" * 12, None]
    assert during[0].plain()["free_gib"] == 100.0
    assert locks.held(lease.file)
