"""Retrievers: objects with `rank(queries, documents, depth)` over texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class BM25:
    """BM25 over stemless words (Robertson & Zaragoza, The probabilistic relevance framework, 2009), by bm25s."""

    def __init__(self, k1: float = 1.5, b: float = 0.75) -> None:
        self.k1, self.b = k1, b

    def rank(
        self, queries: Sequence[str], documents: Sequence[str], depth: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Numbers and scores of the best documents of each query: two arrays (queries, depth)."""
        import bm25s

        words = bm25s.tokenize(list(documents), stopwords="en", show_progress=False)
        index = bm25s.BM25(k1=self.k1, b=self.b)
        index.index(words, show_progress=False)
        asked = bm25s.tokenize(list(queries), stopwords="en", show_progress=False)
        found, scores = index.retrieve(asked, k=min(depth, len(documents)), show_progress=False)
        return np.asarray(found, np.int64), np.asarray(scores, np.float64)
