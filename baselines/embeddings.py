"""Logistic regression on frozen sentence embeddings of both texts (extra: neural)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from baselines.retrievers import packaged_model
from bench.issues import needs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench import Pair


class PairEmbeddings(TransformerMixin, BaseEstimator):
    """Of the embeddings u and v of the two texts: u, v, |u - v| and u * v (Conneau et al., InferSent, 2017).

    A text is encoded once, however many pairs it is in, and in however many calls: the vectors are kept, up to
    `KEPT` of them. Encoder and vectors stay behind when the object is pickled.

    Args:
        model: a path or hub name that sentence-transformers loads; the packaged all-MiniLM-L6-v2 by default.
        batch_size: texts that are encoded at once; sentence-transformers sorts them by length.
    """

    KEPT = 100_000

    def __init__(self, model: str | None = None, batch_size: int = 64) -> None:
        self.model = model
        self.batch_size = batch_size

    def __getstate__(self) -> dict[str, Any]:
        """The settings alone."""
        state: dict[str, Any] = super().__getstate__()
        return {key: value for key, value in state.items() if key not in ("_encoder", "_vectors")}

    def __sklearn_is_fitted__(self) -> bool:
        """Nothing is learnt."""
        return True

    def fit(self, pairs: Sequence[Pair], labels: Sequence[str] | None = None) -> PairEmbeddings:
        """Learn nothing."""
        return self

    def transform(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        """(pairs, 4 dimensions)."""
        vectors = self._encode([text for pair in pairs for text in (pair.claim, pair.counterclaim)])
        u, v = vectors[::2], vectors[1::2]
        return np.hstack([u, v, np.abs(u - v), u * v])

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (texts, dimensions); only texts that are new are encoded."""
        if not hasattr(self, "_encoder"):
            with needs("neural"):
                from sentence_transformers import SentenceTransformer

            self._encoder = SentenceTransformer(self.model or packaged_model())
            self._vectors: dict[str, NDArray[np.float32]] = {}
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        known = dict(self._vectors)
        if new:
            made = self._encoder.encode(
                new, batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False
            )
            known |= zip(new, made, strict=True)
        if len(known) <= self.KEPT:
            self._vectors = known
        return np.stack([known[text] for text in texts])


def embeddings(
    model: str | None = None,
    C: float = 1.0,  # noqa: N803 - scikit-learn's name
    class_weight: str | None = "balanced",
) -> Pipeline:
    """`PairEmbeddings` and logistic regression; see these for the arguments."""
    return Pipeline(
        [
            ("features", PairEmbeddings(model)),
            ("classifier", LogisticRegression(C=C, class_weight=class_weight, max_iter=2000)),
        ]
    )
