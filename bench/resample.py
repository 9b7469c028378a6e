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

from bench.metrics import Curve, Floats

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVEL = 0.95
"""Coverage that an interval aims at."""

_CELLS = 1 << 22
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
    """Pairs sorted by score once; `curve` then gives what rank metrics need under any weights of the events."""

    def __init__(self, positive: NDArray[np.bool_], score: Floats, event: Ints) -> None:
        """Args: whether each pair is a contradiction, its score, and the number of its event; all (n,)."""
        order = np.argsort(-score, kind="stable")
        score, positive, event = score[order], positive[order], event[order]
        self._positive_event = event[positive]
        self._negative_event = event[~positive]
        # Where each run of equal scores among the contradictions ends, and the other pairs at or above it.
        high, low = score[positive], -score[~positive]
        self._ends = np.flatnonzero(np.diff(high, append=-np.inf))
        self._at = np.searchsorted(low, -high[self._ends], side="right")
        self._above = np.searchsorted(low, -high[self._ends], side="left")
        self.width = len(score) + 3 * len(self._ends)

    def curve(self, weights: Floats) -> Curve:
        """The curve under each row of `weights` (..., events)."""
        tp = np.cumsum(np.take(weights, self._positive_event, axis=-1), axis=-1)
        fp = np.zeros((*weights.shape[:-1], len(self._negative_event) + 1))
        np.cumsum(np.take(weights, self._negative_event, axis=-1), axis=-1, out=fp[..., 1:])
        return Curve(
            np.take(tp, self._ends, axis=-1),
            np.take(fp, self._at, axis=-1),
            np.take(fp, self._above, axis=-1),
            fp[..., -1],
        )

    @property
    def empty(self) -> bool:
        """Whether there is no contradiction to rank."""
        return len(self._ends) == 0


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
