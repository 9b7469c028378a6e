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
from bench.metrics import HEADLINE, METRICS, Floats, Metric
from bench.predictions import Predictions, from_records, read_predictions
from bench.report import Data, Figure, Report, Signature, Slice, System
from bench.resample import Ranking, event_counts, event_weights, interval
from bench.schema import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.schema import Pair, Prediction

REPLICATES = 10_000
THRESHOLD = 0.5


@dataclass(frozen=True)
class Outcome:
    """Gold beside decisions: what every figure is computed from.

    Attributes:
        labels: names of the labels that rows and columns of `counts` stand for, contradiction last.
        counts: (events, K, K) gold by predicted label for each event.
        predicted: (n,) code of the predicted label in `labels`.
        score: (n,) score of contradiction, or None.
    """

    gold: Gold
    labels: tuple[str, ...]
    label: NDArray[np.int64]
    predicted: NDArray[np.int64]
    score: Floats | None

    @property
    def three_way(self) -> bool:
        """Whether entailment and neutral are told apart."""
        return len(self.labels) == len(LABELS)

    def counts(self, members: NDArray[np.int64]) -> Floats:
        """(events, K, K) counts of the pairs with these numbers."""
        return event_counts(
            self.label[members],
            self.predicted[members],
            self.gold.event[members],
            self.gold.events,
            len(self.labels),
        )


def outcome(gold: Gold, predictions: Predictions, threshold: float = THRESHOLD) -> Outcome:
    """Decide every pair. A system without labels says contradiction from `threshold` on.

    A missing prediction is wrong: the other label of the pair, at the far end of the ranking.
    """
    from bench.schema import NOT_CONTRADICTION

    top = len(gold.labels) - 1
    binary = predictions.binary or top == 1
    is_contradiction = gold.label == top
    labels = (NOT_CONTRADICTION, "contradiction") if binary else gold.labels
    label = is_contradiction.astype(np.int64) if binary else gold.label
    if not binary:
        predicted = predictions.labels.astype(np.int64)
    elif predictions.score is not None and (predictions.labels < 0).any():
        predicted = (predictions.score >= threshold).astype(np.int64)
    else:
        predicted = (predictions.labels == len(LABELS) - 1).astype(np.int64)
    score = predictions.score
    if predictions.missing.any():
        wrong = np.where(is_contradiction, len(labels) - 2, len(labels) - 1)
        predicted = np.where(predictions.missing, wrong, predicted)
        if score is not None:
            score = np.where(predictions.missing, np.where(is_contradiction, 0.0, 1.0), score)
    return Outcome(gold, labels, label, predicted, score)


@dataclass
class _Task:
    """Figures to be computed on some of the pairs."""

    members: NDArray[np.int64]
    metrics: list[Metric]


def _figures(result: Outcome, tasks: Sequence[_Task], replicates: int, seed: int) -> list[dict[str, Figure]]:
    """The figures of every task, all from the same draws of events."""
    size = len(result.labels)
    stacked = np.stack([result.counts(task.members) for task in tasks], 1)  # (events, tasks, K, K)
    flat = stacked.reshape(result.gold.events, -1)
    rankings: dict[int, Ranking] = {}
    for n, task in enumerate(tasks):
        if result.score is not None and any(metric.statistic == "curve" for metric in task.metrics):
            top = result.label[task.members] == size - 1
            rankings[n] = Ranking(top, result.score[task.members], result.gold.event[task.members])

    def evaluate(weights: Floats) -> list[dict[str, Floats]]:
        counts = (weights @ flat).reshape(-1, len(tasks), size, size)
        values = []
        for n, task in enumerate(tasks):
            curve = rankings[n].curve(weights) if n in rankings and not rankings[n].empty else None
            nothing = np.full(len(weights), np.nan)
            values.append(
                {
                    metric.name: metric.function(counts[:, n])
                    if metric.statistic == "counts"
                    else (nothing if curve is None else metric.function(curve))
                    for metric in task.metrics
                }
            )
        return values

    point = evaluate(np.ones((1, result.gold.events)))
    width = max([flat.shape[1], *(ranking.width for ranking in rankings.values())])
    blocks = [evaluate(weights) for weights in event_weights(result.gold.events, replicates, seed, width)]
    return [
        {
            metric.name: _figure(
                metric,
                float(point[n][metric.name][0]),
                np.concatenate([np.empty(0), *(block[n][metric.name] for block in blocks)]),
                ranked=metric.statistic == "counts" or result.score is not None,
            )
            for metric in task.metrics
        }
        for n, task in enumerate(tasks)
    ]


def _figure(metric: Metric, value: float, replicates: Floats, *, ranked: bool) -> Figure:
    if np.isnan(value):
        why = metric.undefined if ranked else "the system gives labels without scores"
        return Figure(value=None, low=None, high=None, undefined=why)
    lost = int(np.isnan(replicates).sum())
    if lost == len(replicates):
        return Figure(value=value, low=None, high=None, undefined_replicates=lost)
    low, high = interval(replicates)
    return Figure(value=value, low=float(low), high=float(high), undefined_replicates=lost)


def _tasks(result: Outcome) -> tuple[list[_Task], list[tuple[str, str, int, int]]]:
    """All pairs, then every slice; with (field, value, pairs, events) of the slices."""
    kept = ~result.gold.ambiguous
    everything = [metric for metric in METRICS.values() if result.three_way or not metric.three_way]
    tasks = [_Task(np.flatnonzero(kept), everything)]
    names = []
    for field in SLICES:
        for value, members in result.gold.slices.get(field.name, {}).items():
            chosen = members[kept[members]]
            if len(chosen):
                metrics = everything if field.name == "subset" else [METRICS[name] for name in field.metrics]
                tasks.append(_Task(chosen, metrics))
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
    figures = _figures(result, tasks, replicates, seed)
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
        figures=figures[0],
        confusion_labels=list(result.labels),
        confusion=[[int(n) for n in row] for row in result.counts(kept).sum(0)],
        slices=[
            Slice(field=field, value=value, pairs=pairs, events=events, figures=found)
            for (field, value, pairs, events), found in zip(names, figures[1:], strict=True)
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
