"""Config -> typed call -> files: `python -m bench.evaluate`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
import msgspec
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from bench.external import load_external
from bench.files import configs_home, data_home, to_json, write
from bench.issues import BadInputError, bad_input, one_of
from bench.settings import Settings, quote_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from bench.gold import Gold
    from bench.predictions import Predictions
    from bench.schema import ClaimRow, Pair, Prediction


@dataclass(frozen=True)
class System:
    """Who predicts: a file, a model or a baseline; `estimator` is `package.module:name`, empty for a file."""

    name: str
    kind: str
    estimator: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a run leaves for the comparison at the end of a sweep."""

    name: str
    gold: Gold
    predictions: Predictions
    settings: Settings


_results: list[Result] = []
_failures: list[BadInputError] = []
_home = os.getpid()
_VARIED = "COUNTERCLAIM_VARIED"  # the environment variable that tells a launcher's jobs which settings a sweep varies


def evaluate(settings: Settings, console: Console, name_suffix: str = "", command: str = "") -> Result:
    """Score what `settings` name, write the files, print the table.

    Args:
        settings: what to score, on what, and how.
        console: where the table goes.
        name_suffix: added to the name of the system.
        command: what the report calls the way to make it again.

    Raises:
        BadInputError: with every problem of what is read.
    """
    from bench import report as reports
    from bench.gold import gold_of
    from bench.page import page
    from bench.predictions import from_records, read_predictions, write_predictions
    from bench.scoring import score_columns
    from bench.sufficient import outcome

    settings.check()
    pairs = _pairs(settings)
    gold = gold_of(pairs)
    system = _system(settings, name_suffix)
    folder = Path(settings.output_dir) / _folder_name(system.name)
    run: dict[str, Any] = {}
    made: list[Prediction] | None = None
    if settings.predictions is not None:
        columns = read_predictions(settings.predictions, gold.pair_ids, settings.on_missing)
    else:
        from bench.engine import fit_and_predict, make

        made, run = fit_and_predict(
            system.estimator,
            system.settings,
            pairs,
            data_dir=settings.data_dir,
            batch_size=settings.batch_size,
            engine=make(settings.engine.runner, settings.engine.settings),
            partial=folder / "predictions.partial.jsonl",
        )
        columns = from_records(made, gold.pair_ids)
    reference = None
    if settings.reference is not None:
        reference = read_predictions(settings.reference, gold.pair_ids, settings.on_missing)
    started = time.perf_counter()
    report = score_columns(
        gold,
        columns,
        name=system.name,
        kind=system.kind,
        settings={"estimator": system.estimator, **system.settings} if system.estimator else {},
        threshold=settings.threshold,
        replicates=settings.bootstrap.replicates,
        seed=settings.bootstrap.seed,
        on_missing=settings.on_missing,
    )
    run["score_seconds"] = round(time.perf_counter() - started, 3)
    report = msgspec.structs.replace(report, run=run)
    if made is not None:
        write_predictions(folder / "predictions.jsonl", made)
    write(folder / "report.md", reports.to_markdown(report).encode())
    result = outcome(gold, columns, settings.threshold)
    html = page(report, result, pairs, _claims(settings), command)
    write(folder / "report.html", html.encode())
    write(folder / "results.json", to_json(report))
    reports.show(report, console, everything=settings.details)
    if reference is not None:
        console.print(_contrast(settings, gold, {system.name: columns}, reference, folder))
    console.print(f"Written to {folder}", highlight=False, soft_wrap=True)
    return Result(system.name, gold, columns, settings)


def _system(settings: Settings, name_suffix: str) -> System:
    """Who predicts: a file before a model before a baseline."""
    if settings.predictions is not None:
        system = System(_file_name(Path(settings.predictions)), "file")
    elif settings.model is not None:
        system = System(settings.model.rpartition(":")[2], "model", settings.model)
    else:
        baseline = settings.baseline
        system = System(baseline.name, "baseline", baseline.estimator, baseline.settings)
    return replace(system, name=settings.name or system.name + name_suffix)


def _file_name(path: Path) -> str:
    """What a file's system is called; `predictions.jsonl`, as runs call theirs, tells only with its folder's name."""
    name = path.name.split(".")[0]
    folder = path.parent.name if name == "predictions" else ""
    return f"{folder}_{name}" if folder else name


def _pairs(settings: Settings) -> list[Pair]:
    """The pairs to be scored, one at least."""
    if settings.dataset is not None:
        pairs = load_external(settings.dataset, settings.split)
    else:
        from bench.load import load_pairs

        pairs = load_pairs(settings.split, settings.data_dir)
    if not pairs:
        raise bad_input(settings.data_dir or "data", f"no pair in split {settings.split}")
    return pairs


def _claims(settings: Settings) -> list[ClaimRow]:
    """The claims with their sources, where the data has them."""
    from bench.load import load_claims

    folder = Path(settings.data_dir) if settings.data_dir is not None else data_home()
    if settings.dataset is not None or not (folder / "claims" / f"{settings.split}.jsonl").is_file():
        return []
    return load_claims(settings.split, settings.data_dir)


def _contrast(
    settings: Settings, gold: Gold, system: dict[str, Predictions], reference: Predictions, folder: Path
) -> Table:
    """Set the system beside the reference file; the table of where they differ."""
    from bench.comparison import contrast_columns, contrast_table

    other = _file_name(Path(settings.reference or ""))
    while other in system:
        other += "_reference"
    found = contrast_columns(
        gold,
        system | {other: reference},
        threshold=settings.threshold,
        replicates=settings.bootstrap.replicates,
        seed=settings.bootstrap.seed,
    )
    write(folder / "contrast.json", to_json(found))
    return contrast_table(found)


