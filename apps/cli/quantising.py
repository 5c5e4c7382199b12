"""`wunder quantise`: a quantised model as a folder that vLLM loads, by hand or as a study found it best."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli.options import Config, Home, named, settings_of
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.domains.calibration.settings import CalibrationSettings
    from wunderkammer.domains.calibration.study import CalibrationStudy

STUDY = "calibration-study"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(quantise)


def quantise(
    folder: Annotated[Path, typer.Argument(help="Where the quantised model goes; must not be there yet.")],
    model: Annotated[str | None, typer.Option(help="A transformers folder, a GGUF file or a hub name.")] = None,
    quantiser: Annotated[str | None, typer.Option(help="gptq, awq, round, smooth, static or dynamic.")] = None,
    calibrate_on: Annotated[
        str | None,
        typer.Option("--set", help="A built-in set, a text file or .jsonl of yours, or a data set OWNER/NAME."),
    ] = None,
    study: Annotated[str | None, typer.Option(help="Take what this study found best, and its model.")] = None,
    given: Annotated[list[str] | None, typer.Option(help="Further settings of a cell.", metavar="NAME=VALUE")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Quantise a model into compressed tensors, which vLLM and transformers load.

    \b
    wunder quantise small-w4a16 --quantiser gptq --set prose
    wunder quantise mine-w4a16 --model org/model-1b --set texts.jsonl --given group=128
    wunder quantise best --study s24668df6db4 --quantiser gptq
    """
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.jobs.choice import dispatcher

    settings = settings_of(config, home)
    if folder.exists():
        raise ConfigError(f"{folder} is there already; name a folder that is not")
    wanted = named(given or [], "--given")
    if quantiser is not None:
        wanted["quantiser"] = quantiser
    domain, genome = _found(settings, study, quantiser) if study else asked(wanted, model, calibrate_on)
    jobs = domain.exporting(genome)
    for job in jobs:
        see_through(settings, job, detach=False)
    shutil.copytree(dispatcher(settings).artifacts(jobs[-1].id) / "model", folder)
    print(folder)


def own_sets(pairs: Sequence[str]) -> dict[str, str]:
    """`--set NAME=FILE` as a study's sets by name; `ConfigError` for a file that is none, before anything is begun."""
    from wunderkammer.core.settings import checked
    from wunderkammer.domains.calibration.settings import CalibrationOptions

    found: dict[str, str] = {}
    for text in pairs:
        name, equals, told = text.partition("=")
        if not equals or not told:
            raise ConfigError(f"--set {text!r}: write NAME=FILE, or NAME=OWNER/DATASET")
        if name in found:
            raise ConfigError(f"--set {name} is given twice")
        path = Path(told).expanduser()
        found[name] = str(path.resolve()) if path.is_file() else told
    options = checked(CalibrationOptions, {"own": found}, "--set")
    for name in found:
        _, places = options.source(name)
        if "file" in places:
            _readable(Path(places["file"]))
    return found


def _readable(file: Path) -> None:
    """`ConfigError` where the file is no calibration set."""
    from wunderkammer.jobs.desk import Unable
    from wunderkammer.jobs.quantise.texts import of_file

    try:
        if not of_file(file):
            raise ConfigError(f"{file} holds no text")
    except Unable as fault:
        raise ConfigError(str(fault)) from None


def given_model(model: str) -> str:
    """`--model`: a folder or file in full, or a hub name; `ConfigError` for a path that is not there."""
    path = Path(model).expanduser()
    if path.exists():
        return str(path.resolve())
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", model) or model.endswith((".gguf", ".safetensors")):
        raise ConfigError(f"--model {model}: no such folder or file, and no hub name such as owner/model")
    return model


def asked(
    wanted: Mapping[str, Any], model: str | None, calibrate_on: str | None
) -> tuple[CalibrationStudy, CalibrationSettings]:
    """As typed: a set is one of ours by name, else a file of the user's or a data set."""
    from wunderkammer.core.settings import checked
    from wunderkammer.domains.calibration.settings import SETS, CalibrationOptions, CalibrationSettings
    from wunderkammer.domains.calibration.study import CalibrationStudy

    options: dict[str, Any] = {} if model is None else {"model": model}
    if calibrate_on is not None and calibrate_on not in SETS:
        options["own"] = own_sets([f"mine={calibrate_on}"])
    named = {"set": "mine" if "own" in options else calibrate_on} if calibrate_on else {}
    genome = checked(CalibrationSettings, {**wanted, **named}, "quantise")
    return CalibrationStudy(checked(CalibrationOptions, options, "quantise")), genome


def _found(settings: Settings, study: str, quantiser: str | None) -> tuple[CalibrationStudy, CalibrationSettings]:
    """What a study found best; `ConfigError` where it has measured nothing of the kind."""
    from wunderkammer.apps.inquiry.conduct import plan_of
    from wunderkammer.apps.installation import reading
    from wunderkammer.core.settings import checked
    from wunderkammer.domains.calibration.settings import CalibrationOptions, CalibrationSettings
    from wunderkammer.domains.calibration.spread import best
    from wunderkammer.domains.calibration.study import CalibrationStudy
    from wunderkammer.memory import studies
    from wunderkammer.memory.ventures import find_venture

    with reading(settings) as ledger:
        venture = find_venture(ledger, study, "study")
        if venture.domain != STUDY:
            raise ConfigError(f"{venture.id} is a study of {venture.domain}, not of {STUDY}")
        genome = best(studies.entries(ledger, venture.id, CalibrationSettings), quantiser)
        options = checked(CalibrationOptions, plan_of(venture).options, f"options of study {venture.id}")
    if genome is None:
        raise ConfigError(f"study {venture.id} has measured no cell {f'of {quantiser} ' if quantiser else ''}yet")
    return CalibrationStudy(options), genome
