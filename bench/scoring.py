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
from bench.resample import LEAST_EVENTS, event_weights, interval
from bench.sufficient import Outcome, Sufficient, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.formulas import Floats
    from bench.schema import Pair, Prediction

REPLICATES = 10_000
THRESHOLD = 0.5


@dataclass
class Task:
    """Metrics to be computed on some of the pairs."""

    members: NDArray[np.int64]
    metrics: list[Metric]


def figures(result: Outcome, tasks: Sequence[Task], replicates: int, seed: int) -> list[dict[str, Figure]]:
    """The figures of every task, all from the same draws of events."""
    stacks = [
        Sufficient(result, task.members, {metric.statistic for metric in task.metrics}) for task in tasks
    ]

    def evaluate(weights: Floats, *, exact: bool) -> list[dict[str, Floats]]:
        values = []
        for task, stack in zip(tasks, stacks, strict=True):
            found = stack.under(weights, exact=exact)
            nothing = np.full(len(weights), np.nan)
            values.append(
                {
                    metric.name: metric.function(found[metric.statistic])
                    if metric.statistic in found
                    else nothing
                    for metric in task.metrics
                }
            )
        return values

    point = evaluate(np.ones((1, result.gold.events)), exact=True)
    width = max(stack.width for stack in stacks)
    blocks = [
        evaluate(weights, exact=False)
        for weights in event_weights(result.gold.events, replicates, seed, width)
    ]
    return [
        {
            metric.name: _figure(
                metric,
                float(point[n][metric.name][0]),
                np.concatenate([np.empty(0), *(block[n][metric.name] for block in blocks)]),
                len(np.unique(result.gold.event[task.members])),
                _lacking(metric, result),
            )
            for metric in task.metrics
        }
        for n, task in enumerate(tasks)
    ]


def _lacking(metric: Metric, result: Outcome) -> str:
    """What a system or the gold does not give for a metric; empty where nothing lacks."""
    if metric.statistic in ("curve", "squares", "bins", "risk") and result.score is None:
        return "the system gives labels without scores"
    if metric.statistic in ("swap", "triads") and result.gold.claims is None:
        return "the pairs do not name their claims"
    return ""


def _figure(metric: Metric, value: float, replicates: Floats, events: int, lacking: str) -> Figure:
    if np.isnan(value):
        return Figure(value=None, low=None, high=None, undefined=lacking or metric.undefined)
    lost = int(np.isnan(replicates).sum())
    if lost == len(replicates) or events < LEAST_EVENTS:
        return Figure(value=value, low=None, high=None, undefined_replicates=lost)
    low, high = interval(replicates)
    return Figure(value=value, low=float(low), high=float(high), undefined_replicates=lost)


def _tasks(result: Outcome) -> tuple[list[Task], list[tuple[str, str, int, int]]]:
    """All pairs, then every slice; with (field, value, pairs, events) of the slices."""
    kept = ~result.gold.ambiguous
    everything = [metric for metric in METRICS.values() if result.three_way or not metric.three_way]
    decisions = [metric for metric in everything if metric.group in ("detection", "three-way")]
    tasks = [Task(np.flatnonzero(kept), everything)]
    names = []
    for field in SLICES:
        for value, members in result.gold.slices.get(field.name, {}).items():
            chosen = members[kept[members]]
            if len(chosen):
                hard = (field.name, value) == ("subset", "hard")
                metrics = decisions if hard else [METRICS[name] for name in field.metrics]
                tasks.append(Task(chosen, metrics))
                names.append((field.name, value, len(chosen), len(np.unique(result.gold.event[chosen]))))
    return tasks, names


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
    tasks, names = _tasks(result)
    found = figures(result, tasks, replicates, seed)
    data = data_name(gold)
    kept = np.flatnonzero(~gold.ambiguous)
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
            events=len(np.unique(gold.event[kept])),
            ambiguous=int(gold.ambiguous.sum()),
            labels={label: int((gold.label[kept] == code).sum()) for code, label in enumerate(gold.labels)},
        ),
        figures=found[0],
        confusion_labels=list(result.labels),
        confusion=[[int(n) for n in row] for row in result.counts(kept).sum(0)],
        slices=[
            Slice(field=field, value=value, pairs=pairs, events=events, figures=part)
            for (field, value, pairs, events), part in zip(names, found[1:], strict=True)
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
