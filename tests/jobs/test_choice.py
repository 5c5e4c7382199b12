"""The settings choose the dispatcher; one whose package is missing says what to install."""

from __future__ import annotations

import sys

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.local import LocalDispatcher


def test_local_is_the_default(tmp_path):
    assert isinstance(dispatcher(Settings(home=tmp_path)), LocalDispatcher)


@pytest.mark.parametrize("name", ["ray", "slurm"])
def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, f"wunderkammer.jobs.{name}", None)  # as an import that fails
    with pytest.raises(ConfigError, match=r'pip install "wunderkammer\[ray\]"'):
        dispatcher(Settings(home=tmp_path, jobs=JobSettings(dispatcher=name)))
