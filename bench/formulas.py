"""The formulas of the metrics, over sufficient statistics that add up over events.

Each works over any leading axes, so that the value on the data, on a slice of it and on every bootstrap replicate come
from the same lines. What is not defined (0/0) is NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """Weighted counts at each distinct score of a gold contradiction, from the highest score down.

    Attributes:
        tp: (..., T) weight of contradictions with at least this score.
        seen: (..., T) weight of all pairs with at least this score.
        lost: (...) weight of (contradiction, other pair) in which the other has the higher score, ties counting half.
        negatives: (...) weight of all other pairs.
    """

    tp: Floats
    seen: Floats
    lost: Floats
    negatives: Floats


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Numerator / denominator, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    result = np.full(numerator.shape, np.nan, np.result_type(numerator, denominator, np.float32))
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def binary(counts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """(tn, fp, fn, tp), each (...), with contradiction as the positive class."""
    rest = range(counts.shape[-1] - 1)
    # Added one by one: numpy is slow to sum over axes of two or three.
    fp = sum(counts[..., k, -1] for k in rest)
    fn = sum(counts[..., -1, k] for k in rest)
    tn = sum(counts[..., j, k] for j in rest for k in rest)
    return np.asarray(tn), np.asarray(fp), np.asarray(fn), counts[..., -1, -1]


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
    root = np.sqrt((tp + fp) * (tp + fn)) * np.sqrt((tn + fp) * (tn + fn))
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


def gains(cumulated: Floats) -> Floats:
    """What each threshold adds: (..., T) -> (..., T)."""
    added = cumulated.copy()
    added[..., 1:] -= cumulated[..., :-1]
    return added


def dot(one: Floats, other: Floats) -> Floats:
    """Sum of products over the last axis, without an array of the products."""
    return np.asarray(np.einsum("...t,...t->...", one, other))


def average_precision(curve: Curve) -> Floats:
    """Sum over thresholds of (gain in recall) times precision; no interpolation."""
    at = np.maximum(curve.seen, np.finfo(curve.seen.dtype).tiny)
    np.divide(curve.tp, at, out=at)
    return ratio(dot(gains(curve.tp), at), curve.tp[..., -1])


def auroc(curve: Curve) -> Floats:
    """Probability that a contradiction scores higher than another pair, ties counting half."""
    both = curve.tp[..., -1] * curve.negatives
    return ratio(both - curve.lost, both)


def recall_at_precision(curve: Curve, least: float = 0.9) -> Floats:
    """Highest recall at a threshold that keeps precision at `least`; 0 where none does."""
    kept = curve.tp >= least * curve.seen
    lowest = kept.shape[-1] - 1 - kept[..., ::-1].argmax(-1)  # the last threshold that does; tp only grows
    found = np.take_along_axis(curve.tp, lowest[..., None], -1)[..., 0]
    return ratio(np.where(kept.any(-1), found, 0), curve.tp[..., -1])


def mean_of(sums: Floats) -> Floats:
    """First of two sums over the second: (..., 2) -> (...)."""
    return ratio(sums[..., 0], sums[..., 1])


def expected_calibration_error(bins: Floats) -> Floats:
    """Mean over pairs of the gap, in their bin, between the mean score and the share of contradictions."""
    pairs, positives, scores = (bins[..., n] for n in range(3))
    return ratio(np.abs(scores - positives).sum(-1), pairs.sum(-1))


def area_under_risk_coverage(risk: Floats) -> Floats:
    """Mean error rate among the most confident pairs, over all coverages.

    `risk` holds pairs and errors, (..., B, 2), in bins of as many pairs from the most confident down; the pairs of a bin
    come together.
    """
    pairs, errors = risk[..., 0], risk[..., 1]
    seen = pairs.cumsum(-1)
    rate = np.divide(errors.cumsum(-1), seen, out=np.zeros_like(seen), where=seen != 0)
    return ratio((pairs * rate).sum(-1), pairs.sum(-1))


def worst_f1(counts: Floats) -> Floats:
    """Lowest contradiction F1 of a group: (..., groups, K, K) -> (...); groups without a value are left out."""
    values = f1(counts)
    lowest = np.where(np.isnan(values), np.inf, values).min(-1)
    return np.where(np.isinf(lowest), np.nan, lowest)


def entailment_f1(counts: Floats) -> Floats:
    """F1 of entailment, the first class."""
    return class_f1(counts)[..., 0]


def neutral_f1(counts: Floats) -> Floats:
    """F1 of neutral, the second class."""
    return class_f1(counts)[..., 1]
