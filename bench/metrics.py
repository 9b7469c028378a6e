"""Every metric, declared once.

A metric is a function of sufficient statistics that add up over events, so that the value on the data, on a slice
of it and on every bootstrap replicate come from the same lines:

- `counts`: float array (..., K, K), gold label by predicted label, contradiction last; K is 3, or 2 where the gold
  labels or the system tell only contradiction from the rest;
- `curve`: `Curve`, what a ranking by the score of contradiction needs.

A metric that is not defined (0/0) is NaN; `Metric.undefined` says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """Weighted counts at each distinct score of a gold contradiction, from the highest score down.

    Attributes:
        tp: (..., T) weight of contradictions with at least this score.
        fp: (..., T) weight of other pairs with at least this score.
        fp_above: (..., T) weight of other pairs with a higher score.
        negatives: (...) weight of all other pairs.
    """

    tp: Floats
    fp: Floats
    fp_above: Floats
    negatives: Floats


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, where it lies, when it has no value, and how it is computed."""

    name: str
    title: str
    group: str
    statistic: str
    function: Callable[[Any], Floats]
    undefined: str
    citation: str
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool = True
    three_way: bool = False


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Numerator / denominator, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    result = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def binary(counts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """(tn, fp, fn, tp), each (...), with contradiction as the positive class."""
    tp = counts[..., -1, -1]
    fp = counts[..., :-1, -1].sum(-1)
    fn = counts[..., -1, :-1].sum(-1)
    return counts.sum((-2, -1)) - tp - fp - fn, fp, fn, tp


def precision(counts: Floats) -> Floats:
    """Tp / (tp + fp)."""
    _, fp, _, tp = binary(counts)
    return ratio(tp, tp + fp)


def recall(counts: Floats) -> Floats:
    """Tp / (tp + fn)."""
    _, _, fn, tp = binary(counts)
    return ratio(tp, tp + fn)


def f1(counts: Floats) -> Floats:
    """2 tp / (2 tp + fp + fn)."""
    _, fp, fn, tp = binary(counts)
    return ratio(2 * tp, 2 * tp + fp + fn)


def false_alarm_rate(counts: Floats) -> Floats:
    """Fp / (fp + tn)."""
    tn, fp, _, _ = binary(counts)
    return ratio(fp, fp + tn)


def mcc(counts: Floats) -> Floats:
    """(tp tn - fp fn) / sqrt((tp + fp)(tp + fn)(tn + fp)(tn + fn))."""
    tn, fp, fn, tp = binary(counts)
    # Two square roots, since the product of four counts would lose digits.
    root = np.sqrt((tp + fp) * (tn + fn)) * np.sqrt((tp + fn) * (tn + fp))
    return np.clip(ratio(tp * tn - fp * fn, root), -1.0, 1.0)


def balanced_accuracy(counts: Floats) -> Floats:
    """Mean of the recalls of contradiction and of the rest."""
    tn, fp, fn, tp = binary(counts)
    return (ratio(tp, tp + fn) + ratio(tn, tn + fp)) / 2


def accuracy(counts: Floats) -> Floats:
    """Share of pairs on the diagonal."""
    return ratio(np.trace(counts, axis1=-2, axis2=-1), counts.sum((-2, -1)))


def class_f1(counts: Floats) -> Floats:
    """F1 of each class: (..., K)."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    return ratio(2 * hits, counts.sum(-1) + counts.sum(-2))


def macro_f1(counts: Floats) -> Floats:
    """Mean of the F1 of the classes."""
    return np.asarray(class_f1(counts).mean(-1))


def average_precision(curve: Curve) -> Floats:
    """Sum over thresholds of (gain in recall) times precision; no interpolation."""
    gains = np.diff(curve.tp, axis=-1, prepend=0.0)
    seen = curve.tp + curve.fp
    at = np.divide(curve.tp, seen, out=np.zeros_like(seen), where=seen != 0)
    return ratio((gains * at).sum(-1), curve.tp[..., -1])


def auroc(curve: Curve) -> Floats:
    """Probability that a contradiction scores higher than another pair, ties counting half."""
    gains = np.diff(curve.tp, axis=-1, prepend=0.0)
    below = curve.negatives[..., None] - (curve.fp + curve.fp_above) / 2
    return ratio((gains * below).sum(-1), curve.tp[..., -1] * curve.negatives)


def _class_f1(index: int) -> Callable[[Floats], Floats]:
    return lambda counts: class_f1(counts)[..., index]


_RIJSBERGEN = "van Rijsbergen, Information Retrieval, 1979"
_NO_POSITIVE = "no pair is a contradiction"
_ONE_CLASS = "every pair is a contradiction, or none is"

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "contradiction_f1",
            "Contradiction F1",
            "detection",
            "counts",
            f1,
            "no pair is a contradiction and none is predicted to be one",
            _RIJSBERGEN,
        ),
        Metric(
            "contradiction_precision",
            "Contradiction precision",
            "detection",
            "counts",
            precision,
            "no pair is predicted to be a contradiction",
            _RIJSBERGEN,
        ),
        Metric(
            "contradiction_recall",
            "Contradiction recall",
            "detection",
            "counts",
            recall,
            _NO_POSITIVE,
            _RIJSBERGEN,
        ),
        Metric(
            "false_alarm_rate",
            "False alarm rate",
            "detection",
            "counts",
            false_alarm_rate,
            "every pair is a contradiction",
            "Fawcett, An introduction to ROC analysis, 2006",
            higher_is_better=False,
        ),
        Metric(
            "mcc",
            "Matthews correlation",
            "detection",
            "counts",
            mcc,
            "gold or predicted labels are all contradiction, or none is",
            "Matthews, Comparison of the predicted and observed secondary structure of T4 phage lysozyme, 1975",
            low=-1.0,
        ),
        Metric(
            "balanced_accuracy",
            "Balanced accuracy",
            "detection",
            "counts",
            balanced_accuracy,
            _ONE_CLASS,
            "Brodersen et al., The balanced accuracy and its posterior distribution, 2010",
        ),
        Metric(
            "average_precision",
            "Average precision",
            "detection",
            "curve",
            average_precision,
            _NO_POSITIVE,
            "Zhu, Recall, precision and average precision, 2004",
        ),
        Metric(
            "auroc",
            "AUROC",
            "detection",
            "curve",
            auroc,
            _ONE_CLASS,
            "Hanley & McNeil, The meaning and use of the area under a ROC curve, 1982",
        ),
        Metric(
            "accuracy",
            "Accuracy",
            "three-way",
            "counts",
            accuracy,
            "there is no pair",
            "",
            three_way=True,
        ),
        Metric(
            "macro_f1",
            "Macro-F1",
            "three-way",
            "counts",
            macro_f1,
            "a label occurs neither in gold nor in predictions",
            "Yang & Liu, A re-examination of text categorization methods, 1999",
            three_way=True,
        ),
        Metric(
            "entailment_f1",
            "Entailment F1",
            "three-way",
            "counts",
            _class_f1(0),
            "no pair is an entailment and none is predicted to be one",
            _RIJSBERGEN,
            three_way=True,
        ),
        Metric(
            "neutral_f1",
            "Neutral F1",
            "three-way",
            "counts",
            _class_f1(1),
            "no pair is neutral and none is predicted to be",
            _RIJSBERGEN,
            three_way=True,
        ),
    )
}
"""Every metric by its name, in the order in which reports show them."""

HEADLINE = "contradiction_f1"
