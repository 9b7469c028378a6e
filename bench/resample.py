"""Event-cluster bootstrap and paired tests.

Pairs of an event share claims and sources, so that they are not independent; events are what is drawn. A replicate
is a vector of how often each event was drawn, which turns every additive statistic into one matrix product.

References:
    Field & Welsh, Bootstrapping clustered data, JRSS B 69, 2007. Efron & Tibshirani, An Introduction to the
    Bootstrap, 1993 (percentile intervals). Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989
    (approximate randomisation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.formulas import Curve, Floats, dot, gains
from bench.report import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEVEL = 0.95
"""Coverage that an interval aims at."""

LEAST_EVENTS = 5
"""Fewer events than this give no interval: so few draws say nothing about other events."""

_DENSE = 1 << 22
"""Events times thresholds up to which cumulated counts are kept."""

_CELLS = 1 << 23
"""How many numbers a block of replicates may hold; bounds memory."""

Ints = NDArray[np.int64]


def event_weights(events: int, replicates: int, seed: int, width: int = 1) -> Iterator[Floats]:
    """How often each event is drawn, in blocks of replicates: float arrays (block, events), rows summing to `events`.

    Args:
        events: number of events, at least 1.
        replicates: number of replicates in all.
        seed: of the generator; the same seed gives the same draws whatever the size of a block.
        width: numbers that the caller holds for each replicate, so that a block fits in memory.
    """
    generator = np.random.default_rng(seed)
    block = max(1, _CELLS // max(events, width))
    for start in range(0, replicates, block):
        rows = min(block, replicates - start)
        drawn = generator.integers(events, size=(rows, events))
        drawn += np.arange(rows)[:, None] * events
        yield np.bincount(drawn.ravel(), minlength=rows * events).reshape(rows, events).astype(np.float64)


def event_counts(
    gold: Ints | NDArray[np.bool_], predicted: Ints | NDArray[np.bool_], event: Ints, events: int, labels: int
) -> Floats:
    """Gold by predicted label, for each event: (events, labels, labels)."""
    cell = (event * labels + gold) * labels + predicted
    counts = np.bincount(cell, minlength=events * labels * labels)
    return counts.reshape(events, labels, labels).astype(np.float64)


class Ranking:
    """Pairs sorted by score once; `curve` then gives what rank metrics need under any weights of the events.

    Where events times thresholds fit in memory, the cumulated counts of each event are kept, and every curve is a
    matrix product; otherwise the weights are gathered in the order of the scores and summed up.
    """

    def __init__(self, positive: NDArray[np.bool_], score: Floats, event: Ints, events: int) -> None:
        """Sort the pairs.

        Args:
            positive: (n,) which pairs are contradictions, one at least.
            score: (n,) what they are ranked by.
            event: (n,) number of their event.
            events: how many events there are.
        """
        order = np.argsort(-score, kind="stable")
        score, positive, event = score[order], positive[order], event[order]
        self._positive_event, self._negative_event = event[positive], event[~positive]
        high, low = -score[positive], -score[~positive]
        stops = np.unique(high)
        self._ends: Ints = np.searchsorted(high, stops, side="right")
        self._at: Ints = np.searchsorted(low, stops, side="right")
        self._above: Ints = np.searchsorted(low, stops, side="left")
        self._dense: _Dense | None = None
        if events * len(stops) <= _DENSE:
            tp, fp, fp_above = (
                _cumulated_counts(owner, place, events, len(stops))
                for owner, place in (
                    (self._positive_event, np.searchsorted(stops, high, side="left")),
                    (self._negative_event, np.searchsorted(stops, low, side="left")),
                    (self._negative_event, np.searchsorted(stops, low, side="right")),
                )
            )
            negatives = np.bincount(self._negative_event, minlength=events)
            self._dense = _Dense(tp, tp + fp, gains(tp) @ (fp + fp_above).T / 2, negatives.astype(np.float64))
        self.width = 3 * len(stops) if self._dense else len(score) + 3 * len(stops)

    def curve(self, weights: Floats) -> Curve:
        """The curve under each row of `weights` (replicates, events), in their precision."""
        if self._dense:
            tp, seen, lost, negatives = (part.astype(weights.dtype) for part in self._dense)
            lost_by_event = weights @ lost
            return Curve(weights @ tp, weights @ seen, dot(lost_by_event, weights), weights @ negatives)
        found, missed = (_cumulated(weights, event) for event in (self._positive_event, self._negative_event))
        tp, fp, fp_above = (
            np.take(sums, places, axis=-1)
            for sums, places in ((found, self._ends), (missed, self._at), (missed, self._above))
        )
        added = gains(tp)
        return Curve(tp, tp + fp, (dot(added, fp) + dot(added, fp_above)) / 2, missed[..., -1])


class _Dense(NamedTuple):
    """By event, as in `Curve`: tp and seen (events, T), negatives (events,); lost (events, events) by event of the
    contradiction and of the other pair.
    """

    tp: Floats
    seen: Floats
    lost: Floats
    negatives: Floats


def _cumulated_counts(event: Ints, place: Ints, events: int, places: int) -> Floats:
    """How many pairs of each event stand at the first 1, 2, ... places: (events, places); others are left out."""
    kept = place < places
    counts = np.bincount(event[kept] * places + place[kept], minlength=events * places)
    return counts.reshape(events, places).cumsum(1).astype(np.float64)


def _cumulated(weights: Floats, event: Ints) -> Floats:
    """Sums of the weights of the first 0, 1, ... pairs: (..., pairs + 1)."""
    sums = np.zeros((*weights.shape[:-1], len(event) + 1))
    np.cumsum(np.take(weights, event, axis=-1), axis=-1, out=sums[..., 1:])
    return sums


def replicated(
    evaluate: Callable[[Floats], Floats], events: int, replicates: int, seed: int, width: int
) -> Floats:
    """What `evaluate` makes of every replicate: (replicates, ...).

    Args:
        evaluate: weights of the events, (block, events), to values (block, ...).
        events: number of events, at least 1.
        replicates: number of replicates in all; 0 gives an empty array.
        seed: as in `event_weights`.
        width: as in `event_weights`.
    """
    blocks = map(evaluate, event_weights(events, replicates, seed, width))
    return np.concatenate([evaluate(np.empty((0, events))), *blocks])


def interval(replicates: Floats) -> tuple[float, float] | None:
    """Percentile interval of the replicates that are defined; None where none is."""
    defined = replicates[np.isfinite(replicates)]
    if not defined.size:
        return None
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(defined, [tail, 100 - tail])
    return float(low), float(high)


def figure_of(value: float, replicates: Floats, undefined: str | None = None) -> Figure:
    """A value with the interval of its replicates; `undefined` says why a NaN is one."""
    if np.isnan(value):
        return Figure(value=None, low=None, high=None, undefined=undefined)
    low, high = interval(replicates) or (None, None)
    lost = int(np.isnan(replicates).sum())
    return Figure(value=float(value), low=low, high=high, undefined_replicates=lost)
