"""Logistic regression over TF-IDF of words: of one side alone, and of both with their interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair


class PairTfidf(TransformerMixin, BaseEstimator):
    """TF-IDF of the claim, of the counter-claim, or of both with their product and distance.

    Args:
        side: `claim`, `counterclaim` or `both`. With `both`, u and v being the two vectors, a row is
            (u, v, u * v, |u - v|).
        ngrams: longest run of words that is a term.
        min_df: in how many training texts a term must occur.
    """

    def __init__(self, side: str = "both", ngrams: int = 1, min_df: int = 2) -> None:
        self.side = side
        self.ngrams = ngrams
        self.min_df = min_df

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str] | None = None) -> PairTfidf:
        """Learn terms and their weights from each distinct text once."""
        if self.side not in ("claim", "counterclaim", "both"):
            raise ValueError(f"side must be claim, counterclaim or both, got {self.side!r}")
        texts = {text for pair in pairs for text in (pair.claim, pair.counterclaim)}
        self.vectorizer_ = TfidfVectorizer(
            ngram_range=(1, self.ngrams),
            min_df=self.min_df,
            sublinear_tf=True,
            token_pattern=r"\w+",  # noqa: S106 - no password
        ).fit(sorted(texts))
        return self

    def transform(self, pairs: Sequence[Pair]) -> csr_matrix:
        """(pairs, terms), or (pairs, 4 terms) of both sides."""
        if self.side == "claim":
            return self.vectorizer_.transform([pair.claim for pair in pairs])
        v = self.vectorizer_.transform([pair.counterclaim for pair in pairs])
        if self.side == "counterclaim":
            return v
        u = self.vectorizer_.transform([pair.claim for pair in pairs])
        return hstack([u, v, u.multiply(v), abs(u - v)]).tocsr()


def tfidf(
    side: str = "both",
    ngrams: int = 1,
    min_df: int = 2,
    C: float = 1.0,  # noqa: N803 - scikit-learn's name
    class_weight: str | None = "balanced",
) -> Pipeline:
    """`PairTfidf` and logistic regression; see these for the arguments."""
    return Pipeline(
        [
            ("features", PairTfidf(side, ngrams, min_df)),
            ("classifier", LogisticRegression(C=C, class_weight=class_weight, max_iter=1000)),
        ]
    )
