"""Where a model is made, fitted and run: this process, in batches."""

from __future__ import annotations

import pkgutil
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.issues import bad_input, one_of, show
from bench.schema import LABELS, Prediction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.schema import Pair


def make_estimator(dotted: str, settings: dict[str, Any]) -> Any:
    """The object that `package.module:name` makes of `settings`."""
    try:
        factory = pkgutil.resolve_name(dotted)
    except (ImportError, AttributeError, ValueError) as error:
        raise bad_input("settings", f"cannot import {dotted}: {error}", "package.module:name") from error
    try:
        return factory(**settings)
    except TypeError as error:
        raise bad_input("settings", f"{dotted} does not take these settings: {error}") from error


def fit_and_predict(
    estimator: Any, pairs: Sequence[Pair], data_dir: str | None, batch_size: int
) -> tuple[list[Prediction], dict[str, Any]]:
    """Fit on the training pairs that are not ambiguous, where there is a `fit`; predict `pairs`.

    Returns:
        The predictions, and how long it took.
    """
    from bench.load import load_pairs

    started = time.perf_counter()
    if hasattr(estimator, "fit"):
        training = [pair for pair in load_pairs("train", data_dir) if not pair.ambiguous]
        estimator.fit(training, [pair.label for pair in training])
    fitted = time.perf_counter()
    predictions = predict(estimator, pairs, batch_size)
    seconds = time.perf_counter() - fitted
    return predictions, {
        "fit_seconds": round(fitted - started, 3),
        "predict_seconds": round(seconds, 3),
        "pairs_per_second": round(len(pairs) / seconds, 1),
    }


def predict(model: Any, pairs: Sequence[Pair], batch_size: int) -> list[Prediction]:
    """What a fitted model says of every pair, in their order; a terminal shows a bar with the time left.

    Args:
        model: the estimator; it has `predict_proba(pairs)` -> (n, classes) and `classes_`, names of labels. With the classes
            `entailment`, `neutral`, `contradiction` it gives `scores`; with `contradiction` and one other, `score`.
        pairs: what to predict.
        batch_size: pairs given to the model at once.

    Raises:
        BadInputError: where the model's classes or the shape of its answer are wrong.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    kind = type(model).__name__
    columns = (
        TextColumn("predicting"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pairs"),
        TimeRemainingColumn(),
    )
    predictions: list[Prediction] = []
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("predicting", total=len(pairs))
        for start in range(0, len(pairs), batch_size):
            batch = pairs[start : start + batch_size]
            answer = np.asarray(model.predict_proba(batch), np.float64)
            classes = [str(name) for name in model.classes_]
            if answer.shape != (len(batch), len(classes)):
                expected = f"({len(batch)}, {len(classes)})"
                raise bad_input(kind, "predict_proba gave the wrong shape", expected, show(answer.shape))
            predictions += _records(kind, batch, answer, classes)
            bar.advance(task, len(batch))
    return predictions


def _records(
    kind: str, pairs: Sequence[Pair], answer: NDArray[np.float64], classes: list[str]
) -> list[Prediction]:
    if "contradiction" in classes and len(classes) == 2 and not set(classes) <= set(LABELS):
        score = answer[:, classes.index("contradiction")]
        return [
            Prediction(pair_id=pair.pair_id, score=float(x)) for pair, x in zip(pairs, score, strict=True)
        ]
    if not classes or not set(classes) <= set(LABELS) or len(set(classes)) < len(classes):
        raise bad_input(kind, "classes_ are not labels", one_of(LABELS), show(classes))
    scores = np.zeros((len(pairs), len(LABELS)))
    scores[:, [list(LABELS).index(name) for name in classes]] = answer
    return [
        Prediction(pair_id=pair.pair_id, scores=dict(zip(LABELS, map(float, row), strict=True)))
        for pair, row in zip(pairs, scores, strict=True)
    ]
