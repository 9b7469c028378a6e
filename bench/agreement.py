"""How far two readings agree, before adjudication: Krippendorff's alpha and Cohen's kappa.

The unit is the unordered pair of claims. The first vote is the curator's, the second that of a blind reader.

References:
    Krippendorff, Content Analysis, 4th ed. 2019, ch. 12 (nominal alpha). Cohen, A coefficient of agreement for
    nominal scales, 1960.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from bench.schema import Event

_ENTAILING = {"entails", "entailed_by", "equivalence"}


class Agreement(Struct, frozen=True, kw_only=True):
    """Agreement of two readings on `units` items; None where it is not defined."""

    units: int
    observed: float | None
    kappa: float | None
    alpha: float | None


def three_way(relation: str) -> str:
    """Contradiction, entailment (in either direction) or neutral."""
    return "entailment" if relation in _ENTAILING else relation


def against_rest(relation: str) -> str:
    """Contradiction or other."""
    return relation if relation == "contradiction" else "other"


def agreement(votes: Iterable[tuple[Hashable, Hashable]]) -> Agreement:
    """Agreement on items that two readings each gave a nominal value."""
    pairs = list(votes)
    n = len(pairs)
    if not n:
        return Agreement(units=0, observed=None, kappa=None, alpha=None)
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[value] * second[value] for value in first) / n**2
    both = first + second
    same = sum(count * (count - 1) for count in both.values()) / (2 * n * (2 * n - 1))
    return Agreement(
        units=n,
        observed=observed,
        kappa=None if chance == 1 else (observed - chance) / (1 - chance),
        alpha=None if same == 1 else 1 - (1 - observed) / (1 - same),
    )


def readings(events: Iterable[Event]) -> list[tuple[Event, list[str], list[str]]]:
    """(event, first vote, second vote) of every pair that was read twice; a vote as a list of its parts."""
    return [
        (event, pair.votes[0].split(":"), pair.votes[1].split(":"))
        for event in events
        for pair in event.pairs
        if len(pair.votes) >= 2
    ]


class Axes(Struct, frozen=True, kw_only=True):
    """Agreement on what kind of contradiction or neutral it is, where both readings said so."""

    dispute: Agreement
    expression: Agreement
    reason: Agreement


class AgreementReport(Struct, frozen=True, kw_only=True):
    """All figures of the two readings. `confusion` counts (first relation, second relation)."""

    pairs: int
    third_readings: int
    changed: int
    ambiguous: int
    five_way: Agreement
    three_way: Agreement
    contradiction: Agreement
    axes: Axes
    by_domain: dict[str, Agreement]
    confusion: dict[str, dict[str, int]]


def report(events: Sequence[Event]) -> AgreementReport:
    """The agreement of the two readings of a data set."""
    from bench.build import is_ambiguous

    read = readings(events)

    def on(function: Callable[[str], str], domain: str | None = None) -> Agreement:
        return agreement(
            (function(one[0]), function(other[0]))
            for event, one, other in read
            if domain is None or event.domain == domain
        )

    def axis(relation: str, place: int) -> Agreement:
        return agreement(
            (one[place], other[place])
            for _, one, other in read
            if one[0] == other[0] == relation and len(one) > place and len(other) > place
        )

    confusion: dict[str, dict[str, int]] = {}
    for _, one, other in read:
        row = confusion.setdefault(one[0], {})
        row[other[0]] = row.get(other[0], 0) + 1
    pairs = [pair for event in events for pair in event.pairs]
    return AgreementReport(
        pairs=len(read),
        third_readings=sum(len(pair.votes) > 2 for pair in pairs),
        changed=sum(bool(pair.votes) and pair.relation != pair.votes[0].split(":")[0] for pair in pairs),
        ambiguous=sum(map(is_ambiguous, pairs)),
        five_way=on(str),
        three_way=on(three_way),
        contradiction=on(against_rest),
        axes=Axes(
            dispute=axis("contradiction", 1), expression=axis("contradiction", 2), reason=axis("neutral", 1)
        ),
        by_domain={
            domain: on(against_rest, domain) for domain in sorted({event.domain for event, _, _ in read})
        },
        confusion={key: dict(sorted(row.items())) for key, row in sorted(confusion.items())},
    )
