"""The house stands as designed: folders, links, names, who may read the environment, prompts and presets."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, meta

from wunderkammer import domains, prompts
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.core.settings import ROLES
from wunderkammer.core.study import read_study

ROOT = Path(__file__).parents[1]
ROOMS = (
    "agents", "apps", "core", "domains", "graphs", "jobs", "learners", "memory", "models", "prompts", "worlds",
)  # fmt: skip
READS_ENVIRONMENT = {
    "core/settings.py",
    "jobs/surroundings.py",  # what a job inherits; a keeper cannot wait for pydantic to be imported
    "models/embedded_server.py",  # a program of its own: tells OpenMP to wait idly before the library is loaded
}
SHY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "misc", "common"}


def tracked() -> list[Path]:
    """Files that git knows or would know, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules(*folders: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in folders]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"), str(path))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_a_real_folder_with_one_relative_link(room: str) -> None:
    link = ROOT / "src" / "wunderkammer" / room

    assert (ROOT / room).is_dir()
    assert not (ROOT / room).is_symlink()
    assert link.readlink() == Path("..") / ".." / room


def test_the_package_holds_links_and_two_files_and_nothing_else() -> None:
    inside = {p.name for p in (ROOT / "src" / "wunderkammer").iterdir()} - {"__pycache__"}

    assert inside == {*ROOMS, "__init__.py", "py.typed"}
    assert all((ROOT / room / "__init__.py").is_file() for room in ROOMS)


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "docs", "docs/adr", "deploy"])
def test_every_folder_beside_the_rooms_is_there(folder: str) -> None:
    assert (ROOT / folder).is_dir()


def test_no_file_or_folder_has_a_shy_name() -> None:
    shy = [p for p in modules(*ROOMS, "tests", "benchmarks") if SHY_NAMES & {*p.parts[:-1], p.stem}]

    assert shy == []


def test_no_merge_is_left_half_done() -> None:
    text = [path for path in tracked() if path.suffix in {".py", ".md", ".toml", ".yaml", ".txt", ".j2"}]
    marks = re.compile(r"^(<{7} |>{7} )", re.MULTILINE)

    assert [str(p) for p in text if marks.search((ROOT / p).read_text("utf-8"))] == []


def test_every_module_opens_with_a_sentence() -> None:
    silent = [str(p) for p in modules(*ROOMS, "tests", "benchmarks", "src") if not ast.get_docstring(tree(p))]

    assert silent == []


def test_tests_hold_no_packages() -> None:
    assert [str(p) for p in modules("tests") if p.name == "__init__.py"] == []


def test_only_settings_read_the_environment() -> None:
    readers = {p.as_posix() for p in modules(*ROOMS) if reads_environment(tree(p))}

    assert readers == READS_ENVIRONMENT


def reads_environment(module: ast.Module) -> bool:
    names = {"environ", "environb", "getenv", "putenv"}
    for node in ast.walk(module):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=attribute) if attribute in names:
                return True
            case ast.ImportFrom(module="os", names=imported) if names & {alias.name for alias in imported}:
                return True
    return False


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("import os\nos.environ['X']", True),
        ("import os\nos.getenv('X')", True),
        ("from os import environ", True),
        ("import os\nos.cpu_count()", False),
        ("environ = {}", False),
    ],
)
def test_readers_of_the_environment_are_recognised(source: str, reads: bool) -> None:
    assert reads_environment(ast.parse(source)) is reads


def test_nothing_swallows_every_error() -> None:
    found = [f"{p}:{line}" for p in modules(*ROOMS, "benchmarks") for line in swallows(tree(p))]

    assert found == []


def swallows(module: ast.Module) -> Iterator[int]:
    """Lines that catch everything and do nothing about it."""
    broad = {None, "Exception", "BaseException"}
    for node in ast.walk(module):
        match node:
            case ast.ExceptHandler(
                type=None | ast.Name(), body=[ast.Pass() | ast.Continue() | ast.Expr(ast.Constant())]
            ):
                if getattr(node.type, "id", None) in broad:
                    yield node.lineno
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args):
                if any(getattr(arg, "id", None) in broad - {None} for arg in args):
                    yield node.lineno


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("try: x()\nexcept Exception: pass", [2]),
        ("try: x()\nexcept: ...", [2]),
        ("with contextlib.suppress(Exception): x()", [1]),
        ("try: x()\nexcept KeyError: pass", []),
        ("try: x()\nexcept Exception: log()", []),
    ],
)
def test_swallowed_errors_are_recognised(source: str, lines: list[int]) -> None:
    assert list(swallows(ast.parse(source))) == lines


FOREIGN = re.compile(
    r"(?<![\w.}~-])/(?:home|Users|root|work)/[\w.-]"  # somebody's machine
    r"|py(?:pi|thonhosted)\.org|npmjs\.(?:org|com)|--(?:extra-)?index-url"  # a package registry
)


def test_no_file_speaks_of_one_machine_or_one_registry() -> None:
    found = []
    for path in tracked():
        data = (ROOT / path).read_bytes()
        if b"\0" in data or path == Path("tests/test_house.py"):
            continue
        lines = enumerate(data.decode("utf-8").splitlines(), 1)
        found += [f"{path}:{number}: {line.strip()[:100]}" for number, line in lines if FOREIGN.search(line)]

    assert found == []


PROMPTS = sorted((ROOT / "prompts").rglob("*.md"))


@pytest.mark.parametrize("file", PROMPTS, ids=lambda p: p.relative_to(ROOT / "prompts").with_suffix("").as_posix())
def test_every_prompt_reads_and_declares_what_it_uses(file: Path) -> None:
    name = file.relative_to(ROOT / "prompts").with_suffix("").as_posix()
    prompt = prompts.load(name)
    _, front, body = file.read_text("utf-8").split("---\n", 2)

    assert prompt.role in ROLES
    assert meta.find_undeclared_variables(Environment(autoescape=True).parse(body)) == prompt.variables
    assert set(yaml.safe_load(front)) <= {"role", "variables", "reply"}
    assert prompt.turns[-1].who == "user"


PRESETS = sorted((ROOT / "domains").glob("*/presets/*.toml"))


@pytest.mark.parametrize("file", PRESETS, ids=lambda p: p.stem)
def test_every_preset_is_a_plan_of_a_domain_that_takes_its_options(file: Path) -> None:
    name, _, preset = file.stem.partition(".")
    domain = domains.find(name)
    plan = read_study(file) if hasattr(domain, "jobs") else read_plan(file)

    assert name == plan.domain
    assert domains.folder_of(domain) == file.parents[1].name
    assert presets(plan.domain, file.parents[1].name)[preset].samefile(file)
    assert domain(domain.options(**plan.options)).name == plan.domain


def test_every_domain_has_a_preset_for_a_quick_look() -> None:
    lacking = [n for n, d in domains.installed().items() if domains.folder_of(d) and "smoke" not in presets_of(n)]

    assert lacking == []


def presets_of(name: str) -> set[str]:
    return set(presets(name, domains.folder_of(domains.find(name))))
