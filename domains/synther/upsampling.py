"""Making more of anybody's transitions: what the job is, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wunderkammer.core.fingerprint import file_hash
from wunderkammer.core.ids import content_id
from wunderkammer.core.work import Job, Resources
from wunderkammer.domains.synther.settings import CLOUDS, MADE, Upsampling
from wunderkammer.domains.synther.study import ENVIRONMENT, MADE_ANEW

if TYPE_CHECKING:
    from wunderkammer.learners.conduct import Tell
    from wunderkammer.learners.experience import Transitions

MODULE = "wunderkammer.apps.studies.synther_upsampling"


def upsampling_job(data: Path, settings: Upsampling, gpus: int = 0) -> Job:
    """More rows like those of a file, as a job; known by the file's content, wherever it lies."""
    told = settings.model_dump(exclude_defaults=True, exclude={"seed"})
    return Job(
        module=MODULE,
        args=told | {"content": file_hash(data)},
        places={"data": str(data.resolve())},
        seed=settings.seed,
        version=MADE_ANEW,
        title=f"{settings.made} rows like those of {data.name}",
        needs=Resources(cores=1, memory_gib=4.0, gpus=gpus, gpu_memory_gib=4.0 * gpus),
        environment=ENVIRONMENT,
        attempts=5,
    )


def enlarge(
    settings: Upsampling, found: Transitions, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Learn all rows but those held back, and leave `made.npz`, `generator.safetensors` and `clouds.svg` in `out`; how
    good the made rows are."""
    from wunderkammer.domains.synther.clouds import clouds
    from wunderkammer.domains.synther.data import rows_of, world_of
    from wunderkammer.domains.synther.making import upsample
    from wunderkammer.domains.synther.quality import quality
    from wunderkammer.learners import experience

    world = world_of(settings.world) if settings.world else None
    if world is not None:
        world_fits(settings.world, world.observations, world.actions, found)
    learned, fresh = rows_of(found, 1 - settings.held, settings.seed)
    made, _ = upsample(settings, settings.seed, content_id("upsampling", settings), learned, checkpoint, out, tell, now)
    experience.write(made, out / MADE)
    (out / CLOUDS).write_text(clouds({"made": made, f"real: {found.steps} rows": found}), "utf-8")
    return {"made": made.steps, "learned": learned.steps, **quality(world, learned, found, fresh, made)}


def world_fits(name: str, observations: int, actions: int, found: Transitions) -> None:
    """`ConfigError` where rows are not of that world."""
    from wunderkammer.core.errors import ConfigError

    told = found.observation.shape[1], found.action.shape[1]
    if told != (observations, actions):
        raise ConfigError(
            f"the world {name} has {observations} numbers to see and {actions} to do; "
            f"these rows have {told[0]} and {told[1]}"
        )
