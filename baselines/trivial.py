"""Baselines that do not read the texts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair


class Majority(ClassifierMixin, BaseEstimator):
    """Always the most frequent training label."""

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Majority:
        """Find the most frequent label, the first in alphabetical order among equals."""
        self.classes_, counts = np.unique(labels, return_counts=True)
        self.winner_ = int(counts.argmax())
        return self

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes): 1 for the most frequent label."""
        return np.eye(len(self.classes_))[np.full(len(pairs), self.winner_)]


class Stratified(ClassifierMixin, BaseEstimator):
    """A label drawn with the training frequencies.

    The draw hangs on the pair's id and `random_state` alone, so that it is the same in any order and batch.
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Stratified:
        """Count the labels."""
        self.classes_, counts = np.unique(labels, return_counts=True)
        self.cumulative_ = np.cumsum(counts) / counts.sum()
        return self

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes): 1 for the drawn label."""
        digests = (hashlib.sha256(f"{self.random_state}/{pair.pair_id}".encode()).digest() for pair in pairs)
        uniform = np.array([int.from_bytes(digest[:8]) / 2**64 for digest in digests])
        return np.eye(len(self.classes_))[np.searchsorted(self.cumulative_, uniform, side="right")]
