"""Adapters are registered whole, once, and under names that find them again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from stage.lora import write_gguf, write_peft
from wunderkammer.core import adapters
from wunderkammer.core.errors import ConfigError
from wunderkammer.jobs.adapters import DRAFT, Registry

BASE = "a" * 24


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "home")


def there(registry: Registry) -> set[str]:
    """Every file and folder of the registry, as a set of paths."""
    return {path.relative_to(registry.folder).as_posix() for path in registry.folder.rglob("*")}


def test_an_adapter_is_found_as_it_was_registered(registry: Registry, tmp_path: Path) -> None:
    source = write_peft(tmp_path / "out", gguf=True)

    made = registry.register("polite", source, base=BASE, job="j1")

    assert registry.find("polite") == registry.find(made.label) == made
    assert registry.all() == registry.versions("polite") == (made,)
    assert (made.name, made.rank, made.base, made.job) == ("polite", 4, BASE, "j1")
    for name in ("adapter_config.json", "adapter_model.safetensors", "adapter.gguf"):
        assert (made.folder / name).read_bytes() == (source / name).read_bytes()
        assert (registry.folder / "polite" / name).samefile(made.folder / name)


def test_the_same_twice_is_one(registry: Registry, tmp_path: Path) -> None:
    first = registry.register("polite", write_peft(tmp_path / "a"), base=BASE, job="j1")
    before = there(registry)
    moved = write_peft(tmp_path / "b", base_model_name_or_path="elsewhere", target_modules=["q_proj"])

    assert registry.register("polite", moved, base=BASE, job="j2") == first
    assert there(registry) == before


def test_other_weights_or_another_scale_are_another_version(registry: Registry, tmp_path: Path) -> None:
    first = registry.register("polite", write_peft(tmp_path / "a", 1), base=BASE)
    second = registry.register("polite", write_peft(tmp_path / "b", 2), base=BASE)
    third = registry.register("polite", write_peft(tmp_path / "c", 2, lora_alpha=99), base=BASE)

    assert len({first.hash, second.hash, third.hash}) == 3
    assert registry.find("polite") == third
    assert registry.find(first.label) == first
    assert first.folder.is_dir()  # somebody may serve it
    assert len(registry.versions("polite")) == 3
    assert registry.register("polite", tmp_path / "a", base=BASE) == first  # back to the first
    assert registry.find("polite") == first


def test_a_gguf_that_comes_later_joins_its_version(registry: Registry, tmp_path: Path) -> None:
    source = write_peft(tmp_path / "a")
    assert registry.register("polite", source, base=BASE).gguf is None
    write_gguf(tmp_path / "converted.gguf")

    made = registry.register("polite", source, base=BASE, gguf=tmp_path / "converted.gguf")

    assert made.gguf is not None
    assert made.gguf.read_bytes() == (tmp_path / "converted.gguf").read_bytes()
    assert not [path for path in there(registry) if DRAFT in path]


def test_another_base_under_the_same_name_is_refused(registry: Registry, tmp_path: Path) -> None:
    kept = registry.register("polite", write_peft(tmp_path / "a", 1), base=BASE)
    before = there(registry)

    with pytest.raises(ConfigError, match="is of base aaaaaaaaaaaa, this one of bbbbbbbbbbbb: give it another name"):
        registry.register("polite", write_peft(tmp_path / "b", 2), base="b" * 24)
    with pytest.raises(ConfigError, match="belongs to base aaaaaaaaaaaa, not to bbbbbbbbbbbb"):
        registry.find("polite", base="b" * 24)

    assert there(registry) == before
    assert registry.find("polite", base=BASE) == kept


def test_an_unknown_name_says_which_there_are(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no adapter 'rude'.*none yet"):
        registry.find("rude")
    made = registry.register("polite", write_peft(tmp_path / "a"), base=BASE)
    for wanted in ("rude", "../polite", ".versions", "", "polite@abc", "polite@00000000", "*", "po*"):
        with pytest.raises(ConfigError, match=f"there is: {made.label}"):
            registry.find(wanted)
    with pytest.raises(ConfigError, match=f"did you mean {made.label}"):
        registry.find("polite@")


def test_removing_takes_every_version(registry: Registry, tmp_path: Path) -> None:
    for seed in (1, 2):
        registry.register("polite", write_peft(tmp_path / str(seed), seed), base=BASE)
    other = registry.register("polite.r2", write_peft(tmp_path / "3", 3), base=BASE)

    assert registry.remove("polite") == 2
    assert registry.all() == (other,)
    assert registry.versions("polite") == ()
    with pytest.raises(ConfigError, match="no adapter"):
        registry.remove("polite")


@pytest.mark.parametrize("name", ["", "Polite", "a/b", "..", "@x", "a@b", "x" * 65])
def test_a_name_that_is_none_is_refused(registry: Registry, tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is no name for an adapter"):
        registry.register(name, write_peft(tmp_path / "a"), base=BASE)
    assert registry.all() == ()


def cut(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def poison(folder: Path, value: float, dtype: str) -> None:
    weights = folder / "adapter_model.safetensors"
    tensors = {name: tensor.astype(dtype) for name, tensor in load_file(weights).items()}
    next(iter(tensors.values()))[0, 0] = value
    save_file(tensors, weights)


def whole_model(folder: Path) -> None:
    save_file({"model.embed_tokens.weight": np.zeros((2, 2), "f4")}, folder / "adapter_model.safetensors")


def config(folder: Path, **changes: object) -> None:
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: (f / "adapter_config.json").unlink(), "adapter_config.json: No such file"),
        (lambda f: (f / "adapter_model.safetensors").unlink(), "adapter_model.safetensors: No such file"),
        (lambda f: (f / "adapter_config.json").write_text("{"), "no JSON"),
        (lambda f: config(f, peft_type="IA3"), "no LoRA adapter"),
        (lambda f: config(f, r=0), "r must be"),
        (lambda f: config(f, r=8), r"ranks \[4\] are not those of its adapter_config.json \(\[8\]\)"),
        (cut, "was its writer interrupted"),
        (lambda f: (f / "adapter_model.safetensors").write_bytes(b"junk"), "not a safetensors file"),
        (lambda f: (f / "adapter_model.safetensors").write_bytes(b""), "not a safetensors file"),
        (whole_model, "is it a whole model"),
        (lambda f: poison(f, float("nan"), "f4"), "NaN or infinity"),
        (lambda f: poison(f, float("-inf"), "f2"), "NaN or infinity"),
        (lambda f: (f / "adapter.gguf").write_bytes(b"GGML"), "not a GGUF file"),
    ],
)
def test_a_broken_adapter_is_named_in_one_line_and_leaves_nothing(registry, tmp_path, harm, said) -> None:
    source = write_peft(tmp_path / "a")
    harm(source)

    with pytest.raises(ConfigError, match=said) as caught:
        registry.register("polite", source, base=BASE)

    assert "\n" not in str(caught.value)
    assert registry.all() == ()
    assert not registry.folder.exists()


def test_half_precision_is_read_as_it_is(registry: Registry, tmp_path: Path) -> None:
    source = write_peft(tmp_path / "a")
    poison(source, 60000.0, "f2")  # near the largest of its kind, and a number

    assert registry.register("polite", source, base=BASE).rank == 4


REGISTER = """
import sys
from pathlib import Path
from wunderkammer.jobs.adapters import Registry
home, *folders = map(Path, sys.argv[1:])
sys.stdin.readline()
for folder in folders:
    print(Registry(home).register("polite", folder, base="a" * 24).hash, flush=True)
