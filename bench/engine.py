"""Where a model is made, fitted and run, in batches: this process, or whatever `configs/engine/` names."""

from __future__ import annotations

import inspect
import pkgutil
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.hardware import hardware, peak_memory_mib
from bench.issues import bad_input, one_of, show
from bench.partial import Partial, run_key
from bench.schema import LABELS, Prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bench.schema import Pair

    Engine = Callable[[Any, Sequence[Sequence[Pair]]], Iterator[tuple[list[Prediction], float]]]
    """Takes a fitted model and batches of pairs; yields the predictions of each batch, in any order, and the most memory
    in MiB that the process had held that made them."""

BATCH_SIZE = 1024


def make(dotted: str, settings: dict[str, Any]) -> Any:
    """The object that `package.module:name` makes of `settings`."""
    try:
        factory = pkgutil.resolve_name(dotted)
    except (ImportError, AttributeError, ValueError) as error:
        raise bad_input("settings", f"cannot import {dotted}: {error}", "package.module:name") from error
    try:
        return factory(**settings)
    except TypeError as error:
        raise bad_input("settings", f"{dotted} does not take these settings: {error}") from error


def local() -> Engine:
    """An engine that runs a model in this process, one batch after the other."""

    def run(model: Any, batches: Sequence[Sequence[Pair]]) -> Iterator[tuple[list[Prediction], float]]:
        for batch in batches:
            yield answer(model, batch), peak_memory_mib()

    return run


def fit_and_predict(
    dotted: str,
    settings: dict[str, Any],
    pairs: Sequence[Pair],
    *,
    data_dir: str | None = None,
    batch_size: int = BATCH_SIZE,
    engine: Engine | None = None,
    partial: Path | None = None,
) -> tuple[list[Prediction], dict[str, Any]]:
    """Make an estimator, fit it on the training pairs where it has a `fit`, and predict `pairs`.

    Pairs marked ambiguous are not learnt from. A `fit` that takes `validation` is given (pairs, labels) of that split too.
    Where an estimator reads files that decide what it says, its attribute `identity` tells them apart.
    Where it has `usage_`, what its copies in other processes took is fetched with `take_tally()` and given to `add_tally(tally)`.

    Args:
        dotted: `package.module:name` of the estimator.
        settings: what it is made with.
        pairs: what to predict.
        data_dir: where the training pairs lie; by default the data that ships with the package.
        batch_size: pairs given to the model at once.
        engine: where the model runs; by default in this process.
        partial: the file that an interrupted run leaves its predictions in, and the next one goes on from; removed
            in the end.

    Returns:
        The predictions in the order of `pairs`, and what the run took: the splits that it learnt from, seconds, pairs per
        second after the first batch, peak memory, hardware, and the model's own `usage_` where it has one.

    Raises:
        BadInputError: where the model cannot be made, or its classes or the shape of its answer are wrong.
    """
    from bench.load import load_pairs

    estimator = make(dotted, settings)
    names = []
    if hasattr(estimator, "fit"):
        names = ["train"]
        if "validation" in inspect.signature(estimator.fit).parameters:
            names.append("validation")
    splits = [[pair for pair in load_pairs(name, data_dir) if not pair.ambiguous] for name in names]
    identity = [settings, getattr(estimator, "identity", None)]
    kept = Partial(partial, run_key(dotted, identity, pairs, splits)) if partial else None
    try:
        made = {row.pair_id: row for row in (kept.done if kept else ())}
        left = [pair for pair in pairs if pair.pair_id not in made]
        run: dict[str, Any] = {"learnt_from": names} | ({"resumed_pairs": len(made)} if made else {})
        if left:
            started = time.perf_counter()
            if splits:
                learn(estimator, splits)
            run["fit_seconds"] = round(time.perf_counter() - started, 3)
            batches = [left[start : start + batch_size] for start in range(0, len(left), batch_size)]
            for predictions in _timed((engine or local())(estimator, batches), len(left), run):
                made |= {row.pair_id: row for row in predictions}
                if kept:
                    kept.add(predictions)
        if lost := [pair.pair_id for pair in pairs if pair.pair_id not in made]:
            raise bad_input(dotted, "pairs without a prediction", "none", show(lost))
        if kept:
            kept.remove()
    finally:
        if kept:
            kept.close()
    if usage := getattr(estimator, "usage_", None):
        run["usage"] = usage
    return [made[pair.pair_id] for pair in pairs], run | {"hardware": hardware()}


def learn(estimator: Any, splits: Sequence[Sequence[Pair]]) -> None:
    """Fit on the first split; a second one is for validation."""
    (training, labels), *validation = [(split, [pair.label for pair in split]) for split in splits]
    estimator.fit(training, labels, **({"validation": validation[0]} if validation else {}))


def _timed(
    results: Iterator[tuple[list[Prediction], float]], total: int, run: dict[str, Any]
) -> Iterator[list[Prediction]]:
    """The predictions of each batch; a terminal shows a bar with rate and time left, `run` gets the figures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("predicting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pairs, {task.fields[rate]:,.0f} a second,"),
        TimeRemainingColumn(),
    )
    console, done, first, peak = Console(stderr=True), 0, 0, 0.0
    started = warm = time.perf_counter()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("predicting", total=total, rate=0)
        for predictions, memory in results:
            now = time.perf_counter()
            done, peak = done + len(predictions), max(peak, memory)
            if not first:
                first, warm = done, now
            bar.update(task, completed=done, rate=done / (now - started))
            yield predictions
    seconds = time.perf_counter() - started
    timed = (done - first, time.perf_counter() - warm) if done > first else (done, seconds)
    run |= {
        "predict_seconds": round(seconds, 3),
        "pairs_per_second": round(timed[0] / timed[1], 1),
        "peak_memory_mib": peak,
    }


def answer(model: Any, batch: Sequence[Pair]) -> list[Prediction]:
    """What a fitted model says of a batch.

    Args:
        model: the estimator; it has `predict_proba(pairs)` -> (n, classes) and `classes_`, names of labels. With the classes
            `entailment`, `neutral`, `contradiction` it gives `scores`; with `contradiction` and one other, `score`.
        batch: what to predict.

    Raises:
        BadInputError: where the model's classes or the shape of its answer are wrong.
    """
    kind = type(model).__name__
    said = np.asarray(model.predict_proba(batch), np.float64)
    classes = [str(name) for name in model.classes_]
    if said.shape != (len(batch), len(classes)):
        expected = f"({len(batch)}, {len(classes)})"
        raise bad_input(kind, "predict_proba gave the wrong shape", expected, show(said.shape))
    return _records(kind, batch, said, classes)


def _records(
    kind: str, pairs: Sequence[Pair], said: NDArray[np.float64], classes: list[str]
) -> list[Prediction]:
    if "contradiction" in classes and len(classes) == 2 and not set(classes) <= set(LABELS):
        score = said[:, classes.index("contradiction")]
        return [
            Prediction(pair_id=pair.pair_id, score=float(x)) for pair, x in zip(pairs, score, strict=True)
        ]
    if not classes or not set(classes) <= set(LABELS) or len(set(classes)) < len(classes):
        raise bad_input(kind, "classes_ are not labels", one_of(LABELS), show(classes))
    scores = np.zeros((len(pairs), len(LABELS)))
    scores[:, [list(LABELS).index(name) for name in classes]] = said
    return [
        Prediction(pair_id=pair.pair_id, scores=dict(zip(LABELS, map(float, row), strict=True)))
        for pair, row in zip(pairs, scores, strict=True)
    ]
