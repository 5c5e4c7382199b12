"""The GPUs of a machine, by NVML."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from wunderkammer.jobs import devices


def test_without_a_driver_there_are_none(monkeypatch) -> None:
    class NVMLError(Exception):
        pass

    def refuse() -> None:
        raise NVMLError

    broken = SimpleNamespace(NVMLError=NVMLError, nvmlInit=refuse)
    monkeypatch.setattr(devices, "import_module", lambda name: broken)
    assert devices.devices() == ()


@pytest.mark.gpu
def test_a_gpu_is_seen_with_its_memory() -> None:
    if not Path("/dev/nvidiactl").exists():
        pytest.skip("no NVIDIA driver")
    found = devices.devices()
    assert found
    assert [one.index for one in found] == list(range(len(found)))
    for one in found:
        assert one.id.startswith("GPU-")
        assert 0 < one.free_gib <= one.memory_gib