"""


def test_two_processes_at_once_register_it_once(registry: Registry, tmp_path: Path) -> None:
    folders = [str(write_peft(tmp_path / str(seed), seed)) for seed in (1, 2)]
    command = [sys.executable, "-c", REGISTER, str(registry.home), *folders]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
        for _ in range(2)
    ]
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    hashes = [process.communicate(timeout=240)[0].split() for process in both]

    assert hashes[0] == hashes[1]
    assert [process.returncode for process in both] == [0, 0]
    assert len(registry.versions("polite")) == 2
    assert [adapter.hash for adapter in registry.all()] == hashes[0][1:]
    assert not [path for path in there(registry) if DRAFT in path]


DIE = """
import os, sys
from pathlib import Path
from wunderkammer.jobs import adapters
step = int(sys.argv[3])
def settle(file, count=[0]):
    count[0] += 1
    if count[0] == step:
        os._exit(9)
adapters._settle = settle
pointing = adapters.Registry._point
def point(self, name, place):
    if step == 5:
        os._exit(9)
    pointing(self, name, place)
adapters.Registry._point = point
adapters.Registry(Path(sys.argv[1])).register("polite", Path(sys.argv[2]), base="a" * 24)
"""


@pytest.mark.parametrize("step", [1, 3, 4, 5])
def test_a_writer_that_dies_leaves_the_old_version_and_the_next_finishes(registry, tmp_path, step) -> None:
    old = registry.register("polite", write_peft(tmp_path / "a", 1), base=BASE)
    source = write_peft(tmp_path / "b", 2, gguf=True)

    ended = subprocess.run([sys.executable, "-c", DIE, str(registry.home), str(source), str(step)], check=False)

    assert ended.returncode == 9
    assert registry.find("polite") == old
    assert registry.all() == (old,)
    new = registry.register("polite", source, base=BASE)
    assert registry.find("polite") == new
    assert len(registry.versions("polite")) == 2
    assert not [path for path in there(registry) if DRAFT in path]


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder should be")

    with pytest.raises(ConfigError, match="cannot be written: Not a directory"):
        Registry(tmp_path / "home").register("polite", write_peft(tmp_path / "a"), base=BASE)


def test_a_home_can_be_moved(registry: Registry, tmp_path: Path) -> None:
    made = registry.register("polite", write_peft(tmp_path / "a"), base=BASE)
    registry.home.rename(tmp_path / "moved")

    found = adapters.find(tmp_path / "moved", "polite")

    assert found.hash == made.hash
    assert found.folder.is_relative_to(tmp_path / "moved")
