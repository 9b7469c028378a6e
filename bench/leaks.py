"""What must not stand in two splits: an article, or a claim in nearly the same words."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.schema import Event

NEAR_IDENTICAL = 0.8
"""Jaccard index of the sets of character 5-grams from which on two claims count as near-identical."""


class Leak(NamedTuple):
    """Something that two splits share."""

    event_id: str
    what: str
    other: str


def leaks(splits: Mapping[str, Sequence[Event]]) -> list[Leak]:
    """Every article URL and every near-identical claim that two splits share."""
    found = []
    for (name, events), (other_name, others) in itertools.combinations(splits.items(), 2):
        urls = {article.url: event for event in others for article in event.articles}
        found += [
            Leak(
                event.event_id,
                f"article in {name} and {other_name}: {article.url}",
                urls[article.url].event_id,
            )
            for event in events
            for article in event.articles
            if article.url in urls
        ]
        claims = [(event.event_id, claim) for event in events for claim in event.claims]
        other_claims = [(event.event_id, claim) for event in others for claim in event.claims]
        found += [
            Leak(
                f"{claims[i][0]}/{claims[i][1].id}",
                f"nearly the same claim in {name} and {other_name} ({index:.2f})",
                f"{other_claims[j][0]}/{other_claims[j][1].id}",
            )
            for i, j, index in near_identical(
                [claim.text for _, claim in claims], [claim.text for _, claim in other_claims]
            )
        ]
    return found


def near_identical(texts: Sequence[str], others: Sequence[str]) -> list[tuple[int, int, float]]:
    """Pairs (i, j, Jaccard index) of `texts` and `others` that share `NEAR_IDENTICAL` of their 5-grams."""
    if not texts or not others:
        return []
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer="char_wb", ngram_range=(5, 5), binary=True, dtype=np.int32)
    grams = vectorizer.fit_transform([*texts, *others])
    one, other = grams[: len(texts)], grams[len(texts) :]
    shared = (one @ other.T).tocoo()
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    union = sizes[: len(texts)][shared.row] + sizes[len(texts) :][shared.col] - shared.data
    index = shared.data / union
    near = index >= NEAR_IDENTICAL
    return [
        (int(i), int(j), float(x))
        for i, j, x in zip(shared.row[near], shared.col[near], index[near], strict=True)
    ]
