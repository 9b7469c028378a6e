"""Event-cluster bootstrap and paired tests.

Pairs of an event share claims and sources, so that they are not independent; events are what is drawn. A replicate
is a vector of how often each event was drawn, which turns every additive statistic into one matrix product.

References:
    Field & Welsh, Bootstrapping clustered data, JRSS B 69, 2007. Efron & Tibshirani, An Introduction to the
    Bootstrap, 1993 (percentile intervals). Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989
    (approximate randomisation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.formulas import Curve, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVEL = 0.95
"""Coverage that an interval aims at."""

LEAST_EVENTS = 5
"""Fewer events than this give no interval: so few draws say nothing about other events."""

_DENSE = 1 << 22
"""Events times thresholds up to which cumulated counts are kept."""

_CELLS = 1 << 24
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


def event_counts(gold: Ints, predicted: Ints, event: Ints, events: int, labels: int) -> Floats:
    """Gold by predicted label, for each event: (events, labels, labels)."""
    cell = (event * labels + gold) * labels + predicted
    counts = np.bincount(cell, minlength=events * labels * labels)
    return counts.reshape(events, labels, labels).astype(np.float64)


class Ranking:
    """Pairs sorted by score once; `curve` then gives what rank metrics need under any weights of the events.

    Where events times thresholds fit in memory, the cumulated counts of each event are kept and every curve is a
    matrix product (without ties between a contradiction and another pair, `fp` is `fp_above`); otherwise the weights are gathered in the order of the scores and summed up.
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
        self._dense: list[NDArray[np.float32]] | None = None
        if events * len(stops) <= _DENSE:
            self._negatives = np.bincount(self._negative_event, minlength=events)
            places: list[tuple[Ints, Ints]] = [
                (self._positive_event, np.searchsorted(stops, high, side="left")),
                (self._negative_event, np.searchsorted(stops, low, side="left")),
            ]
            if not np.array_equal(self._at, self._above):
                places.append((self._negative_event, np.searchsorted(stops, low, side="right")))
            self._dense = [_cumulated_counts(owner, place, events, len(stops)) for owner, place in places]
        self.width = 4 * len(stops) if self._dense else len(score) + 3 * len(stops)

    def curve(self, weights: Floats, *, exact: bool = True) -> Curve:
        """The curve under each row of `weights` (replicates, events); single precision is enough for intervals."""
        if self._dense:
            kind = np.float64 if exact else np.float32
            drawn = weights.astype(kind)
            tp, *fp = (drawn @ counts.astype(kind, copy=False) for counts in self._dense)
            return Curve(tp, fp[0], fp[-1], drawn @ self._negatives.astype(kind))
        found, missed = (_cumulated(weights, event) for event in (self._positive_event, self._negative_event))
        return Curve(
            np.take(found, self._ends, axis=-1),
            np.take(missed, self._at, axis=-1),
            np.take(missed, self._above, axis=-1),
            missed[..., -1],
        )


def _cumulated_counts(event: Ints, place: Ints, events: int, places: int) -> NDArray[np.float32]:
    """How many pairs of each event stand at the first 1, 2, ... places: (events, places); others are left out."""
    kept = place < places
    counts = np.bincount(event[kept] * places + place[kept], minlength=events * places)
    return counts.reshape(events, places).cumsum(1).astype(np.float32)


def _cumulated(weights: Floats, event: Ints) -> Floats:
    """Sums of the weights of the first 0, 1, ... pairs: (..., pairs + 1)."""
    sums = np.zeros((*weights.shape[:-1], len(event) + 1))
    np.cumsum(np.take(weights, event, axis=-1), axis=-1, out=sums[..., 1:])
    return sums


def interval(replicates: Floats) -> tuple[Floats, Floats]:
    """Percentile interval over the last axis, of the replicates that are defined; NaN where none is."""
    tail = (1 - LEVEL) / 2 * 100
    defined = np.isfinite(replicates)
    if defined.all():
        low, high = np.percentile(replicates, [tail, 100 - tail], axis=-1)
        return low, high
    flat = replicates.reshape(-1, replicates.shape[-1])
    ends = np.full((2, len(flat)), np.nan)
    for n, row in enumerate(flat):
        kept = row[np.isfinite(row)]
        if kept.size:
            ends[:, n] = np.percentile(kept, [tail, 100 - tail])
    return ends[0].reshape(replicates.shape[:-1]), ends[1].reshape(replicates.shape[:-1])
