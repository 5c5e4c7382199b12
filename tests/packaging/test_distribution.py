"""What is built from the sources is whole: wheel and sdist import outside the repository, and shadow nobody."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(link.name for link in (ROOT / "src" / "wunderkammer").iterdir() if link.is_symlink())
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

IMPORT_ALL = """
import importlib, pkgutil, sys, wunderkammer
# What is written in JAX or torch needs an extra; whatever else it lacks is a fault.
of_extras = ("worlds.", "learners.", "domains.paired.", "domains.madrid.", "domains.genie.", "domains.synther.",
    "domains.groove.", "domains.video_decisions.", "domains.vlm_rewards.", "apps.studies.ued")
of_extras = tuple("wunderkammer." + name for name in of_extras)
extras = ("jax", "optax", "orbax", "imageio", "torch", "av", "ribs", "gymnasium", "h5py")
for found in pkgutil.walk_packages(wunderkammer.__path__, "wunderkammer."):
    # The last four need an extra: three run in the environment of their jobs alone, one is imported when chosen.
    own = ("__main__", "jobs.finetune.learner", "jobs.quantise.awq", "jobs.quantise.columns", "jobs.slurm")
    if not found.name.endswith(own):
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as lack:
            if not found.name.startswith(of_extras) or lack.name not in extras:
                raise
        print(found.name)
print(wunderkammer.__file__)
"""
READ_DATA = """
from importlib.resources import files
from wunderkammer import domains, prompts
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.core.study import read_study
texts = files("wunderkammer.prompts")
folders = [d for d in texts.iterdir() if d.is_dir()]
names = [f"{d.name}/{f.name[:-3]}" for d in folders for f in d.iterdir() if f.name.endswith(".md")]
plans = []
for name, domain in domains.installed().items():
    read = read_study if hasattr(domain, "jobs") else read_plan
    plans += [read(file) for file in presets(name, domains.folder_of(domain)).values()]
print(len([prompts.load(n) for n in names]), len(plans))
"""


@dataclass(frozen=True)
class Built:
    """Both distributions of one build."""

    sdist: Path
    wheel: Path


@dataclass(frozen=True)
class Place:
    """A virtual environment outside the repository."""

    home: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A program of the environment, run in an empty folder with nothing of ours in the variables."""
        program, *rest = command
        outside = self.home.parent / "outside"
        outside.mkdir(exist_ok=True)
        return subprocess.run(
            [str(self.home / "bin" / program), *rest],
            cwd=outside, env={"PATH": "/usr/bin:/bin", "HOME": str(outside)}, capture_output=True, text=True,
        )  # fmt: skip

    def python(self, source: str) -> list[str]:
        """The lines that a program prints; its traceback where it fails."""
        done = self.run("python", "-W", "ignore", "-c", source)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def install(self, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.home / "bin" / "python"), "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *arguments], check=True)


def sources() -> set[str]:
    """Files of the rooms that must be in a distribution, as `room/…`."""
    files = (p for room in ROOMS for p in (ROOT / room).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(ROOT).as_posix() for p in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist of a copy of the tree, and the wheel that is made from the sdist."""
    copy = tmp_path_factory.mktemp("sources") / "tree"
    skip = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "*.egg-info", "tests", "docs", "benchmarks")
    shutil.copytree(ROOT, copy, symlinks=True, ignore=skip)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,) = (copy / "dist").glob("*.tar.gz")
    (wheel,) = (copy / "dist").glob("*.whl")
    return Built(sdist, wheel)


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def place(request: pytest.FixtureRequest, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An environment that holds one distribution and nothing else of ours.

    What it depends on is lent by path from the environment that runs the tests, where `make setup` put it; that the
    list of dependencies suffices is for the slow test below to say.
    """
    home = tmp_path_factory.mktemp(request.param) / "venv"
    venv.create(home, with_pip=False)
    place = Place(home)
    lent = sysconfig.get_paths()["purelib"]
    site = Path(place.python("import sysconfig; print(sysconfig.get_paths()['purelib'])")[0])
    (site / "lent.pth").write_text(lent + "\n", "utf-8")
    # The lender may hold an editable install of the same version: that one does not count.
    place.install("--ignore-installed", "--no-deps", "--no-build-isolation", str(getattr(built, request.param)))
    return place


def test_the_wheel_holds_every_file_of_every_room_and_nothing_beside(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = {n for n in archive.namelist() if not n.startswith(f"wunderkammer-{VERSION}.dist-info/")}

    assert names == {"wunderkammer/__init__.py", "wunderkammer/py.typed"} | {f"wunderkammer/{n}" for n in sources()}


def test_the_sdist_holds_real_files_where_the_tree_has_links(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        members = {m.name.partition("/")[2]: m for m in archive.getmembers()}

    assert {f"src/wunderkammer/{n}" for n in sources()} <= members.keys()
    assert {"LICENSE", "README.md", "pyproject.toml"} <= members.keys()
    assert not any(m.issym() or m.islnk() for m in members.values())


def test_every_module_imports_outside_the_repository(place: Place) -> None:
    *modules, origin = place.python(IMPORT_ALL)

    assert Path(origin).is_relative_to(place.home)
    assert {f"wunderkammer.{room}" for room in ROOMS} <= set(modules)


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_shadows_another_distribution(place: Place, room: str) -> None:
    said = place.python(f"import importlib.util as u; found = u.find_spec({room!r}); print(found and found.origin)")

    assert said == ["None"]


def test_prompts_and_presets_are_read_from_where_they_were_installed(place: Place) -> None:
    (counts,) = place.python(READ_DATA)
    texts = len(list((ROOT / "prompts").glob("*/*.md")))
    plans = len(list((ROOT / "domains").glob("*/presets/*.toml")))

    assert counts == f"{texts} {plans}"


def test_the_command_tells_its_version(place: Place) -> None:
    done = place.run("wunder", "--version")

    assert done.returncode == 0, done.stderr
    assert VERSION in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_runs_with_what_it_declares_and_no_more(built: Built, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    place = Place(tmp_path / "venv")
    place.install("--constraint", str(ROOT / "constraints.txt"), str(built.wheel))

    *modules, origin = place.python(IMPORT_ALL)
    version = place.run("wunder", "--version")
    check = subprocess.run([sys.executable, "-m", "pip", "--python", str(place.home / "bin" / "python"), "check"])

    assert Path(origin).is_relative_to(place.home)
    assert {f"wunderkammer.{room}" for room in ROOMS} <= set(modules)
    assert version.returncode == 0, version.stderr
    assert check.returncode == 0
