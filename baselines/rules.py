"""Probes of a single surface cue: what a system could score without reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair

NEGATION = re.compile(
    r"\b(no|not|never|none|nothing|nobody|nowhere|neither|nor|without|cannot|false|untrue|baseless|"
    r"den(y|ies|ied|ial|ying)|refut(e|es|ed|ing)|reject(s|ed|ing)?|\w+n['’]t)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def negated(text: str) -> bool:
    """Whether a text has a negation word."""
    return NEGATION.search(text) is not None


def jaccard(text: str, other: str) -> float:
    """Shared words over all words of two texts, case folded, in [0, 1]."""
    one, two = (set(_WORD.findall(t.casefold())) for t in (text, other))
    return len(one & two) / len(one | two) if one | two else 0.0


class NegationMismatch(ClassifierMixin, BaseEstimator):
    """Contradiction where exactly one text has a negation word, else the most frequent other label."""

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str]) -> NegationMismatch:
        """Find the most frequent label that is no contradiction."""
        self.classes_, counts = np.unique(labels, return_counts=True)
        self.match_ = int(np.where(self.classes_ == "contradiction", -1, counts).argmax())
        self.mismatch_ = int(np.flatnonzero(self.classes_ == "contradiction")[0])
        return self

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes): 1 for the label that the rule gives."""
        mismatch = np.array([negated(pair.claim) != negated(pair.counterclaim) for pair in pairs], bool)
        return np.eye(len(self.classes_))[np.where(mismatch, self.mismatch_, self.match_)]


class Overlap(ClassifierMixin, BaseEstimator):
    """Logistic regression on one number: the Jaccard index of the two texts' words."""

    def __init__(self, class_weight: str | None = "balanced") -> None:
        self.class_weight = class_weight

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str]) -> Overlap:
        """Fit the regression."""
        self.model_ = LogisticRegression(class_weight=self.class_weight).fit(self._features(pairs), labels)
        self.classes_ = self.model_.classes_
        return self

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, classes) probabilities."""
        return np.asarray(self.model_.predict_proba(self._features(pairs)))

    def _features(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        return np.array([[jaccard(pair.claim, pair.counterclaim)] for pair in pairs]).reshape(-1, 1)
