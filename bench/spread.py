"""How the data are spread: counts by every field, sources, and texts."""

from __future__ import annotations

import pkgutil
import re
import statistics
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from bench.schema import EASY_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.schema import Event

_WORD = re.compile(r"\w{4,}")
_SAME_STORY = 0.5


class Sources(Struct, frozen=True, kw_only=True):
    """Where claims come from."""

    articles: int
    reposts: int
    undated: int
    insecure_urls: int
    outlets: int
    largest_outlets: dict[str, int]
    non_english: float
    median_outlets_an_event: float
    events_of_one_outlet: int


class Texts(Struct, frozen=True, kw_only=True):
    """Words a claim, and claims with a word of the `negation` baseline: all, and by label of the pairs they stand in."""

    mean_words: float
    mean_words_by_label: dict[str, float]
    share_negated: float
    share_negated_by_label: dict[str, float]


class Spread(Struct, frozen=True, kw_only=True):
    """Counts of events (domain, year, country, split), articles (language) and unordered pairs (the rest)."""

    totals: dict[str, int]
    domain: dict[str, int]
    year: dict[str, int]
    country: dict[str, int]
    language: dict[str, int]
    speaker_type: dict[str, int]
    relation: dict[str, int]
    dispute: dict[str, int]
    expression: dict[str, int]
    reason: dict[str, int]
    sources: Sources
    texts: Texts


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def spread(events: Sequence[Event]) -> Spread:
    """All counts of a data set."""
    pairs = [pair for event in events for pair in event.pairs]
    claims = [claim for event in events for claim in event.claims]
    relation = _counts(pair.relation for pair in pairs)
    reason = _counts(pair.reason for pair in pairs if pair.reason)
    return Spread(
        totals={
            "events": len(events),
            "articles": sum(len(event.articles) for event in events),
            "claims": len(claims),
            "unordered_pairs": len(pairs),
            "contradictions": relation.get("contradiction", 0),
            "entailments": sum(relation.get(name, 0) for name in ("entails", "entailed_by", "equivalence")),
            "hard_neutrals": sum(n for name, n in reason.items() if name not in EASY_REASONS),
        },
        domain=_counts(event.domain for event in events),
        year=_counts(event.date[:4] for event in events),
        country=_counts(code for event in events for code in event.countries),
        language=_counts(article.language for event in events for article in event.articles),
        speaker_type=_counts(claim.speaker_type for claim in claims),
        relation=relation,
        dispute=_counts(pair.dispute for pair in pairs if pair.dispute),
        expression=_counts(pair.expression for pair in pairs if pair.expression),
        reason=reason,
        sources=_sources(events),
        texts=_texts(events),
    )


def _sources(events: Sequence[Event]) -> Sources:
    articles = [article for event in events for article in event.articles]
    outlets = Counter(article.outlet for article in articles)
    per_event = [len({article.outlet for article in event.articles}) for event in events]
    return Sources(
        articles=len(articles),
        reposts=sum(article.copy for article in articles),
        undated=sum(article.published is None for article in articles),
        insecure_urls=sum(article.url.startswith("http:") for article in articles),
        outlets=len(outlets),
        largest_outlets=dict(outlets.most_common(10)),
        non_english=sum(article.language != "en" for article in articles) / len(articles),
        median_outlets_an_event=statistics.median(per_event),
        events_of_one_outlet=sum(n == 1 for n in per_event),
    )


def _texts(events: Sequence[Event]) -> Texts:
    has_negation = pkgutil.resolve_name("baselines.rules:negated")
    words: dict[str, list[int]] = {}
    negated: dict[str, list[bool]] = {}
    every = [claim.text for event in events for claim in event.claims]
    for event in events:
        text = {claim.id: claim.text for claim in event.claims}
        for pair in event.pairs:
            label = "entailment" if pair.relation not in ("contradiction", "neutral") else pair.relation
            for id in (pair.a, pair.b):
                words.setdefault(label, []).append(len(text[id].split()))
                negated.setdefault(label, []).append(has_negation(text[id]))

    def mean(values: Sequence[int | bool]) -> float:
        return sum(values) / len(values)

    return Texts(
        mean_words=mean([len(text.split()) for text in every]),
        mean_words_by_label={label: mean(values) for label, values in sorted(words.items())},
        share_negated=mean([has_negation(text) for text in every]),
        share_negated_by_label={label: mean(values) for label, values in sorted(negated.items())},
    )


def stories_told_twice(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Pairs of events that look like one story: an article in common, or titles of the same words and countries."""
    urls: dict[str, str] = {}
    twins = []
    for event in events:
        for article in event.articles:
            first = urls.setdefault(article.url, event.event_id)
            if first != event.event_id:
                twins.append((first, event.event_id))
    words = [set(_WORD.findall(event.title.casefold())) for event in events]
    for n, event in enumerate(events):
        for m in range(n):
            other = events[m]
            together = words[n] | words[m]
            alike = len(words[n] & words[m]) / len(together) if together else 0.0
            if alike >= _SAME_STORY and set(event.countries) & set(other.countries):
                twins.append((other.event_id, event.event_id))
    return sorted(set(twins))


def rarest(counts: Mapping[str, int], names: Iterable[str]) -> int:
    """The count of the rarest of `names`, which may be 0."""
    return min(counts.get(name, 0) for name in names)
