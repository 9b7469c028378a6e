"""Sufficient statistics: what metrics are computed from, for each event, so that events can be resampled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench import consistency
from bench.resample import Ranking, event_counts
from bench.schema import LABELS, NOT_CONTRADICTION

if TYPE_CHECKING:
    from bench.formulas import Floats
    from bench.gold import Gold
    from bench.predictions import Predictions

BINS = 15
"""Equal-mass bins of the score, for the expected calibration error."""

COVERAGES = 100
"""Equal-mass bins of the confidence, for the area under risk-coverage."""


@dataclass(frozen=True)
class Outcome:
    """Gold beside decisions.

    Attributes:
        labels: names of the K labels that are told apart, contradiction last.
        label: (n,) code of the gold label in `labels`.
        predicted: (n,) code of the predicted label in `labels`.
        score: (n,) score of contradiction, or None.
        confidence: (n,) the probability that the system gives its own decision, or None.
    """

    gold: Gold
    labels: tuple[str, ...]
    label: NDArray[np.int64]
    predicted: NDArray[np.int64]
    score: Floats | None
    confidence: Floats | None

    @property
    def three_way(self) -> bool:
        """Whether entailment and neutral are told apart."""
        return len(self.labels) == len(LABELS)

    @property
    def positive(self) -> NDArray[np.bool_]:
        """(n,) whether the pair is a contradiction."""
        return np.asarray(self.label == len(self.labels) - 1)

    @property
    def said(self) -> NDArray[np.bool_]:
        """(n,) whether the pair is said to be a contradiction."""
        return np.asarray(self.predicted == len(self.labels) - 1)

    def detection(self, members: NDArray[np.int64]) -> Floats:
        """(events, 2, 2) counts of contradiction or not, of the pairs with these numbers."""
        event = self.gold.event[members]
        return event_counts(self.positive[members], self.said[members], event, self.gold.events, 2)

    def counts(self, members: NDArray[np.int64]) -> Floats:
        """(events, K, K) counts of the pairs with these numbers."""
        return event_counts(
            self.label[members],
            self.predicted[members],
            self.gold.event[members],
            self.gold.events,
            len(self.labels),
        )


def outcome(gold: Gold, predictions: Predictions, threshold: float) -> Outcome:
    """Decide every pair. A system without labels says contradiction from `threshold` on.

    A missing prediction is wrong: the other label of the pair, at the far end of the ranking.
    """
    top = len(gold.labels) - 1
    binary = predictions.binary or top == 1
    positive = gold.label == top
    labels = (NOT_CONTRADICTION, "contradiction") if binary else gold.labels
    label = positive.astype(np.int64) if binary else gold.label
    score = predictions.score
    if not binary:
        predicted = predictions.labels.astype(np.int64)
    elif score is not None and (predictions.labels < 0).any():
        predicted = (score >= threshold).astype(np.int64)
    else:
        predicted = (predictions.labels == len(LABELS) - 1).astype(np.int64)
    if predictions.missing.any():
        wrong = np.where(positive, len(labels) - 2, len(labels) - 1)
        predicted = np.where(predictions.missing, wrong, predicted)
        if score is not None:
            score = np.where(predictions.missing, np.where(positive, 0.0, 1.0), score)
    confidence = None
    if score is not None and (binary or predictions.scores is None):
        confidence = np.where(predicted == len(labels) - 1, score, 1 - score)
    elif predictions.scores is not None:
        confidence = predictions.scores[np.arange(len(predicted)), predicted]
    return Outcome(gold, labels, label, predicted, score, confidence)


class Sufficient:
    """The statistics named, of the pairs with the numbers `members`."""

    def __init__(self, result: Outcome, members: NDArray[np.int64], names: set[str]) -> None:
        """Args: the decisions, which pairs, and which of the statistics that `bench.metrics` lists."""
        self._additive: dict[str, Floats] = {}
        self._ranked: dict[str, Ranking] = {}
        for name in sorted(names):
            made = getattr(self, f"_{name}")(result, members)
            if isinstance(made, Ranking):
                self._ranked[name] = made
            elif made is not None:
                self._additive[name] = made
        self.width = sum(array[0].size for array in self._additive.values()) + sum(
            ranking.width for ranking in self._ranked.values()
        )

    def under(self, weights: Floats) -> dict[str, Any]:
        """Each statistic under every row of `weights` (replicates, events), in their precision.

        Statistics that are not there are left out.
        """
        found: dict[str, Any] = {
            name: (weights @ array.astype(weights.dtype).reshape(len(array), -1)).reshape(
                len(weights), *array.shape[1:]
            )
            for name, array in self._additive.items()
        }
        return found | {name: ranking.curve(weights) for name, ranking in self._ranked.items()}

    def _counts(self, result: Outcome, members: NDArray[np.int64]) -> Floats:
        return result.counts(members)

    def _detection(self, result: Outcome, members: NDArray[np.int64]) -> Floats:
        return result.detection(members)

    def _domains(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        domains = result.gold.slices.get("domain", {})
        if not domains:
            return None
        return np.stack([result.detection(np.intersect1d(members, chosen)) for chosen in domains.values()], 1)

    def _curve(self, result: Outcome, members: NDArray[np.int64]) -> Ranking | None:
        if result.score is None:
            return None
        positive = result.positive[members]
        if not positive.any():
            return None
        return Ranking(positive, result.score[members], result.gold.event[members], result.gold.events)

    def _risk(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        if result.confidence is None:
            return None
        wrong = (result.predicted[members] != result.label[members]).astype(np.float64)
        return self._binned(result, members, -result.confidence[members], COVERAGES, wrong)

    def _squares(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        if result.score is None:
            return None
        event, events = result.gold.event[members], result.gold.events
        squares = (result.score[members] - result.positive[members]) ** 2
        return np.stack([np.bincount(event, squares, events), np.bincount(event, minlength=events)], 1)

    def _bins(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        if result.score is None:
            return None
        score = result.score[members]
        return self._binned(result, members, score, BINS, result.positive[members].astype(np.float64), score)

    @staticmethod
    def _binned(
        result: Outcome, members: NDArray[np.int64], value: Floats, bins: int, *summed: Floats
    ) -> Floats:
        """(events, bins, 1 + summed): in each of equal-mass bins of a value, the pairs, and sums over them."""
        event, events = result.gold.event[members], result.gold.events
        inner = np.linspace(0, 1, bins + 1)[1:-1]
        edges = np.quantile(value, inner, method="inverted_cdf") if len(value) else inner
        place = event * bins + np.searchsorted(np.unique(edges), value, side="left")
        sums = np.empty((events, bins, 1 + len(summed)))
        for n, each in enumerate((None, *summed)):
            sums[..., n] = np.bincount(place, each, events * bins).reshape(events, bins)
        return sums

    def _swap(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        gold = result.gold
        if gold.claims is None:
            return None
        return consistency.swap(
            gold.event[members],
            gold.events,
            gold.claims[members],
            result.positive[members],
            result.said[members],
        )

    def _triads(self, result: Outcome, members: NDArray[np.int64]) -> Floats | None:
        gold = result.gold
        if gold.claims is None or not result.three_way:
            return None
        return consistency.triads(
            gold.event[members], gold.events, gold.claims[members], result.predicted[members]
        )

    def _exact(self, result: Outcome, members: NDArray[np.int64]) -> Floats:
        right = result.predicted[members] == result.label[members]
        return consistency.exact(result.gold.event[members], result.gold.events, right)
