"""Whether predictions agree with each other: swapped pairs, triads, whole events.

Each function gives, for every event, how many cases there are and how many of them are as counted; the ratio of the
sums is the metric.

References:
    Li, Gupta, Mehta & Srikumar, A logic-driven framework for consistency of neural models, EMNLP 2019 (triads:
    "transitivity"; swaps: "symmetry").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.schema import LABELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.formulas import Floats

_ABSENT = -1
_ENTAILMENT = list(LABELS).index("entailment")
_CONTRADICTION = list(LABELS).index("contradiction")


def _by_event(
    event: NDArray[np.int64], events: int, cases: NDArray[np.int64], hits: NDArray[np.int64]
) -> Floats:
    """(events, 2): hits and cases, summed over the entries of each event."""
    return np.stack([np.bincount(event, weights, events) for weights in (hits, cases)], 1)


def swap(
    event: NDArray[np.int64],
    events: int,
    claims: NDArray[np.int64],
    gold: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
) -> Floats:
    """Of contradictions present in both directions: those found in one and missed in the other, and all.

    Args:
        event: (n,) number of the event.
        events: how many events there are.
        claims: (n, 2) numbers of premise and hypothesis, unique over events.
        gold: (n,) whether the pair is a contradiction.
        predicted: (n,) whether it is said to be one.

    Returns:
        (events, 2).
    """
    event, claims, predicted = event[gold], claims[gold], predicted[gold]
    lower, upper = claims.min(1), claims.max(1)
    order = np.lexsort((claims[:, 0], upper, lower))
    lower, upper, event, predicted = lower[order], upper[order], event[order], predicted[order]
    both = (
        np.flatnonzero((lower[1:] == lower[:-1]) & (upper[1:] == upper[:-1]))
        if len(lower)
        else np.empty(0, int)
    )
    found = (predicted[both] != predicted[both + 1]).astype(np.int64)
    return _by_event(event[both], events, np.ones_like(found), found)


def triads(
    event: NDArray[np.int64], events: int, claims: NDArray[np.int64], predicted: NDArray[np.int64]
) -> Floats:
    """Of triples (a, b, c) whose labels (a, b) and (b, c) force that of (a, c): those that break it, and all.

    Entailment and entailment force entailment; entailment and contradiction force contradiction. Arguments as in
    `swap`, `predicted` being codes in `LABELS`.

    Returns:
        (events, 2).
    """
    found = np.zeros((events, 2))
    order = np.argsort(event, kind="stable")
    event, claims, predicted = event[order], claims[order], predicted[order]
    # Claims are numbered from 0 within their event; events with as many claims are looked at together.
    flat = np.concatenate([claims[:, 0], claims[:, 1]])
    owner = np.concatenate([event, event])
    keys, inverse = np.unique(np.stack([owner, flat], 1), axis=0, return_inverse=True)
    starts = np.searchsorted(keys[:, 0], np.arange(events))
    local = (np.arange(len(keys)) - starts[keys[:, 0]])[inverse.ravel()].reshape(2, -1)
    sizes = np.bincount(keys[:, 0], minlength=events)
    for size in np.unique(sizes[sizes > 2]):
        members = np.flatnonzero(sizes == size)
        row = np.full(events, _ABSENT)
        row[members] = np.arange(len(members))
        mine = row[event] >= 0
        label = np.full((len(members), size, size), _ABSENT)
        label[row[event[mine]], local[0, mine], local[1, mine]] = predicted[mine]
        entails = (label == _ENTAILMENT).astype(np.float64)
        for forced in (_ENTAILMENT, _CONTRADICTION):
            ways = entails @ (label == forced).astype(np.float64)
            ways[:, np.arange(size), np.arange(size)] = 0
            ways[label == _ABSENT] = 0
            found[members, 1] += ways.sum((1, 2))
            found[members, 0] += (ways * (label != forced)).sum((1, 2))
    return found


def exact(event: NDArray[np.int64], events: int, right: NDArray[np.bool_]) -> Floats:
    """Whether every pair of an event is right, and 1; (0, 0) for an event without pairs.

    Returns:
        (events, 2).
    """
    pairs = np.bincount(event, minlength=events)
    hits = np.bincount(event, right, events)
    return np.stack([(hits == pairs) & (pairs > 0), pairs > 0], 1).astype(np.float64)
