"""What is asked of a video model outside a study, as jobs; nothing here needs the packages that they run with."""

from __future__ import annotations

from wunderkammer.core.contract import Candidate, Job
from wunderkammer.core.work import Resources
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.study import VideoOptions, VideoStudy


def planned_by(settings: VideoSettings, gpus: int = 0) -> tuple[Job, ...]:
    """The jobs of the study that leave a model and a reader of actions."""
    study = VideoStudy(VideoOptions(gpus=gpus))
    return tuple(study.jobs(Candidate(domain=study.name, genome=settings)))


def filming_job(planned: tuple[Job, ...], sentence: str, room: int) -> Job:
    """The film of a sentence, by the model and the reader of actions that jobs before make."""
    last = planned[-1]
    return Job(
        module="wunderkammer.apps.studies.video_filming",
        args={**last.args, "sentence": sentence, "number": room},
        seed=last.seed,
        after=tuple(job.id for job in planned),
        title=f"a film: {sentence}",
        needs=Resources(cores=1, memory_gib=2.0),
        environment=last.environment,
    )
