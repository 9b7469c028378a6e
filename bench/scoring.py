"""Gold + predictions -> one Report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.files import data_home
from bench.gold import SLICES, Gold, gold_of
from bench.issues import BadInputError
from bench.load import load_manifest
from bench.metrics import HEADLINE, METRICS, Metric
from bench.predictions import Predictions, from_records, read_predictions
from bench.report import Data, Figure, Report, Signature, Slice, System
from bench.resample import LEAST_EVENTS, figure_of, replicated
from bench.sufficient import Outcome, Sufficient, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.formulas import Floats
    from bench.schema import Pair, Prediction

REPLICATES = 10_000
THRESHOLD = 0.5


@dataclass
class Task:
    """Metrics to be computed on all pairs, or on those of a slice, which come from so many events."""

    members: NDArray[np.int64]
    events: int
    metrics: list[Metric]
    field: str = ""
    value: str = ""


def figures(result: Outcome, tasks: Sequence[Task], replicates: int, seed: int) -> list[dict[str, Figure]]:
    """The figures of every task, all from the same draws of events."""
    stacks = [
        Sufficient(result, task.members, {metric.statistic for metric in task.metrics}) for task in tasks
    ]

    def evaluate(weights: Floats) -> Floats:
        """(replicates, metrics of all tasks)."""
        values = []
        for task, stack in zip(tasks, stacks, strict=True):
            found = stack.under(weights)
            nothing = np.full(len(weights), np.nan)
            values += [
                metric.function(found[metric.statistic]) if metric.statistic in found else nothing
                for metric in task.metrics
            ]
        return np.stack(values).T

    point = iter(evaluate(np.ones((1, result.gold.events)))[0])
    drawn = iter(
        replicated(
            lambda weights: evaluate(weights.astype(np.float32)),  # enough for intervals
            result.gold.events,
            replicates,
            seed,
            max(stack.width for stack in stacks),
        ).T
    )
    made = []
    for task in tasks:
        enough = task.events >= LEAST_EVENTS
        made.append(
            {
                metric.name: figure_of(
                    next(point),
                    next(drawn)[: None if enough else 0],
                    _lacking(metric, result) or metric.undefined,
                )
                for metric in task.metrics
            }
        )
    return made


def _lacking(metric: Metric, result: Outcome) -> str:
    """What a system or the gold does not give for a metric; empty where nothing lacks."""
    if metric.statistic in ("curve", "squares", "bins", "risk") and result.score is None:
        return "the system gives labels without scores"
    if metric.statistic in ("swap", "triads") and result.gold.claims is None:
        return "the pairs do not name their claims"
    return ""


def _tasks(result: Outcome) -> list[Task]:
    """All pairs, then every slice that has one."""
    gold, kept = result.gold, ~result.gold.ambiguous

    def events(members: NDArray[np.int64]) -> int:
        return int(np.count_nonzero(np.bincount(gold.event[members])))

    everything = [metric for metric in METRICS.values() if result.three_way or not metric.three_way]
    decisions = [metric for metric in everything if metric.group in ("detection", "three-way")]
    members = np.flatnonzero(kept)
    tasks = [Task(members, events(members), everything)]
    for field in SLICES:
        for value, named in gold.slices.get(field.name, {}).items():
            members = named[kept[named]]
            if len(members):
                hard = (field.name, value) == ("subset", "hard")
                metrics = decisions if hard else [METRICS[name] for name in field.metrics]
                tasks.append(Task(members, events(members), metrics, field.name, value))
    return tasks


def data_name(gold: Gold) -> str:
    """`VERSION/SPLIT` of the shipped data that `gold` is the whole of, or `custom`."""
    try:
        manifest = load_manifest(data_home())
    except BadInputError:
        return "custom"
    for split, counts in manifest["splits"].items():
        if counts["gold_sha256"] == gold.sha256:
            return f"{manifest['version']}/{split}"
    return "custom"


def score_columns(
    gold: Gold,
    predictions: Predictions,
    *,
    name: str,
    kind: str = "file",
    settings: dict[str, Any] | None = None,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
    on_missing: str = "error",
) -> Report:
    """Score predictions that are joined to gold already; see `score`."""
    result = outcome(gold, predictions, threshold)
    tasks = _tasks(result)
    found = figures(result, tasks, replicates, seed)
    data = data_name(gold)
    kept = tasks[0].members
    return Report(
        signature=str(
            Signature(
                data=data,
                sha256=gold.sha256[:16],
                metric=HEADLINE,
                threshold=threshold,
                on_missing=on_missing,
                replicates=replicates,
                seed=seed,
            )
        ),
        system=System(
            name=name,
            kind=kind,
            settings=settings or {},
            predictions_sha256=predictions.sha256,
            missing=int(predictions.missing.sum()),
            binary=predictions.binary,
        ),
        data=Data(
            name=data,
            sha256=gold.sha256,
            pairs=len(kept),
            events=tasks[0].events,
            ambiguous=int(gold.ambiguous.sum()),
            labels={label: int((gold.label[kept] == code).sum()) for code, label in enumerate(gold.labels)},
        ),
        figures=found[0],
        confusion_labels=list(result.labels),
        confusion=[[int(n) for n in row] for row in result.counts(kept).sum(0)],
        slices=[
            Slice(
                field=task.field, value=task.value, pairs=len(task.members), events=task.events, figures=part
            )
            for task, part in zip(tasks[1:], found[1:], strict=True)
        ],
    )


def score(
    pairs: Sequence[Pair],
    predictions: str | Path | Iterable[Prediction],
    *,
    name: str | None = None,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
    on_missing: str = "error",
) -> Report:
    """Score predictions of `pairs`.

    Args:
        pairs: the gold pairs, such as `bench.load_pairs("test")`.
        predictions: a file (see `bench.read_predictions`), or `bench.Prediction` records.
        name: what the report calls the system; a file's own name by default.
        threshold: in [0, 1]; from this score on a binary system says contradiction.
        replicates: bootstrap replicates over events, 0 for no intervals.
        seed: of the bootstrap.
        on_missing: `error`, or `wrong`: a pair without a prediction counts as wrong.

    Raises:
        BadInputError: with every problem of the predictions.
        ValueError: if there are no pairs, or an argument is out of range.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must be in [0, 1], got {threshold}")
    if replicates < 0:
        raise ValueError(f"replicates must be 0 or more, got {replicates}")
    if on_missing not in ("error", "wrong"):
        raise ValueError(f"on_missing must be 'error' or 'wrong', got {on_missing!r}")
    gold = gold_of(pairs)
    if isinstance(predictions, str | Path):
        columns = read_predictions(predictions, gold.pair_ids, on_missing)
        name = name or Path(predictions).name.split(".")[0]
    else:
        columns = from_records(predictions, gold.pair_ids, on_missing)
    return score_columns(
        gold,
        columns,
        name=name or "predictions",
        threshold=threshold,
        replicates=replicates,
        seed=seed,
        on_missing=on_missing,
    )