def evaluate_retrieval(settings: Settings, console: Console) -> None:
    """Rank claims by the retriever, or read a run; score it, write the files, print the table.

    Raises:
        BadInputError: with every problem of what is read.
    """
    from bench import retrieval
    from bench.engine import make

    settings.check()
    task = retrieval.load_task(settings.split, settings.data_dir)
    if not task.queries:
        raise bad_input(settings.data_dir or "data", f"no contradiction in split {settings.split}")
    started = time.perf_counter()
    if settings.predictions is not None:
        name = settings.name or Path(settings.predictions).name.split(".")[0]
        run = retrieval.read_run(Path(settings.predictions), task)
    else:
        name = settings.name or settings.retriever.name
        run = retrieval.rank(task, make(settings.retriever.retriever, settings.retriever.settings))
    ranked = time.perf_counter()
    report = retrieval.score_run(
        task, run, system=name, replicates=settings.bootstrap.replicates, seed=settings.bootstrap.seed
    )
    report = msgspec.structs.replace(report, run={"rank_seconds": round(ranked - started, 3)})
    folder = Path(settings.output_dir) / _folder_name(name)
    if settings.predictions is None:
        write(folder / "run.trec", retrieval.write_run(run, name))
    write(folder / "retrieval.json", to_json(report))
    console.print(retrieval.table(report))
    console.print(report.signature, highlight=False, soft_wrap=True)
    console.print(f"Written to {folder}", highlight=False, soft_wrap=True)


def _folder_name(name: str) -> str:
    return re.sub(r"[^\w.,=+-]", "_", name).lstrip(".") or "_"


def _name_suffix() -> str:
    """In a sweep, the settings that vary and that a name does not show already."""
    config = HydraConfig.get()
    if config.mode != RunMode.MULTIRUN:
        return ""
    varied = set(os.environ[_VARIED].split()) - {"baseline", "predictions", "model"}
    parts = (override.split("=", 1) for override in config.overrides.task)
    return "".join(
        f",{key.removeprefix('baseline.settings.')}={value}" for key, value in parts if key in varied
    )


def _typed(config: DictConfig) -> Settings:
    try:
        return msgspec.convert(OmegaConf.to_container(config, resolve=True), Settings)
    except msgspec.ValidationError as error:
        raise bad_input("settings", str(error)) from error


def _task(config: DictConfig) -> None:
    """One run. A bad input is kept for the end: Hydra would wrap it, and the other runs of a sweep go on."""
    try:
        settings = _typed(config)
        if settings.task == "retrieval":
            evaluate_retrieval(settings, _console())
        else:
            command = shlex.join(["python", "-m", "bench.evaluate", *HydraConfig.get().overrides.task])
            _results.append(evaluate(settings, _console(), _name_suffix(), command))
    except BadInputError as error:
        if os.getpid() != _home:  # a launcher's own process, whose lists nobody reads
            raise
        _failures.append(error)


def _compare(results: Sequence[Result], console: Console) -> None:
    """One table of all runs of a sweep that scored the same gold."""
    from bench.comparison import compare_columns, table

    names = {result.name for result in results}
    golds = {result.gold.sha256 for result in results}
    if len(names) < len(results) or len(golds) > 1:
        console.print("No comparison: the runs of this sweep have the same name, or scored different pairs.")
        return
    first = results[0].settings
    comparison = compare_columns(
        results[0].gold,
        {result.name: result.predictions for result in results},
        threshold=first.threshold,
        replicates=first.bootstrap.replicates,
        seed=first.bootstrap.seed,
    )
    console.print(table(comparison))
    path = Path(first.output_dir) / "comparison.json"
    write(path, to_json(comparison))
    console.print(f"Written to {path}", highlight=False, soft_wrap=True)


def _console() -> Console:
    """A terminal that tables fit in, 100 columns at most."""
    return Console(width=min(100, Console().width))


def _one_line(error: Exception) -> str:
    """What Hydra complains about, in one line."""
    text = str(error)
    if match := re.search(r"Could not find '(\S+)/(\S+)'", text):
        group, name = match.groups()
        options = sorted(path.stem for path in (configs_home() / group).glob("*.yaml"))
        return f"settings: unknown {group} {name!r}" + (f", expected {one_of(options)}" if options else "")
    if match := re.search(r"Could not override '(\S+?)'", text):
        return f"settings: unknown setting {match[1]!r}; `python -m bench.evaluate --help` lists them"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "settings: " + " ".join(lines[:2])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    console = _console()
    _results.clear()
    _failures.clear()
    given = quote_paths(sys.argv[1:] if arguments is None else arguments)
    # Hydra takes no flag between overrides: that of a sweep goes first.
    given.sort(key=lambda argument: argument not in ("-m", "--multirun"))
    varied = " ".join(argument.partition("=")[0] for argument in given if re.search(r"=.*[,(]", argument))
    scratch = tempfile.mkdtemp(prefix="counterclaim-")
    saved_argv, saved_environment = sys.argv, dict(os.environ)
    sys.argv = ["bench.evaluate", *given]
    os.environ |= {"HYDRA_FULL_ERROR": "1", "COUNTERCLAIM_SWEEP_DIR": scratch, _VARIED: varied}
    try:
        hydra.main(version_base="1.3", config_path=str(configs_home()), config_name="evaluate")(_task)()
        if len(_results) > 1:
            _compare(_results, console)
        for failure in _failures:
            print(failure, file=sys.stderr)
    except (HydraException, OmegaConfBaseException) as error:
        print(_one_line(error), file=sys.stderr)
        return 2
    except BadInputError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        sys.argv = saved_argv
        os.environ.clear()
        os.environ.update(saved_environment)
        shutil.rmtree(scratch, ignore_errors=True)
    return 2 if _failures else 0


if __name__ == "__main__":
    sys.exit(main())
