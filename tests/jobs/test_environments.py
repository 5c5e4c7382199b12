"""Virtual environments of jobs: found by name, made once, made anew where half of it is there."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs import environments
from wunderkammer.jobs.local import LocalDispatcher


def test_the_environment_without_a_name_is_ours(tmp_path):
    assert environments.python_of(Settings(home=tmp_path), "") == Path(sys.executable)


def test_an_extra_whose_packages_are_here_needs_no_environment(tmp_path):
    assert environments.python_of(Settings(home=tmp_path), "dev") == Path(sys.executable)


def test_an_extra_whose_packages_are_missing_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "requirements", lambda name: ["pytest>=1", "no-such-package>=2"])
    with pytest.raises(ConfigError) as fault:
        environments.python_of(Settings(home=tmp_path), "finetune")

    assert str(fault.value) == (
        "environment 'finetune' lacks no-such-package; make one with: wunder setup finetune"
    )  # fmt: skip


def test_an_extra_that_names_another_is_opened_up():
    wanted = environments.requirements("finetune")

    assert any(line.startswith("torch") for line in wanted)
    assert any(line.startswith("peft") for line in wanted)
    assert not any(line.startswith("wunderkammer") for line in wanted)


def test_games_of_others_are_kept_from_our_own_numpy():
    wanted = environments.requirements("procgen")

    assert "numpy<2" in wanted
    assert any(line.startswith("procgen2==") for line in wanted)
    assert any(line.startswith("ale-py") for line in wanted)


def test_settings_name_a_python_or_the_folder_of_its_environment(tmp_path):
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(sys.executable)
    for said in (folder, folder / "bin/python"):
        settings = Settings(home=tmp_path, jobs=JobSettings(environments={"mine": said}))
        assert environments.python_of(settings, "mine") == folder / "bin/python"


def test_a_python_that_is_not_there_is_named(tmp_path):
    settings = Settings(home=tmp_path, jobs=JobSettings(environments={"mine": tmp_path / "no"}))
    with pytest.raises(ConfigError, match="no Python there"):
        environments.python_of(settings, "mine")


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden"])
def test_a_name_leads_nowhere_else(tmp_path, name):
    with pytest.raises(ConfigError, match="is no name of an environment"):
        environments.place(tmp_path, name)


async def test_an_environment_is_made_once_and_runs_jobs_with_our_package_and_no_other_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "extras", lambda: ("tiny",))
    monkeypatch.setattr(environments, "requirements", lambda name: [str(wheel(tmp_path))])
    home, heard = tmp_path / "home", list[str]()
    half = environments.place(home, "tiny")
    half.mkdir(parents=True)
    (half / "litter").write_text("of a setup that was killed")

    python = environments.make(home, "tiny", tell=heard.append)
    heard_once = len(heard)

    assert heard_once > 0
    assert not (half / "litter").exists()
    assert environments.make(home, "tiny", tell=heard.append) == python
    assert len(heard) == heard_once
    here = LocalDispatcher(Settings(home=home))
    one = Job(module="stage.errands", args={"what": "environment"}, environment="tiny")
    await here.submit(one)
    found = (await here.wait([one.id]))[one.id]
    assert (found.status, found.reason) == ("done", "")
    result = json.loads((here.artifacts(one.id) / "result.json").read_text())
    assert result["python"] == str(python)
    assert {place for place in sys.path if "site-packages" in place}.isdisjoint(result["path"])
    lacking = Job(module="stage.errands", args={"what": "fail", "fault": "import"}, environment="tiny")
    await here.submit(lacking)
    reason = (await here.wait([lacking.id]))[lacking.id].reason
    assert reason == "No module named 'peft': environment 'tiny' lacks it; `wunder setup tiny` makes it anew"


def test_a_setup_that_fails_says_why_and_leaves_no_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "requirements", lambda name: ["x"])
    with pytest.raises(ConfigError, match="no-such-python"):
        environments.make(tmp_path, "tiny", python=str(tmp_path / "no-such-python"), tell=lambda _: None)


def wheel(folder: Path) -> Path:
    """A distribution of one empty module, which pip installs without asking anybody."""
    file = folder / "tiny_thing-1.0-py3-none-any.whl"
    info = "tiny_thing-1.0.dist-info"
    files = {
        "tiny_thing.py": "",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": "\n".join([*rows, f"{info}/RECORD,,\n"])}.items():
            archive.writestr(name, text)
    return file
